"""Lists of objects: newest first, filtered, a page at a time."""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sandbox.meta.errors import GraphError
from sandbox.meta.objects import GONE, Objects
from sandbox.meta.state import State, Stored

Params = Mapping[str, Any]
DEFAULT_LIMIT = 25
MOST = 5_000


class Lists:
    def __init__(self, state: State, objects: Objects) -> None:
        self._state, self._objects = state, objects

    def children(
        self, kind: str, account: str, parent: str, params: Params, address: str
    ) -> dict[str, Any]:
        """A page of an account's objects, or of those under one parent. A list without a wish for
        effective_status leaves out what was deleted or archived."""
        clauses = params.get("filtering") or []
        names = [str(c["value"]) for c in clauses if _is(c, "name", "CONTAIN")]
        ids = [str(v) for c in clauses if _is(c, "id", "IN") for v in c.get("value") or []]
        asked = any(_is(c, "id", "IN") for c in clauses)
        wanted = params.get("effective_status")
        start = _cursor(params)
        found = self._state.newest(
            kind,
            account,
            before=start,
            parent=parent,
            named=names,
            ids=ids if asked else None,
            chunk=min(_limit(params) + 1, 500),
        )
        keep: Callable[[Stored], bool] = (
            (lambda s: self._objects.effective(s) in wanted)
            if wanted
            else (lambda s: s.fields.get("status") not in GONE)
        )
        title = params.get("title")
        kept = (
            s
            for s in found
            if keep(s) and _matches(s, clauses) and title in (None, s.fields.get("title"))
        )
        part = list(islice(kept, _limit(params) + 1))
        shown = part[: _limit(params)]
        rows = [self._objects.show(s, names_of(params)) for s in shown]
        ends = (str(shown[0].seq), str(shown[-1].seq)) if shown else ("", "")
        return _paged(rows, ends, len(part) > len(shown), address)


def page(rows: Sequence[dict[str, Any]], params: Params, address: str) -> dict[str, Any]:
    """A page of rows that are all at hand; its cursors count rows."""
    start, limit = _cursor(params) or 0, _limit(params)
    part = list(rows[start : start + limit])
    ends = (str(start), str(start + len(part)))
    return _paged(part, ends, start + len(part) < len(rows), address)


def names_of(params: Params) -> list[str]:
    """The wanted fields, given as an array or separated by commas."""
    given = params.get("fields") or []
    return given if isinstance(given, list) else [f.strip() for f in str(given).split(",")]


def _paged(
    rows: Iterable[dict[str, Any]], ends: tuple[str, str], more: bool, address: str
) -> dict[str, Any]:
    shown = list(rows)
    if not shown:
        return {"data": []}
    before, after = (base64.b64encode(end.encode()).decode() for end in ends)
    paging: dict[str, Any] = {"cursors": {"before": before, "after": after}}
    if more:
        paging["next"] = f"{address}?after={after}"
    return {"data": shown, "paging": paging}


def _limit(params: Params) -> int:
    try:
        return max(1, min(int(params.get("limit") or DEFAULT_LIMIT), MOST))
    except ValueError:
        raise GraphError("(#100) Param limit must be an integer") from None


def _cursor(params: Params) -> int | None:
    if not params.get("after"):
        return None
    try:
        return int(base64.b64decode(str(params["after"])))
    except ValueError:
        raise GraphError("(#100) Invalid cursor") from None


def _is(clause: Mapping[str, Any], name: str, operator: str) -> bool:
    return (
        str(clause.get("field")).rpartition(".")[2] == name and clause.get("operator") == operator
    )


def _matches(stored: Stored, filtering: list[dict[str, Any]]) -> bool:
    for clause in filtering:
        field, operator, value = (clause.get(k) for k in ("field", "operator", "value"))
        name = str(field).rpartition(".")[2]
        held = stored.id if name == "id" else stored.fields.get(name)
        if operator == "CONTAIN":
            if str(value).casefold() not in str(held).casefold():
                return False
        elif operator == "IN":
            if str(held) not in {str(v) for v in value or []}:
                return False
        elif operator == "EQUAL":
            if str(held) != str(value):
                return False
        else:
            raise GraphError(f"(#100) filtering operator {operator} is not supported")
    return True
