"""What every part of the store shares: transactions, the clock, the audit log."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from domain.errors import IllegalMove, InputError, JobadsError, NotFound, Retryable, SetupError
from resources.operations.direct import Direct, Either
from resources.operations.engine import BEGIN_WRITING, WRITES, open_engine
from resources.operations.schema import audit_log
from resources.operations.statements import NOTE

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


class Book:
    """One database. Each public method of its heirs is one transaction, committed on return."""

    def __init__(self, url: str, *, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = open_engine(url)
        self._now = now
        self._spare: list[Any] = []

    def close(self) -> None:
        while self._spare:
            self._spare.pop().close()
        self._engine.dispose()

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        """One snapshot for all queries inside: SQLite's readers have it anyway."""
        with _told(self._engine), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        with _told(self._engine), self._engine.connect() as connection:
            connection = connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def _glance(self) -> Iterator[Direct]:
        """One query of `statements.py`, which needs no transaction of its own."""
        with _told(self._engine), self._lent() as raw:
            yield Direct(raw, self._engine.dialect)

    @contextmanager
    def _step(self) -> Iterator[Direct]:
        """As `_write`, for statements of `statements.py` alone; rolled back unless it commits."""
        with _told(self._engine), self._lent() as raw:
            connection = Direct(raw, self._engine.dialect)
            if self._engine.dialect.name == "sqlite":
                connection.run(BEGIN_WRITING)
            yield connection
            raw.commit()

    @contextmanager
    def _lent(self) -> Iterator[Any]:
        """The driver's connection, given back without an open transaction. A file is always there:
        SQLite's are kept here, which costs less than a pool that looks after them."""
        if self._engine.dialect.name != "sqlite":
            with closing(self._engine.raw_connection()) as pooled:
                yield pooled
            return
        try:
            raw = self._spare.pop()
        except IndexError:
            raw = _apart(self._engine)
        try:
            yield raw
        except BaseException:
            with closing(raw):
                raw.rollback()
            raise
        self._spare.append(raw)

    def _insert(self, table: sa.Table) -> Any:
        """An INSERT that knows ON CONFLICT, which both databases spell alike."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        return dialect.insert(table)

    def _note(
        self, connection: Either, team_id: str, action: str, subject: str,
        detail: Mapping[str, Any] | None = None, *, actor: str = SYSTEM,
    ) -> None:  # fmt: skip
        """Append to the audit log in the caller's transaction; `detail` never holds a secret."""
        entry = {"team_id": team_id, "at": self._now(), "actor": actor, "action": action,
                 "subject": subject, "detail": dict(detail or {})}  # fmt: skip
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


def _apart(engine: sa.Engine) -> Any:
    """A connection of the engine's making that its pool forgets."""
    pooled = engine.raw_connection()
    raw = pooled.driver_connection
    pooled.detach()
    return raw


@contextmanager
def _told(engine: sa.Engine) -> Iterator[None]:
    """Turn what the database refuses into our errors, whether SQLAlchemy or the driver says it."""
    driver: Any = engine.dialect.dbapi
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _said(error.orig or error, driver) from None
    except driver.Error as error:
        raise _said(error, driver) from None


def _said(error: Exception, driver: Any) -> JobadsError:
    """What the database refused, without its statements and parameters."""
    why = str(error).splitlines()[0]
    if isinstance(error, driver.IntegrityError):
        return IllegalMove(f"refused: {why}", where=_WHERE)
    if isinstance(error, driver.DataError):
        return InputError(f"refused: {why}", where=_WHERE)
    if any(word in why for word in _FULL):
        return SetupError(
            f"has no space left: {why}", where=_WHERE,
            mend="free space on its disk and run it again; nothing that was stored is lost",
        )  # fmt: skip
    if "disk I/O error" in why or "could not write" in why:
        return SetupError(
            f"cannot write to its disk: {why}", where=_WHERE,
            mend="check the disk and run it again; nothing that was stored is lost",
        )  # fmt: skip
    if any(word in why for word in ("locked", "deadlock", "terminating connection")):
        return Retryable(
            f"is busy: {why}", where=_WHERE,
            mend="try again; if it stays, end the process that keeps it open",
        )  # fmt: skip
    if "no such table" in why or ("relation" in why and "does not exist" in why):
        return SetupError("is not migrated", where=_WHERE, mend="run jobads demo")
    mend = "check JOBADS_DATABASE_URL, and that the server or the disk answers"
    return SetupError(f"did not answer: {why}", where=_WHERE, mend=mend)


_WHERE = "operations store"
_FULL = ("database or disk is full", "No space left on device", "could not extend file")
