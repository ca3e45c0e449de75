"""From primitives to posted campaigns. What is posted is decided by the ledger alone."""

import dagster as dg

from assets.intake import version
from assets.outside import House, Outside
from assets.partitions import ads, teams
from assets.resources import Clock, Networks
from assets.retries import retried
from domain.plain_text import plain
from domain.platform import Network
from resources.operations.store import OperationsStore
from resources.warehouse.ducklake import Warehouse
from resources.warehouse.tables import frame

NETWORKS = tuple(map(str, Network))
SECOND_CHECKER = "plans_pass_the_second_checker"


@dg.asset(kinds={"sqlite"})
def accounts(
    store: dg.ResourceParam[OperationsStore], clock: dg.ResourceParam[Clock]
) -> dg.MaterializeResult:
    """A look at which accounts the teams are connected to: its data version changes when one is
    connected, removed or refused, since plans are compiled for it; and every hour while compiling
    fails with something that may pass. Nothing is copied."""
    from assets.isolation import ACCOUNT

    rows: list[dict] = [
        {
            "team": str(team.id),
            "network": held.network,
            "account": held.account_id,
            "status": held.status,
        }
        for team in store.teams.all()
        for held in store.connections.of_team(team.id)
    ]
    metadata = {"accounts": len(rows)}
    hour = f"{clock.now():%Y-%m-%dT%H}"
    rows += [
        {**note.subject._asdict(), "hour": hour}
        for note in store.notes.read()
        if note.passes and note.subject.stage in (ACCOUNT, "planning")
    ]
    return dg.MaterializeResult(data_version=version(rows), metadata=metadata)


@dg.asset(
    deps=["audience_primitives", "job_ads", accounts],
    partitions_def=teams,
    kinds={"duckdb", *NETWORKS},
    check_specs=[
        # The plan is withheld and its ad told why, so there is nothing left to block.
        dg.AssetCheckSpec(
            SECOND_CHECKER,
            asset="audience_plans",
            description="The checker that shares no rule with the compiler accepts every body of "
            "every plan; one that it refuses is not stored as a plan.",
        )
    ],
)
def audience_plans(
    context: dg.AssetExecutionContext,
    store: dg.ResourceParam[OperationsStore],
    warehouse: dg.ResourceParam[Warehouse],
    networks: dg.ResourceParam[Networks],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """Compiled payloads with proof for every ad of a team with an account; people accept them.
    Only those whose inputs have changed are compiled anew."""
    from assets.gates import require
    from assets.isolation import Isolation
    from assets.publishing.planning.planner import plan_team

    outside = Outside(store, warehouse, clock, networks)
    team = store.teams.get(context.partition_key)
    require(warehouse, str(team.id), "silhouettes_in_range", "shares_sum_to_one")
    with retried(context), Isolation(store, "planning", networks.settings) as guard:
        done = plan_team(team, outside, guard)
    for failure in guard.failures:
        context.log.warning(plain(failure))
    check = dg.AssetCheckResult(
        check_name=SECOND_CHECKER,
        passed=not done.disputed,
        metadata={"refused": [*map(plain, done.disputed[:20])]},
    )
    return dg.MaterializeResult(
        check_results=[check],
        metadata={
            "compiled": done.compiled,
            "refused": done.refused,
            "unchanged": done.unchanged,
            "removed": done.removed,
            **guard.metadata(),
        },
    )


@dg.asset(
    deps=[
        "operations_store",
        dg.AssetDep(audience_plans, partition_mapping=dg.AllPartitionMapping()),
    ],
    kinds={"sqlite"},
)
def due_ads(
    context: dg.AssetExecutionContext,
    store: dg.ResourceParam[OperationsStore],
    warehouse: dg.ResourceParam[Warehouse],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """Every accepted plan that is due and not fully posted, and every ad that should be off a
    network and is not, read from the ledger: a lost event or cursor is healed by the next list."""
    from assets.publishing.caps import due

    now = clock.now()
    ready, held = due(House(store, warehouse, clock))
    for d, error in held:
        context.log.warning(plain(f"{d.job_id} {d.network}: {error}"))
    found = [("post", d) for d in ready]
    found += [("take off", d) for d in store.schedule.stale(now)]
    rows = [
        {
            "team_id": d.team_id,
            "job_id": d.job_id,
            "network": str(d.network),
            "account_id": d.account_id,
            "action": action,
            "digest": d.digest,
            "attempt": d.attempt,
            "listed_at": now,
        }
        for action, d in found
    ]
    warehouse.replace("due_ads", frame(rows, "due_ads"), {})
    # An ad that is due on several networks is one partition, and Dagster takes no name twice.
    context.instance.add_dynamic_partitions(str(ads.name), sorted({d.job_id for _, d in found}))
    listed = [{k: v for k, v in row.items() if k != "listed_at"} for row in rows]
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(rows),
            "due": dg.MetadataValue.json(listed),
            "held_by_caps": len(held),
        }
    )


