import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from domain.errors import NotFound
from resources.tables import TABLES
from resources.warehouse import Warehouse

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from pathlib import Path
import polars as pl
from resources.warehouse import Warehouse
home, team = Path(sys.argv[1]), sys.argv[2]
warehouse = Warehouse(home)
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
    """A home made before a column existed takes rows that have it, and keeps its own."""
    new = TABLES["due_ads"]
    older = {name: kind for name, kind in new.columns.items() if name != "action"}
    row = {
        name: ["2026-05-01 00:00:00+00" if k == "TIMESTAMPTZ" else "1"] for name, k in older.items()
    }
    with monkeypatch.context() as patch:
        patch.setitem(TABLES, "due_ads", replace(new, columns=older))
        before = Warehouse(tmp_path)
        before.replace("due_ads", pl.DataFrame(row), {})
        before.close()
    warehouse = Warehouse(tmp_path)
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
