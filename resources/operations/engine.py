"""Connections: one writer at a time on SQLite (WAL, BEGIN IMMEDIATE), psycopg 3 on PostgreSQL."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from domain.errors import (
    HouseBroken,
    HouseBusy,
    IllegalMove,
    InputError,
    JobadsError,
    Retryable,
    SetupError,
)
from resources.operations.columns import read_json

STORE = "operations store"
"""What errors of the database name as their place."""
BUSY_S = 30
BEGIN_WRITING = "BEGIN IMMEDIATE"
WRITES = "jobads_writes"
"""Execution option of a connection that will write: SQLite takes its lock at once, because a
transaction that reads first and writes later fails when another has written in between."""


def open_engine(url: str) -> sa.Engine:
    """An engine for a SQLAlchemy URL; SetupError when it names another database."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise SetupError("not a database URL", where="JOBADS_DATABASE_URL", mend=_MEND) from None
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return sa.create_engine(
            parsed,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10},
            json_deserializer=read_json,
        )
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise SetupError(
            f"{parsed.drivername} is not supported", where="JOBADS_DATABASE_URL", mend=_MEND
        )
    engine = sa.create_engine(parsed, connect_args={"timeout": BUSY_S})
    sa.event.listen(engine, "do_connect", _refuse_absent)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def file_of(engine: sa.Engine) -> Path | None:
    """SQLite's file, which only `migrate` makes; None for a server."""
    return Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None


def make_file(path: Path) -> None:
    """An empty database and its folder; SetupError where they cannot be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except OSError as error:
        raise SetupError(
            f"cannot be made: {error.strerror}", where=str(path), mend="set JOBADS_HOME"
        ) from None


def not_migrated() -> HouseBroken:
    """No table of ours is there."""
    return HouseBroken(
        "is not migrated",
        where=STORE,
        mend="run jobads demo or jobads teams add, or set JOBADS_HOME",
    )


def _refuse_absent(_: object, __: object, cargs: list[Any], ___: object) -> None:
    # SQLite would make an empty file in whatever folder a command was run by mistake.
    if not Path(cargs[0]).exists():
        raise not_migrated()


_MEND = "use sqlite:////path/operations.db or postgresql+psycopg://user@host/database"


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions on its own
    # Bytes that are no UTF-8, written past jobads, cost their own row only.
    connection.text_factory = lambda stored: stored.decode("utf-8", "replace")
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "recursive_triggers=ON",
        f"busy_timeout={BUSY_S * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql(BEGIN_WRITING if writes else "BEGIN")


def refused(error: sa.exc.DBAPIError) -> JobadsError:
    """What the database refused in our words, without its statements and parameters."""
    why = str(error.orig or error).splitlines()[0]
    if isinstance(error, sa.exc.IntegrityError):
        return IllegalMove(f"refused: {why}", where=STORE)
    if isinstance(error, sa.exc.DataError):
        return InputError(f"refused: {why}", where=STORE)
    if any(word in why for word in _FULL):
        return HouseBroken(
            f"has no space left: {why}",
            where=STORE,
            mend="free space on its disk and run it again; nothing that was stored is lost",
        )
    if "disk I/O error" in why or "could not write" in why:
        return HouseBroken(
            f"cannot write to its disk: {why}",
            where=STORE,
            mend="check the disk and run it again; nothing that was stored is lost",
        )
    if any(word in why for word in ("locked", "terminating connection")):
        return HouseBusy(
            f"is busy: {why}",
            where=STORE,
            mend="try again; if it stays, end the process that keeps it open",
        )
    if "no such table" in why or ("relation" in why and "does not exist" in why):
        return not_migrated()
    if getattr(error.orig, "sqlstate", None) in _UNDONE:
        # Only this transaction: the database works, and others' work can go on.
        return Retryable(f"met another transaction: {why}", where=STORE, mend="try again")
    mend = "check JOBADS_DATABASE_URL, and that the server or the disk answers"
    return HouseBroken(f"did not answer: {why}", where=STORE, mend=mend)


_UNDONE = ("40001", "40P01")
"""PostgreSQL's codes of a transaction undone for another's sake: serialization failure, deadlock.
"""
_FULL = ("database or disk is full", "No space left on device", "could not extend file")
