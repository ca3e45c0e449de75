"""A reader changes nothing, reaches nothing but the lake, and is never behind its writers."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
import sqlalchemy as sa

import jobads
from domain.errors import InputError, JobadsError, NotFound
from jobads.workbench import Workbench
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse
from resources.warehouse.lake_reader import LakeReader
from resources.warehouse.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from pathlib import Path
import polars as pl
from resources.warehouse.ducklake import Warehouse
warehouse = Warehouse(Path(sys.argv[1]), sys.argv[2] or None)
for n in range(1, 9):
    rows = {"team_id": ["w"] * n, "key": [str(i) for i in range(n)], "vector": [[float(n)]] * n}
    frame = pl.DataFrame(rows, schema_overrides={"vector": pl.List(pl.Float32)})
    warehouse.replace("reduced_vectors", frame, {"team_id": "w"})
    print(n, flush=True)
    sys.stdin.readline()
warehouse.maintain()
"""
(SERIALIZED,) = (
    duckdb.connect()
    .execute("SELECT json_serialize_sql('FROM ducklake_cleanup_old_files(''lake'')')")
    .fetchone()
)
WRITES = (
    "INSERT INTO reduced_vectors SELECT * FROM reduced_vectors",
    "UPDATE reduced_vectors SET key = 'x'",
    "DELETE FROM reduced_vectors",
    "DELETE FROM reduced_vectors RETURNING *",
    "MERGE INTO reduced_vectors AS t USING reduced_vectors AS s ON true WHEN MATCHED THEN DELETE",
    "TRUNCATE reduced_vectors",
    "DROP TABLE reduced_vectors",
    "DROP TABLE lake.main.reduced_vectors",
    "DROP SCHEMA lake.main CASCADE",
    "ALTER TABLE reduced_vectors ADD COLUMN x INT",
    "COMMENT ON TABLE reduced_vectors IS 'mine'",
    "CREATE TABLE mine AS SELECT 1",
    "CREATE TABLE lake.mine (x INT)",
    "CREATE VIEW lake.main.mine AS SELECT 1",
    "CREATE TEMP TABLE mine (x INT); DROP TABLE reduced_vectors",
    "SELECT 1; DELETE FROM reduced_vectors",
    "EXPLAIN ANALYZE DELETE FROM reduced_vectors",
    "CALL ducklake_expire_snapshots('lake', older_than => now())",
    "CALL ducklake_merge_adjacent_files('lake')",
    "CALL lake.set_option('target_file_size', '1MB')",
    "FROM ducklake_cleanup_old_files('lake', cleanup_all => true)",
    "FROM ducklake_flush_inlined_data('lake')",
    "CREATE TEMP TABLE t AS FROM ducklake_delete_orphaned_files('lake', cleanup_all => true)",
    "DELETE FROM __ducklake_metadata_lake.ducklake_table",
    "FROM sqlite_query('__ducklake_metadata_lake', 'DELETE FROM ducklake_table RETURNING *')",
    "FROM postgres_query('__ducklake_metadata_lake', 'DELETE FROM lake.ducklake_table')",
    "CALL postgres_execute('__ducklake_metadata_lake', 'DROP SCHEMA lake CASCADE')",
    "FROM postgres_execute('__ducklake_metadata_lake', 'DROP SCHEMA lake CASCADE')",
    "FROM query('FROM ducklake_cleanup_old_files(''lake'', cleanup_all => true)')",
    f"PRAGMA json_execute_serialized_sql('{SERIALIZED}')",
    f"FROM json_execute_serialized_sql('{SERIALIZED}')",
    "PREPARE p AS DELETE FROM reduced_vectors",
    "CHECKPOINT lake",
    "BEGIN",
    "SET threads = 1",
    "SET lock_configuration = false",
    "RESET enable_external_access",
    "USE memory",
    "DETACH lake",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CREATE SECRET (TYPE s3)",
)
REACHES = (
    "COPY (SELECT 1) TO '{out}'",
    "COPY (SELECT 1) TO '{lake}/lake/main/x.parquet'",
    "COPY reduced_vectors FROM '/etc/passwd'",
    "EXPORT DATABASE '{out}'",
    "IMPORT DATABASE '{out}'",
    "ATTACH '{out}' AS o",
    "ATTACH ':memory:' AS o",
    "ATTACH 'sqlite:{secret}' AS o",
    "CALL sqlite_attach('{secret}')",
    "FROM sqlite_scan('{secret}', 'teams')",
    "FROM postgres_scan('host=127.0.0.1', 'public', 'teams')",
    "FROM read_text('/etc/passwd')",
    "FROM '/etc/passwd.csv'",
    "FROM '{secret}'",
    "FROM glob('/etc/*')",
    "FROM \"read_text\"('/etc/passwd')",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "WITH x AS (FROM read_blob('/etc/passwd')) FROM x",
    "SELECT 1 FROM range(1), LATERAL (FROM read_csv('/etc/passwd'))",
    "CREATE TEMP VIEW v AS FROM read_text('/etc/passwd')",
    "CREATE TEMP MACRO m() AS TABLE FROM read_text('/etc/passwd')",
    "/* */ CREATE OR REPLACE TEMP VIEW \"v\" AS (FROM read_text('/etc/passwd'))",
)


