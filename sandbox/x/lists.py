"""Lists: who is asked for, page by page. Names are searched by their start, on an index."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sandbox.x.errors import XError, invalid
from sandbox.x.state import State, Stored

Body = dict[str, Any]
_LAST = "\U0010ffff"
# What hangs under a deleted object is not deleted itself, yet it is listed only with such.
_BELOW_DELETED = (
    "NOT EXISTS (SELECT 1 FROM objects AS above WHERE above.kind IN ('campaign', 'line_item') "
    "AND above.id IN (objects.parent, objects.root) AND above.id <> objects.id "
    "AND above.deleted = 1)"
)


def stored_page(
    state: State,
    kind: str,
    account: str,
    given: Mapping[str, Any],
    show: Callable[[Stored], Body],
    *,
    ids: str = "",
    parents: str = "",
    name: str = "q",
    also: Sequence[tuple[str, Any]] = (),
    most: int = 1000,
    usual: int = 200,
) -> Body:
    """`data` and `next_cursor` of stored objects, oldest first unless sort_by says otherwise.

    `ids`, `parents`, `name`: which parameters narrow the list. `also`: conditions with a value.
    """
    where = ["kind = ?", "account = ?"]
    values: list[Any] = [kind, account]
    if not given.get("with_deleted"):
        where += ["deleted = 0", _BELOW_DELETED]
    for parameter, column in ((ids, "id"), (parents, "parent")):
        if parameter and given.get(parameter) is not None:
            wanted = given[parameter]
            where.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            values += wanted
    if given.get(name):
        start = str(given[name]).casefold()
        where += ["name >= ?", "name < ?"]
        values += [start, start + _LAST]
    for condition, value in also:
        where.append(condition)
        values.append(value)
    down = _descending(given.get("sort_by"))
    total = _total(state, where, values, given)
    cursor = given.get("cursor")
    if cursor:
        where.append("seq < ?" if down else "seq > ?")
        values.append(_number(str(cursor)))
    count = _count(given, usual, most)
    order = "seq DESC" if down else "seq"
    found = state.select(" AND ".join(where), values, f"{order} LIMIT {count + 1}")
    more = format(found[count - 1].seq, "x") if len(found) > count else None
    return {"data": [show(one) for one in found[:count]], "next_cursor": more} | total


def plain_page(
    all_of: Iterable[Body], given: Mapping[str, Any], *, most: int = 1000, usual: int = 200
) -> Body:
    """The same of things that do not change; the cursor is a position."""
    found = list(all_of)
    count, start = _count(given, usual, most), 0
    if given.get("cursor"):
        start = _number(str(given["cursor"]))
    end = start + count
    more = format(end, "x") if end < len(found) else None
    total = {"total_count": len(found)} if given.get("with_total_count") else {}
    return {"data": found[start:end], "next_cursor": more} | total


def _count(given: Mapping[str, Any], usual: int, most: int) -> int:
    count = given.get("count")
    count = usual if count is None else int(count)
    if not 1 <= count <= most:
        raise invalid("count", f"count lies between 1 and {most}, not {count}")
    return count


def _descending(sort_by: str | None) -> bool:
    if sort_by not in (None, "created_at-asc", "created_at-desc", "created_at"):
        raise invalid("sort_by", f"cannot sort by {sort_by}")
    return sort_by == "created_at-desc"


def _total(
    state: State, where: Sequence[str], values: Sequence[Any], given: Mapping[str, Any]
) -> Body:
    if not given.get("with_total_count"):
        return {}
    if given.get("cursor"):
        raise XError(
            "EXCLUSIVE_PARAMETERS", "cursor and with_total_count exclude each other", "cursor"
        )
    return {"total_count": state.count(" AND ".join(where), *values)}


def _number(cursor: str) -> int:
    """The place that a cursor names; it fits the store's numbers of 63 bits."""
    try:
        place = int(cursor, 16)
    except ValueError:
        place = -1
    if not 0 <= place < 1 << 63:
        raise invalid("cursor", f'"{cursor}" is no cursor of ours')
    return place
