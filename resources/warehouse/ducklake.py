"""The warehouse: DuckDB over DuckLake, so that an open notebook never shuts a writer out.

Parquet files with a catalogue in SQLite (WAL) under the home, or in PostgreSQL by URL.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import polars as pl

from domain.errors import HouseBroken, HouseBusy, NotFound, SetupError
from resources.security.home_folder import private
from resources.sqlite_compaction import compact, compact_schema
from resources.versions import SchemaStatus
from resources.warehouse import migrations
from resources.warehouse.tables import TABLES, Catalogue, Table

CATALOGUES: tuple[Catalogue, ...] = ("lake", "persons")
EXTENSIONS = ("sqlite_scanner", "postgres_scanner", "ducklake")
ATTEMPTS = 60
"""Tries of one statement while other writers hold the lake."""
KEPT_DAYS = 30
"""Days of history of the lake; the catalogue of persons keeps none."""
# What another writer's commit looks like to ours; the same statements may be sent again.
_CONTENDED = ("database is locked", "conflict", "could not serialize", "failed to commit")
_OF_THE_DISK = (duckdb.IOException, duckdb.FatalException, duckdb.SerializationException)
_DISK = ("no space left", "disk is full", "disk i/o error", "not a database", "malformed")
# Two processes that attach a new PostgreSQL catalogue both create its tables; one comes late.
_FOUNDING = ("already exists", "duplicate key")

T = TypeVar("T")


class Warehouse:
    """One connection; open as many as there are processes. Tables are made on first use; a lake of
    another version is a SetupError before anything is read or written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Warehouse(Path(folder)) as lake:
    ...     rows = pl.DataFrame({"content_hash": ["h1"], "model": ["m"], "vector": [[0.6, 0.8]]})
    ...     lake.merge("embeddings", rows), lake.merge("embeddings", rows)
    ...     lake.sql("SELECT model, count(*) AS n FROM embeddings GROUP BY ALL").rows()
    (1, 1)
    [('m', 1)]
    """

    def __init__(self, home: Path, lake_url: str | None = None) -> None:
        self._home, self._folder = home, home / "lake"
        self._url = lake_url
        self._made: set[str] = set()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def sql(self, query: str, parameters: list[Any] | None = None) -> pl.DataFrame:
        """The answer of a query as a polars frame; tables go by their bare names."""
        connection = self._open()
        for name in TABLES:
            if name in query:
                self._make(TABLES[name])
        return again(lambda: connection.execute(query, parameters or []).pl())

    def table(self, name: str) -> pl.DataFrame:
        """A whole table; NotFound names those that exist."""
        if name not in TABLES:
            raise NotFound(f"there is no table {name!r}", mend=f"one of {', '.join(TABLES)}")
        table = TABLES[name]
        return self.sql(f"SELECT * FROM {self._name(table)}")

    def replace(self, name: str, frame: pl.DataFrame, scope: Mapping[str, Any]) -> int:
        """Make the rows of `scope` (column = value) those of `frame`; answers how many there are.

        One transaction: a reader sees the old rows or the new. {} replaces the whole table.
        """
        where = " AND ".join(f"{column} = ?" for column in scope) or "true"
        return self._swap(TABLES[name], frame, where, list(scope.values()))

    def merge(self, name: str, frame: pl.DataFrame) -> int:
        """Add rows, replacing those of the same key; answers how many were given."""
        if frame.is_empty():
            return 0
        table = TABLES[name]
        same = " AND ".join(f"t.{k} IS NOT DISTINCT FROM incoming.{k}" for k in table.key)
        where = f"EXISTS (SELECT 1 FROM incoming WHERE {same})"
        return self._swap(table, frame, where, [])

    def exchange(self, frames: Mapping[str, pl.DataFrame], keys: pl.DataFrame) -> None:
        """Make the rows that agree with one of `keys` in all its columns those of the frames, one
        for each table, in one transaction: a reader sees all the old rows or all the new."""
        connection = self._open()
        for name in frames:
            self._make(TABLES[name])
        same = " AND ".join(f"t.{c} = going.{c}" for c in keys.columns)

        def swap() -> None:
            connection.register("going", keys.to_arrow())
            connection.execute("BEGIN")
            try:
                for table, frame in ((TABLES[name], frame) for name, frame in frames.items()):
                    connection.execute(
                        f"DELETE FROM {self._name(table)} AS t "
                        f"WHERE EXISTS (SELECT 1 FROM going WHERE {same})"
                    )
                    if not frame.is_empty():
                        self._insert(table, frame)
                connection.execute("COMMIT")
            except duckdb.Error:
                _roll_back(connection)
                raise
            finally:
                connection.unregister("going")

        again(swap)

    def _insert(self, table: Table, frame: pl.DataFrame) -> None:
        connection, columns = self._open(), ", ".join(table.columns)
        connection.register("incoming", frame.select(list(table.columns)).to_arrow())
        try:
            connection.execute(
                f"INSERT INTO {self._name(table)} ({columns}) SELECT {columns} FROM incoming"
            )
        finally:
            connection.unregister("incoming")

    def remove(self, name: str, rows: pl.DataFrame) -> int:
        """Delete the rows that agree with one of `rows` in all its columns; answers how many."""
        if rows.is_empty():
            return 0
        connection, table = self._open(), TABLES[name]
        self._make(table)
        same = " AND ".join(f"t.{c} = going.{c}" for c in rows.columns)

        def delete() -> int:
            connection.register("going", rows.to_arrow())
            try:
                where = f"EXISTS (SELECT 1 FROM going WHERE {same})"
                done = connection.execute(f"DELETE FROM {self._name(table)} AS t WHERE {where}")
                return int(done.fetchall()[0][0])
            finally:
                connection.unregister("going")

        return again(delete)

    def maintain(self, catalogues: Sequence[Catalogue] = CATALOGUES) -> None:
        """Merge small files and delete those that nothing needs any more.

        The lake keeps KEPT_DAYS of history, and a file another day for readers that are under way;
        the persons' catalogue keeps none: a deleted row leaves its Parquet file, and the catalogue,
        where small tables lie and every file's least and greatest values."""
        connection = self._open()
        history, grace = f"now() - INTERVAL {KEPT_DAYS} DAY", "now() - INTERVAL 1 DAY"
        for name, expired, deleted in (
            ("lake", f"older_than => {history}", f"older_than => {grace}"),
            ("persons", "older_than => now()", "cleanup_all => true"),
        ):
            if name not in catalogues:
                continue
            for call in (
                f"ducklake_flush_inlined_data('{name}')",
                f"ducklake_rewrite_data_files('{name}', delete_threshold => 0)",
                f"ducklake_merge_adjacent_files('{name}')",
                f"ducklake_expire_snapshots('{name}', {expired})",
                f"ducklake_cleanup_old_files('{name}', {deleted})",
            ):
                again(lambda c=call: connection.execute(f"CALL {c}"))  # type: ignore[misc]
        if "persons" in catalogues:
            self._compact()

    def _compact(self) -> None:
        """The persons' catalogue without what was deleted from it."""
        self.close()  # DuckDB brings a SQLite of its own; two in a process undo each other's locks
        if self._url is None:
            compact(self._folder / "persons.sqlite")
        else:
            compact_schema(self._url, "persons")

    def check(self) -> None:
        """SetupError for a lake of another version; one that was never made is not made."""
        if self._url is not None or (self._folder / "lake.sqlite").exists():
            self._open()

    def status(self) -> tuple[SchemaStatus, int]:
        """How the lake stands to this version of the code, and its own version."""
        if self._url is None and not (self._folder / "lake.sqlite").exists():
            return SchemaStatus.EMPTY, migrations.newest()
        if self._connection is not None:
            return migrations.schema_status(self._connection)
        connection = self._attached()
        try:
            return again(lambda: migrations.schema_status(connection))
        finally:
            connection.close()

    def upgrade(self) -> list[str]:
        """Bring an older lake to today's tables; what each step says. SetupError for a newer one.
        The caller has made a backup and sees to it that nobody else has the lake open."""
        self.close()
        connection = self._attached()
        try:
            return again(lambda: migrations.upgrade(connection))
        finally:
            connection.close()

    def files(self) -> tuple[int, int]:
        """How many Parquet files there are on disk, and their bytes together."""
        sizes = [path.stat().st_size for path in self._folder.rglob("*.parquet")]
        return len(sizes), sum(sizes)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> "Warehouse":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _swap(self, table: Table, frame: pl.DataFrame, where: str, values: list[Any]) -> int:
        connection = self._open()
        self._make(table)
        missing = [column for column in table.columns if column not in frame.columns]
        if missing:
            raise ValueError(f"{table.name} lacks {', '.join(missing)}")
        incoming = frame.select(list(table.columns)).to_arrow()
        name, columns = self._name(table), ", ".join(table.columns)

        def swap() -> int:
            connection.register("incoming", incoming)
            connection.execute("BEGIN")
            try:
                connection.execute(f"DELETE FROM {name} AS t WHERE {where}", values)
                connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM incoming")
                connection.execute("COMMIT")
            except duckdb.Error:
                _roll_back(connection)
                raise
            finally:
                connection.unregister("incoming")
            return len(frame)

        return again(swap)

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            connection = self._attached()
            try:
                again(lambda: migrations.admit(connection), _FOUNDING)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _attached(self) -> duckdb.DuckDBPyConnection:
        """A connection with both catalogues, whatever their version."""
        private(self._home)
        self._folder.mkdir(exist_ok=True, mode=0o700)
        connection = duckdb.connect()
        extend(connection)
        connection.execute("SET TimeZone = 'UTC'")
        # It would stand in our output; a notebook without ipywidgets has none to set.
        with suppress(duckdb.InvalidInputException):
            connection.execute("SET enable_progress_bar = false")
        for name in CATALOGUES:
            again(lambda n=name: connection.execute(self._attach(n)), _FOUNDING)  # type: ignore[misc]
        connection.execute("USE lake")
        connection.execute("SET search_path = 'lake,persons'")
        return connection

    def _attach(self, name: str) -> str:
        return attachment(self._folder, self._url, name)

    def _make(self, table: Table) -> None:
        if table.name in self._made:
            return
        columns = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
        connection = self._open()
        again(
            lambda: connection.execute(
                f"CREATE TABLE IF NOT EXISTS {self._name(table)} ({columns})"
            )
        )
        self._made.add(table.name)

    def _name(self, table: Table) -> str:
        return f"{table.catalogue}.{table.name}"


