"""The posting ledger: slots and the objects that slots own. See `domain.ledger`."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from domain.errors import IllegalMove, LeaseLost, NotFound, SetupError
from domain.ledger import Lease, Posted, Slot
from domain.lifecycle import TERMINAL, SlotState, check_slot_move
from domain.plan import Plan
from domain.platform import Mode, Network, Review
from resources.operations.plans import Plans
from resources.operations.rate_limits import RateLimits
from resources.operations.repository import Id, canonical
from resources.operations.schema import slots
from resources.operations.statements import (
    BUMP,
    CURRENT,
    HOLD,
    KEEP,
    KEEP_AD,
    LAST,
    NEW_SLOT,
    OF_AD,
    OF_TEAM,
    OPEN,
    POSTED,
    STORE,
    place,
)
from resources.operations.stops import Stops

REASON_MAX = 1000

# Whether the network may be showing a slot's objects: from VERIFIED on, because switching on comes
# next and its answer may be lost. A new revision passes the other states with the objects of the
# old one still there, so in those the answer stays what it was.
RUNNING = {
    SlotState.VERIFIED: True,
    SlotState.ACTIVE: True,
    SlotState.PAUSED: False,
    SlotState.FAILED: False,
    SlotState.CLOSED: False,
}


class Ledger(Plans, Stops, RateLimits):
    def open_slot(self, plan: Plan, arm: str, mode: Mode, lease: Lease) -> Slot:
        """The arm's slot at the plan's revision and under the lease, PLANNED when it is new.

        An open slot takes a new revision: PLANNED and SENDING stay, posted ones go back to
        SENDING. A slot that ended at this revision is answered as it is, until somebody approves
        another plan, or schedules or resumes the ad."""
        team, job = canonical(plan.team_id, "team"), canonical(plan.job_id, "job ad")
        here = (team, job, plan.network, plan.account_id)
        if (lease.team_id, lease.job_id, lease.network, lease.account_id) != here:
            raise LeaseLost(f"the lease of ad {lease.job_id} is not of the plan's place")
        revision = plan.revision(arm)
        with self._write() as connection:
            self._fence(connection, lease)
            status = connection.scalar(KEEP_AD, {"at_team_id": team, "at_id": job})
            self._may_post(connection, plan, str(status))
            last = self._last(connection, plan, arm)
            ended = last is None or SlotState(last["state"]) in TERMINAL
            if last is None or (ended and not _bars(last, revision)):
                return self._new_slot(connection, plan, arm, mode, last, lease)
            slot = _slot(last)
            if ended:
                return slot
            if slot.mode is not mode:
                raise SetupError(
                    f"slot {slot.id} belongs to {slot.mode} mode", mend=f"run in {slot.mode} mode"
                )
            held = replace(slot, epoch=lease.epoch, plan_digest=plan.digest)
            if slot.revision == revision:
                self._hold(connection, [held])
                return held
            state = slot.state if slot.state is SlotState.PLANNED else SlotState.SENDING
            return self._store(connection, slot, replace(held, revision=revision, state=state))

    def adopt(self, lease: Lease) -> Sequence[Slot]:
        """Every open slot of the lease's place, oldest first, from now on under its epoch."""
        with self._write() as connection:
            self._fence(connection, lease)
            rows = connection.execute(OPEN, place(lease)).mappings()
            held = [replace(_slot(row), epoch=lease.epoch) for row in rows]
            self._hold(connection, held)
        return held

    def _hold(self, connection: sa.Connection, held: Sequence[Slot]) -> None:
        """Bring slots under their new epoch; states and versions stay."""
        for slot in held:
            new = {"epoch": slot.epoch, "plan_digest": slot.plan_digest}
            connection.execute(HOLD, {**_id(slot), **new})

    def move(self, slot: Slot, to: SlotState, reason: str = "") -> Slot:
        """Store the move; IllegalMove when the table, the database or another process forbids."""
        check_slot_move(slot.state, to)
        with self._write() as connection:
            self._fence(connection, slot)
            return self._store(
                connection, slot, replace(slot, state=to, reason=reason[:REASON_MAX])
            )

    def rest(self, slot: Slot) -> None:
        """Remember that nothing of the slot runs: its objects were paused and confirmed so."""
        with self._write() as connection:
            self._fence(connection, slot)
            mine = (slots.c.team_id == slot.team_id, slots.c.id == slot.id, slots.c.running)
            stamp = {"running": False, "version": slots.c.version + 1}
            if connection.execute(slots.update().where(*mine).values(stamp)).rowcount:
                self._note_slot(connection, slot, "slot.rests")

    def record(self, slot: Slot, posted: Posted) -> None:
        """Remember an object that the slot owns; one row per slot and kind, last key wins."""
        detail = {"kind": posted.kind, "object_id": posted.object_id, "key": posted.key}
        row = {"slot_id": slot.id, "team_id": slot.team_id, **detail, "updated_at": self._now()}
        with self._write() as connection:
            self._fence(connection, slot)
            if connection.execute(BUMP, _id(slot)).rowcount != 1:
                raise NotFound(f"slot {slot.id} does not exist in this team")
            connection.execute(KEEP[connection.dialect.name], row)
            self._note(connection, slot.team_id, "slot.posted", slot.id, detail)

    def posted(self, slot: Slot) -> Mapping[str, Posted]:
        """Objects of the slot by kind."""
        here = {"at_team_id": slot.team_id, "at_slot_id": slot.id}
        with self._read() as connection:
            return {row.kind: Posted(*row) for row in connection.execute(POSTED, here)}

    def slots(self, team_id: Id, job_id: Id | None = None) -> Sequence[Slot]:
        """Slots of a team, oldest first, terminal ones too."""
        here = {"at_team_id": canonical(team_id, "team")}
        if job_id is not None:
            here["at_job_id"] = canonical(job_id, "job ad")
        with self._read() as connection:
            rows = connection.execute(OF_TEAM if job_id is None else OF_AD, here).mappings()
            return [_slot(row) for row in rows]

    def _last(self, connection: sa.Connection, plan: Plan, arm: str) -> Any:
        return connection.execute(LAST, {**place(plan), "at_arm": arm}).mappings().first()

    def _new_slot(
        self, connection: sa.Connection, plan: Plan, arm: str, mode: Mode, last: Any, lease: Lease
    ) -> Slot:
        attempt = last["attempt"] + 1 if last is not None else 0
        slot = Slot(
            id=str(uuid.uuid4()),
            team_id=str(plan.team_id),
            job_id=str(plan.job_id),
            network=plan.network,
            account_id=plan.account_id,
            arm=arm,
            revision=plan.revision(arm),
            state=SlotState.PLANNED,
            mode=mode,
            attempt=attempt,
            epoch=lease.epoch,
            plan_digest=plan.digest,
        )
        row = {name: getattr(slot, name) for name in Slot.__dataclass_fields__} | {
            "network": str(slot.network),
            "state": str(slot.state),
            "mode": str(mode),
            "review": str(slot.review),
            "ordinal": last["ordinal"] + 1 if last is not None else 0,
            "retired": False,
            "running": False,
            "created_at": self._now(),
            "updated_at": self._now(),
        }
        connection.execute(NEW_SLOT, row)
        self._note_slot(connection, slot, "slot.opened")
        return slot

    def _store(self, connection: sa.Connection, before: Slot, after: Slot) -> Slot:
        """Write `after` only if the row still is `before`, so that two writers cannot both win."""
        new = {
            "state": str(after.state),
            "revision": after.revision,
            "reason": after.reason,
            "epoch": after.epoch,
            "plan_digest": after.plan_digest,
            "updated_at": self._now(),
            "runs": RUNNING.get(after.state),
        }
        here = {**_id(before), "at_state": str(before.state), "at_revision": before.revision}
        done = connection.execute(STORE, {**here, **new})
        if done.rowcount != 1:
            now = self._current(connection, before)
            raise IllegalMove(
                f"slot {before.id} is {now.state} at {now.revision}, "
                f"no longer {before.state} at {before.revision}",
                mend="read it again",
            )
        self._note_slot(connection, after, f"slot.{after.state}")
        return after

    def _current(self, connection: sa.Connection, slot: Slot) -> Slot:
        row = connection.execute(CURRENT, _id(slot)).mappings().first()
        if row is None:
            raise NotFound(f"slot {slot.id} does not exist in this team")
        return _slot(row)

    def _note_slot(self, connection: sa.Connection, slot: Slot, action: str) -> None:
        detail = {
            "job_id": slot.job_id,
            "network": str(slot.network),
            "arm": slot.arm,
            "revision": slot.revision,
            "reason": slot.reason,
        }
        self._note(connection, slot.team_id, action, slot.id, detail)


def _id(slot: Slot) -> dict[str, str]:
    return {"at_team_id": slot.team_id, "at_id": slot.id}


def _bars(ended: Any, revision: str) -> bool:
    """Whether a slot that ended stands in the way of a new one: only what was refused at this very
    revision does, until somebody decides anew. What was closed may be wanted again since."""
    refused = SlotState(ended["state"]) is SlotState.FAILED
    return bool(refused and not ended["retired"] and ended["revision"] == revision)


def _slot(row: Any) -> Slot:
    plain = (
        "id",
        "team_id",
        "job_id",
        "account_id",
        "arm",
        "revision",
        "attempt",
        "reason",
        "epoch",
        "plan_digest",
        "review_reason",
        "reviewed_at",
    )
    return Slot(
        **{name: row[name] for name in plain},
        network=Network(row["network"]),
        state=SlotState(row["state"]),
        mode=Mode(row["mode"]),
        review=Review(row["review"]),
    )
