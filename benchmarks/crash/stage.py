"""A home with a team, its accounts and three networks, made anew for each block of schedules."""

import json
import shutil
import tempfile
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from assets.publishing.planning import plan_compiler
from assets.publishing.planning.lookups import Lookup
from assets.publishing.policy.files import load_policy
from benchmarks.crash.schedules import Schedule
from domain.job_ad import JobAd
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.plan import Plan
from domain.platform import Account, Candidate, Mode, Network
from domain.primitives import Arm, Evidence, Primitive, Primitives
from jobads.demo import ACCOUNTS
from jobads.twins import Twins, twins
from resources.files.images import Images, provide
from resources.operations.store import OperationsStore
from resources.platforms import connect
from resources.settings import Settings

TEMPLATE = UUID(int=7)
IDS = {
    "page": ACCOUNTS[Network.META][2],
    "funding_instrument": "fi" + ACCOUNTS[Network.X][0],
    "promotable_user": ACCOUNTS[Network.X][2],
}
DOLLAR = 100
# Longer than all rounds of one schedule and any silence that a network asks for.
APART_S = 30_000.0


class Team:
    dsa_payer = dsa_beneficiary = "Example Inc"


@dataclass
class Ad:
    """One ad on the stage, the plan that was accepted for it, and by how much the clocks of its
    processes are ahead: a silence that an earlier ad met is over."""

    job_id: str
    plan: Plan
    offset_s: float


class Stage:
    """Opens handles: made only in the driver, never in the parent that workers are forked from."""

    def __init__(
        self, templates: dict[tuple[str, int], str] | None = None, folder: Path | None = None
    ) -> None:
        shm = Path("/dev/shm")
        memory = shm if shm.is_dir() else None
        self.home = Path(tempfile.mkdtemp(prefix="crash-", dir=folder or memory))
        self.settings = Settings.from_env({"JOBADS_HOME": str(self.home)})
        self._stack, self._ads = ExitStack(), 0
        self.twins: Twins = self._stack.enter_context(twins(self.settings))
        self.store = OperationsStore.open(self.settings)
        self.store.schema.migrate()
        team = self.store.teams.add("Crash", "example.com", "USD", "Example Inc", "Example Inc")
        self.team = str(team.id)
        self.user = self.store.teams.system_user(team.id)
        self.editor = self.store.teams.add_member(team.id, "editor@example.com", "Editor", "editor")
        for network, (account, token, user) in ACCOUNTS.items():
            self.store.connections.connect(
                team.id, network, account, token=token, platform_user_id=user
            )
        image = provide(None, store=self.home / "images", mode=Mode.SANDBOX, data=self.home).name
        self.templates = templates or {
            (str(n), arms): template(n, arms, image, self._lookup(n))
            for n in Network
            for arms in (1, 2)
        }

    def _lookup(self, network: Network) -> Lookup:
        """Only X has ids of places that no other source tells."""
        if network is not Network.X:
            return _places
        held = self.store.connections.get(self.team, network)
        images = Images(self.home / "images", Mode.SANDBOX)
        return connect(held, self.settings, images).lookup

    def close(self) -> None:
        self.store.close()
        self._stack.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def ad(self, schedule: Schedule) -> Ad:
        """A new ad, scheduled, with an accepted plan: approved unless the schedule says not."""
        network, job = Network(schedule.network), str(uuid4())
        draft = _job_ad(UUID(job), UUID(self.team), network, self.user)
        draft = replace(draft, budget_daily=Money(40 * DOLLAR, "USD"))  # room for dearer plans
        self.store.ads.save_drafts(self.team, [draft])
        text = self.templates[network, schedule.arms].replace(str(TEMPLATE), job)
        plan = replace(Plan.from_dict(json.loads(text)), team_id=self.team, job_id=job)
        self.store.ads.set_status(self.team, job, AdStatus.SCHEDULED)
        by = {"rule": "crash harness"} if schedule.approved else {"user_id": self.editor}
        self.store.plans.accept(plan, ad_version=draft.version, **by)
        self._ads += 1
        return Ad(job, plan, self._ads * APART_S)

    def dearer(self, plan: Plan) -> Plan:
        """The plan with another day's money, as an edit of the budget would compile it."""
        kinds = {
            Network.META: ("adset", "daily_budget", 100),
            Network.X: ("line_item", "daily_budget_amount_local_micro", 1_000_000),
        }
        if plan.network is Network.GOOGLE:
            shared = json.loads(json.dumps(plan.shared))
            first = shared["campaign"]["mutate_operations"][0]["campaign_budget_operation"]
            first["create"]["amount_micros"] += 1_000_000
            return replace(plan, shared=shared)
        kind, field, more = kinds[plan.network]
        arms = tuple(
            replace(
                a,
                bodies={**a.bodies, kind: {**a.bodies[kind], field: a.bodies[kind][field] + more}},
            )
            for a in plan.arms
        )
        return replace(plan, arms=arms)

    def plant(self, network: str, fault: dict[str, Any]) -> None:
        self._admin(network, "POST", fault)

    def clear(self, network: str) -> None:
        self._admin(network, "DELETE", None)

    def _admin(self, network: str, method: str, body: dict[str, Any] | None) -> None:
        request = urllib.request.Request(
            f"{self.twins.admin(Network(network))}/_twin/faults",
            json.dumps(body).encode() if body else None,
            {"content-type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10):
            pass


def template(network: Network, count: int, image: str, lookup: Lookup) -> str:
    """A plan of broad, and of a segment beside it if `count` is 2, by the real compiler and
    translators, as JSON."""
    account_id, _, _ = ACCOUNTS[network]
    account = Account(account_id, "USD", "America/New_York", 100, Mode.SANDBOX, IDS)
    venue = plan_compiler.AccountContext(
        network,
        account,
        load_policy(),
        date.today(),
        countries=("US",),
        allowed={},
        media="" if network is Network.GOOGLE else image,
        lookup=lookup,
        ids=IDS,
    )
    arms = [_arm("c-care", 1, "Nursing", "Hospitals"), _arm("broad", 2)][-count:]
    job = _job_ad(TEMPLATE, UUID(int=1), network, UUID(int=2))
    return json.dumps(plan_compiler.plan(job, arms, team=Team(), venue=venue).as_dict())


def _places(kind: str, query: Any) -> list[Candidate]:
    fields = {"country_code": "US", "kind": "country"}
    place = "geoTargetConstants/2840" if kind == "geo_target" else "US"
    return [Candidate(place, "US", "country", fields)]


def _arm(name: str, rank: int, *terms: str) -> Arm:
    facts = tuple(
        Primitive(f"term:{t}", t, 0.5, "text", (Evidence("description", 0, len(t), t),))
        for t in terms
    )
    return Arm(name, rank, 0.5, 0.5, 1.0, Primitives(skills_keywords=facts))


def _job_ad(job: UUID, team: UUID, network: Network, user: UUID) -> JobAd:
    now = datetime.now(UTC)
    return JobAd(
        id=job,
        team_id=team,
        title="Nurse",
        description_short="Care for people at our clinic.",
        description_long="Nursing in hospitals.",
        target_url="https://example.com/jobs/1",
        platforms=frozenset({network}),
        budget_daily=Money(20 * DOLLAR, "USD"),
        schedule_start=now - timedelta(days=1),
        location="",
        created_by_user_id=user,
        created_at=now,
        updated_at=now,
    )