def attachment(folder: Path, url: str | None, name: str, *, read_only: bool = False) -> str:
    """The statement that attaches a catalogue: in SQLite under `folder`, or in PostgreSQL."""
    moved = "OVERRIDE_DATA_PATH true"  # a home may be moved, or restored elsewhere
    if url is None:
        place = f"sqlite:{folder / f'{name}.sqlite'}"
        # Who only reads cannot change the journal, and need not: the first writer has.
        journal = "" if read_only else ", META_JOURNAL_MODE 'WAL'"
        extra = f"{journal}, META_BUSY_TIMEOUT 5000"
    else:
        place, extra = f"{url.removeprefix('ducklake:')}", f", METADATA_SCHEMA '{name}'"
    extra += ", READ_ONLY" if read_only else ""
    return f"ATTACH 'ducklake:{place}' AS {name} (DATA_PATH '{folder / name}/', {moved}{extra})"


def extend(connection: duckdb.DuckDBPyConnection) -> None:
    """Load extensions from their wheels: nothing is downloaded."""
    from duckdb_extensions import import_extension

    try:
        for name in EXTENSIONS:
            import_extension(name, con=connection)
            connection.load_extension(name)
    except (duckdb.Error, ImportError, OSError) as error:
        raise SetupError(
            f"DuckDB's extension cannot be loaded: {error}", mend="pip install -r requirements.lock"
        ) from None


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:
        return  # the failed commit has ended the transaction itself


def _broken(error: duckdb.Error) -> Exception:
    """A disk or a file that fails in our words; any other error is a fault of the statement."""
    said = str(error).splitlines()[0]
    if not (isinstance(error, _OF_THE_DISK) or any(s in said.lower() for s in _DISK)):
        return error
    return HouseBroken(
        f"the lake cannot be read or written: {said}"[:300],
        where="lake",
        mend="look at the disk's space and at the files under the home's lake/; nothing that was "
        "committed is lost, and jobads doctor says more",
    )


def again(call: Callable[[], T], more: Sequence[str] = ()) -> T:
    """Call until no other writer is in the way: at most about 20 s. `more` are further signs of
    another one."""
    for attempt in range(ATTEMPTS):
        try:
            return call()
        except duckdb.Error as error:
            if not any(sign in str(error).lower() for sign in (*_CONTENDED, *more)):
                raise _broken(error) from None
            last = error
            time.sleep(random.uniform(0.01, 0.05) * min(attempt + 1, 12))  # noqa: S311 jitter
    raise HouseBusy("another process keeps the warehouse busy", where="lake") from last
