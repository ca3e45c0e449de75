"""Every table of the warehouse: its columns, its key, and what one row is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl

Catalogue = Literal["lake", "persons"]


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` in DuckDB's SQL; `key` makes a row unique; rows derived from people live in the
    catalogue "persons", which keeps no history, so that a person can be erased."""

    name: str
    row: str
    columns: dict[str, str]
    key: tuple[str, ...]
    catalogue: Catalogue = "lake"


_TEXT, _TIME, _INT = "VARCHAR", "TIMESTAMPTZ", "BIGINT"
_POINT = {"team_id": _TEXT, "key": _TEXT, "vector": "FLOAT[]"}
_MEMBER = {
    "team_id": _TEXT,
    "key": _TEXT,
    "content_hash": _TEXT,
    "fit": _TEXT,
    "cluster_key": _TEXT,
    "cluster_id": _INT,
    "silhouette": "DOUBLE",
    "cluster_silhouette": "DOUBLE",
}
_SLOT = {"team_id": _TEXT, "job_id": _TEXT, "network": _TEXT, "account_id": _TEXT}

_ALL = (
    Table(
        "job_ads",
        "one ad of a team as the operations store holds it",
        {
            "team_id": _TEXT,
            "job_id": _TEXT,
            "title": _TEXT,
            "description_short": _TEXT,
            "text": _TEXT,
            "content_hash": _TEXT,
            "location": _TEXT,
            "platforms": "VARCHAR[]",
            "budget_daily_minor": _INT,
            "budget_currency": _TEXT,
            "schedule_start": _TIME,
            "schedule_end": _TIME,
            "status": _TEXT,
            "updated_at": _TIME,
            "language": _TEXT,
            "fingerprint": _TEXT,
        },
        ("team_id", "job_id"),
    ),
    Table(
        "resumes",
        "one redacted résumé; without a lawful basis it is used for nothing",
        {
            "team_id": _TEXT,
            "resume_key": _TEXT,
            "text": _TEXT,
            "content_hash": _TEXT,
            "basis": _INT,
            "language": _TEXT,
            "fingerprint": _TEXT,
        },
        ("team_id", "resume_key"),
        "persons",
    ),
    Table(
        "embeddings",
        "one distinct ad text's unit vector",
        {"content_hash": _TEXT, "model": _TEXT, "vector": "FLOAT[]"},
        ("content_hash", "model"),
    ),
    Table(
        "resume_embeddings",
        "one distinct résumé text's unit vector",
        {"content_hash": _TEXT, "model": _TEXT, "vector": "FLOAT[]"},
        ("content_hash", "model"),
        "persons",
    ),
    Table(
        "segment_model",
        "one segment of a team's current fit",
        {
            "team_id": _TEXT,
            "cluster_key": _TEXT,
            "cluster_id": _INT,
            "fit": _TEXT,
            "silhouette": "DOUBLE",
            "n_texts": _INT,
            "cohesion": "DOUBLE",
            "centroid": "FLOAT[]",
            "fitted_at": _TIME,
            "n_resumes": _INT,
            "hidden": _TEXT,
            "reason": _TEXT,
            "structure": "DOUBLE",
            "structure_null": "DOUBLE[]",
            "strength": "DOUBLE",
            "occupations": "DOUBLE",
            "stability": "DOUBLE",
            "projected_silhouette": "DOUBLE",
            "rejection_reason": _TEXT,
            "lineage": _TEXT,
            "parent": _TEXT,
            "among": _INT,
            "encoder": _TEXT,
        },
        ("team_id", "cluster_key"),
    ),
    Table("reduced_vectors", "one ad's place in the fitted projection", _POINT, ("team_id", "key")),
    Table(
        "resume_reduced_vectors",
        "one résumé's place in the fitted projection",
        _POINT,
        ("team_id", "key"),
        "persons",
    ),
    Table("clusters", "one ad's segment", _MEMBER, ("team_id", "key")),
    Table("resume_clusters", "one résumé's segment", _MEMBER, ("team_id", "key"), "persons"),
    Table(
        "profiles",
        "what one segment is about",
        {
            "team_id": _TEXT,
            "cluster_key": _TEXT,
            "cluster_id": _INT,
            "fit": _TEXT,
            "size": _INT,
            "silhouette": "DOUBLE",
            "terms": "VARCHAR[]",
            "medoids": "VARCHAR[]",
            "industry_id": _TEXT,
            "industry": _TEXT,
            "score": "DOUBLE",
            "labeller": _TEXT,
        },
        ("team_id", "cluster_key"),
    ),
    Table(
        "audience_primitives",
        "one arm of one ad",
        {
            "team_id": _TEXT,
            "job_id": _TEXT,
            "arm": _TEXT,
            "rank": _INT,
            "score": "DOUBLE",
            "budget_share": "DOUBLE",
            "propensity": "DOUBLE",
            "template": _TEXT,
            "reason": _TEXT,
            "fit": _TEXT,
            "cluster_key": _TEXT,
            "silhouette": "DOUBLE",
            "labels": "VARCHAR[]",
            "primitives": "JSON",
            "fingerprint": _TEXT,
        },
        ("team_id", "job_id", "arm"),
    ),
    Table(
        "audience_plans",
        "one compiled plan of an ad on an account, before it is accepted",
        {
            **_SLOT,
            "digest": _TEXT,
            "ad_version": _TEXT,
            "fingerprint": _TEXT,
            "title": _TEXT,
            "arms": _INT,
            "daily_minor": _INT,
            "currency": _TEXT,
            "reason": _TEXT,
            "open_ended": "BOOLEAN",
            "shared": "JSON",
            "compiled_at": _TIME,
        },
        ("team_id", "job_id", "network", "account_id"),
    ),
    Table(
        "audience_plan_arms",
        "one arm of a compiled plan",
        {
            **_SLOT,
            "arm": _TEXT,
            "digest": _TEXT,
            "rank": _INT,
            "budget_share": "DOUBLE",
            "propensity": "DOUBLE",
            "bodies": "JSON",
            "proof": "JSON",
        },
        ("team_id", "job_id", "network", "account_id", "arm"),
    ),
    Table(
        "refused_plans",
        "one ad for which no plan can be made on an account, and why",
        {**_SLOT, "ad_version": _TEXT, "fingerprint": _TEXT, "reason": _TEXT, "refused_at": _TIME},
        ("team_id", "job_id", "network", "account_id"),
    ),
    Table(
        "due_ads",
        "one ad to be posted on an account, or to be taken off it",
        {**_SLOT, "action": _TEXT, "digest": _TEXT, "attempt": _INT, "listed_at": _TIME},
        ("team_id", "job_id", "network", "account_id"),
    ),
    Table(
        "posted_campaigns",
        "one slot of the ledger",
        {
            **_SLOT,
            "arm": _TEXT,
            "cluster_key": _TEXT,
            "state": _TEXT,
            "revision": _TEXT,
            "mode": _TEXT,
            "reason": _TEXT,
            "objects": "JSON",
            "posted_at": _TIME,
        },
        ("team_id", "job_id", "network", "account_id", "arm"),
    ),
    Table(
        "ad_reviews",
        "what a network's review says of one arm",
        {**_SLOT, "arm": _TEXT, "review": _TEXT, "reason": _TEXT, "reviewed_at": _TIME},
        ("team_id", "job_id", "network", "account_id", "arm"),
    ),
    Table(
        "open_ends",
        "the end of one arm of an open-ended ad",
        {**_SLOT, "arm": _TEXT, "ends_at": _TIME},
        ("team_id", "job_id", "network", "account_id", "arm"),
    ),
    Table(
        "performance_log",
        "one day of one ad as it was known at as_of",
        {
            "team_id": _TEXT,
            "network": _TEXT,
            "account_id": _TEXT,
            "ad_id": _TEXT,
            "arm": _TEXT,
            "day": "DATE",
            "attribution_window": _TEXT,
            "origin": _TEXT,
            "as_of": "DATE",
            "job_id": _TEXT,
            "cluster_key": _TEXT,
            "mode": _TEXT,
            "impressions": _INT,
            "clicks": _INT,
            "applies": _INT,
            "spend_micros": _INT,
            "currency": _TEXT,
        },
        (
            "team_id",
            "network",
            "account_id",
            "ad_id",
            "arm",
            "day",
            "attribution_window",
            "origin",
            "as_of",
        ),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}


def frame(rows: Sequence[Mapping[str, Any]], table: str) -> "pl.DataFrame":
    """Rows as a frame whose columns are the table's, even when there is no row."""
    import polars as pl

    columns = list(TABLES[table].columns)
    if not rows:
        return pl.DataFrame({column: [] for column in columns})
    return pl.DataFrame(rows, infer_schema_length=None).select(columns)
