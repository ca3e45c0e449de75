"""From primitives to posted campaigns. What is posted is decided by the ledger alone."""

import dagster as dg

from assets.intake import frame
from assets.outside import Outside
from assets.partitions import ads


@dg.asset(deps=["audience_primitives", "job_ads"], kinds={"duckdb", "meta"})
def audience_plans(context: dg.AssetExecutionContext, outside: Outside) -> dg.MaterializeResult:
    """Compiled payloads with proof for every ad of a team with an account; people accept them."""
    from assets.publishing.drafting import plan_rows
    from assets.publishing.teams import draft_team
    from domain.errors import NotFound

    rows, refused, waiting = [], 0, []
    for team in outside.store.teams():
        try:
            plans, refusals = draft_team(team, outside)
        except NotFound:
            waiting.append(team.name)
            continue
        rows += plan_rows(plans)
        refused += len(refusals)
        for job_id, reason in refusals:
            context.log.warning(f"{job_id}: {reason}")
    count = outside.warehouse.replace("audience_plans", frame(rows, "audience_plans"), {})
    return dg.MaterializeResult(
        metadata={"dagster/row_count": count, "refused": refused, "without_account": waiting}
    )


@dg.asset(deps=["operations_store", audience_plans], kinds={"sqlite"})
def due_ads(context: dg.AssetExecutionContext, outside: Outside) -> dg.MaterializeResult:
    """Every accepted plan that is due and not fully posted, and every ad that should be off a
    network and is not, read from the ledger: a lost event or cursor is healed by the next list."""
    now = outside.now()
    found = [("post", d) for d in outside.store.due(now)]
    found += [("take off", d) for d in outside.store.stale(now)]
    rows = [
        {
            "team_id": d.team_id, "job_id": d.job_id, "network": str(d.network),
            "account_id": d.account_id, "action": action, "digest": d.digest,
            "attempt": d.attempt, "listed_at": now,
        }
        for action, d in found
    ]  # fmt: skip
    outside.warehouse.replace("due_ads", frame(rows, "due_ads"), {})
    context.instance.add_dynamic_partitions(str(ads.name), [row["job_id"] for row in rows])
    listed = [{k: v for k, v in row.items() if k != "listed_at"} for row in rows]
    return dg.MaterializeResult(
        metadata={"dagster/row_count": len(rows), "due": dg.MetadataValue.json(listed)}
    )


@dg.asset(deps=[due_ads], partitions_def=ads, kinds={"meta", "duckdb"})
def posted_campaigns(context: dg.AssetExecutionContext, outside: Outside) -> dg.MaterializeResult:
    """Bring one ad to what its accepted plan says, or take it off where it should not be any more.
    The ledger is read first, so running it again posts nothing twice."""
    from assets.publishing.teams import post_job, retire_stale

    job_id = context.partition_key
    retired = retire_stale(outside, job_id)
    reports = post_job(job_id, outside, context.log.info)
    slots = [slot for report in reports for slot in report.slots]
    return dg.MaterializeResult(
        metadata={
            "created": sum(r.created for r in reports),
            "adopted": sum(r.adopted for r in reports),
            "taken_off": len(retired),
            "states": dg.MetadataValue.json({s.arm: str(s.state) for s in slots}),
        }
    )
