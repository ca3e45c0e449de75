"""Versions of the lake: which one it is of, and the steps from each to the next.

Each catalogue carries the number in a table of its own. A lake that has tables and no number is of
version 1; one without tables is new and gets today's number at once. `jobads upgrade` runs the
missing steps, after a backup; no other door changes a table that is there.

Whoever changes a table in `resources/warehouse/tables.py` appends a Step to STEPS, which makes the
lake's version one higher:

    def _plans(connection):
        add_columns(connection, {"lake.due_ads": {"reason": "VARCHAR"}})

    STEPS = (..., Step("due_ads says why", _plans))

A step gets a connection on which both catalogues are attached, `lake` and `persons`. It may find
its tables absent, since they are made on first use, and its own work done or half done: a killed
upgrade is run again. So it is idempotent, or one transaction on one catalogue (DuckDB writes to one
in a transaction) that says when it has nothing to do. It names columns itself: `TABLES` is
today's, and a later step may rename them. `tests/upgrade` opens the kept homes of earlier versions
and finds every value again, or where `MOVED` there says.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import duckdb

from resources.versions import SchemaStatus, other_version

TABLE = "lake_version"
WHERE = "lake"


@dataclass(frozen=True, slots=True)
class Step:
    """From one version to the next: what it `says` to the person who upgrades, and what it does."""

    says: str
    run: Callable[[duckdb.DuckDBPyConnection], None]


def has_table(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether a table is there; `name` is "catalogue.table"."""
    return name in tables(connection)


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    """The columns of a table that is there; `table` is "catalogue.table"."""
    return {row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()}


def add_columns(
    connection: duckdb.DuckDBPyConnection, wanted: Mapping[str, Mapping[str, str]]
) -> None:
    """Add columns (table → column → DuckDB type) to the tables that are there; old rows hold NULL
    in them. Idempotent."""
    there = tables(connection)
    for table, columns in wanted.items():
        for column, kind in columns.items() if table in there else ():
            connection.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column} {kind}")


def _columns(connection: duckdb.DuckDBPyConnection) -> None:
    """Before lakes had a version a table got these when it was first used."""
    numbers = ("structure", "strength", "occupations", "stability", "projected_silhouette")
    texts = ("hidden", "reason", "doubt", "lineage", "parent", "encoder")
    segment_model = {
        "cohesion": "DOUBLE",
        "n_resumes": "BIGINT",
        "structure_null": "DOUBLE[]",
        "among": "BIGINT",
        **dict.fromkeys(numbers, "DOUBLE"),
        **dict.fromkeys(texts, "VARCHAR"),
    }
    add_columns(
        connection,
        {
            "lake.due_ads": {"action": "VARCHAR"},
            "lake.segment_model": segment_model,
            "lake.clusters": {"content_hash": "VARCHAR"},
            "persons.resume_clusters": {"content_hash": "VARCHAR"},
            "persons.resumes": {"basis": "BIGINT"},
        },
    )


def _plans(connection: duckdb.DuckDBPyConnection) -> None:
    """A plan stood whole in the row of each of its arms. Fingerprints are empty: the next run of
    the graph makes every row anew, which also fills what old rows do not say."""
    add_columns(
        connection,
        {
            "lake.job_ads": {"language": "VARCHAR", "fingerprint": "VARCHAR"},
            "persons.resumes": {"language": "VARCHAR", "fingerprint": "VARCHAR"},
            "lake.audience_primitives": {"fingerprint": "VARCHAR"},
        },
    )
    table = "lake.audience_plans"
    if not has_table(connection, table) or "plan" not in columns(connection, table):
        return
    place = "team_id, job_id, network, account_id"
    connection.execute("BEGIN")
    try:
        connection.execute(
            f"CREATE TEMP TABLE whole AS SELECT DISTINCT ON ({place}) {place}, digest, reason, "
            f"plan FROM {table}"
        )
        connection.execute(
            "CREATE TABLE lake.audience_plan_arms (team_id VARCHAR, job_id VARCHAR, "
            "network VARCHAR, account_id VARCHAR, arm VARCHAR, digest VARCHAR, rank BIGINT, "
            "budget_share DOUBLE, propensity DOUBLE, bodies JSON, proof JSON)"
        )
        connection.execute(
            f"INSERT INTO lake.audience_plan_arms SELECT {place}, arm, digest, "
            "list_position(json_extract_string(plan, '$.arms[*].arm'), arm) AS rank, budget_share, "
            "json_extract_string(plan, '$.arms[*].propensity')[rank]::DOUBLE, bodies, proof "
            f"FROM {table}"
        )
        connection.execute(f"DROP TABLE {table}")
        connection.execute(
            f"CREATE TABLE {table} (team_id VARCHAR, job_id VARCHAR, network VARCHAR, "
            "account_id VARCHAR, digest VARCHAR, ad_version VARCHAR, fingerprint VARCHAR, "
            "title VARCHAR, arms BIGINT, daily_minor BIGINT, currency VARCHAR, reason VARCHAR, "
            "open_ended BOOLEAN, shared JSON, compiled_at TIMESTAMPTZ)"
        )
        connection.execute(
            f"INSERT INTO {table} SELECT {place}, digest, '', '', plan->>'title', "
            "json_array_length(plan, '$.arms'), NULL, NULL, reason, "
            "coalesce((plan->>'open_ended')::BOOLEAN, false), plan->'shared', NULL FROM whole"
        )
        connection.execute("COMMIT")
    except duckdb.Error:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("DROP TABLE IF EXISTS whole")


