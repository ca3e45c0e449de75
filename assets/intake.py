"""What people wrote, as the warehouse sees it: ads, and résumés with personal data masked."""

import dagster as dg
import polars as pl

from assets.outside import Outside


@dg.asset(kinds={"sqlite", "duckdb"})
def job_ads(outside: Outside) -> dg.MaterializeResult:
    """Every team's ads, plain and redacted; a projection of the operations store."""
    from assets.segmentation.rows import job_ad_row

    rows = [job_ad_row(row) for row in outside.store.job_ads_rows()]
    count = outside.warehouse.replace("job_ads", frame(rows, "job_ads"), {})
    return dg.MaterializeResult(metadata={"dagster/row_count": count})


@dg.asset(kinds={"duckdb"})
def resumes(outside: Outside) -> dg.MaterializeResult:
    """Every team's résumés, redacted before anything else sees them."""
    from assets.segmentation.rows import resume_row

    rows = [
        resume_row(str(team.id), key, text)
        for team in outside.store.teams()
        for key, text in outside.store.resume_texts(team.id)
    ]
    count = outside.warehouse.replace("resumes", frame(rows, "resumes"), {})
    return dg.MaterializeResult(metadata={"dagster/row_count": count})


def frame(rows: list[dict], table: str) -> pl.DataFrame:
    """Rows as a frame whose columns are the table's, even when there is no row."""
    from resources.tables import TABLES

    columns = list(TABLES[table].columns)
    if not rows:
        return pl.DataFrame({column: [] for column in columns})
    return pl.DataFrame(rows, infer_schema_length=None).select(columns)