ASKS = (
    "WITH a AS (FROM reduced_vectors) SELECT count(*) FROM a, range(1)",
    "DESCRIBE reduced_vectors",
    "SHOW TABLES",
    "SUMMARIZE reduced_vectors",
    "EXPLAIN FROM reduced_vectors",
    "PIVOT reduced_vectors ON key IN ('0', '1') USING count(*) GROUP BY team_id",
    "SELECT unnest(vector) FROM reduced_vectors",
    "FROM reduced_vectors, unnest(vector) AS u(x)",
    "FROM lake.snapshots()",
    "FROM reduced_vectors AT (TIMESTAMP => now())",
)


@pytest.fixture(params=["sqlite", "postgres"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str | None]]:
    """A home and the address of its catalogue, with three rows in it."""
    if request.param == "sqlite":
        yield _filled(tmp_path, None)
        return
    server = os.environ.get("JOBADS_TEST_POSTGRES_URL")
    if not server:
        pytest.skip("JOBADS_TEST_POSTGRES_URL names no PostgreSQL server")
    url, name = sa.make_url(server), f"lake_{uuid.uuid4().hex}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield _filled(
        tmp_path, f"postgres:host={url.host} port={url.port} user={url.username} dbname={name}"
    )
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


def _filled(home: Path, url: str | None) -> tuple[Path, str | None]:
    rows = {"team_id": ["a"] * 3, "key": ["0", "1", "2"], "vector": [[1.0]] * 3}
    frame = pl.DataFrame(rows, schema_overrides={"vector": pl.List(pl.Float32)})
    with Warehouse(home, url) as warehouse:
        warehouse.merge("reduced_vectors", frame)
    return home, url


@pytest.fixture
def reader(lake: tuple[Path, str | None]) -> Iterator[LakeReader]:
    reader = LakeReader(*lake)
    yield reader
    reader.close()


def _files(home: Path) -> dict[str, int]:
    found = (home / "lake").rglob("*.parquet")
    return {str(path.relative_to(home)): path.stat().st_size for path in found}


def _refused(reader: LakeReader, query: str) -> None:
    with pytest.raises(JobadsError, match=r"wb\.admin\(\)"):
        reader.sql(query)


def test_nothing_that_writes_gets_through(lake, reader):
    """Each is refused with the way to write, and the lake is afterwards as it was."""
    before = _files(lake[0])
    for query in WRITES:
        _refused(reader, query)
    with Warehouse(*lake) as warehouse:
        left = warehouse.table("reduced_vectors")
        names = warehouse.sql("SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake'")
    assert left["key"].sort().to_list() == ["0", "1", "2"] and "mine" not in names["table_name"]
    assert _files(lake[0]) == before


def test_nothing_outside_the_lake_is_read_or_written(lake, reader, tmp_path):
    """Neither a file, nor another database, nor the operations store beside the lake."""
    secret, out = tmp_path / "operations.db", tmp_path / "out.csv"
    with sa.create_engine(f"sqlite:///{secret}").begin() as connection:
        connection.exec_driver_sql("CREATE TABLE teams (name TEXT)")
    for query in REACHES:
        _refused(reader, query.format(secret=secret, out=out, lake=lake[0] / "lake"))
    assert not out.exists()


def test_temporary_tables_and_views_are_an_analysts_own(reader):
    """They live in memory, take parameters, and can be dropped."""
    reader.sql("CREATE TEMP TABLE mine AS SELECT key FROM reduced_vectors WHERE key > ?", ["0"])
    reader.sql("CREATE OR REPLACE TEMP VIEW best AS SELECT max(key) AS key FROM mine")
    assert reader.sql("FROM best").item() == "2"
    reader.sql("DROP VIEW best")
    reader.sql("DROP TABLE mine")
    with pytest.raises(Exception, match="mine does not exist"):
        reader.sql("FROM mine")


def test_whatever_asks_is_answered(reader):
    for query in ASKS:
        assert len(reader.sql(query)) > 0, query


def test_parameters_go_by_order_or_by_name(reader):
    by_order = reader.sql("SELECT key FROM reduced_vectors WHERE key IN (?, ?)", ["0", "1"])
    by_name = reader.sql("SELECT key FROM reduced_vectors WHERE key = $k", {"k": "2"})
    assert (len(by_order), by_name.item()) == (2, "2")
    assert reader.parameters("SELECT $k, $n FROM reduced_vectors") == {"k", "n"}


