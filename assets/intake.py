"""What people wrote, as the warehouse sees it: ads, and résumés with personal data masked."""

import hashlib
from functools import partial

import dagster as dg
import polars as pl

from assets.outside import Outside
from assets.partitions import teams


@dg.asset(kinds={"sqlite"})
def operations_store(context: dg.AssetExecutionContext, outside: Outside) -> dg.MaterializeResult:
    """A look at the operations store: its data version changes when anything in it does, and a new
    team gets its partition. Nothing is copied."""
    found = [str(team.id) for team in outside.store.teams()]
    context.instance.add_dynamic_partitions(str(teams.name), found)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(outside.store.fingerprint()), metadata={"teams": len(found)}
    )


@dg.asset(deps=[operations_store], kinds={"sqlite", "duckdb"})
def job_ads(context: dg.AssetExecutionContext, outside: Outside) -> dg.MaterializeResult:
    """Every team's ads, plain and redacted; a projection of the operations store. A row that cannot
    be read is left out."""
    from assets.publishing.isolation import Isolation
    from assets.segmentation.rows import job_ad_row

    with Isolation(outside, "reading") as guard:
        read = [
            guard.attempt(partial(job_ad_row, row), team_id=row["team_id"], job_id=str(row["id"]))
            for row in outside.store.job_ads_rows()
        ]
    for failure in guard.failures:
        context.log.warning(str(failure))
    rows = [row for row in read if row is not None]
    count = outside.warehouse.replace("job_ads", frame(rows, "job_ads"), {})
    # An ad that goes live or is paused reads as before: nothing downstream is computed anew.
    contents = [{**row, "status": row["status"] == "archived", "updated_at": None} for row in rows]
    return dg.MaterializeResult(
        data_version=version(contents), metadata={"dagster/row_count": count, **guard.metadata()}
    )


@dg.asset(deps=[operations_store], kinds={"duckdb"})
def resumes(context: dg.AssetExecutionContext, outside: Outside) -> dg.MaterializeResult:
    """Every team's résumés, redacted before anything else sees them, with the lawful basis that
    lets them be used. A team whose texts do not open, as when a key is missing, has none."""
    from assets.persons.sweeping import sweep
    from assets.publishing.isolation import Isolation
    from assets.segmentation.rows import resume_row

    def read(team_id: str) -> list[dict]:
        basis = outside.store.basis(team_id)
        number = basis.id if basis else None
        texts = outside.store.resume_texts(team_id)
        return [resume_row(team_id, key, text, number) for key, text in texts]

    rows: list[dict] = []
    with Isolation(outside, "reading") as guard:
        for team in outside.store.teams():
            rows += guard.attempt(partial(read, str(team.id)), team_id=str(team.id)) or []
    for failure in guard.failures:
        context.log.warning(str(failure))
    count = outside.warehouse.replace("resumes", frame(rows, "resumes"), {})
    sweep(outside)  # someone may have been forgotten meanwhile, and old versions of texts go
    hashes = [{**row, "text": ""} for row in rows]
    return dg.MaterializeResult(
        data_version=version(hashes), metadata={"dagster/row_count": count, **guard.metadata()}
    )


def version(rows: list[dict]) -> dg.DataVersion:
    """The same for the same rows in whatever order."""
    lines = sorted(repr(sorted(row.items())) for row in rows)
    return dg.DataVersion(hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16])


def frame(rows: list[dict], table: str) -> pl.DataFrame:
    """Rows as a frame whose columns are the table's, even when there is no row."""
    from resources.tables import TABLES

    columns = list(TABLES[table].columns)
    if not rows:
        return pl.DataFrame({column: [] for column in columns})
    return pl.DataFrame(rows, infer_schema_length=None).select(columns)


@dg.asset(kinds={"duckdb"})
def warehouse_maintenance(outside: Outside) -> dg.MaterializeResult:
    """Merge small Parquet files, and delete those that no kept snapshot of a table needs."""
    files, size = outside.warehouse.files()
    outside.warehouse.maintain()
    left, bytes_left = outside.warehouse.files()
    return dg.MaterializeResult(
        metadata={"files": left, "bytes": bytes_left, "fewer_files": files - left,
                  "fewer_bytes": size - bytes_left}
    )  # fmt: skip
