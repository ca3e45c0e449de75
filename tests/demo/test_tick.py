"""What one evaluation of the real sensor does on a home that the demo has filled."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
import requests

from domain.errors import JobadsError
from domain.lifecycle import AdStatus
from domain.plan import SHARED, Plan, slot_key
from domain.platform import AdPlatform, Network
from jobads import effects
from jobads.demo import ACCOUNTS
from jobads.graph import Graph
from jobads.twins import SPOKEN, Twins, twins
from resources.files.images import Images
from resources.operations.store import OperationsStore
from resources.platforms import connect
from resources.settings import Settings

ACCOUNT = ACCOUNTS[Network.META][0]


@dataclass(frozen=True)
class Bench:
    settings: Settings
    twins: Twins
    store: OperationsStore
    team: str

    def graph(self) -> Graph:
        return Graph(self.settings, self.twins.env)

    def plan(self, job_id: str) -> Plan:
        return self.store.plans.in_force(self.team, job_id, Network.META)

    def tick(self) -> int:
        graph = self.graph()
        graph.run("listing")
        return graph.tick()

    def platform(self) -> AdPlatform:
        connection = self.store.connections.get(self.team, Network.META)
        images = Images(self.settings.home / "images", self.settings.mode)
        settings = replace(
            self.settings, addresses={"JOBADS_META_URL": self.twins.admin(Network.META)}
        )
        return connect(connection, settings, images)

    def found(self, plan: Plan, kind: str, arm: str) -> list[str]:
        """Ids of the objects of one slot that the network knows, of any revision."""
        key = slot_key(plan.job_id, Network.META, ACCOUNT, arm)
        return list(self.platform().find(ACCOUNT, kind, key).ids)


@pytest.fixture
def bench(home, monkeypatch) -> Iterator[Bench]:
    settings = Settings.from_env({"JOBADS_HOME": str(home.path)})
    networks = [name for names in SPOKEN.values() for name in names]
    for name in ("JOBADS_HOME", "DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY", *networks):
        monkeypatch.setenv(name, "")  # what the graph sets is undone with it
    with twins(settings) as running:
        store = OperationsStore.open(settings)
        yield Bench(settings, running, store, str(store.teams.all()[0].id))


def dearer(plan: Plan) -> Plan:
    """The plan with a cent more a day for each arm."""
    arms = [
        replace(
            arm,
            bodies={
                **arm.bodies,
                "adset": {
                    **arm.bodies["adset"],
                    "daily_budget": arm.bodies["adset"]["daily_budget"] + 1,
                },
            },
        )
        for arm in plan.arms
    ]
    return replace(plan, arms=tuple(arms))


def with_room(bench: Bench, job_id: object) -> str:
    """Give an ad a cent more a day for each arm of each network; its version then."""
    budget = bench.store.ads.get(bench.team, job_id).budget_daily
    more = replace(budget, minor=budget.minor + 100)
    return bench.store.ads.edit(bench.team, job_id, budget_daily=more).version


def accept_new(bench: Bench) -> Plan:
    """Accept and schedule an ad that was a draft until now, by the words of a posted one."""
    model = bench.plan(posted(bench)[0])
    draft = bench.store.ads.of_team(bench.team, AdStatus.DRAFT)[0]
    plan = replace(model, job_id=str(draft.id), title=draft.title)
    bench.store.plans.accept(plan, ad_version=with_room(bench, draft.id), rule="test")
    bench.store.ads.set_status(bench.team, draft.id, AdStatus.SCHEDULED)
    return plan


def posted(bench: Bench) -> list[str]:
    return sorted({s.job_id for s in bench.store.ledger.slots(bench.team) if s.state == "active"})


def test_two_changed_plans_and_a_new_one_post_each_exactly_once(bench):
    """Three ads due in one tick: two at a new revision, one for the first time."""
    first, second = posted(bench)[:2]
    for job in (first, second):
        plan, version = dearer(bench.plan(job)), with_room(bench, job)
        assert bench.store.plans.accept(plan, ad_version=version, rule="test")
    plans = [bench.plan(first), bench.plan(second), accept_new(bench)]
    assert bench.tick() == 3
    for plan in plans:
        assert len(bench.found(plan, "campaign", SHARED)) == 1
        for arm in plan.arms:
            assert len(bench.found(plan, "adset", arm.arm)) == 1
            assert len(bench.found(plan, "ad", arm.arm)) == 1
    assert bench.tick() == 0


def test_losing_every_cursor_and_event_posts_nothing_twice_and_loses_nothing(bench):
    """With Dagster's own memory gone, the ledger alone says what is left: the one new ad."""
    before = posted(bench)
    shutil.rmtree(bench.settings.home / "dagster" / "storage", ignore_errors=True)
    shutil.rmtree(bench.settings.home / "dagster" / "history", ignore_errors=True)
    assert bench.tick() == 0
    plan = accept_new(bench)
    assert bench.tick() == 1
    assert posted(bench) == sorted([*before, plan.job_id])
    assert len(bench.found(plan, "campaign", SHARED)) == 1
    assert len(bench.found(bench.plan(before[0]), "campaign", SHARED)) == 1


