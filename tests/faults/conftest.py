"""Two teams side by side, of whom one meets a fault, over networks in memory."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
import sqlalchemy as sa

from assets.isolation import Isolation
from assets.publishing import service
from assets.publishing.planning import plan_compiler, planner
from assets.publishing.planning.stored_plans import stored_plans
from assets.publishing.policy.files import load_policy
from domain.job_ad import JobAd
from domain.ledger import DueAd
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.plan import Plan
from domain.platform import Account, Candidate, Insight, Mode, Network, ReadBack
from domain.primitives import BROAD, Arm, Primitives
from resources.files.images import Images
from resources.operations.records import Team
from resources.operations.store import OperationsStore
from resources.security.vault import Vault
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse
from resources.warehouse.tables import frame
from tests.publishing.fakes import FakePlatform

SICK, WELL = "Sick", "Well"


@dataclass
class Line(FakePlatform):
    """A network that `error` cuts off; `asked` counts what reached it."""

    error: Exception | None = None
    asked: int = 0

    def _cut(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error

    def _request(self, verb: str, kind: str) -> Any:
        self._cut()
        return super()._request(verb, kind)

    def verify(self, account_id: str) -> Account:
        self._cut()
        return Account(account_id, "EUR", "Europe/Berlin", 100, Mode.SANDBOX)

    def read(self, kind: str, object_id: str) -> ReadBack:
        held = super().read(kind, object_id)
        return replace(held, fields={k: v for k, v in held.fields.items() if k != "kind"})

    def report(
        self, account_id: str, ad_ids: Sequence[str], since: date, until: date
    ) -> list[Insight]:
        self._cut()
        return [Insight(i, since, 10, 1, 0, 5_000_000, "EUR", "7d_click") for i in ad_ids]

    def lookup(self, kind: str, query: Mapping[str, Any]) -> list[Candidate]:
        self._cut()
        if kind == "allowed_interests":
            return []
        return [Candidate("500", str(query["q"]), "country", {"country_code": query["q"]})]


@dataclass
class World:
    """As much of `assets.outside.Outside` as the work with networks touches."""

    store: OperationsStore
    settings: Settings
    warehouse: Warehouse
    images: Any
    lines: dict[str, Line] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)
    countries: tuple[str, ...] = ("DE",)
    policy: Any = None

    def platform(self, team_id: str, network: Network, account_id: str | None = None) -> Line:
        connection = self.store.connections.get(team_id, network, account_id)
        return self.lines[connection.account_id]

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)

    def line(self, name: str) -> Line:
        return self.lines[f"act_{name}"]

    def team(self, name: str) -> str:
        return str(self.teams[name].id)

    def add(self, name: str) -> None:
        team = self.store.teams.add(name, "acme.example", "EUR", "Acme", "Acme")
        self.store.connections.connect(
            team.id, Network.META, f"act_{name}", "EMU-token", platform_user_id="9"
        )
        self.teams[name], self.lines[f"act_{name}"] = team, Line()

    def ad(self, name: str, **changes: Any) -> JobAd:
        """A draft with one broad arm."""
        team, now = self.teams[name], self.now()
        made = JobAd(
            id=uuid4(),
            team_id=team.id,
            title="Nurse",
            description_short="Nurse wanted.",
            description_long="Nurse wanted.",
            target_url="https://acme.example/1",
            platforms=frozenset({Network.META}),
            budget_daily=Money(2000, "EUR"),
            schedule_start=now - timedelta(days=1),
            location="",
            created_by_user_id=self.store.teams.system_user(team.id),
            created_at=now,
            updated_at=now,
        )
        made = replace(made, **changes)
        self.store.ads.save_drafts(team.id, [made])
        row = {
            "team_id": str(team.id),
            "job_id": str(made.id),
            "arm": BROAD,
            "rank": 1,
            "score": 0.0,
            "budget_share": 1.0,
            "propensity": 1.0,
            "template": "",
            "reason": "always runs",
            "fit": "team",
            "cluster_key": "c",
            "silhouette": None,
            "labels": [],
            "primitives": json.dumps(Primitives().as_dict()),
            "fingerprint": "",
        }
        self.warehouse.merge("audience_primitives", frame([row], "audience_primitives"))
        return made

    def due(self, name: str) -> DueAd:
        """An ad with an approved plan, scheduled."""
        ad, team = self.ad(name), self.teams[name]
        plan = self.compiled(name, ad)
        self.store.plans.accept(plan, ad_version=ad.version, rule="test")
        self.store.ads.set_status(team.id, ad.id, AdStatus.SCHEDULED)
        return next(d for d in self.store.schedule.due(self.now()) if d.job_id == str(ad.id))

    def compiled(self, name: str, ad: JobAd) -> Plan:
        """The ad's plan on Meta, with one broad arm."""
        team = self.teams[name]
        error, self.line(name).error = self.line(name).error, None
        venue = replace(
            planner.account_context(str(team.id), Network.META, self), media="0" * 64 + ".png"
        )
        self.line(name).error = error
        return plan_compiler.plan(
            ad, [Arm(BROAD, 1, 0.0, 1.0, 1.0, Primitives(), "")], team=team, venue=venue
        )

    def posted(self, name: str) -> DueAd:
        due = self.due(name)
        assert service.post_job(due.job_id, self, lambda _: None)[0].live
        return due

    def plan(self, *names: str) -> Isolation:
        """Plan these teams, or all, as the graph does, one after the other."""
        with Isolation(self.store, "planning", self.settings) as guard:
            for name in names or self.teams:
                planner.plan_team(self.teams[name], self, guard)
        return guard

    def planned(self, name: str) -> list[str]:
        """The ads of a team that have a compiled plan."""
        plans = stored_plans(self.warehouse.sql, "p.team_id = ?", [self.team(name)])
        return [plan.job_id for plan in plans]

    def refused(self, name: str) -> dict[str, str]:
        """Why ads of a team have none, by ad."""
        rows = self.warehouse.sql(
            "SELECT job_id, reason FROM refused_plans WHERE team_id = ?", [self.team(name)]
        )
        return dict(rows.iter_rows())

    def notes(self, name: str) -> list[str]:
        return [n.text for n in self.store.notes.read(self.team(name))]

    def sql(self, statement: str, **values: Any) -> None:
        """Behind the store's back."""
        engine = sa.create_engine(self.settings.database_url)
        with engine.begin() as connection:
            connection.execute(sa.text(statement), values)
        engine.dispose()


@pytest.fixture(scope="session")
def shipped() -> Any:
    return load_policy()


@pytest.fixture
def world(tmp_path: Path, shipped: Any) -> World:
    settings = Settings.from_env({"JOBADS_HOME": str(tmp_path)})
    store = OperationsStore(settings.database_url, vault=Vault(tmp_path / "vault.key"))
    store.schema.migrate()
    images = Images(tmp_path / "images", settings.mode)
    made = World(store, settings, Warehouse(tmp_path), images, policy=shipped)
    for name in (SICK, WELL):
        made.add(name)
    return made


@pytest.fixture
def column(world: World) -> Callable[[str, str], list[Any]]:
    def read(table: str, name: str) -> list[Any]:
        frame_: pl.DataFrame = world.warehouse.table(table)
        return frame_[name].to_list()

    return read
