"""What starts by itself once switched on; all of it ships stopped."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.publishing.assets import due_ads, posted_campaigns

posting = dg.define_asset_job(
    "posting", selection=[posted_campaigns], description="Post one ad from the ledger's state."
)


def run_key(due: Mapping[str, Any]) -> str:
    """New for a new plan and for a new attempt; the ledger, not this key, prevents a double."""
    parts = (
        due["action"],
        due["job_id"],
        due["network"],
        due["account_id"],
        due["digest"],
        str(due["attempt"]),
    )
    return "|".join(parts)


@dg.asset_sensor(
    asset_key=due_ads.key, job=posting, default_status=dg.DefaultSensorStatus.STOPPED,
    minimum_interval_seconds=30,
)  # fmt: skip
def posting_sensor(
    context: dg.SensorEvaluationContext, asset_event: dg.EventLogEntry
) -> dg.SensorResult:
    """One run for each ad of the newest list."""
    materialization = asset_event.asset_materialization
    listed = materialization.metadata.get("due") if materialization else None
    due = list(listed.value) if listed is not None and isinstance(listed.value, list) else []
    requests = [
        dg.RunRequest(
            run_key=run_key(d), partition_key=d["job_id"],
            tags={"jobads/network": d["network"], "jobads/team": d["team_id"]},
        )
        for d in due
    ]  # fmt: skip
    return dg.SensorResult(run_requests=requests)
