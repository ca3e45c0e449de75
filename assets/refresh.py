"""A table brought up to date by its rows' fingerprints: work follows what changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from resources.warehouse.ducklake import Warehouse
from resources.warehouse.tables import TABLES, frame

Row = dict[str, Any]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many rows were made, removed, and left as they were."""

    made: int
    removed: int
    unchanged: int


def refresh(
    warehouse: Warehouse,
    name: str,
    wanted: Mapping[Key, str],
    make: Callable[[Sequence[Key]], list[Row]],
) -> Refreshed:
    """Make the rows of table `name` those of `wanted`: key → fingerprint of what the row is made
    from. `make` is asked for rows whose fingerprint is another than the stored one; it may leave
    some out. Rows that nobody wants go."""
    columns = TABLES[name].key
    stored = warehouse.sql(f"SELECT {', '.join(columns)}, fingerprint FROM {name}")
    known = {tuple(key): print_ for *key, print_ in stored.iter_rows()}
    changed = [key for key, print_ in wanted.items() if known.get(key) != print_]
    gone = [key for key in known if key not in wanted]
    if changed or gone:
        rows = [row | {"fingerprint": wanted[_key(row, columns)]} for row in make(changed)]
        keys = pl.DataFrame(
            [*changed, *gone], schema=dict.fromkeys(columns, pl.String), orient="row"
        )
        warehouse.exchange({name: frame(rows, name)}, keys)
    return Refreshed(len(changed), len(gone), len(wanted) - len(changed))


def _key(row: Row, columns: Sequence[str]) -> Key:
    return tuple(row[column] for column in columns)


def content_version(warehouse: Warehouse, query: str) -> str:
    """A hash of the rows that `query` answers, the same for the same rows in whatever order."""
    found = warehouse.sql(
        f"SELECT md5(string_agg(line, chr(10) ORDER BY line)) AS v "
        f"FROM (SELECT CAST(rows AS VARCHAR) AS line FROM ({query}) AS rows)"
    )
    return str(found.item() or "")[:16]
