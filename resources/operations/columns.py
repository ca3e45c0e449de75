"""Column types and checks that mean the same on SQLite and PostgreSQL."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class Json(sa.types.TypeDecorator[Any]):
    """JSON. Text that is none, or is nested too deep, written past jobads, is read as None: its own
    row is impossible then and is told so, and the rows beside it are read."""

    impl = sa.JSON
    cache_ok = True

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        process = super().result_processor(dialect, coltype)
        return process and _tolerant(process)  # None where the driver has read it already


def _tolerant(process: Any) -> Any:
    """None for a stored value that `process` cannot read."""

    def read(value: Any) -> Any:
        try:
            return process(value)
        except (ValueError, TypeError, UnicodeError, RecursionError):
            return None

    return read


def read_json(text: str | bytes) -> Any:
    """As `Json`, for PostgreSQL's driver, which reads all JSON itself."""
    try:
        return json.loads(text)
    except RecursionError:
        return None


class SealedBytes(sa.types.TypeDecorator[bytes]):
    """A sealed value. Text or a number in its place, which SQLite keeps, is read as no bytes: no
    key opens them, and the rows beside it are read."""

    impl = sa.LargeBinary
    cache_ok = True

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return lambda value: value if value is None or isinstance(value, bytes) else b""


class UtcTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no zone, so times are turned to UTC on the way in."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        """As `Json`: text that is no time is read as None."""
        process = super().result_processor(dialect, coltype)
        return process and _tolerant(process)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def key(name: str = "id") -> sa.Column[str]:
    """A UUID in its canonical 36 characters."""
    return sa.Column(name, sa.String(36), primary_key=True)


def time(name: str, **kw: Any) -> sa.Column[datetime]:
    return sa.Column(name, UtcTime, **{"nullable": False, **kw})


def text(name: str, most: int, **kw: Any) -> sa.Column[str]:
    return sa.Column(name, sa.String(most), **{"nullable": False, **kw})


def team() -> sa.Column[str]:
    """Every row belongs to one team, and every query names it."""
    return sa.Column("team_id", sa.String(36), sa.ForeignKey("teams.id"), nullable=False)


def among(column: str, values: Iterable[str]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in sorted(values))
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def length(column: str, least: int, most: int) -> sa.CheckConstraint:
    rule = f"length({column}) BETWEEN {least} AND {most}"
    return sa.CheckConstraint(rule, name=f"{column}_length")


def whole(column: str, least: int, most: int) -> sa.CheckConstraint:
    """SQLite would keep 10.5 or 'ten' in an integer column; the cast refuses both."""
    rule = f"{column} BETWEEN {least} AND {most} AND CAST({column} AS BIGINT) = {column}"
    return sa.CheckConstraint(rule, name=f"{column}_whole")
