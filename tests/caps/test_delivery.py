"""Three sandbox networks spend for weeks under total caps; what they bill is held against the cap.

One daily pull of the numbers, one decision, and the pauses ten minutes later: as in production.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import requests

from assets.isolation import Isolation
from assets.outside import Outside
from assets.performance.reports import pull
from assets.publishing import service
from assets.publishing.caps import SPENT
from assets.publishing.monitoring import keep_caps
from assets.publishing.planning import plan_compiler, planner
from assets.resources import Clock
from domain.caps import PAUSE_S, Cap, Running, total_overshoot
from domain.job_ad import JobAd
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.platform import Network
from domain.primitives import BROAD, Arm, Primitives
from jobads.demo import ACCOUNTS
from jobads.home import prepare
from jobads.twins import Twins, twins
from resources.operations import caps
from resources.settings import Settings
from resources.warehouse.tables import frame

START = datetime(2026, 3, 2, 5, 30, tzinfo=UTC)
PART, AD_CAP, TEAM_CAP = 1_000, 30_000, 80_000  # minor units: a day on each network, and in total
TITLES = ("Registered nurse", "Warehouse clerk")

pytestmark = pytest.mark.timeout(600)


@dataclass
class Weeks:
    """A team with two ads on three networks, and its days."""

    outside: Outside
    running: Twins
    at: datetime = START
    jobs: list[str] = field(default_factory=list)
    team: str = ""

    def clock(self, at: datetime) -> None:
        self.at = at
        url = f"{self.running.admin(Network.META)}/_twin/clock"
        requests.post(url, json={"now": at.isoformat()}, timeout=60).raise_for_status()

    def connect(self) -> None:
        store = self.outside.store
        self.team = str(store.teams.add("Acme", "acme.example", "USD", "Acme", "Acme").id)
        for network, (account, token, user) in ACCOUNTS.items():
            store.connections.connect(
                self.team, network, account, token=token, platform_user_id=user
            )

    def post(self, title: str) -> str:
        store, team = self.outside.store, self.outside.store.teams.get("Acme")
        job = JobAd(
            id=uuid4(),
            team_id=team.id,
            title=title,
            description_short=f"{title} wanted.",
            description_long=f"{title} wanted.",
            target_url="https://acme.example/1",
            platforms=frozenset(Network),
            budget_daily=Money(3 * PART, "USD"),
            schedule_start=START - timedelta(days=1),
            location="",
            created_by_user_id=store.teams.system_user(team.id),
            created_at=START,
            updated_at=START,
        )
        store.ads.save_drafts(team.id, [job])
        for network in Network:
            venue = planner.account_context(self.team, network, self.outside)
            venue = replace(
                venue, budget=Money(PART, "USD"), media=planner.media_of(job, self.outside, network)
            )
            broad = Arm(BROAD, 1, 0.0, 1.0, 1.0, Primitives(), "always runs")
            plan = plan_compiler.plan(job, [broad], team=team, venue=venue)
            store.plans.accept(plan, ad_version=job.version, rule="test")
        store.ads.set_status(team.id, job.id, AdStatus.SCHEDULED)
        reports = service.post_job(str(job.id), self.outside, lambda _: None)
        assert [r.live for r in reports] == [True] * 3
        self.jobs.append(str(job.id))
        return self.jobs[-1]

    def day(self) -> None:
        """The numbers come, the caps decide, and ten minutes later the pauses are confirmed."""
        self.clock(self.at + timedelta(days=1))
        self.pull()
        with Isolation(self.outside.store, "caps", self.outside.settings) as guard:
            keep_caps(self.outside, guard)
        assert not guard.failures
        self.clock(self.at + timedelta(seconds=PAUSE_S))
        assert not service.retire_stale(self.outside).unconfirmed
        self.at -= timedelta(seconds=PAUSE_S)

    def pull(self) -> None:
        with Isolation(self.outside.store, "numbers", self.outside.settings) as guard:
            pull(self.outside, START.date(), self.at.date(), self.at.date(), frame, guard)
        assert not guard.failures

    def spent(self) -> dict[str, int]:
        """Minor units by ad, as the networks say."""
        rows = self.outside.warehouse.sql(SPENT, [self.team])
        return {job: -(-m // 10_000) for job, m in zip(rows["job_id"], rows["micros"], strict=True)}

    def paused(self, job: str) -> bool:
        return self.outside.store.ads.get(self.team, job).status is AdStatus.PAUSED


@pytest.fixture
def weeks(tmp_path, monkeypatch):
    settings = Settings.from_env({"JOBADS_HOME": str(tmp_path / "home")})
    prepare(settings)
    with twins(settings) as running:
        given = {"JOBADS_HOME": str(settings.home), "JOBADS_COUNTRIES": "US", **running.env}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        world = Weeks(Outside.from_env(), running)
        monkeypatch.setattr(Clock, "now", lambda _: world.at)
        world.clock(START)
        world.connect()
        yield world


def ahead(*jobs: str) -> int:
    return total_overshoot([Running(job, n, PART, "USD") for job in jobs for n in Network])


def test_the_caps_of_an_ad_and_of_its_team_hold_over_all_networks(weeks):
    """Paused early enough, by not more than what was computed, and not a cent is spent after."""
    first, second = (weeks.post(title) for title in TITLES)
    weeks.outside.store.caps.set(weeks.team, Cap(first, "USD", total_minor=AD_CAP))
    weeks.outside.store.caps.set(weeks.team, Cap("", "USD", total_minor=TEAM_CAP))
    for _ in range(30):
        weeks.day()
        if weeks.paused(first) and weeks.paused(second):
            break
    over = weeks.at.date()
    for _ in range(4):
        weeks.day()
    spent = weeks.spent()
    assert AD_CAP - ahead(first) < spent[first] <= AD_CAP
    assert spent[second] > spent[first]
    assert TEAM_CAP - ahead(first, second) < sum(spent.values()) <= TEAM_CAP
    later = weeks.outside.warehouse.sql(
        "SELECT sum(spend_micros) FROM performance_log WHERE day > ?", [over + timedelta(days=1)]
    )
    assert not later.item()


def test_an_ad_that_is_paused_only_at_its_cap_passes_it_by_at_most_what_was_computed(
    weeks, monkeypatch
):
    """The same days without the early pause: the cap is passed, within the printed bound."""
    monkeypatch.setattr(caps, "total_overshoot", lambda *_, **__: 0)
    job = weeks.post(TITLES[0])
    weeks.outside.store.caps.set(weeks.team, Cap(job, "USD", total_minor=AD_CAP))
    for _ in range(30):
        weeks.day()
        if weeks.paused(job):
            break
    for _ in range(4):
        weeks.day()
    assert AD_CAP < weeks.spent()[job] <= AD_CAP + ahead(job)
