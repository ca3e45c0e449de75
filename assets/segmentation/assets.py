"""From texts to audience primitives, one partition for each team."""

from collections.abc import Iterator

import dagster as dg

from assets.intake import job_ads, resumes
from assets.partitions import teams
from assets.progress import progress
from assets.resources import Clock, Encoder, Models
from domain.plain_text import plain
from resources.operations.store import OperationsStore
from resources.warehouse.ducklake import Warehouse

FIT = ("segment_model", "reduced_vectors", "clusters", "profiles", "audience_primitives")


@dg.asset(deps=[job_ads, resumes], kinds={"pytorch", "duckdb"})
def embeddings(
    store: dg.ResourceParam[OperationsStore],
    warehouse: dg.ResourceParam[Warehouse],
    encoder: dg.ResourceParam[Encoder],
) -> dg.MaterializeResult:
    """One vector for each distinct text, whoever's it is; known texts are not encoded again."""
    from assets.gates import faults
    from assets.persons.sweep import sweep
    from assets.refresh import content_version
    from assets.segmentation.model.stored_vectors import refresh_vectors

    sweep(store, warehouse, encoder)  # vectors that lose their row here must have left the cache
    # A team whose texts show contact data waits until they are mended.
    barred = list(faults(warehouse, "no_contact_data"))
    encoded = 0
    for source in ("job_ads", "resumes"):
        encoded += refresh_vectors(source, warehouse, encoder, progress.get(), barred)
    sweep(store, warehouse, encoder)
    total = warehouse.sql("SELECT count(*) AS n FROM embeddings").item()
    known = (
        "SELECT content_hash, model FROM embeddings UNION ALL "
        "SELECT content_hash, model FROM resume_embeddings"
    )
    return dg.MaterializeResult(
        data_version=dg.DataVersion(content_version(warehouse, known)),
        metadata={"dagster/row_count": total, "newly_encoded": encoded},
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
def segments(
    context: dg.AssetExecutionContext,
    store: dg.ResourceParam[OperationsStore],
    warehouse: dg.ResourceParam[Warehouse],
    encoder: dg.ResourceParam[Encoder],
    models: dg.ResourceParam[Models],
    clock: dg.ResourceParam[Clock],
) -> Iterator[dg.MaterializeResult]:
    """Fit a team's texts, or assign a small team to the reference model, and read every ad."""
    from assets.gates import require
    from assets.persons.sweep import sweep
    from assets.refresh import content_version
    from assets.segmentation.team_tables import World, segment_team, write

    team = context.partition_key
    require(warehouse, team, "no_contact_data", "unit_vectors")
    found = segment_team(
        team,
        World(warehouse, models, clock),
        lambda line: context.log.info(plain(line)),
        models.numbers,
        progress.get(),
    )
    for name in FIT:
        for table in (name, f"resume_{name}"):
            if table in found.tables:
                write(table, found, warehouse, team)
        if name == "clusters":  # with which the last rows of persons are written
            sweep(store, warehouse, encoder)
        metadata: dict = {"kept": True}
        if name in found.tables:
            metadata = {"written": len(found.tables[name]), "kept": name in found.removed}
        if name == "reduced_vectors" and found.picture:
            metadata["map"] = dg.MetadataValue.md(found.picture)
        # Plans are looked at again only when what they are compiled from has changed.
        arms = f"SELECT job_id, arm, fingerprint FROM audience_primitives WHERE team_id = '{team}'"
        version = content_version(warehouse, arms) if name == "audience_primitives" else None
        yield dg.MaterializeResult(
            asset_key=name,
            metadata=metadata,
            data_version=dg.DataVersion(version) if version is not None else None,
        )
