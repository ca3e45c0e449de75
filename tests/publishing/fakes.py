"""An in-memory network with faults on demand, and a ledger that keeps the contract."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from domain.errors import Ambiguous, LeaseLost, Refused, Retryable
from domain.ledger import Lease, Posted, Slot
from domain.lifecycle import TERMINAL, SlotState, check_slot_move
from domain.networks import FACTS
from domain.plan import SHARED
from domain.platform import Account, Activated, Candidate, Created, Found, Mode, Network, ReadBack

FOREVER = datetime.max.replace(tzinfo=UTC)
ACCOUNT = Account("act_1", "EUR", "Europe/Berlin", 100, Mode.SANDBOX)


class Crash(Exception):
    """The process dies here."""


@dataclass
class FakePlatform:
    """Objects by id in order of creation. `faults` maps the number of a request (from 1) to
    "before" (nothing happened), "after" (it happened, the answer was lost) or an exception class
    pair, see `_request`."""

    network: Network = Network.META
    mode: Mode = Mode.SANDBOX
    kinds: tuple[str, ...] = FACTS[Network.META].kinds
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    faults: dict[int, tuple[str, type[Exception]]] = field(default_factory=dict)
    blind: bool = False  # finds nothing: the negative control
    refuse: str = ""  # refuse to create bodies that hold this text
    spoil: str = ""  # change this field after creation

    @contextmanager
    def _request(self, verb: str, kind: str) -> Iterator[None]:
        self.calls.append((verb, kind))
        when, error = self.faults.pop(len(self.calls), ("", Exception))
        if when == "before":
            raise error(f"{verb} {kind}")
        yield
        if when == "after":
            raise error(f"{verb} {kind}")

    def verify(self, account_id: str) -> Account:
        return replace(ACCOUNT, account_id=account_id)

    def find(self, account_id: str, kind: str, key: str, parent: str = "") -> Found:
        with self._request("find", kind):
            ids = [
                i
                for i, o in self.objects.items()
                if o["kind"] == kind and o["name"].startswith(key)
            ]
            return Found(kind, () if self.blind else tuple(ids))

    def create(self, account_id: str, kind: str, body: Mapping[str, Any]) -> Created:
        with self._request("create", kind):
            if self.refuse and self.refuse in str(body):
                raise Refused(f"{self.refuse} is forbidden")
            object_id = f"{kind}-{len(self.objects) + 1}"
            self.objects[object_id] = {**body, "kind": kind}
            if self.spoil in body:
                self.objects[object_id][self.spoil] = "spoiled"
        return Created(kind, object_id)

    def read(self, kind: str, object_id: str) -> ReadBack:
        with self._request("read", kind):
            held = self.objects[object_id]
            return ReadBack(kind, object_id, dict(held), held.get("status", ""))

    def _switch(self, verb: str, kind: str, object_id: str, status: str) -> Activated:
        with self._request(verb, kind):
            self.objects[object_id]["status"] = status
        return Activated(kind, object_id, status)

    def activate(self, kind: str, object_id: str) -> Activated:
        return self._switch("activate", kind, object_id, "ACTIVE")

    def pause(self, kind: str, object_id: str) -> Activated:
        return self._switch("pause", kind, object_id, "PAUSED")

    def update(self, kind: str, object_id: str, body: Mapping[str, Any]) -> ReadBack:
        with self._request("update", kind):
            self.objects[object_id].update(body)
        return self.read(kind, object_id)

    def report(self, *_: Any) -> Sequence[Any]:
        return ()

    def lookup(self, kind: str, query: Mapping[str, Any]) -> Sequence[Candidate]:
        return ()

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [o for o in self.objects.values() if o["kind"] == kind]

    def delivering(self) -> list[str]:
        """Ads whose whole chain is switched on."""
        on = {i for i, o in self.objects.items() if o.get("status") == "ACTIVE"}
        return [
            i
            for i, o in self.objects.items()
            if o["kind"] == "ad"
            and i in on
            and o["adset_id"] in on
            and self.objects[o["adset_id"]]["campaign_id"] in on
        ]


@dataclass
class MemoryLedger:
    """The contracts of `domain.ledger`, slots and leases alike, on dictionaries. `crash_at` raises
    after the n-th commit."""

    rows: dict[str, Slot] = field(default_factory=dict)
    objects: dict[str, dict[str, Posted]] = field(default_factory=dict)
    leased: set[tuple[str, ...]] = field(default_factory=set)
    epochs: dict[tuple[str, ...], int] = field(default_factory=dict)
    commits: int = 0
    crash_at: int = 0
    history: list[tuple[str, SlotState]] = field(default_factory=list)

    def _commit(self) -> None:
        self.commits += 1
        if self.commits == self.crash_at:
            raise Crash

    @contextmanager
    def acquire(self, team_id, job_id, network, account_id, *, ttl_s) -> Iterator[Lease]:
        key = (team_id, job_id, network, account_id)
        if key in self.leased:
            raise Retryable("another posts this ad")
        self.leased.add(key)
        epoch = self.epochs[key] = self.epochs.get(key, 0) + 1
        try:
            yield Lease(*key, f"holder-{epoch}", epoch, FOREVER)
        finally:
            if self.epochs[key] == epoch:
                self.leased.discard(key)

    def usurp(self, lease: Lease) -> None:
        """Another takes the place, as when the lease has run out."""
        self.epochs[_place(lease)] += 1

    def _fenced(self, place: tuple[str, ...], epoch: int) -> None:
        if place not in self.leased or self.epochs[place] != epoch:
            raise LeaseLost("another holds the place")

    def renew(self, lease: Lease, ttl_s: float) -> Lease:
        self._fenced(_place(lease), lease.epoch)
        return lease

    def holds(self, lease: Lease, margin_s: float = 0.0) -> None:
        self._fenced(_place(lease), lease.epoch)

    def open_slot(self, plan, arm: str, mode: Mode, lease: Lease) -> Slot:
        self._fenced(_place(plan), lease.epoch)
        revision = plan.revision(arm)
        for slot in self.rows.values():
            if (slot.job_id, slot.arm) == (plan.job_id, arm) and slot.state not in TERMINAL:
                held = replace(slot, epoch=lease.epoch, plan_digest=plan.digest)
                if slot.revision == revision:
                    self.rows[slot.id] = held
                    return held
                again = SlotState.SENDING if self.objects[slot.id] else slot.state
                self.rows[slot.id] = replace(held, revision=revision, state=again)
                self._commit()
                return self.rows[slot.id]
        slot = Slot(
            f"slot-{len(self.rows) + 1}",
            plan.team_id,
            plan.job_id,
            plan.network,
            plan.account_id,
            arm,
            revision,
            SlotState.PLANNED,
            mode,
            epoch=lease.epoch,
            plan_digest=plan.digest,
        )
        self.rows[slot.id], self.objects[slot.id] = slot, {}
        self._commit()
        return slot

    def adopt(self, lease: Lease) -> list[Slot]:
        self._fenced(_place(lease), lease.epoch)
        mine = [
            s for s in self.rows.values() if _place(s) == _place(lease) and s.state not in TERMINAL
        ]
        self.rows |= {s.id: replace(s, epoch=lease.epoch) for s in mine}
        return [self.rows[s.id] for s in mine]

    def move(self, slot: Slot, to: SlotState, reason: str = "") -> Slot:
        self._fenced(_place(slot), slot.epoch)
        check_slot_move(self.rows[slot.id].state, to)
        self.rows[slot.id] = replace(self.rows[slot.id], state=to, reason=reason)
        self.history.append((slot.arm, to))
        self._commit()
        return self.rows[slot.id]

    def rest(self, slot: Slot) -> None:
        self._fenced(_place(slot), slot.epoch)
        self._commit()

    def record(self, slot: Slot, posted: Posted) -> None:
        self._fenced(_place(slot), slot.epoch)
        self.objects[slot.id][posted.kind] = posted
        self._commit()

    def posted(self, slot: Slot) -> dict[str, Posted]:
        return dict(self.objects[slot.id])

    def slots(self, team_id: str, job_id: str | None = None) -> list[Slot]:
        return [s for s in self.rows.values() if job_id in (None, s.job_id)]

    def settle(self, lease: Lease) -> None:
        self._fenced(_place(lease), lease.epoch)
        self._commit()

    def state(self, arm: str = SHARED) -> SlotState:
        return [s for s in self.rows.values() if s.arm == arm][-1].state


def _place(of) -> tuple[str, ...]:
    return (of.team_id, of.job_id, of.network, of.account_id)


LOST: type[Exception] = Ambiguous
