"""What the networks say it cost, day by day."""

from datetime import date, timedelta

import dagster as dg

from assets.outside import Outside
from assets.partitions import FIRST_DAY, days
from assets.publishing.assets import NETWORKS
from assets.resources import Clock, Networks
from assets.retries import retried, try_again
from domain.plain_text import plain
from resources.operations.store import OperationsStore
from resources.warehouse.ducklake import Warehouse
from resources.warehouse.tables import frame

RESTATED_DAYS = 28
"""Networks attribute a click's result to its day for up to four weeks, so old days change."""


@dg.asset(
    # Any ad may have spent on any day.
    deps=[dg.AssetDep("posted_campaigns", partition_mapping=dg.AllPartitionMapping())],
    partitions_def=days,
    kinds={"duckdb", *NETWORKS},
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def performance_log(
    context: dg.AssetExecutionContext,
    store: dg.ResourceParam[OperationsStore],
    warehouse: dg.ResourceParam[Warehouse],
    networks: dg.ResourceParam[Networks],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """Impressions, clicks, applies and spend of each arm and day, as known today; ads that could
    pass a total cap before the next numbers come are paused."""
    from assets.isolation import Isolation
    from assets.performance.reports import pull
    from assets.publishing.monitoring import keep_caps

    outside = Outside(store, warehouse, clock, networks)
    window = context.partition_time_window
    since, until = window.start.date(), window.end.date() - timedelta(days=1)
    with retried(context):
        with Isolation(store, "numbers", networks.settings) as asked:
            count = pull(outside, since, until, clock.now().date(), frame, asked)
        # Also when an account's numbers are missing.
        with Isolation(store, "caps", networks.settings) as guard:
            paused = keep_caps(outside, guard)
    for line in (*paused, *asked.failures, *guard.failures):
        context.log.warning(plain(line))
    try_again(context, (failure.error for failure in asked.failures))
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": count,
            "paused_by_caps": len(paused),
            **asked.metadata(),
            "caps_not_kept": len(guard.failures),
        }
    )


pulling = dg.define_asset_job("performance", selection=[performance_log])


@dg.schedule(job=pulling, cron_schedule="30 5 * * *", execution_timezone="UTC")
def daily_pull(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Every day anew for the whole window that may still be restated."""
    today = context.scheduled_execution_time.date()
    return dg.RunRequest(tags=window_tags(today))


def window_tags(until: date) -> dict[str, str]:
    """Tags that make one run of the restatement window up to `until`."""
    first = max(until - timedelta(days=RESTATED_DAYS), date.fromisoformat(FIRST_DAY))
    return {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": until.isoformat(),
    }
