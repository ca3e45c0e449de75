"""From texts to audience primitives, one partition for each team."""

from collections.abc import Iterator

import dagster as dg

from assets.intake import frame, job_ads, resumes, version
from assets.outside import Outside
from assets.partitions import teams
from assets.progress import progress

FIT = ("segment_model", "reduced_vectors", "clusters", "profiles", "audience_primitives")


@dg.asset(deps=[job_ads, resumes], kinds={"pytorch", "duckdb"})
def embeddings(outside: Outside) -> dg.MaterializeResult:
    """One vector for each distinct text, whoever's it is; known texts are not encoded again."""
    import polars as pl

    from assets.gates import faults
    from assets.persons.sweeping import sweep
    from assets.segmentation.embedding import embed
    from assets.segmentation.text import ad_text

    sweep(outside)  # vectors that lose their row here must have left the cache
    barred = list(faults(outside.warehouse, "no_contact_data"))
    counts, encoded = {}, []
    for source, table in (("job_ads", "embeddings"), ("resumes", "resume_embeddings")):
        rows = outside.warehouse.table(source)
        if source == "resumes":  # without a lawful basis they are kept, and no more
            rows = rows.filter(pl.col("basis").is_not_null())
        else:  # a team whose texts show contact data waits until they are mended
            rows = rows.filter(~pl.col("team_id").is_in(barred))
        rows = rows.unique("content_hash", maintain_order=True)
        texts = (
            [ad_text(t, d) for t, d in rows.select("title", "text").iter_rows()]
            if source == "job_ads"
            else rows["text"].to_list()
        )
        vectors, counts[source] = embed(
            texts,
            outside.encode,
            outside.vectors,
            progress=progress.get()(f"encoding {source}", len(texts)),
        )
        known = pl.DataFrame(
            {"content_hash": rows["content_hash"], "vector": list(vectors)},
            schema={"content_hash": pl.String, "vector": pl.List(pl.Float32)},
        ).with_columns(pl.lit(outside.encoder_id).alias("model"))
        outside.warehouse.replace(table, known, {})
        encoded += [{"hash": h, "model": outside.encoder_id} for h in known["content_hash"]]
    sweep(outside)
    total = outside.warehouse.sql("SELECT count(*) AS n FROM embeddings").item()
    return dg.MaterializeResult(
        data_version=version(encoded),
        metadata={"dagster/row_count": total, "newly_encoded": sum(counts.values())},
    )


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            "segment_model",
            description="Each segment of a team's fit: how sure it is, and what speaks against it.",
            deps=[embeddings, job_ads],
            kinds={"scikitlearn", "duckdb"},
        ),
        dg.AssetSpec(
            "reduced_vectors",
            description="Where each ad lies in the space in which the groups were found.",
            deps=["segment_model"],
            kinds={"python", "duckdb"},
        ),
        dg.AssetSpec(
            "clusters",
            description="Each ad's segment, and how far the ad is from belonging to another.",
            deps=["segment_model"],
            kinds={"scikitlearn", "duckdb"},
        ),
        dg.AssetSpec(
            "profiles",
            description="What each segment is about: terms, typical texts, industry.",
            deps=["segment_model"],
            kinds={"huggingface", "duckdb"},
        ),
        dg.AssetSpec(
            "audience_primitives",
            description="Each ad's audiences: facts that no network owns, and their words.",
            deps=["clusters", "profiles"],
            kinds={"duckdb"},
        ),
    ],
    partitions_def=teams,
    name="fit_and_assign",  # a job is called segments, and Dagster wants one owner of a name
)
def segments(context: dg.AssetExecutionContext, outside: Outside) -> Iterator[dg.MaterializeResult]:
    """Fit a team's texts, or assign a small team to the reference model, and read every ad."""
    from assets.gates import require
    from assets.persons.sweeping import sweep
    from assets.segmentation.team import segment_team

    require(outside.warehouse, context.partition_key, "no_contact_data", "unit_vectors")
    tables, picture = segment_team(
        context.partition_key, outside, context.log.info, outside.segmentation, progress.get()
    )
    for name in FIT:
        for table, rows in tables.items():
            if table in (name, f"resume_{name}"):
                data = frame(rows, table)
                outside.warehouse.replace(table, data, {"team_id": context.partition_key})
        if name == "clusters":  # with which the last rows of persons are written
            sweep(outside)
        kept = name not in tables
        metadata: dict = (
            {"kept": True} if kept else {"dagster/partition_row_count": len(tables[name])}
        )
        if name == "reduced_vectors" and picture:
            metadata["map"] = dg.MetadataValue.md(picture)
        # Plans are compiled anew only when what they are compiled from has changed.
        arms = version(tables[name]) if name == "audience_primitives" else None
        yield dg.MaterializeResult(asset_key=name, metadata=metadata, data_version=arms)