def test_a_paused_ad_is_taken_off_by_the_next_tick_and_comes_back_when_resumed(bench):
    """What a person pauses stops on the network, confirmed by reading; resuming posts it again."""
    job = posted(bench)[0]
    plan = bench.plan(job)
    platform = bench.platform()
    (campaign,) = bench.found(plan, "campaign", SHARED)
    for status, seen in ((AdStatus.PAUSED, "PAUSED"), (AdStatus.LIVE, "ACTIVE")):
        bench.store.ads.set_status(bench.team, job, status)
        assert bench.tick() == 1
        assert platform.read("campaign", campaign).status == seen
        assert bench.tick() == 0


def test_a_withdrawn_plan_is_off_the_network_at_once_and_back_after_a_new_approval(
    bench, monkeypatch
):
    """Confirmed by reading; the next look posts nothing until somebody approves anew."""
    monkeypatch.setenv("JOBADS_HOME", str(bench.settings.home))
    job = posted(bench)[0]
    plan, platform, team = bench.plan(job), bench.platform(), bench.store.teams.get(bench.team)
    (campaign,) = bench.found(plan, "campaign", SHARED)
    user = bench.store.teams.system_user(bench.team)
    bench.store.approvals.withdraw(bench.team, job, Network.META, plan.digest, user_id=user)
    assert effects.take_off(team, {job}, later=False) is True
    assert platform.read("campaign", campaign).status == "PAUSED"
    assert bench.tick() == 0
    version = bench.store.ads.get(bench.team, job).version
    assert bench.store.plans.accept(plan, ad_version=version, rule="test") and bench.tick() == 1
    assert platform.read("campaign", campaign).status == "ACTIVE"
    assert bench.found(plan, "campaign", SHARED) == [campaign]


def test_a_lowered_budget_takes_a_running_ad_off_at_once(bench, monkeypatch):
    """What was approved costs more than the ad may now. An ad that spends its whole budget: on
    all networks."""
    monkeypatch.setenv("JOBADS_HOME", str(bench.settings.home))
    slots = bench.store.ledger.slots(bench.team)
    job = next(
        j for j in posted(bench) if {s.network for s in slots if s.job_id == j} == {*Network}
    )
    plan, platform, team = bench.plan(job), bench.platform(), bench.store.teams.get(bench.team)
    (campaign,) = bench.found(plan, "campaign", SHARED)
    budget = bench.store.ads.get(bench.team, job).budget_daily
    bench.store.ads.edit(bench.team, job, budget_daily=replace(budget, minor=budget.minor // 2))
    assert effects.take_off(team, {job}, later=False) is True
    assert platform.read("campaign", campaign).status == "PAUSED" and bench.tick() == 0
    bench.store.ads.edit(bench.team, job, budget_daily=budget)
    version = bench.store.ads.get(bench.team, job).version
    for network in Network:
        ended = [
            a.plan
            for a in bench.store.plans.accepted(bench.team)
            if (a.plan.job_id, a.plan.network) == (job, network)
        ]
        for again in ended[-1:]:
            bench.store.plans.accept(again, ad_version=version, rule="test")
    assert bench.tick() == 1 and platform.read("campaign", campaign).status == "ACTIVE"


def test_a_stop_takes_everything_off_and_a_release_brings_it_back(bench):
    """Confirmed by reading each network; nothing is due while the stop holds."""
    plan = bench.plan(posted(bench)[0])
    platform = bench.platform()
    (campaign,) = bench.found(plan, "campaign", SHARED)
    bench.store.stops.add(None, "test", "a drill")
    assert bench.tick() >= 1
    assert platform.read("campaign", campaign).status == "PAUSED" and not posted(bench)
    assert bench.tick() == 0
    bench.store.stops.release(None, "test")
    assert bench.tick() >= 1
    assert platform.read("campaign", campaign).status == "ACTIVE"


def test_an_account_that_is_throttled_is_left_alone_until_its_time(bench):
    """The network's wish for silence is stored, and the next list leaves the account out. The
    silence outlasts this test, so that it comes last."""
    plan = accept_new(bench)
    requests.post(
        f"{bench.twins.admin(Network.META)}/_twin/faults",
        json={"where": "before", "kind": "throttle", "method": "POST"},
        timeout=10,
    ).raise_for_status()
    with pytest.raises(JobadsError, match="oo many calls"):
        bench.tick()
    assert bench.tick() == 0
    assert bench.store.rate_limits.ends_at(Network.META, plan.account_id) is not None
