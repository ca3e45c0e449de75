"""One atomic step of the world: what a worker asked for happens, or is refused, at this moment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from domain.errors import JobadsError
from domain.plan import Plan
from domain.platform import Network
from tests.reliability import network as net
from tests.reliability import rows
from tests.reliability.doors import Answer, Ask
from tests.reliability.network import Things
from tests.reliability.rows import Ledger


class World(NamedTuple):
    things: Things
    ledger: Ledger


@dataclass(frozen=True)
class Rules:
    """A network, the plans that exist, and what the negative controls switch off."""

    network: Network
    plans: Mapping[str, Plan]
    blind: bool = False
    unfenced: bool = False

    def perform(self, world: World, ask: Ask) -> tuple[World, Answer]:
        """The world after the step, and the answer; an error changes nothing."""
        step = getattr(self, f"_{ask.verb}")
        try:
            things, ledger, value = step(*world, *ask.args)
        except JobadsError as error:
            return world, Answer(error=type(error).__name__)
        return World(things, ledger), Answer(value)

    def _fence(self, ledger: Ledger, epoch: int, *, margin: bool = False) -> None:
        if not self.unfenced:
            rows.fence(ledger, epoch, margin=margin)

    # Requests.

    def _find(self, t: Things, db: Ledger, kind: str, key: str, parent: str) -> Any:
        return t, db, () if self.blind else net.find(self.network, t, kind, key, parent)

    def _create(self, t: Things, db: Ledger, kind: str, body: str) -> Any:
        made, object_id = net.create(self.network, t, kind, json.loads(body))
        return made, db, object_id

    def _read(self, t: Things, db: Ledger, kind: str, object_id: str) -> Any:
        held = net.at(t, kind, object_id)
        return t, db, (held.status, held.text)

    def _activate(self, t: Things, db: Ledger, kind: str, object_id: str) -> Any:
        return net.switch(t, kind, object_id, True), db, "ACTIVE"

    def _pause(self, t: Things, db: Ledger, kind: str, object_id: str) -> Any:
        return net.switch(t, kind, object_id, False), db, "PAUSED"

    def _update(self, t: Things, db: Ledger, kind: str, object_id: str, body: str) -> Any:
        changed = net.update(t, kind, object_id, json.loads(body))
        held = net.at(changed, kind, object_id)
        return changed, db, (held.status, held.text)

    # Transactions that read.

    def _due(self, t: Things, db: Ledger) -> Any:
        return t, db, rows.due(db, self.plans) or None

    def _stale(self, t: Things, db: Ledger) -> Any:
        return t, db, rows.in_force(db) if rows.stale(db) else None

    def _accepted_plan(self, t: Things, db: Ledger) -> Any:
        return t, db, rows.accepted_plan(db)

    def _job_ad(self, t: Things, db: Ledger) -> Any:
        return t, db, str(db.status)

    def _stops(self, t: Things, db: Ledger) -> Any:
        return t, db, db.stopped

    def _posted(self, t: Things, db: Ledger, slot: Any) -> Any:
        return t, db, rows.posted(db, slot)

    def _slots(self, t: Things, db: Ledger) -> Any:
        return t, db, tuple(r.slot for r in db.rows)

    def _holds(self, t: Things, db: Ledger, epoch: int) -> Any:
        self._fence(db, epoch, margin=True)
        return t, db, None

    # Transactions that write.

    def _take(self, t: Things, db: Ledger) -> Any:
        return t, *rows.take(db)

    def _give_back(self, t: Things, db: Ledger, epoch: int) -> Any:
        return t, rows.give_back(db, epoch), None

    def _renew(self, t: Things, db: Ledger, epoch: int) -> Any:
        self._fence(db, epoch)
        return t, rows.renew(db, epoch), None

    def _open_slot(
        self, t: Things, db: Ledger, digest: str, arm: str, mode: Any, epoch: int
    ) -> Any:
        self._fence(db, epoch)
        return t, *rows.open_slot(db, self.plans[digest], arm, mode, epoch)

    def _adopt(self, t: Things, db: Ledger, epoch: int) -> Any:
        self._fence(db, epoch)
        return t, *rows.adopt(db, epoch)

    def _move(self, t: Things, db: Ledger, slot: Any, to: Any, reason: str) -> Any:
        self._fence(db, slot.epoch)
        return t, *rows.move(db, slot, to, reason)

    def _rest(self, t: Things, db: Ledger, slot: Any) -> Any:
        self._fence(db, slot.epoch)
        return t, rows.rest(db, slot), None

    def _record(self, t: Things, db: Ledger, slot: Any, posted: Any) -> Any:
        self._fence(db, slot.epoch)
        return t, rows.record(db, slot, posted), None

    def _settle(self, t: Things, db: Ledger, epoch: int) -> Any:
        self._fence(db, epoch)
        return t, rows.settle(db, self.plans), None
