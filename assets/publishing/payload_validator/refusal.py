"""How the second pair of eyes says no."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from domain.errors import PolicyRefusal

ID = re.compile(r"[0-9A-Za-z_:.-]{1,64}")


def refuse(path: str, rule: str) -> NoReturn:
    raise PolicyRefusal(rule, where=path, mend="nothing was sent; correct the plan")


def only(path: str, body: Mapping[str, Any], allowed: str) -> None:
    """Refuse a field that is not in the space-separated list."""
    for key in body:
        if key not in allowed.split():
            refuse(f"{path}.{key}", "the field is not on the list")


def exactly(path: str, body: Mapping[str, Any], **wanted: Any) -> None:
    """Refuse a field that does not say, in writing, what a job ad must say."""
    for key, value in wanted.items():
        if body.get(key) != value or type(body.get(key)) is not type(value):
            refuse(f"{path}.{key}", f"must be {value!r}, in writing")


def amount(path: str, value: Any) -> None:
    if type(value) is not int or value <= 0:
        refuse(path, "a budget is a positive integer")


def unresolved(path: str, value: Any) -> Iterator[str]:
    """Paths that still hold a placeholder."""
    if isinstance(value, (str, int, float)):  # most are; to ask for a Mapping takes longer
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if str(key).startswith("$"):
                yield path
            yield from unresolved(f"{path}.{key}", inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from unresolved(path, inner)


def https(path: str, value: Any) -> None:
    if not str(value).startswith("https://"):
        refuse(path, "the link is https")
