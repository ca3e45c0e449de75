"""Every night what has been kept long enough goes."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from assets.outside import Persons
from assets.partitions import teams
from assets.resources import Clock, Encoder
from resources.operations.store import OperationsStore
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse


@dg.asset(kinds={"sqlite", "duckdb"})
def retention(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    store: dg.ResourceParam[OperationsStore],
    warehouse: dg.ResourceParam[Warehouse],
    encoder: dg.ResourceParam[Encoder],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """Forget persons, vectors, numbers and runs by the classes of taxonomy/retention.yaml, and
    finish erasures that were killed."""
    from assets.persons.retention_run import retain
    from resources.files.retention_rules import load_retention

    rules = load_retention(settings.home)
    counts = retain(Persons(store, warehouse, clock, settings, encoder), rules)
    if before := rules["dagster_runs"].before(clock.now()):
        counts["dagster_runs"] = drop_runs(context.instance, settings, before)
    return dg.MaterializeResult(metadata=counts)


def drop_runs(instance: dg.DagsterInstance, settings: Settings, before: datetime) -> int:
    """Delete ended runs that were created before, with their events and logs, but for the newest of
    each asset and of each team's fit."""
    from resources.dagster_scrubbing import drop_run

    kept, dropped = set(_newest(instance)), 0
    for run_id in _ended(instance, before):
        if run_id in kept:
            continue
        instance.delete_run(run_id)
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        drop_run(settings.home / "dagster", run_id)
        dropped += 1
    return dropped


def _ended(instance: dg.DagsterInstance, before: datetime) -> list[str]:
    done = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    chosen = dg.RunsFilter(statuses=done, created_before=before.astimezone(UTC))
    return [run.run_id for run in instance.get_runs(filters=chosen)]


def _newest(instance: dg.DagsterInstance) -> Iterator[str]:
    """Runs that Dagster reads data versions from."""
    for key in instance.all_asset_keys():
        for partition in [None, *instance.get_dynamic_partitions(str(teams.name))]:
            which = dg.AssetRecordsFilter(
                asset_key=key, asset_partitions=[partition] if partition else None
            )
            for record in instance.fetch_materializations(which, limit=1).records:
                yield record.run_id
