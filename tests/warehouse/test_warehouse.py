import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest
import sqlalchemy as sa

from domain.errors import NotFound, SetupError
from resources.warehouse import migrations
from resources.warehouse.ducklake import Warehouse
from resources.warehouse.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from pathlib import Path
import polars as pl
from resources.warehouse.ducklake import Warehouse
home, team = Path(sys.argv[1]), sys.argv[2]
warehouse = Warehouse(home, sys.argv[3] if sys.argv[3:] else None)
for n in range(1, 9):
    rows = {"team_id": [team] * n, "key": [str(i) for i in range(n)], "vector": [[float(n)]] * n}
    frame = pl.DataFrame(rows, schema_overrides={"vector": pl.List(pl.Float32)})
    warehouse.replace("reduced_vectors", frame, {"team_id": team})
"""


def points(team: str, n: int) -> pl.DataFrame:
    rows = {"team_id": [team] * n, "key": [str(i) for i in range(n)], "vector": [[1.0, 2.0]] * n}
    return pl.DataFrame(rows, schema_overrides={"vector": pl.List(pl.Float32)})


def count(warehouse: Warehouse, team: str) -> int:
    return warehouse.sql(
        "SELECT count(*) AS n FROM reduced_vectors WHERE team_id = ?", [team]
    ).item()


def test_replacing_a_scope_twice_leaves_its_rows_once(tmp_path):
    """A team's rows are replaced; another team's stay."""
    warehouse = Warehouse(tmp_path)
    warehouse.replace("reduced_vectors", points("a", 3), {"team_id": "a"})
    warehouse.replace("reduced_vectors", points("b", 2), {"team_id": "b"})
    warehouse.replace("reduced_vectors", points("a", 4), {"team_id": "a"})
    assert (count(warehouse, "a"), count(warehouse, "b")) == (4, 2)


def test_merging_replaces_rows_of_the_same_key(tmp_path):
    """Rows are added by key, however often they are sent."""
    warehouse = Warehouse(tmp_path)
    for _ in range(2):
        warehouse.merge("reduced_vectors", points("a", 3))
    warehouse.merge("reduced_vectors", points("a", 5))
    assert count(warehouse, "a") == 5


def test_a_table_of_an_older_version_gets_the_columns_that_it_lacks(tmp_path, monkeypatch):
    """A lake made before a column existed, and before lakes had a version, is refused until it is
    upgraded; then it takes rows that have the column, and keeps its own."""
    new = TABLES["due_ads"]
    older = {name: kind for name, kind in new.columns.items() if name != "action"}
    row = {
        name: ["2026-05-01 00:00:00+00" if k == "TIMESTAMPTZ" else "1"] for name, k in older.items()
    }
    with monkeypatch.context() as patch:
        patch.setitem(TABLES, "due_ads", replace(new, columns=older))
        before = Warehouse(tmp_path)
        before.replace("due_ads", pl.DataFrame(row), {})
        for name in ("lake", "persons"):
            before._open().execute(f"DROP TABLE {name}.lake_version")
        before.close()
    warehouse = Warehouse(tmp_path)
    with pytest.raises(SetupError, match="run jobads upgrade"):
        warehouse.table("due_ads")
    assert len(warehouse.upgrade()) == migrations.newest() - 1
    warehouse.merge("due_ads", pl.DataFrame({**row, "action": ["post"], "job_id": ["2"]}))
    assert sorted(warehouse.table("due_ads")["action"].to_list(), key=str) == [None, "post"]


def test_an_unknown_table_is_named_with_those_that_exist(tmp_path):
    """A typo gets the list of tables."""
    with pytest.raises(NotFound, match=r"clustres.*clusters"):
        Warehouse(tmp_path).table("clustres")


def test_a_frame_without_a_column_is_refused_before_anything_is_lost(tmp_path):
    """The old rows stay when the new ones are unusable."""
    warehouse = Warehouse(tmp_path)
    warehouse.replace("reduced_vectors", points("a", 3), {"team_id": "a"})
    with pytest.raises(ValueError, match="vector"):
        warehouse.replace("reduced_vectors", points("a", 1).drop("vector"), {"team_id": "a"})
    assert count(warehouse, "a") == 3


def test_an_open_notebook_does_not_stop_two_writers(tmp_path):
    """A process holds a connection and an unread result while two others write for real."""
    reader = Warehouse(tmp_path)
    reader.replace("reduced_vectors", points("z", 2), {"team_id": "z"})
    held = reader._open().execute("SELECT * FROM reduced_vectors")
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), team], cwd=ROOT)
        for team in ("a", "b")
    ]
    while any(w.poll() is None for w in writers):
        assert count(reader, "z") == 2
    assert [w.returncode for w in writers] == [0, 0]
    assert (count(reader, "a"), count(reader, "b")) == (8, 8)
    assert held is not None


def test_rows_of_persons_live_apart_and_leave_no_history(tmp_path):
    """Résumé rows are in the catalogue that forgets its snapshots."""
    warehouse = Warehouse(tmp_path)
    warehouse.replace("resume_reduced_vectors", points("a", 3), {"team_id": "a"})
    warehouse.replace("resume_reduced_vectors", points("a", 0), {"team_id": "a"})
    warehouse.maintain()
    (left,) = (
        warehouse._open().execute("SELECT count(*) FROM ducklake_snapshots('persons')").fetchone()
    )
    assert left == 1


def test_a_home_that_was_moved_keeps_its_tables(tmp_path):
    """A backup restored elsewhere reads and writes where it now lies."""
    old, new = tmp_path / "old", tmp_path / "new"
    first = Warehouse(old)
    first.replace("reduced_vectors", points("a", 3), {"team_id": "a"})
    first.close()
    old.rename(new)
    moved = Warehouse(new)
    moved.replace("reduced_vectors", points("b", 2), {"team_id": "b"})
    assert (count(moved, "a"), count(moved, "b")) == (3, 2)
    assert not old.exists()


def test_maintenance_merges_files_and_loses_no_row(tmp_path):
    """Many commits become fewer files; every row is still there."""
    warehouse = Warehouse(tmp_path)
    for n in range(8):
        warehouse.merge("reduced_vectors", points(f"team{n}", 200))
    before, _ = warehouse.files()
    rows = sorted(warehouse.table("reduced_vectors").select("team_id", "key").iter_rows())
    warehouse.maintain()
    names = {
        Path(row[0]).name
        for row in warehouse._open()
        .execute("SELECT data_file FROM ducklake_list_files('lake', 'reduced_vectors')")
        .fetchall()
    }
    assert len(names) < before
    assert rows == sorted(warehouse.table("reduced_vectors").select("team_id", "key").iter_rows())


@pytest.fixture
def postgres(monkeypatch) -> Iterator[str]:
    """A DuckLake address of an empty PostgreSQL database."""
    server = os.environ.get("JOBADS_TEST_POSTGRES_URL")
    if not server:
        pytest.skip("JOBADS_TEST_POSTGRES_URL names no PostgreSQL server")
    url, name = sa.make_url(server), f"lake_{uuid.uuid4().hex}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield f"postgres:host={url.host} port={url.port} user={url.username} dbname={name}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


def test_processes_may_found_a_catalogue_in_postgresql_together(tmp_path, postgres):
    """Four that open a new catalogue at once all find it, whoever comes first."""
    opener = "import sys, pathlib; from resources.warehouse.ducklake import Warehouse; "
    opener += "Warehouse(pathlib.Path(sys.argv[1]), sys.argv[2]).table('profiles')"
    command = [sys.executable, "-c", opener, str(tmp_path), postgres]
    openers = [subprocess.Popen(command, cwd=ROOT) for _ in range(4)]
    assert [opener.wait(timeout=120) for opener in openers] == [0, 0, 0, 0]


def test_the_catalogue_may_be_in_postgresql(tmp_path, postgres):
    """Two processes write teams of their own; a third reads all; persons keep a schema apart."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), team, postgres], cwd=ROOT)
        for team in ("a", "b")
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    warehouse = Warehouse(tmp_path, postgres)
    assert (count(warehouse, "a"), count(warehouse, "b")) == (8, 8)
    warehouse.replace("resume_reduced_vectors", points("a", 3), {"team_id": "a"})
    warehouse.replace("resume_reduced_vectors", points("a", 0), {"team_id": "a"})
    warehouse.maintain()
    left = warehouse._open().execute("SELECT count(*) FROM ducklake_snapshots('persons')")
    assert left.fetchone() == (1,)
    warehouse.close()
    assert count(Warehouse(tmp_path, postgres), "a") == 8
    assert not list((tmp_path / "lake").glob("*.sqlite"))


def test_plain_duckdb_can_attach_the_lake(tmp_path):
    """The README's line reads the tables without any of our code."""
    from duckdb_extensions import import_extension

    Warehouse(tmp_path).replace("reduced_vectors", points("a", 3), {"team_id": "a"})
    connection = duckdb.connect()
    for name in ("sqlite_scanner", "ducklake"):
        import_extension(name, con=connection)
        connection.load_extension(name)
    connection.execute(f"ATTACH 'ducklake:sqlite:{tmp_path}/lake/lake.sqlite' AS lake")
    assert len(connection.execute("FROM lake.reduced_vectors").fetchall()) == 3
