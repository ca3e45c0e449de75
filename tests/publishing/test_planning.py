"""A team's plans follow its ads: one is compiled anew when something that it is made of changed."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from assets.isolation import Isolation
from assets.publishing.planning import planner
from assets.publishing.planning.stored_plans import stored_plans
from assets.publishing.policy.files import load_policy
from domain.errors import NeedsReauth
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.platform import Account, Candidate, Mode, Network
from domain.primitives import BROAD, Arm, Evidence, Primitive, Primitives
from resources.files.job_ads import read_job_ads
from resources.operations.store import OperationsStore
from resources.security.vault import Vault
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse
from resources.warehouse.tables import TABLES

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HEAD = "title,description_short,target_url,platforms,budget_daily,schedule_start,location\n"


@dataclass
class Network_:
    """A network's account as planning asks for it; `dead` says that its token is."""

    network: Network
    currency: str = "EUR"
    interests: tuple[str, ...] = ("welding",)
    dead: bool = False
    place: str = "a1b2c3"
    asked: int = 0

    def verify(self, account_id: str) -> Account:
        if self.dead:
            raise NeedsReauth("the token is dead", where=str(self.network))
        ids = {"page": "1", "funding_instrument": "2", "promotable_user": "3"}
        return Account(account_id, self.currency, "Europe/Berlin", 100, Mode.SANDBOX, ids)

    def lookup(self, kind: str, query: Any) -> list[Candidate]:
        self.asked += 1
        if kind == "allowed_interests":
            return [Candidate(f"600{n}", name, "") for n, name in enumerate(self.interests)]
        return [Candidate(self.place, "Germany", "country", {"country_code": "DE"})]


@dataclass
class Images:
    def fetch(self, url: str | None) -> str:
        return "0" * 64 + ".png"


@dataclass
class World:
    """One team with two ads of one arm each, connected to Meta and X."""

    store: OperationsStore
    warehouse: Warehouse
    day: datetime = NOW
    policy: Any = field(default_factory=load_policy)
    images: Images = field(default_factory=Images)
    countries: tuple[str, ...] = ("DE",)
    settings: Any = field(default_factory=lambda: Settings.from_env({}))
    said: list[str] = field(default_factory=list)
    networks: dict[Network, Network_] = field(
        default_factory=lambda: {n: Network_(n) for n in Network}
    )

    def now(self) -> datetime:
        return self.day

    def platform(self, team_id: str, network: Network, account_id: str | None = None) -> Network_:
        return self.networks[network]

    @property
    def team(self):
        return self.store.teams.get("Acme")

    def plan(self) -> planner.PlanningReport:
        with Isolation(self.store, "planning", self.settings) as guard:
            done = planner.plan_team(self.team, self, guard)
        self.said = [str(failure) for failure in guard.failures]
        return done

    def arms(self, job_id: str, skill: str = "welding") -> None:
        said = Evidence("description", 0, len(skill), skill)
        facts = Primitives(skills_keywords=(Primitive("s:1", skill, 0.5, "text", (said,)),))
        arm = Arm(BROAD, 1, 0.0, 1.0, 1.0, facts, "always runs")
        row = dict.fromkeys(TABLES["audience_primitives"].columns) | {
            "team_id": str(self.team.id),
            "job_id": job_id,
            "arm": arm.arm,
            "rank": 1,
            "score": 0.0,
            "budget_share": 1.0,
            "propensity": 1.0,
            "reason": arm.reason,
            "labels": [],
            "primitives": json.dumps(facts.as_dict()),
            "fingerprint": skill,
        }
        self.warehouse.merge("audience_primitives", pl.DataFrame([row]))

    def plans(self) -> dict[tuple[str, str], str]:
        """Digest by ad's title and network."""
        plans = stored_plans(self.warehouse.sql, "p.team_id = ?", [str(self.team.id)])
        return {(plan.title, str(plan.network)): plan.digest for plan in plans}


@pytest.fixture
def world(tmp_path) -> World:
    store = OperationsStore(f"sqlite:///{tmp_path}/operations.db", vault=Vault(tmp_path / "key"))
    store.schema.migrate()
    team = store.teams.add("Acme", "a.example", "EUR", "Acme", "Acme")
    (tmp_path / "ads.csv").write_text(
        HEAD + "Welder,Welds steel frames,https://a.example/1,meta|x,20,2026-12-01T00:00:00Z,\n"
        "Baker,Bakes bread at night,https://a.example/2,meta|x,20,2026-12-01T00:00:00Z,\n"
    )
    found = read_job_ads(
        tmp_path / "ads.csv", team, user_id=store.teams.system_user(team.id), now=NOW
    )
    store.ads.save_drafts(team.id, found.good)
    for network in (Network.META, Network.X):
        store.connections.connect(
            team.id, network, f"acc-{network}", "token", platform_user_id="2000001"
        )
    world = World(store, Warehouse(tmp_path))
    for ad in store.ads.of_team(team.id):
        world.arms(str(ad.id))
    return world


def ad(world: World, title: str):
    return next(a for a in world.store.ads.of_team(world.team.id) if a.title == title)


def test_what_did_not_change_is_not_compiled_again(world):
    """Two ads on two networks make four plans once; a second run asks nobody where Berlin is."""
    first = world.plan()
    assert (first.compiled, first.refused, first.unchanged) == (4, 0, 0), world.said
    asked = {n: p.asked for n, p in world.networks.items()}
    again = world.plan()
    assert (again.compiled, again.unchanged, again.removed) == (0, 4, 0)
    assert world.networks[Network.X].asked == asked[Network.X]


