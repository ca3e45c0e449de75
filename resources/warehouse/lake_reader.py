"""The warehouse as analysts see it: queries answered, nothing that could be changed.

A connection of its own, on which both catalogues are attached READ_ONLY, files outside the
lake's folder cannot be opened and no setting can be changed. Between queries it holds nothing:
writers go on, and each query sees their newest commit.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from domain.errors import NotFound
from resources.warehouse import migrations
from resources.warehouse.ducklake import CATALOGUES, again, attachment, extend
from resources.warehouse.read_queries import check_read, refused
from resources.warehouse.tables import TABLES

EMPTY = "memory"
"""DuckDB's own database: every table stands there without a row, and serves until the graph has
written it."""
# What DuckLake says of a catalogue that nobody has written to yet.
_UNWRITTEN = ("unable to open database file", "creating a new ducklake is explicitly disabled")


class LakeReader:
    """One read-only connection, opened with the first query. Not for several threads."""

    def __init__(self, home: Path, lake_url: str | None = None) -> None:
        self._folder = home / "lake"
        self._url = lake_url
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._file: tuple[int, int] | None = None

    def sql(
        self, query: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None
    ) -> pl.DataFrame:
        """The answer of a query as a frame; tables go by their bare names.

        Args:
            query: SELECT, or CREATE TEMP TABLE or VIEW … AS SELECT, which live as long as the
                reader; `?` or `$name` stands for a parameter.
            parameters: by order, or by name.

        Raises:
            InputError: the query would change something, or reach past the lake.
        """
        connection = self._open()
        given = dict(parameters) if isinstance(parameters, Mapping) else list(parameters or ())
        try:
            check_read(connection, query)
            return again(lambda: connection.execute(query, given).pl())
        except duckdb.PermissionException as error:
            raise refused(str(error)) from None
        except duckdb.InvalidInputException as error:
            if "read-only mode" not in str(error):
                raise
            raise refused(str(error)) from None

    def parameters(self, query: str) -> set[str]:
        """The names after `$` in a query."""
        return {name for name in check_read(self._open(), query) if not name.isdigit()}

    def table(self, name: str) -> pl.DataFrame:
        """A whole table, without rows where nothing has written it yet; NotFound names those that
        exist."""
        if name not in TABLES:
            raise NotFound(f"there is no table {name!r}", mend=f"one of {', '.join(TABLES)}")
        try:
            return self.sql(f"FROM {TABLES[name].catalogue}.{name}")
        except duckdb.CatalogException:
            return self.sql(f"FROM {EMPTY}.main.{name}")

    def check(self) -> None:
        """SetupError where the lake is of another version."""
        self._open()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        """The connection; a new one where the catalogue's file is another than before, as after
        `jobads reset`. While nothing has been written it is not kept."""
        if self._connection is not None and self._file == self._identity():
            return self._connection
        self.close()
        self._file = self._identity()
        connection = duckdb.connect()
        extend(connection)
        connection.execute("SET TimeZone = 'UTC'")
        with suppress(duckdb.InvalidInputException):  # a notebook without ipywidgets has no bar
            connection.execute("SET enable_progress_bar = false")
        for table in TABLES.values():
            columns = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
            connection.execute(f"CREATE TABLE {EMPTY}.main.{table.name} ({columns})")
        written = [name for name in CATALOGUES if self._attached(connection, name)]
        connection.execute(f"SET search_path = '{','.join([*written, EMPTY])}'")
        _lock(connection, self._folder)
        if len(written) == len(CATALOGUES):
            migrations.admit(connection)
            self._connection = connection
        return connection

    def _attached(self, connection: duckdb.DuckDBPyConnection, name: str) -> bool:
        """Whether there is such a catalogue; attaching never makes one."""
        try:
            statement = attachment(self._folder, self._url, name, read_only=True)
            again(lambda: connection.execute(statement))
        except duckdb.Error as error:
            if not any(sign in str(error).lower() for sign in _UNWRITTEN):
                raise
            return False
        return True

    def _identity(self) -> tuple[int, int] | None:
        """Of the catalogue's file; None where it is in PostgreSQL, or not there."""
        try:
            found = os.stat(self._folder / "lake.sqlite")  # noqa: PTH116 two numbers of it
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if self._url is None else None


def _lock(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Only the lake's own files from now on, and no way back."""
    place = str(folder).replace("'", "''")
    connection.execute(f"SET allowed_directories = ['{place}/']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
