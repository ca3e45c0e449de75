"""What starts by itself once switched on; all of it ships stopped."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from assets.publishing.assets import ad_reviews, due_ads, open_ends, posted_campaigns

posting = dg.define_asset_job(
    "posting", selection=[posted_campaigns], description="Post one ad from the ledger's state."
)


AGAIN_S = 15 * 60
"""What is still listed after this long is tried again, whatever became of the run before: it may
have failed before it left a trace in the ledger."""


def run_key(due: Sequence[Mapping[str, Any]], listed_at: float) -> str:
    """Of all that is due of one ad, listed at this time (seconds since 1970); new for a new plan,
    for a new attempt on any network, and every AGAIN_S. The ledger, not this key, prevents a
    double."""
    names = ("action", "job_id", "network", "account_id", "digest", "attempt")
    parts = sorted("|".join(str(d[name]) for name in names) for d in due)
    parts.append(str(int(listed_at // AGAIN_S)))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dg.asset_sensor(
    asset_key=due_ads.key,
    job=posting,
    default_status=dg.DefaultSensorStatus.STOPPED,
    minimum_interval_seconds=30,
)
def posting_sensor(
    context: dg.SensorEvaluationContext, asset_event: dg.EventLogEntry
) -> dg.SensorResult:
    """One run for each ad of the newest list."""
    materialization = asset_event.asset_materialization
    listed = materialization.metadata.get("due") if materialization else None
    due = list(listed.value) if listed is not None and isinstance(listed.value, list) else []
    by_ad: dict[str, list[Mapping[str, Any]]] = {}
    for d in due:
        by_ad.setdefault(d["job_id"], []).append(d)
    requests = [
        dg.RunRequest(
            run_key=run_key(mine, asset_event.timestamp),
            partition_key=job_id,
            tags={
                "jobads/networks": ",".join(sorted({d["network"] for d in mine})),
                "jobads/team": mine[0]["team_id"],
            },
        )
        for job_id, mine in by_ad.items()
    ]
    return dg.SensorResult(run_requests=requests)


watching = dg.define_asset_job(
    "watching",
    selection=[ad_reviews, open_ends],
    description="Read reviews, and move on the ends of open-ended ads.",
)


@dg.schedule(job=watching, cron_schedule="10 * * * *", execution_timezone="UTC")
def hourly_watch(_: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Every hour: a review ends within minutes or days, and nobody tells us."""
    return dg.RunRequest()
