"""What every part of the store shares: transactions, the clock, the audit log."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from domain.errors import NotFound
from resources.operations.engine import STORE, WRITES, not_migrated, open_engine, refused
from resources.operations.revision_check import revisions, standing_of
from resources.operations.schema import audit_log
from resources.operations.statements import NOTE
from resources.versions import Standing, other_version

SYSTEM = "system"
Id = str | UUID


def utc_now() -> datetime:
    return datetime.now(UTC)


def canonical(value: Id, what: str) -> str:
    """A UUID's 36 characters; NotFound for text that can name nothing."""
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise NotFound(
            f"{what} {str(value)[:60]!r} does not exist", mend="see jobads teams list, ads list"
        ) from None


def batches(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    """Parts of a list that a statement's parameters can hold."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


class Repository:
    """One database. Each public method of its heirs is one transaction, committed on return; the
    first of a process asks whether the database is of this version of the code."""

    def __init__(self, url: str, *, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = open_engine(url)
        self._now = now
        self._checked = False

    def check(self) -> None:
        """SetupError for a database of another version, before anything is read or written."""
        if self._checked:
            return
        found, at = self._schema_standing()
        if found is Standing.EMPTY:
            raise not_migrated()
        if found is not Standing.CURRENT:
            raise other_version(found, STORE, at, revisions()[-1])
        self._checked = True

    def _schema_standing(self) -> tuple[Standing, str]:
        with _told(self._engine):
            return standing_of(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        """One snapshot for all queries inside: SQLite's readers have it anyway."""
        self.check()
        with _told(self._engine), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        self.check()
        with self._changing() as connection:
            yield connection

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        """As `_write`, whatever the database's version."""
        with _told(self._engine), self._engine.connect() as connection:
            connection = connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    def _insert(self, table: sa.Table) -> Any:
        """An INSERT that knows ON CONFLICT, which both databases spell alike."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        return dialect.insert(table)

    def _note(
        self,
        connection: sa.Connection,
        team_id: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
        *,
        actor: str = SYSTEM,
    ) -> None:
        """Append to the audit log in the caller's transaction; `detail` never holds a secret."""
        entry = {
            "team_id": team_id,
            "at": self._now(),
            "actor": actor,
            "action": action,
            "subject": subject,
            "detail": dict(detail or {}),
        }
        connection.execute(NOTE, entry)

    def _note_all(
        self, connection: sa.Connection, team_id: str, action: str, subjects: Sequence[str]
    ) -> None:
        """One entry for each subject, in one statement."""
        same = {"team_id": team_id, "at": self._now(), "actor": SYSTEM, "action": action}
        entries = [{**same, "subject": subject, "detail": {}} for subject in subjects]
        connection.execute(audit_log.insert(), entries)

    def audit(self, team_id: Id) -> list[dict[str, Any]]:
        """The team's audit log, oldest first: id, at, actor, action, subject, detail."""
        where = audit_log.c.team_id == canonical(team_id, "team")
        with self._read() as connection:
            rows = connection.execute(sa.select(audit_log).where(where).order_by(audit_log.c.id))
            return [dict(row) for row in rows.mappings()]


@contextmanager
def _told(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise refused(error) from None
