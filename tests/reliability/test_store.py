"""The model's ledger and the real store answer alike, step by step."""

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import JobadsError
from domain.ledger import Lease, Slot
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.platform import Mode
from resources.operations.store import OperationsStore
from resources.security.vault import Vault
from tests.publishing.conftest import NOW, job_ad
from tests.reliability import scenarios
from tests.reliability.doors import REQUESTS, Ask
from tests.reliability.scenarios import META, NEW, Scenario, versions
from tests.reliability.stage import Stage
from tests.reliability.steps import World

LONG = timedelta(seconds=400)
EDITS = (
    "approve b",
    "propose b",
    "approve a",
    "paused",
    "live",
    "archived",
    "stop",
    "release",
    "withdraw",
    "change",
)
LEASED = {"holds", "renew", "adopt", "settle"}


class Real:
    """The real store behind the model's asks: ids, digests and epochs are those of the model."""

    def __init__(self, folder) -> None:
        self.now = NOW
        self.store = OperationsStore(
            f"sqlite:///{folder / 'operations.db'}",
            now=lambda: self.now,
            vault=Vault(folder / "vault.key"),
        )
        self.store.schema.migrate()
        self.team = self.store.teams.add("Acme", "example.com", "EUR", "Acme", "Acme").id
        self.editor = self.store.teams.add_member(self.team, "ed@example.com", "Ed", "editor")
        user = self.store.teams.system_user(self.team)
        most = Money(10_000, "EUR")  # of all versions' plans
        self.job = job_ad(team_id=self.team, created_by_user_id=user, budget_daily=most)
        self.edits = 0
        self.store.ads.save_drafts(self.team, [self.job])
        self.plans = {p.digest: replace(p, team_id=str(self.team)) for p in versions(META).values()}
        self.digests = {p.digest: digest for digest, p in self.plans.items()}
        self.leases: dict[int, Lease] = {}
        self.given: dict[int, AbstractContextManager[Lease]] = {}
        self.ids: dict[str, str] = {}
        self.place = (str(self.team), str(self.job.id), META, self.job_account())

    def job_account(self) -> str:
        return next(iter(self.plans.values())).account_id

    def close(self) -> None:
        for epoch in [*self.given]:
            self._give_back("", epoch)
        self.store.close()

    def edit(self, name: str) -> None:
        verb, _, version = name.partition(" ")
        if version:
            plan = self.plans[versions(META)[version].digest]
            by = {"user_id": self.editor} if verb == "propose" else {"rule": "test"}
            version = self.store.ads.get(self.team, self.job.id).version
            self.store.plans.accept(plan, ad_version=version, **by)
        elif name == "withdraw":
            (ruling,) = self.store.plans.editions(self.team, self.job.id)
            self.store.approvals.withdraw(
                self.team,
                self.job.id,
                META,
                ruling.digest,
                user_id=self.store.teams.system_user(self.team),
            )
        elif name == "change":
            self.edits += 1
            self.store.ads.edit(self.team, self.job.id, title=f"Title {self.edits}")
        elif name == "stop":
            self.store.stops.add(None, "a person", "a reason")
        elif name == "release":
            self.store.stops.release(None, "a person")
        else:
            self.store.ads.set_status(self.team, self.job.id, AdStatus(name))

    def answer(self, ask: Ask) -> Any:
        """In the model's words."""
        try:
            return self._said(getattr(self, f"_{ask.verb}", self._plain)(ask.verb, *ask.args))
        except JobadsError as error:
            return type(error).__name__

    def _plain(self, verb: str, *args: Any) -> Any:
        """Of the same name in the store, with the leases and slots that the store knows."""
        if verb in LEASED:
            rest = {"holds": (90,), "renew": (300,)}.get(verb, ())
            part = self.store.leases if rest else self.store.ledger
            made = getattr(part, verb)(self.leases[args[0]], *rest)
            return None if verb == "renew" else made
        slot = replace(
            args[0],
            id=self.ids[args[0].id],
            team_id=str(self.team),
            plan_digest=self.plans[args[0].plan_digest].digest,
        )
        return getattr(self.store.ledger, verb)(slot, *args[1:])

    def _due(self, verb: str) -> Any:
        return next((d.digest for d in getattr(self.store.schedule, verb)(self.now)), None)

    _stale = _due

    def _accepted_plan(self, _: str) -> Any:
        return self.store.plans.in_force(str(self.team), str(self.job.id), META).digest

    def _job_ad(self, _: str) -> Any:
        return str(self.store.ads.get(self.team, self.job.id).status)

    def _stops(self, _: str) -> Any:
        return bool(self.store.stops.active())

    def _slots(self, _: str) -> Any:
        return self.store.ledger.slots(str(self.team), str(self.job.id))

    def _take(self, _: str) -> Any:
        held = self.store.leases.acquire(*self.place, ttl_s=300)
        lease = held.__enter__()
        self.leases[lease.epoch], self.given[lease.epoch] = lease, held
        return lease.epoch

    def _give_back(self, _: str, epoch: int) -> Any:
        self.given.pop(epoch).__exit__(None, None, None)

    def _open_slot(self, _: str, digest: str, arm: str, mode: Mode, epoch: int) -> Any:
        slot = self.store.ledger.open_slot(self.plans[digest], arm, mode, self.leases[epoch])
        if slot.id not in self.ids.values():
            self.ids[f"{arm}-{slot.attempt}"] = slot.id
        return slot

    def _said(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.digests.get(value, value)
        if isinstance(value, Slot):
            names = {real: model for model, real in self.ids.items()}
            return replace(
                value,
                id=names[value.id],
                team_id=self.team_of_the_model(),
                plan_digest=self.digests[value.plan_digest],
            )
        if isinstance(value, dict):
            return tuple(value[k] for k in sorted(value))
        return tuple(map(self._said, value)) if isinstance(value, list) else value

    def team_of_the_model(self) -> str:
        return next(iter(versions(META).values())).team_id


def walk(seed: int) -> Iterator[tuple[str, Any]]:
    """A random interleaving of three workers, with deaths, edits and leases that end: ("edit",
    name), ("end", None), or (ask, the model's answer)."""
    chance = random.Random(seed)
    stage = Stage(Scenario("any", META, (), EDITS))
    world, workers = stage.number(stage.first()), [stage.workers.start] * 3
    todo = [*NEW]
    for _ in range(260):
        here: World = stage.worlds[world]
        if todo or chance.random() < 0.04:
            name = todo.pop(0) if todo else chance.choice(EDITS)
            ledger = scenarios.edit(name, META)(here.ledger)
            if ledger is not None and ledger != here.ledger and not _again(here, name):
                world = stage.number(here._replace(ledger=ledger))
                yield "edit", name
            continue
        lease = here.ledger.lease
        i = chance.choices(range(3), (6, 2, 1))[0]
        if lease.taken and not lease.over and chance.random() < 0.04:
            over = here.ledger._replace(lease=lease._replace(over=True))
            world = stage.number(here._replace(ledger=over))
            yield "end", None
        elif workers[i].ask is None or chance.random() < 0.01:
            workers[i] = stage.workers.start
        else:
            to, answer = stage.rules.perform(here, workers[i].ask)
            yield workers[i].ask, answer.error or answer.value
            world, workers[i] = stage.number(to), stage.workers.next(workers[i], answer)


def _again(world: World, name: str) -> bool:
    """Accepting what is the newest plan already changes nothing in the store."""
    version = name.partition(" ")[2]
    newest = world.ledger.plans[-1] if world.ledger.plans else None
    stands = newest is not None and not newest.withdrawn
    return bool(version) and stands and versions(META)[version].digest == newest.digest


@pytest.mark.parametrize("seed", range(12))
def test_the_store_answers_as_the_model_does(tmp_path, seed):
    """Leases, fencing, slots, what is due and stale, through some 250 steps each."""
    real, asked = Real(tmp_path), 0
    for step, value in walk(seed):
        if step == "edit":
            real.edit(value)
        elif step == "end":
            real.now += LONG
        elif step.verb not in REQUESTS:
            asked += 1
            assert _plainly(step, real.answer(step)) == _plainly(step, value), (asked, str(step))
    real.close()
    assert asked > 60


def _plainly(ask: Ask, value: Any) -> Any:
    """Without the words of a reason and the order of slots; `stale` by whether, because its digest
    may be none."""
    if ask.verb == "stale":
        return value is not None
    if isinstance(value, Slot):
        return tuple(getattr(value, f.name) for f in fields(Slot) if f.name != "reason")
    if isinstance(value, tuple):
        return sorted(map(str, (_plainly(ask, v) for v in value)))
    return value