def _rejection_reason(connection: duckdb.DuckDBPyConnection) -> None:
    """`doubt` said why a segment may not be trusted. Where the steps are run again, the first has
    added it anew, empty."""
    table = "lake.segment_model"
    there = columns(connection, table) if has_table(connection, table) else set()
    if {"doubt", "rejection_reason"} <= there:
        connection.execute(f"ALTER TABLE {table} DROP COLUMN doubt")
    elif "doubt" in there:
        connection.execute(f"ALTER TABLE {table} RENAME COLUMN doubt TO rejection_reason")


STEPS: tuple[Step, ...] = (
    Step("the lake carries its version, and columns that were added on first use", _columns),
    Step("a compiled plan is one row, its arms stand in a table beside", _plans),
    Step("segment_model's doubt is called rejection_reason", _rejection_reason),
)


def newest() -> int:
    """The version that this code reads and writes."""
    return 1 + len(STEPS)


def schema_status(connection: duckdb.DuckDBPyConnection) -> tuple[SchemaStatus, int]:
    """How the attached lake stands to this code, and its version; of two catalogues the older one
    counts, since an upgrade may have been killed between them."""
    numbers = _numbers(connection)
    if None in numbers:
        # In this order: who founds the lake meanwhile numbers it before it makes a table.
        there = tables(connection)
        numbers = _numbers(connection)
        if not there:
            return SchemaStatus.EMPTY, newest()
    at, most = min(n or 1 for n in numbers), max(n or 1 for n in numbers)
    if most > newest():
        return SchemaStatus.NEWER, most
    return (SchemaStatus.CURRENT if at == newest() else SchemaStatus.OLDER), at


def admit(connection: duckdb.DuckDBPyConnection) -> None:
    """Number a new lake; SetupError for one of another version."""
    found, at = schema_status(connection)
    if found is SchemaStatus.EMPTY:
        _number(connection, newest())
    elif found is not SchemaStatus.CURRENT:
        raise other_version(found, WHERE, f"version {at}", str(newest()))


def upgrade(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Run the missing steps in order; what each says. Killed, it is run again."""
    found, at = schema_status(connection)
    if found is not SchemaStatus.OLDER:
        admit(connection)
        return []
    said = []
    for number, step in enumerate(STEPS[at - 1 :], start=at + 1):
        step.run(connection)
        _number(connection, number)
        said.append(f"{number - 1} to {number}: {step.says}")
    return said


def tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Every table of ours in the lake, as "catalogue.table"."""
    rows = connection.execute(
        "SELECT database_name || '.' || table_name FROM duckdb_tables() "
        "WHERE database_name IN ('lake', 'persons') AND table_name <> ?",
        [TABLE],
    )
    return {name for (name,) in rows.fetchall()}


def _numbers(connection: duckdb.DuckDBPyConnection) -> list[int | None]:
    """Of both catalogues in one query; singly when one has none yet."""
    one = "(SELECT max(version) FROM {}.{})"
    with suppress(duckdb.CatalogException):
        query = ", ".join(one.format(name, TABLE) for name in ("lake", "persons"))
        return list(connection.execute(f"SELECT {query}").fetchall()[0])
    found: list[int | None] = []
    for name in ("lake", "persons"):
        try:
            found += connection.execute(f"SELECT {one.format(name, TABLE)}").fetchall()[0]
        except duckdb.CatalogException:
            found.append(None)
    return found


def _number(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    """One statement makes a catalogue's: another process may be founding it, too."""
    for name in ("lake", "persons"):
        place = f"{name}.{TABLE}"
        connection.execute(f"CREATE TABLE IF NOT EXISTS {place} AS SELECT {number} AS version")
        connection.execute(f"UPDATE {place} SET version = {number} WHERE version < {number}")
