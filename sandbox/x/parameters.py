"""Parameters of requests: their types, and the refusal of what is missing, wrong or unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from sandbox.x.errors import invalid, missing

_TRUE, _FALSE = ("true", "t", "1"), ("false", "f", "0")
LONGEST_LIST = 200


@dataclass(frozen=True, slots=True)
class Field:
    """`kind`: text, int, bool, time, or list of texts. `most`: characters, value or entries."""

    kind: str = "text"
    required: bool = False
    values: tuple[str, ...] = ()
    most: int | None = None


Fields = Mapping[str, Field]
PAGING: Fields = {
    "count": Field("int"),
    "cursor": Field(),
    "sort_by": Field(),
    "with_deleted": Field("bool"),
    "with_total_count": Field("bool"),
}
IDS = Field("list", most=LONGEST_LIST)


def read(
    given: Mapping[str, Any], fields: Fields, *, partly: bool = False, zone: tzinfo = UTC
) -> dict[str, Any]:
    """Typed values of what was given; `partly` asks for nothing that is required.

    A time without an offset is of `zone`. XError: MISSING_PARAMETER, INVALID_PARAMETER.
    """
    for name in given:
        if name not in fields:
            raise invalid(name, f'"{name}" is not a parameter of this endpoint')
    if not partly:
        for name, field in fields.items():
            if field.required and given.get(name) in (None, ""):
                raise missing(name)
    return {name: _typed(name, fields[name], value, zone) for name, value in given.items()}


def _typed(name: str, field: Field, value: Any, zone: tzinfo) -> Any:
    if value is None or (value == "" and field.kind != "text"):
        return None
    if field.kind == "int":
        return _number(name, field, value)
    if field.kind == "bool":
        return _flag(name, value)
    if field.kind == "time":
        return _moment(name, value, zone)
    if field.kind == "list":
        return _texts(name, field, value)
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise invalid(name, f"Expected a string, got {value!r} for {name}")
    text = str(value)
    if field.values and text not in field.values:
        raise invalid(name, f'Expected one of {", ".join(field.values)}, got "{text}" for {name}')
    if field.most is not None and len(text) > field.most:
        raise invalid(name, f"{name} is longer than {field.most} characters")
    return text


def _number(name: str, field: Field, value: Any) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise invalid(name, f'Expected an integer, got "{value}" for {name}') from None
    if field.most is not None and number > field.most:
        raise invalid(name, f"{name} is at most {field.most}")
    return number


def _flag(name: str, value: Any) -> bool:
    text = str(value).casefold()
    if text not in _TRUE + _FALSE:
        raise invalid(name, f'Expected a boolean, got "{value}" for {name}')
    return text in _TRUE


def _moment(name: str, value: Any, zone: tzinfo) -> str:
    try:
        moment = datetime.fromisoformat(str(value))
        return shown(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        raise invalid(name, f'Expected time, got "{value}" for {name}') from None


def _texts(name: str, field: Field, value: Any) -> list[str]:
    parts = value if isinstance(value, list) else str(value).split(",")
    texts = [str(part).strip() for part in parts if str(part).strip()]
    if field.most is not None and len(texts) > field.most:
        raise invalid(name, f"{name} takes at most {field.most} values")
    for text in texts:
        if field.values and text not in field.values:
            raise invalid(name, f'Expected one of {", ".join(field.values)}, got "{text}"')
    return texts


def shown(moment: datetime) -> str:
    """A moment as the API writes it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
