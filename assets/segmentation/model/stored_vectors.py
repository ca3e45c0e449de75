"""Vectors of texts in the warehouse: each distinct text once, and none that no text has."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from assets.progress import Bar
from assets.segmentation.model.embedding import embed
from assets.segmentation.text.job_text import stored_job_text

if TYPE_CHECKING:
    from assets.resources import Encoder
    from resources.warehouse.ducklake import Warehouse

# Where a source's vectors are kept, and which of its rows have one: a résumé without a lawful basis
# is kept, and no more.
KEPT_IN = {"job_ads": "embeddings", "resumes": "resume_embeddings"}
USED = {"job_ads": "true", "resumes": "basis IS NOT NULL"}


def refresh_vectors(
    source: str, warehouse: "Warehouse", encoder: "Encoder", bar: Bar, barred: Sequence[str] = ()
) -> int:
    """Bring the vectors of `source` ("job_ads" or "resumes") to what its texts are now, but for new
    texts of the teams that are `barred`; answers how many texts had to be encoded."""
    table, model = KEPT_IN[source], encoder.encoder_id
    there = "SELECT content_hash FROM " + table + " WHERE model = ?"
    new = warehouse.sql(
        f"SELECT * FROM {source} WHERE {USED[source]} AND content_hash NOT IN ({there}) "
        "AND team_id NOT IN (SELECT unnest(?)) "
        "QUALIFY row_number() OVER (PARTITION BY content_hash) = 1",
        [model, list(barred)],
    )
    unused = warehouse.sql(
        f"SELECT content_hash, model FROM {table} WHERE model <> ? OR content_hash NOT IN "
        f"(SELECT content_hash FROM {source} WHERE {USED[source]})",
        [model],
    )
    texts = new["text"].to_list()
    if source == "job_ads":
        texts = [stored_job_text(row).text for row in new.iter_rows(named=True)]
    vectors, encoded = embed(
        texts, encoder.encode, encoder.vectors, progress=bar(f"encoding {source}", len(texts))
    )
    fresh = pl.DataFrame(
        {"content_hash": new["content_hash"], "vector": list(vectors)},
        schema={"content_hash": pl.String, "vector": pl.List(pl.Float32)},
    ).with_columns(pl.lit(model).alias("model"))
    if len(fresh) or len(unused):
        warehouse.exchange({table: fresh}, unused)
    return encoded
