"""The main job on the bundled sample: from real vacancies to what their campaigns cost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from assets.publishing.planning.stored_plans import stored_plans
from domain.errors import NotFound
from domain.lifecycle import AdStatus
from domain.networks import DEFAULT_NETWORK, FACTS
from domain.plan import Plan
from jobads.graph import Graph
from jobads.twins import Twins, asked
from resources.files.bundled import ROOT
from resources.files.job_ads import read_job_ads
from resources.files.resumes import read_resumes
from resources.operations.records import Team
from resources.operations.store import OperationsStore
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse

SAMPLE = ROOT / "data" / "sample"
TEAM = "Magneto"
# Account, token and user of each sandbox network, worth nothing elsewhere.
ACCOUNTS = {
    network: (facts.sandbox.account, facts.sandbox.token, facts.sandbox.user)
    for network, facts in FACTS.items()
}
PER_SEGMENT = 2
"""Ads of each segment that the demo accepts and posts."""
RULE = f"demo: the first {PER_SEGMENT} ads of each segment"
SYNTHETIC = "the sample's résumés are synthetic: made from task statements, of no person"
DAYS = 14
"""Days that the demo moves the simulated clock."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What the demo did this time; all zero when it had been run before."""

    team: Team
    warehouse: Warehouse
    imported: int
    accepted: int
    posted: int
    encoded: int


def run(settings: Settings, twins: Twins, say: Say) -> Done:
    """Idempotent: what is imported, encoded, accepted and posted already stays as it is."""
    graph = Graph(settings, twins.env)
    store, warehouse = graph.opened["store"], graph.opened["warehouse"]
    team = _team(store)
    say("reading the sample")
    imported = _load(store, team)
    graph.add_partition("teams", str(team.id))
    say("reading and encoding texts")
    graph.run("texts")
    say("segmenting")
    graph.run("segments", str(team.id))
    say("compiling plans")
    graph.run("planning", str(team.id))
    plans = chosen(warehouse, str(team.id))
    fresh = not store.ledger.slots(str(team.id))
    if fresh:
        # Delivery needs days; the networks' clock starts in the past and is let run to now.
        _clock(twins, datetime.now(UTC) - timedelta(days=DAYS))
    accepted = sum(_accept(store, plan) for plan in plans)
    say(f"accepted {accepted} plans ({RULE}); posting")
    graph.run("listing")
    posted = graph.tick()
    say(f"letting {DAYS} days pass on the sandbox networks")
    _clock(twins, datetime.now(UTC))
    say("pulling the numbers")
    _pull(graph)
    return Done(team, warehouse, imported, accepted, posted, _encoded(graph))


def _team(store: OperationsStore) -> Team:
    try:
        team = store.teams.get(TEAM)
    except NotFound:
        team = store.teams.add(TEAM, "magneto.example", "USD", "Magneto", "Magneto")
    known = {c.network for c in store.connections.of_team(team.id)}
    for network, (account, token, user) in ACCOUNTS.items():
        if network not in known:
            store.connections.connect(team.id, network, account, token=token, platform_user_id=user)
    return team


def _load(store: OperationsStore, team: Team) -> int:
    ads = read_job_ads(
        SAMPLE / "job_ads.csv",
        team,
        user_id=store.teams.system_user(team.id),
        now=datetime.now(UTC),
    )
    saved = store.ads.save_drafts(team.id, ads.good)
    store.resumes.save(team.id, read_resumes(SAMPLE / "resumes.jsonl").good)
    if store.lawful_bases.in_force(team.id) is None:
        store.lawful_bases.set(team.id, SYNTHETIC, "jobads demo")
    return saved.new


def chosen(warehouse: Warehouse, team_id: str) -> list[Plan]:
    """Plans of the first ads of each segment, on every network. The first are those of the least
    content hash: a second demo takes the same, whatever their ids."""
    first = warehouse.sql(
        "SELECT job_id FROM (SELECT DISTINCT team_id, job_id FROM audience_plans) "
        "JOIN (SELECT DISTINCT team_id, job_id, cluster_key FROM audience_primitives) AS a "
        "USING (team_id, job_id) JOIN job_ads AS j USING (team_id, job_id) WHERE team_id = ? "
        "QUALIFY dense_rank() OVER (PARTITION BY a.cluster_key ORDER BY j.content_hash, job_id) "
        f"<= {PER_SEGMENT} ORDER BY j.content_hash, job_id",
        [team_id],
    )["job_id"].to_list()
    place = {job_id: number for number, job_id in enumerate(first)}
    plans = stored_plans(
        warehouse.sql, "p.team_id = ? AND p.job_id IN (SELECT unnest(?))", [team_id, first]
    )
    return sorted(plans, key=lambda plan: (place[plan.job_id], plan.network))


def _accept(store: OperationsStore, plan: Plan) -> bool:
    """Accept a plan and schedule its ad; a plan that a person sees unchanged is not asked again."""
    ad = store.ads.get(plan.team_id, plan.job_id)
    new = store.plans.accept(plan, ad_version=ad.version, rule=RULE)
    if ad.status == AdStatus.DRAFT:
        store.ads.set_status(plan.team_id, plan.job_id, AdStatus.SCHEDULED)
    return new


def _clock(twins: Twins, now: datetime) -> None:
    """Only the demo and the tests move the sandbox's clock, which all its networks share."""
    asked(twins.admin(DEFAULT_NETWORK), "clock", {"now": now.isoformat()})


def _pull(graph: Graph) -> None:
    from assets.performance.assets import window_tags

    graph.run("performance", tags=window_tags(datetime.now(UTC).date()))


def _encoded(graph: Graph) -> int:
    """Texts that this run's materialization of embeddings had to encode."""
    import dagster as dg

    event = graph.instance.get_latest_materialization_event(dg.AssetKey("embeddings"))
    found = event.asset_materialization if event else None
    value = found.metadata["newly_encoded"].value if found else 0
    return int(str(value))