def test_an_edit_compiles_its_own_ad_alone(world):
    """The baker's plans and their rows stay; the welder's have another digest and version."""
    world.plan()
    before, rows = world.plans(), world.warehouse.table("audience_plans")
    welder = ad(world, "Welder")
    world.store.ads.edit(world.team.id, welder.id, budget_daily=Money(3000, "EUR"))
    done = world.plan()
    assert (done.compiled, done.unchanged) == (2, 2)
    changed = {key for key, digest in world.plans().items() if digest != before[key]}
    assert changed == {("Welder", "meta"), ("Welder", "x")}
    now = world.warehouse.table("audience_plans")
    versions = dict(now.select("job_id", "ad_version").iter_rows())
    assert versions[str(welder.id)] == ad(world, "Welder").version
    baker = str(ad(world, "Baker").id)
    assert (
        now.filter(job_id=baker).sort("network").equals(rows.filter(job_id=baker).sort("network"))
    )


def interests(world: World) -> None:
    world.networks[Network.META].interests = ("welding", "steel")


def day(world: World) -> None:
    """A rule of the policy turns."""
    rules = world.policy.rules
    later = replace(rules.rules[0], until=NOW.date())
    world.policy = replace(world.policy, rules=replace(rules, rules=(later, *rules.rules[1:])))


def payer(world: World) -> None:
    world.store.teams.update(world.team.id, dsa_payer="Acme Holding")


def arms(world: World) -> None:
    for each in world.store.ads.of_team(world.team.id):
        world.arms(str(each.id), "steel")


@pytest.mark.parametrize(
    ("change", "compiled"), [(interests, 2), (payer, 4), (arms, 4), (day, None)]
)
def test_each_input_of_a_plan_makes_it_anew(world, change, compiled):
    """Interests concern Meta alone; payer, arms and rules every plan that they speak of."""
    world.plan()
    change(world)
    done = world.plan()
    assert done.compiled + done.refused == (compiled if compiled is not None else 4)
    assert world.plan().compiled == 0


def test_the_calendar_alone_compiles_nothing(world):
    """A new day on which no rule turns is no reason."""
    world.plan()
    world.day = NOW.replace(day=25)
    assert world.plan().unchanged == 4


def test_an_ad_that_may_not_run_is_told_once_and_mended(world):
    """Its refusal is stored with the reason, not compiled again, and gone with the next edit."""
    welder = ad(world, "Welder")
    world.store.ads.edit(world.team.id, welder.id, title="Welder, men only")
    done = world.plan()
    assert (done.compiled, done.refused) == (2, 2) and "shuts people out" in world.said[0]
    told = world.warehouse.table("refused_plans")
    assert set(told["job_id"]) == {str(welder.id)} and "men only" in told["reason"][0]
    assert world.plan().unchanged == 4
    world.store.ads.edit(world.team.id, welder.id, title="Welder")
    assert world.plan().compiled == 2 and world.warehouse.table("refused_plans").is_empty()


def test_a_dead_account_costs_the_others_nothing_and_keeps_its_plans(world):
    """Meta's token dies: X is planned with the same part of the money, Meta's plans stay."""
    world.plan()
    before = world.plans()
    world.networks[Network.META].dead = True
    world.store.ads.edit(
        world.team.id, ad(world, "Welder").id, description_short="Welds frames and doors"
    )
    done = world.plan()
    assert (done.compiled, done.unchanged, done.removed) == (1, 1, 0)
    assert len(world.said) == 1 and "acc-meta" in world.said[0]
    after = world.plans()
    assert after[("Welder", "meta")] == before[("Welder", "meta")]
    assert after[("Welder", "x")] != before[("Welder", "x")]


def test_plans_of_what_is_gone_go(world):
    """An archived ad, and a network taken off an ad, leave no plan behind."""
    world.plan()
    welder, baker = ad(world, "Welder"), ad(world, "Baker")
    world.store.ads.edit(world.team.id, baker.id, platforms=frozenset({Network.X}))
    world.store.ads.set_status(world.team.id, welder.id, AdStatus.ARCHIVED)
    done = world.plan()
    assert done.removed == 3 and world.plans().keys() == {("Baker", "x")}
    assert world.warehouse.table("audience_plan_arms")["job_id"].unique().to_list() == [
        str(baker.id)
    ]


def test_a_stored_plan_reads_back_as_the_very_same(world):
    """What a person accepts is what was compiled: every body, share and proof line."""
    with Isolation(world.store, "planning", world.settings) as guard:
        found = planner.compile_team(world.team, world, guard)
    made = {m.plan.digest: m.plan for m in found if m.plan}
    world.plan()
    plans = stored_plans(world.warehouse.sql, "p.team_id = ?", [str(world.team.id)])
    assert len(plans) == 4
    for plan in plans:
        assert plan == made[plan.digest]


def test_what_the_second_checker_refuses_is_no_plan(world):
    """X names a place by what is no id: nobody is asked to accept the plan, and it is told."""
    world.networks[Network.X].place = "anywhere; drop"
    done = world.plan()
    assert len(done.disputed) == 2 and all(" x: the second checker" in d for d in done.disputed)
    assert {network for _, network in world.plans()} == {"meta"}
