"""JSON (one list of objects) and JSON Lines. Numbers stay the digits that were written."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from domain.errors import InputError
from resources.files.faults import Fault
from resources.files.raw import Raw, text_of

_SPACE = re.compile(r"[\s]*")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name appears twice in one object")
    return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=str, parse_int=str, parse_constant=str
)


def read_json(path: Path) -> Iterator[Raw | Fault]:
    """The list's objects one by one, so that what stands before a broken one is kept."""
    text = text_of(path)
    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        raise InputError(
            "is not a list of objects", where=path.name, mend="write [{...}, ...] or JSON Lines"
        )
    at, line, counted = _skip(text, at + 1), 1, 0
    while text[at : at + 1] != "]":
        line, counted = line + text.count("\n", counted, at), at
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield Fault(line, "", f"{_why(error)}; what follows is unread")
            return
        yield _row(line, value)
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            yield Fault(line, "", "a comma or ] must follow; what follows is unread")
            return


def read_lines(path: Path) -> Iterator[Raw | Fault]:
    for line, text in enumerate(text_of(path).split("\n"), start=1):
        if not text.strip():
            continue
        try:
            value = _DECODER.decode(text)
        except (ValueError, RecursionError) as error:
            yield Fault(line, "", _why(error))
        else:
            yield _row(line, value)


def _row(line: int, value: Any) -> Raw | Fault:
    if not isinstance(value, dict):
        return Fault(line, "", f"is {type(value).__name__}, not an object")
    names = [name.strip().casefold() for name in value]
    if len(set(names)) != len(names):
        return Fault(line, "", "two names differ only in case")
    return Raw(line, {n: as_text(v) for n, v in zip(names, value.values(), strict=True)})


def as_text(value: Any) -> str:
    """Null is "", a list of plain values is joined by commas, an object stays JSON.

    >>> as_text(["meta", "x"]), as_text(None), as_text({"city": "Bonn"})
    ('meta,x', '', '{"city": "Bonn"}')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(v, dict | list) for v in value):
        return ",".join(as_text(v) for v in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is not JSON: {error.msg} at column {error.colno}"
    return f"is not JSON: {error}"