@dg.asset(deps=[due_ads], partitions_def=ads, kinds={"duckdb", *NETWORKS})
def posted_campaigns(
    context: dg.AssetExecutionContext,
    store: dg.ResourceParam[OperationsStore],
    warehouse: dg.ResourceParam[Warehouse],
    networks: dg.ResourceParam[Networks],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """Bring one ad to what its accepted plan says, or take it off where it should not be any more.
    The ledger is read first, so running it again posts nothing twice."""
    from assets.publishing.service import post_job, record, retire_stale

    outside = Outside(store, warehouse, clock, networks)
    job_id = context.partition_key
    said: list[str] = []
    with retried(context):
        taken = retire_stale(outside, job_id)
        try:
            taken.raise_fault()
            reports = post_job(job_id, outside, said.append)
        finally:  # one event: each costs as much as a request
            context.log.info("\n".join(map(plain, said)) or "nothing was due")
            for d, error in taken.unconfirmed:
                context.log.error(plain(f"{d.network}: not taken off: {error}"))
            record(taken.off, outside)
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
def ad_reviews(
    context: dg.AssetExecutionContext,
    store: dg.ResourceParam[OperationsStore],
    warehouse: dg.ResourceParam[Warehouse],
    networks: dg.ResourceParam[Networks],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """What each network's review says of every posted arm, in its own words."""
    from assets.isolation import Isolation
    from assets.publishing.monitoring import read_reviews

    outside = Outside(store, warehouse, clock, networks)
    with retried(context), Isolation(store, "review", networks.settings) as guard:
        rows = read_reviews(outside, guard)
        count = warehouse.replace("ad_reviews", frame(rows, "ad_reviews"), {})
    for failure in guard.failures:
        context.log.warning(plain(failure))
    disapproved = sum(row["review"] == "disapproved" for row in rows)
    return dg.MaterializeResult(
        metadata={"dagster/row_count": count, "disapproved": disapproved, **guard.metadata()}
    )


@dg.asset(deps=[EVERY_AD], kinds={"duckdb", "x"})
def open_ends(
    context: dg.AssetExecutionContext,
    store: dg.ResourceParam[OperationsStore],
    warehouse: dg.ResourceParam[Warehouse],
    networks: dg.ResourceParam[Networks],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """The ends of what runs for open-ended ads, each moved on to 30 days from today."""
    from assets.isolation import Isolation
    from assets.publishing.monitoring import extend_ends

    outside = Outside(store, warehouse, clock, networks)
    with retried(context), Isolation(store, "end", networks.settings) as guard:
        rows = extend_ends(outside, guard)
        count = warehouse.replace("open_ends", frame(rows, "open_ends"), {})
    for failure in guard.failures:
        context.log.warning(plain(failure))
    return dg.MaterializeResult(metadata={"dagster/row_count": count, **guard.metadata()})
