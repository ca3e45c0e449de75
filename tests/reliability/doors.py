"""The doors that the real posting code is given: every step out of it is asked for, one by one.

An `Ask` is a step in data: a ledger's transaction or one request. What a worker does next is a
function of the answers that it has had, so that a step is taken wherever the world stands and the
worker itself never waits.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from domain import errors
from domain.ad_versions import Edition
from domain.job_ad import JobAd
from domain.ledger import DueAd, Lease, Posted, Slot
from domain.lifecycle import AdStatus, SlotState
from domain.plan import Plan
from domain.platform import Activated, Created, Found, Mode, Network, ReadBack
from resources.operations.records import Stop
from tests.publishing.conftest import NOW, job_ad
from tests.reliability.network import fields_of

FOREVER = datetime.max.replace(tzinfo=UTC)
_ad = lru_cache(maxsize=None)(lambda status: job_ad(status=AdStatus(status)))
REQUESTS = frozenset({"find", "create", "read", "activate", "pause", "update"})


class Ask(NamedTuple):
    verb: str
    args: tuple[Any, ...] = ()

    def __str__(self) -> str:
        said = [getattr(a, "arm", a) for a in self.args if not str(a).startswith("{")]
        return " ".join([self.verb, *(str(a) for a in said)])


class Answer(NamedTuple):
    """What was answered, hashable; `error` names the exception's class instead."""

    value: Any = None
    error: str = ""


class Suspended(BaseException):
    """The answers known so far are used up: `ask` is what the worker wants next."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        super().__init__(ask)


@dataclass
class Script:
    """Answers to replay, in order."""

    answers: Sequence[Answer]
    at: int = 0
    over: bool = False

    def ask(self, verb: str, *args: Any) -> Any:
        if self.over or self.at == len(self.answers):
            self.over = True
            raise Suspended(Ask(verb, args))
        answer = self.answers[self.at]
        self.at += 1
        if answer.error:
            raise getattr(errors, answer.error)(f"{verb} {args[:1]}")
        return answer.value


@dataclass
class LedgerDoor:
    """The operations store as the worker sees it: `domain.ledger`, and what it asks beside."""

    script: Script
    plans: Mapping[str, Plan]
    network: Network

    def due(self, now: datetime) -> list[DueAd]:
        return self._ads(self.script.ask("due"))

    def stale(self, now: datetime) -> list[DueAd]:
        return self._ads(self.script.ask("stale"))

    def _ads(self, digest: str | None) -> list[DueAd]:
        if digest is None:
            return []
        some = next(iter(self.plans.values()))
        return [DueAd(some.team_id, some.job_id, some.network, some.account_id, digest, 0)]

    def in_force(self, team_id: str, job_id: str, network: Network) -> Plan:
        return self.plans[self.script.ask("accepted_plan")]

    def editions(self, team_id: str, job_id: str) -> list[Edition]:
        """Only said, never acted upon."""
        return []

    def changed_at(self, team_id: str, network: Network, account_id: str) -> None:
        """Tokens are not part of the model."""

    def get(self, team_id: str, job_id: str) -> JobAd:
        return _ad(self.script.ask("job_ad"))

    def active(self) -> list[Stop]:
        stopped = self.script.ask("stops")
        return [Stop(None, NOW, "a person", "a reason")] if stopped else []

    @contextmanager
    def acquire(
        self, team_id: str, job_id: str, network: Network, account_id: str, *, ttl_s: float
    ) -> Iterator[Lease]:
        epoch = self.script.ask("take")
        try:
            yield Lease(team_id, job_id, network, account_id, str(epoch), epoch, FOREVER)
        finally:
            if not self.script.over:  # suspended or killed: nothing is given back
                self.script.ask("give_back", epoch)

    def renew(self, lease: Lease, ttl_s: float) -> Lease:
        self.script.ask("renew", lease.epoch)
        return lease

    def holds(self, lease: Lease, margin_s: float = 0.0) -> None:
        self.script.ask("holds", lease.epoch)

    def open_slot(self, plan: Plan, arm: str, mode: Mode, lease: Lease) -> Slot:
        return self.script.ask("open_slot", plan.digest, arm, mode, lease.epoch)

    def adopt(self, lease: Lease) -> list[Slot]:
        return list(self.script.ask("adopt", lease.epoch))

    def move(self, slot: Slot, to: SlotState, reason: str = "") -> Slot:
        return self.script.ask("move", slot, to, reason)

    def rest(self, slot: Slot) -> None:
        self.script.ask("rest", slot)

    def record(self, slot: Slot, posted: Posted) -> None:
        self.script.ask("record", slot, posted)

    def posted(self, slot: Slot) -> dict[str, Posted]:
        return {p.kind: p for p in self.script.ask("posted", slot)}

    def slots(self, team_id: str, job_id: str | None = None) -> list[Slot]:
        return list(self.script.ask("slots"))

    def settle(self, lease: Lease) -> None:
        self.script.ask("settle", lease.epoch)


@dataclass
class PlatformDoor:
    """`domain.platform.AdPlatform`, the verbs that posting uses. `eager` is a negative control:
    what is made is switched on at once, before anything was verified."""

    script: Script
    network: Network
    mode: Mode = Mode.SANDBOX
    eager: frozenset[str] = field(default_factory=frozenset)

    def find(self, account_id: str, kind: str, key: str, parent: str = "") -> Found:
        return Found(kind, self.script.ask("find", kind, key, parent))

    def create(self, account_id: str, kind: str, body: Mapping[str, Any]) -> Created:
        made = self.script.ask("create", kind, json.dumps(body, sort_keys=True))
        if kind in self.eager:
            self.activate(kind, made)
        return Created(kind, made)

    def read(self, kind: str, object_id: str) -> ReadBack:
        status, text = self.script.ask("read", kind, object_id)
        return ReadBack(kind, object_id, fields_of(text), status)

    def activate(self, kind: str, object_id: str) -> Activated:
        return Activated(kind, object_id, self.script.ask("activate", kind, object_id))

    def pause(self, kind: str, object_id: str) -> Activated:
        return Activated(kind, object_id, self.script.ask("pause", kind, object_id))

    def update(self, kind: str, object_id: str, body: Mapping[str, Any]) -> ReadBack:
        text = json.dumps(body, sort_keys=True)
        status, text = self.script.ask("update", kind, object_id, text)
        return ReadBack(kind, object_id, fields_of(text), status)
