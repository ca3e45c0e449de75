"""What people wrote, as the warehouse sees it: ads, and résumés with personal data masked."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial

import dagster as dg

from assets.partitions import teams
from assets.resources import Encoder, Models
from domain.plain_text import plain
from resources.operations.store import OperationsStore
from resources.warehouse.ducklake import Warehouse


@dg.asset(kinds={"sqlite"})
def operations_store(
    context: dg.AssetExecutionContext, store: dg.ResourceParam[OperationsStore]
) -> dg.MaterializeResult:
    """A look at the operations store: its data version changes when anything in it does, and a new
    team gets its partition. Nothing is copied."""
    found = [str(team.id) for team in store.teams.all()]
    context.instance.add_dynamic_partitions(str(teams.name), found)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(store.projections.fingerprint()), metadata={"teams": len(found)}
    )


@dg.asset(deps=[operations_store], kinds={"sqlite", "duckdb"})
def job_ads(
    context: dg.AssetExecutionContext,
    store: dg.ResourceParam[OperationsStore],
    warehouse: dg.ResourceParam[Warehouse],
    models: dg.ResourceParam[Models],
) -> dg.MaterializeResult:
    """Every team's ads, plain and redacted; a projection of the operations store. A row that cannot
    be read is left out."""
    from assets.isolation import Isolation
    from assets.refresh import content_version, refresh
    from assets.segmentation.table_rows import job_ad_row

    wanted = _printed(store.projections.job_ads_stamps())

    def rows(keys: Sequence[tuple[str, ...]]) -> list[dict]:
        read = [
            guard.attempt(
                partial(job_ad_row, row, models.taxonomy.languages),
                team_id=row["team_id"],
                job_id=str(row["id"]),
            )
            for row in store.projections.job_ads(ids=[job_id for _, job_id in keys])
        ]
        return [row for row in read if row is not None]

    with Isolation(store, "reading") as guard:
        done = refresh(warehouse, "job_ads", wanted, rows)
    for failure in guard.failures:
        context.log.warning(plain(failure))
    # An ad that goes live or is paused reads as before: nothing downstream is computed anew. The
    # hash stands for the text.
    contents = (
        "SELECT * EXCLUDE (updated_at, fingerprint, text) REPLACE (status = 'archived' AS status) "
        "FROM job_ads"
    )
    return dg.MaterializeResult(
        data_version=dg.DataVersion(content_version(warehouse, contents)),
        metadata={
            "dagster/row_count": len(wanted),
            "changed": done.made,
            "removed": done.removed,
            **guard.metadata(),
        },
    )


@dg.asset(deps=[operations_store], kinds={"duckdb"})
def resumes(
    context: dg.AssetExecutionContext,
    store: dg.ResourceParam[OperationsStore],
    warehouse: dg.ResourceParam[Warehouse],
    encoder: dg.ResourceParam[Encoder],
    models: dg.ResourceParam[Models],
) -> dg.MaterializeResult:
    """Every team's résumés, redacted before anything else sees them, with the lawful basis that
    lets them be used. A team whose texts do not open, as when a key is missing, has none."""
    from assets.isolation import Isolation
    from assets.persons.sweep import sweep
    from assets.refresh import content_version, refresh
    from assets.segmentation.table_rows import resume_row

    bases = {}
    for team in store.teams.all():
        basis = store.lawful_bases.in_force(team.id)
        bases[str(team.id)] = basis.id if basis else None
    stamps = {key: f"{stamp} {bases[key[0]]}" for key, stamp in store.resumes.stamps().items()}
    wanted = _printed(stamps)

    def read(team: str, keys: Sequence[str]) -> list[dict]:
        made = [
            resume_row(team, k, text, bases[team]) for k, text in store.resumes.texts(team, keys)
        ]
        detect = models.taxonomy.languages.detect
        return [{**row, "language": detect(row["text"])} for row in made]

    def rows(keys: Sequence[tuple[str, ...]]) -> list[dict]:
        found: list[dict] = []
        for team in sorted({team for team, _ in keys}):
            own = [key for of, key in keys if of == team]
            found += guard.attempt(partial(read, team, own), team_id=team) or []
        return found

    with Isolation(store, "reading") as guard:
        done = refresh(warehouse, "resumes", wanted, rows)
    for failure in guard.failures:
        context.log.warning(plain(failure))
    # Someone may have been forgotten meanwhile, and old versions of texts go.
    sweep(store, warehouse, encoder)
    contents = "SELECT team_id, resume_key, content_hash, basis FROM resumes"
    return dg.MaterializeResult(
        data_version=dg.DataVersion(content_version(warehouse, contents)),
        metadata={
            "dagster/row_count": len(wanted),
            "changed": done.made,
            "removed": done.removed,
            **guard.metadata(),
        },
    )


def _printed(stamps: Mapping[tuple[str, str], str]) -> dict[tuple[str, ...], str]:
    """Fingerprints of rows that are read and redacted: of what the store says, and of the rules."""
    from resources.fingerprints import of, of_files

    rules = of_files("assets/segmentation", "resources/files", "taxonomy")
    return {key: of(rules, stamp) for key, stamp in stamps.items()}


def version(rows: list[dict]) -> dg.DataVersion:
    """The same for the same rows in whatever order."""
    lines = sorted(repr(sorted(row.items())) for row in rows)
    return dg.DataVersion(hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16])


@dg.asset(kinds={"duckdb"})
def warehouse_maintenance(warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult:
    """Merge small Parquet files, and delete those that no kept snapshot of a table needs."""
    files, size = warehouse.files()
    warehouse.maintain()
    left, bytes_left = warehouse.files()
    return dg.MaterializeResult(
        metadata={
            "files": left,
            "bytes": bytes_left,
            "fewer_files": files - left,
            "fewer_bytes": size - bytes_left,
        }
    )