def test_a_table_that_nobody_wrote_reads_as_empty_and_is_not_made(lake, reader):
    """Once the graph has written it, the same reader sees its rows."""
    assert reader.table("clusters").is_empty() and reader.sql("FROM clusters").is_empty()
    with Warehouse(*lake) as warehouse:
        known = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'clusters'"
        assert warehouse._open().execute(known).fetchone() == (0,)
        row = dict.fromkeys(TABLES["clusters"].columns) | {"team_id": "a", "key": "1"}
        warehouse.merge("clusters", pl.DataFrame([row]))
    assert len(reader.table("clusters")) == len(reader.sql("FROM clusters")) == 1


def test_a_home_without_a_lake_reads_as_empty_and_gets_none(tmp_path):
    """Asking makes no folder and no file; the first writer's rows are seen at once."""
    reader = LakeReader(tmp_path)
    assert reader.sql("FROM reduced_vectors").is_empty() and reader.table("resumes").is_empty()
    assert list(tmp_path.iterdir()) == []
    _filled(tmp_path, None)
    assert len(reader.table("reduced_vectors")) == 3


def test_a_lake_that_was_reset_is_read_anew(tmp_path):
    """A notebook that stays open over `jobads reset` does not show the rows of before."""
    reader = LakeReader(_filled(tmp_path, None)[0])
    assert len(reader.table("reduced_vectors")) == 3
    (tmp_path / "lake").rename(tmp_path / "gone")
    assert reader.table("reduced_vectors").is_empty()
    _filled(tmp_path, None)
    assert len(reader.table("reduced_vectors")) == 3


def test_each_query_sees_the_newest_commit_of_another_process(lake):
    """The reader, open all the time with a TEMP table, holds up neither commits nor upkeep."""
    reader = LakeReader(*lake)
    reader.sql("CREATE TEMP TABLE mine AS FROM reduced_vectors")
    command = [sys.executable, "-c", WRITER, str(lake[0]), lake[1] or ""]
    writer = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    for n in range(1, 9):
        assert writer.stdout.readline() == f"{n}\n"
        seen = reader.sql("SELECT count(*) FROM reduced_vectors WHERE team_id = 'w'").item()
        assert seen == n
        writer.stdin.write("\n")
        writer.stdin.flush()
    assert writer.wait(timeout=120) == 0
    assert len(reader.sql("FROM reduced_vectors")) == 11 and len(reader.sql("FROM mine")) == 3


def test_the_workbench_reads_and_only_admin_writes(lake):
    """`sql`, `table` and `plan` go the read-only way; `admin` is a door of its own."""
    home, url = lake
    env = {"JOBADS_HOME": str(home)} | ({"JOBADS_LAKE_URL": url} if url else {})
    wb = Workbench(Settings.from_env(env), LakeReader(home, url))
    with pytest.raises(InputError, match=r"wb\.admin\(\) writes"):
        wb.sql("DELETE FROM reduced_vectors")
    with pytest.raises(NotFound, match="0 plans"):
        wb.plan("1")
    with wb.admin() as lake_:
        lake_.sql("DELETE FROM reduced_vectors WHERE key = ?", ["0"])
    assert len(wb.table("reduced_vectors")) == 2
    assert wb.sql("SELECT key FROM reduced_vectors WHERE key = $key", key="1").item() == "1"
    with pytest.raises(InputError, match="one way"):
        wb.sql("SELECT $key", 1, key="1")


def test_no_shipped_notebook_writes():
    """Those of the repository hold no way to write."""
    for path in (ROOT / "notebooks").glob("*.py"):
        assert "admin(" not in path.read_text(), path


def test_the_magic_binds_the_notebooks_variables(tmp_path, monkeypatch, request):
    """`%sql` and `%%sql` answer a frame; `$name` is a value, and what writes is refused."""
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shell = InteractiveShell.instance()
    request.addfinalizer(InteractiveShell.clear_instance)
    shell.user_ns["key"] = "1' OR true --"
    jobads.open(_filled(tmp_path, None)[0])
    assert len(shell.run_line_magic("sql", "FROM reduced_vectors")) == 3
    assert shell.run_line_magic("sql", "FROM reduced_vectors WHERE key = $key").is_empty()
    shell.user_ns["key"] = "1"
    cell = "SELECT key\nFROM reduced_vectors\nWHERE key = $key"
    assert shell.run_cell_magic("sql", "", cell).item() == "1"
    with pytest.raises(InputError, match="no variable is named nothing"):
        shell.run_line_magic("sql", "SELECT $nothing")
    with pytest.raises(InputError, match=r"wb\.admin"):
        shell.run_line_magic("sql", "DROP TABLE reduced_vectors")
