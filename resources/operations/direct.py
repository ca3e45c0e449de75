"""Statements that SQLAlchemy compiles once and the driver runs itself.

Posting asks the database at every step, and most of what a step costs is SQLAlchemy's way from a
finished statement to the driver. What is built once (`statements.py`) goes straight there, with the
same types on the way in and out.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Given = Mapping[str, Any]
Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL of one dialect. `places` are names of parameters in order, for a driver that counts
    them; `known` are values that the statement itself holds."""

    sql: str
    places: Sequence[str] | None
    known: Given
    into: Mapping[str, Process]
    row: Callable[..., Any] | None
    out: Sequence[tuple[int, Process]]

    def parameters(self, given: Given) -> Any:
        values = {**self.known, **given}
        for name, process in self.into.items():
            values[name] = process(values[name])
        return values if self.places is None else [values[name] for name in self.places]

    def rows(self, cursor: Any) -> list[Any]:
        found: list[Any] = []
        for row in cursor.fetchall() if self.row is not None else ():
            values = list(row)
            for place, process in self.out:
                values[place] = process(values[place])
            found.append(self.row(*values))  # type: ignore[misc]
        return found


class Answer:
    """The rows of a statement, all fetched, or how many it changed."""

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows, self.rowcount = rows, rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def first(self) -> Any:
        return self._rows[0] if self._rows else None

    def mappings(self) -> "Answer":
        return Answer([row._asdict() for row in self._rows], self.rowcount)


class Direct:
    """Stands where a `sa.Connection` would, for statements that are built once."""

    def __init__(self, raw: Any, dialect: sa.Dialect) -> None:
        self.dialect, self.raw = dialect, raw
        self._cursor = raw.cursor()

    def execute(self, statement: Any, given: Given) -> Answer:
        compiled = _compiled(statement, self.dialect, tuple(given))
        self._cursor.execute(compiled.sql, compiled.parameters(given))
        return Answer(compiled.rows(self._cursor), self._cursor.rowcount)

    def scalar(self, statement: Any, given: Given) -> Any:
        row = self.execute(statement, given).first()
        return None if row is None else row[0]

    def run(self, sql: str) -> None:
        self._cursor.execute(sql)


Either = sa.Connection | Direct

_known: dict[tuple[int, str, tuple[str, ...]], tuple[Any, Compiled]] = {}


def _compiled(statement: Any, dialect: sa.Dialect, names: tuple[str, ...]) -> Compiled:
    """`names` of parameters also say which columns an INSERT or UPDATE sets. Statements are kept
    with what was made of them, for ever: they are few, and known by their id."""
    key = (id(statement), dialect.name, names)
    found = _known.get(key)
    if found is None:
        found = _known[key] = (statement, _compile(statement, dialect, names))
    return found[1]


def _compile(statement: Any, dialect: sa.Dialect, names: tuple[str, ...]) -> Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    # Lists of an IN become one parameter each.
    expanded = compiled.construct_expanded_state(dict.fromkeys(names))
    into = {}
    for name, bind in compiled.binds.items():
        process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if process is not None and name in expanded.parameters:
            into[name] = process
    columns = list(getattr(statement, "exported_columns", ()))
    out = [
        (i, column.type.dialect_impl(dialect).result_processor(dialect, None))
        for i, column in enumerate(columns)
    ]
    return Compiled(
        sql=expanded.statement,
        places=expanded.positiontup,
        known={k: v for k, v in expanded.parameters.items() if k not in names},
        into=into,
        row=namedtuple("Row", [c.key for c in columns]) if columns else None,
        out=[(place, process) for place, process in out if process is not None],
    )
