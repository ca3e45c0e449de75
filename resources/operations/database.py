"""One database: its transactions, its clock, and whether it is of this version of the code."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from resources.operations.engine import STORE, WRITES, not_migrated, open_engine, refused
from resources.operations.revision_check import revisions, schema_status
from resources.versions import SchemaStatus, other_version


def utc_now() -> datetime:
    return datetime.now(UTC)


def batches(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    """Parts of a list that a statement's parameters can hold."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


class Database:
    """What every part of the store is given. A transaction commits at the end of its block; the
    first of a process asks whether the database is of this version of the code."""

    def __init__(self, url: str, *, now: Callable[[], datetime] = utc_now) -> None:
        self.engine = open_engine(url)
        self.now = now
        self._checked = False

    def check(self) -> None:
        """SetupError for a database of another version, before anything is read or written."""
        if self._checked:
            return
        found, at = self.status()
        if found is SchemaStatus.EMPTY:
            raise not_migrated()
        if found is not SchemaStatus.CURRENT:
            raise other_version(found, STORE, at, revisions()[-1])
        self._checked = True

    def status(self) -> tuple[SchemaStatus, str]:
        """How the database stands to this version of the code, and its revision."""
        with _told(self.engine):
            return schema_status(self.engine)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One snapshot for all queries inside: SQLite's readers have it anyway."""
        self.check()
        with _told(self.engine), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that may write; SQLite has one of them at a time."""
        self.check()
        with self.write_unchecked() as connection:
            yield connection

    @contextmanager
    def write_unchecked(self) -> Iterator[sa.Connection]:
        """As `write`, whatever the database's version: for migrations."""
        with _told(self.engine), self.engine.connect() as connection:
            connection = connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    def insert(self, table: sa.Table) -> Any:
        """An INSERT that knows ON CONFLICT, which both databases spell alike."""
        dialect = postgresql if self.engine.dialect.name == "postgresql" else sqlite
        return dialect.insert(table)


@contextmanager
def _told(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise refused(error) from None
