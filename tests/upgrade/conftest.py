"""Homes that earlier versions made (`tools/kept_home.py`), as they were and upgraded."""

import json
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jobads.upgrade import upgrade
from resources.operations.store import OperationsStore
from resources.settings import Settings
from resources.warehouse.ducklake import CATALOGUES, Warehouse, extend

HOMES = sorted(Path(__file__).parent.glob("homes/*.tar.xz"))
NOW = datetime(2026, 12, 1, tzinfo=UTC)
Values = Mapping[tuple[str, str, str], set[str]]


@dataclass(frozen=True)
class Home:
    path: Path
    kept: Mapping[str, Any]

    @property
    def settings(self) -> Settings:
        return Settings.from_env({"JOBADS_HOME": str(self.path)})

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.path)

    @cached_property
    def store(self) -> OperationsStore:
        return OperationsStore.open(self.settings)

    def upgrade(self, now: datetime = NOW) -> list[str]:
        return list(upgrade(self.settings, now))

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Behind the store's back, as another version would."""
        with closing(sqlite3.connect(self.path / "operations.db")) as connection, connection:
            return connection.execute(statement).fetchall()

    def lake_sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Behind the warehouse's back."""
        connection = self.warehouse._attached()
        try:
            return [connection.execute(s).fetchall() for s in statements][-1]
        finally:
            connection.close()

    def values(self) -> Values:
        """Every value by (store, table, column), read without any code of ours."""
        return {**self._operations(), **self._lake()}

    def _operations(self) -> Values:
        found = {}
        for (table,) in self.sql("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if table not in ("alembic_version", "sqlite_sequence"):
                for _, column, *_ in self.sql(f"PRAGMA table_info({table})"):
                    rows = self.sql(f"SELECT DISTINCT {column} FROM {table}")
                    found["operations", table, column] = {repr(value) for (value,) in rows}
        return found

    def _lake(self) -> Values:
        connection = duckdb.connect()
        extend(connection)
        connection.execute("SET TimeZone = 'UTC'")
        for name in CATALOGUES:
            data = f"DATA_PATH '{self.path}/lake/{name}/', OVERRIDE_DATA_PATH true"
            place = f"ducklake:sqlite:{self.path}/lake/{name}.sqlite"
            connection.execute(f"ATTACH '{place}' AS {name} ({data})")
        columns = connection.execute(
            "SELECT database_name, table_name, column_name FROM duckdb_columns() "
            "WHERE database_name IN ('lake', 'persons') AND table_name <> 'lake_version'"
        ).fetchall()
        found = {}
        for store, table, column in columns:
            rows = connection.execute(f"SELECT DISTINCT {column} FROM {store}.{table}").fetchall()
            found[store, table, column] = {repr(value) for (value,) in rows}
        connection.close()
        return found


def unpacked(archive: Path, into: Path) -> Home:
    with tarfile.open(archive) as file:
        file.extractall(into, filter="data")
    facts = archive.with_name(archive.name.removesuffix(".tar.xz") + ".json")
    return Home(into, json.loads(facts.read_text()))


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Home]:
    """The oldest kept home, not upgraded."""
    home = unpacked(HOMES[0], tmp_path / "home")
    yield home
    home.store.close()


@pytest.fixture(scope="module", params=HOMES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def archive(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture(scope="module")
def before(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Values:
    return unpacked(archive, tmp_path_factory.mktemp("before") / "home").values()


@pytest.fixture(scope="module")
def home(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = unpacked(archive, tmp_path_factory.mktemp("upgraded") / "home")
    home.upgrade()
    yield home
    home.store.close()
