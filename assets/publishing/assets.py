"""From primitives to posted campaigns. What is posted is decided by the ledger alone."""

from functools import partial
from typing import TYPE_CHECKING

import dagster as dg

from assets.intake import frame, version
from assets.outside import Outside
from assets.partitions import ads
from assets.retries import retried

if TYPE_CHECKING:
    from resources.operations.records import Team

NETWORKS = ("meta", "x", "google")


@dg.asset(kinds={"sqlite"})
def accounts(outside: Outside) -> dg.MaterializeResult:
    """A look at which accounts the teams are connected to: its data version changes when one is
    connected, removed or refused, since plans are compiled for it; and every hour while compiling
    fails with something that may pass. Nothing is copied."""
    from assets.publishing.isolation import ACCOUNT

    rows: list[dict] = [
        {"team": str(team.id), "network": held.network, "account": held.account_id,
         "status": held.status}
        for team in outside.store.teams()
        for held in outside.store.connections(team.id)
    ]  # fmt: skip
    metadata = {"accounts": len(rows)}
    hour = f"{outside.now():%Y-%m-%dT%H}"
    rows += [
        {**note.subject._asdict(), "hour": hour}
        for note in outside.store.notes()
        if note.passes and note.subject.stage in (ACCOUNT, "planning")
    ]
    return dg.MaterializeResult(data_version=version(rows), metadata=metadata)


@dg.asset(deps=["audience_primitives", "job_ads", accounts], kinds={"duckdb", *NETWORKS})
def audience_plans(context: dg.AssetExecutionContext, outside: Outside) -> dg.MaterializeResult:
    """Compiled payloads with proof for every ad of a team with an account; people accept them."""
    from assets.gates import require
    from assets.publishing.drafting import Refusal, plan_rows
    from assets.publishing.isolation import Isolation
    from assets.publishing.teams import draft_team
    from domain.plan import Plan

    def drafted(team: "Team") -> tuple[list[Plan], list[Refusal]]:
        require(outside.warehouse, str(team.id), "silhouettes_in_range", "shares_sum_to_one")
        return draft_team(team, outside, guard)

    rows, refused, waiting = [], 0, []
    with retried(context), Isolation(outside, "planning") as guard:
        for team in outside.store.teams():
            if not outside.store.connections(team.id):
                waiting.append(team.name)
                continue
            made = guard.attempt(partial(drafted, team), team_id=str(team.id))
            plans, refusals = made or ([], [])
            rows += plan_rows(plans)
            refused += len(refusals)
        count = outside.warehouse.replace("audience_plans", frame(rows, "audience_plans"), {})
    for failure in guard.failures:
        context.log.warning(str(failure))
    return dg.MaterializeResult(
        metadata={"dagster/row_count": count, "refused": refused, "without_account": waiting,
                  **guard.metadata()}
    )  # fmt: skip


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
    # An ad that is due on several networks is one partition, and Dagster takes no name twice.
    context.instance.add_dynamic_partitions(str(ads.name), sorted({d.job_id for _, d in found}))
    listed = [{k: v for k, v in row.items() if k != "listed_at"} for row in rows]
    return dg.MaterializeResult(
        metadata={"dagster/row_count": len(rows), "due": dg.MetadataValue.json(listed)}
    )


@dg.asset(deps=[due_ads], partitions_def=ads, kinds={"duckdb", *NETWORKS})
def posted_campaigns(context: dg.AssetExecutionContext, outside: Outside) -> dg.MaterializeResult:
    """Bring one ad to what its accepted plan says, or take it off where it should not be any more.
    The ledger is read first, so running it again posts nothing twice."""
    from assets.publishing.teams import post_job, retire_stale

    job_id = context.partition_key
    said: list[str] = []
    with retried(context):
        taken = retire_stale(outside, job_id)
        try:
            reports = post_job(job_id, outside, said.append)
        finally:  # one event: each costs as much as a request
            context.log.info("\n".join(said) or "nothing was due")
            for d, error in taken.unconfirmed:
                context.log.error(f"{d.network}: not taken off: {error}")
        if taken.unconfirmed:
            raise taken.unconfirmed[0][1]
    slots = [(r.network, slot) for r in reports for slot in r.slots]
    return dg.MaterializeResult(
        metadata={
            "created": sum(r.created for r in reports),
            "adopted": sum(r.adopted for r in reports),
            "taken_off": len(taken.off),
            "states": dg.MetadataValue.json({f"{n} {s.arm}": str(s.state) for n, s in slots}),
        }
    )


# Any ad may have news.
EVERY_AD = dg.AssetDep(posted_campaigns, partition_mapping=dg.AllPartitionMapping())


@dg.asset(deps=[EVERY_AD], kinds={"duckdb", *NETWORKS})
def ad_reviews(context: dg.AssetExecutionContext, outside: Outside) -> dg.MaterializeResult:
    """What each network's review says of every posted arm, in its own words."""
    from assets.publishing.isolation import Isolation
    from assets.publishing.watching import read_reviews

    with retried(context), Isolation(outside, "review") as guard:
        rows = read_reviews(outside, guard)
        count = outside.warehouse.replace("ad_reviews", frame(rows, "ad_reviews"), {})
    for failure in guard.failures:
        context.log.warning(str(failure))
    disapproved = sum(row["review"] == "disapproved" for row in rows)
    return dg.MaterializeResult(
        metadata={"dagster/row_count": count, "disapproved": disapproved, **guard.metadata()}
    )


@dg.asset(deps=[EVERY_AD], kinds={"duckdb", "x"})
def open_ends(context: dg.AssetExecutionContext, outside: Outside) -> dg.MaterializeResult:
    """The ends of what runs for open-ended ads, each moved on to 30 days from today."""
    from assets.publishing.isolation import Isolation
    from assets.publishing.watching import extend_ends

    with retried(context), Isolation(outside, "end") as guard:
        rows = extend_ends(outside, guard)
        count = outside.warehouse.replace("open_ends", frame(rows, "open_ends"), {})
    for failure in guard.failures:
        context.log.warning(str(failure))
    return dg.MaterializeResult(metadata={"dagster/row_count": count, **guard.metadata()})
