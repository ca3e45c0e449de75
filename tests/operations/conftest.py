"""A fresh store on each database, and the small world that the tests act in."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from domain.job_ad import JobAd
from domain.ledger import Lease, Slot
from domain.lifecycle import AdStatus, SlotState
from domain.money import Money
from domain.plan import SHARED, Plan, PlannedArm
from domain.platform import Mode, Network
from resources.operations.engine import open_engine
from resources.operations.records import Team
from resources.operations.store import OperationsStore
from resources.security.vault import Vault

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
WAY = (SlotState.SENDING, SlotState.CREATED, SlotState.VERIFIED, SlotState.ACTIVE)

NEXT = dict(zip((SlotState.PAUSED, *WAY), (SlotState.SENDING, *WAY[1:]), strict=False))
NEXT[SlotState.PLANNED] = SlotState.SENDING


@dataclass
class Clock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at


@dataclass
class World:
    """One team with one ad, and short ways to bring it anywhere."""

    store: OperationsStore
    url: str
    clock: Clock
    team: Team
    job: JobAd
    account: str = "act_1"
    arm_daily: int = 750
    held: dict[tuple[str, str], Lease] = field(default_factory=dict)
    leases: ExitStack = field(default_factory=ExitStack)

    def lease(self, plan: Plan) -> Lease:
        """The lease of the plan's place, held until `let_go` or the end of the test."""
        place = (plan.network, plan.account_id)
        if place not in self.held:
            lease = self.store.leases.acquire(plan.team_id, plan.job_id, *place, ttl_s=10**9)
            self.held[place] = self.leases.enter_context(lease)
        return self.held[place]

    def let_go(self) -> None:
        self.leases.close()
        self.held.clear()

    def open(self, plan: Plan, arm: str, mode: Mode = Mode.SANDBOX) -> Slot:
        return self.store.ledger.open_slot(plan, arm, mode, self.lease(plan))

    def settle(self) -> None:
        self.store.ledger.settle(self.lease(self.plan()))

    def plan(self, word: str = "first", arms: tuple[str, ...] = ("broad", "cooks")) -> Plan:
        share = 1 / len(arms)
        bodies = tuple(
            PlannedArm(
                a,
                share,
                share,
                {"adset": {"daily_budget": self.arm_daily}, "ad": {"text": f"{word} {a}"}},
            )
            for a in arms
        )
        return Plan(
            str(self.team.id),
            str(self.job.id),
            Network.META,
            self.account,
            "Cook",
            {"campaign": {"objective": "traffic"}},
            bodies,
        )

    def accept(self, plan: Plan | None = None, **by: Any) -> Plan:
        """As compiled from the ad of now; by the workbench, or by `user_id`."""
        plan = plan or self.plan()
        self.accepts(plan, **by)
        return plan

    def accepts(self, plan: Plan, **by: Any) -> bool:
        version = self.store.ads.get(plan.team_id, plan.job_id).version
        new = self.store.plans.accept(plan, ad_version=version, **(by or {"rule": "test"}))
        self.let_go()  # an approval ends the lease of whoever posts the older plan
        return new

    def status(self, status: AdStatus) -> None:
        self.store.ads.set_status(self.team.id, self.job.id, status)

    def accepted(self) -> Plan:
        """A scheduled ad with an accepted plan."""
        self.status(AdStatus.SCHEDULED)
        return self.accept()

    def run(self, plan: Plan, arm: str, until: SlotState = SlotState.ACTIVE) -> Slot:
        slot = self.open(plan, arm)
        for state in WAY:
            if slot.state is until:
                break
            slot = self.store.ledger.move(slot, state)
        return slot

    def post(self, plan: Plan) -> list[Slot]:
        """Everything active, and the ad settled."""
        slots = [self.run(plan, arm) for arm in (SHARED, *(a.arm for a in plan.arms))]
        self.settle()
        return slots

    def change(self, plan: Plan) -> None:
        """A plan in the place of one that runs, as posting does it: its campaign rests until all
        arms are through."""
        shared = self.open(plan, SHARED)
        if shared.state is SlotState.ACTIVE:
            shared = self.store.ledger.move(shared, SlotState.PAUSED)
        for slot in (*(self.open(plan, a.arm) for a in plan.arms), shared):
            while slot.state is not SlotState.ACTIVE:
                slot = self.store.ledger.move(slot, NEXT[slot.state])

    def adopted(self, plan: Plan, arm: str) -> Slot:
        """The arm's open slot, under the lease of now."""
        held = self.store.ledger.adopt(self.lease(plan))
        return next(slot for slot in held if slot.arm == arm)

    def now_status(self) -> AdStatus:
        return self.store.ads.get(self.team.id, self.job.id).status

    def sql(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Raw SQL behind the store's back, committed."""
        engine = open_engine(self.url)
        try:
            with engine.begin() as connection:
                result = connection.execute(sa.text(statement), values)
                return [tuple(row) for row in result] if result.returns_rows else []
        finally:
            engine.dispose()


def draft(store: OperationsStore, team: Team, **changes: Any) -> JobAd:
    made = JobAd(
        id=uuid.uuid4(),
        team_id=team.id,
        title="Cook",
        description_short="Cooks food.",
        description_long="Cooks food all day.",
        target_url="https://acme.example/cook",
        platforms=frozenset({Network.META}),
        budget_daily=Money(1500, "EUR"),
        schedule_start=START - timedelta(days=1),
        location="Berlin",
        created_by_user_id=store.teams.system_user(team.id),
        created_at=START,
        updated_at=START,
    )
    return replace(made, **changes)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database; on PostgreSQL a schema of its own, which is quicker."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'operations.db'}"
        return
    server = os.environ.get("JOBADS_TEST_POSTGRES_URL")
    if not server:
        pytest.skip("JOBADS_TEST_POSTGRES_URL names no PostgreSQL server")
    name = f"test_{uuid.uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    own = sa.make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    yield own.render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    admin.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_store(
    database_url: str, clock: Clock, tmp_path: Path
) -> Iterator[Callable[[], OperationsStore]]:
    """Opens the same database anew each time, as another process would."""
    opened: list[OperationsStore] = []

    def open_() -> OperationsStore:
        store = OperationsStore(database_url, now=clock, vault=Vault(tmp_path / "vault.key"))
        opened.append(store)
        return store

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], OperationsStore]) -> OperationsStore:
    store = open_store()
    store.schema.migrate()
    return store


@pytest.fixture
def world(store: OperationsStore, database_url: str, clock: Clock) -> Iterator[World]:
    team = store.teams.add("Acme", "acme.example", "EUR")
    job = draft(store, team)
    store.ads.save_drafts(team.id, [job])
    world = World(store, database_url, clock, team, job)
    yield world
    world.let_go()


@pytest.fixture
def another_draft(world: World) -> Callable[..., JobAd]:
    return lambda **changes: draft(world.store, world.team, **changes)
