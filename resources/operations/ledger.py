"""The posting ledger: slots and the objects that slots own. See `domain.ledger`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.errors import LeaseLost, NotFound, SetupError
from domain.job_ad import live_status
from domain.ledger import Lease, Posted, Slot
from domain.lifecycle import TERMINAL, AdStatus, SlotState, check_slot_move
from domain.plan import SHARED, Plan
from domain.platform import Mode
from resources.operations import ad_rows, lease_rows, plan_rows, room_rows, slot_rows
from resources.operations.audit import SYSTEM, note
from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.schema import slots
from resources.operations.slot_rows import REASON_MAX
from resources.operations.snapshots import arm_states, snapshot
from resources.operations.statements import BUMP, KEEP, KEEP_AD, OF_AD, OF_TEAM, OPEN, POSTED, place


class Ledger:
    """`domain.ledger.PostingLedger` in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_slot(self, plan: Plan, arm: str, mode: Mode, lease: Lease) -> Slot:
        """The arm's slot at the plan's revision and under the lease, PLANNED when it is new.
        Retryable while more of the ad's money would run than its daily budget.

        An open slot takes a new revision: PLANNED and SENDING stay, posted ones go back to
        SENDING. A slot that ended at this revision is answered as it is, until somebody approves
        another plan, or schedules or resumes the ad."""
        team, job = canonical(plan.team_id, "team"), canonical(plan.job_id, "job ad")
        here = (team, job, plan.network, plan.account_id)
        if (lease.team_id, lease.job_id, lease.network, lease.account_id) != here:
            raise LeaseLost(f"the lease of ad {lease.job_id} is not of the plan's place")
        revision = plan.revision(arm)
        with self._database.write() as connection:
            now = lease_rows.fence(connection, lease, self._database.now)
            status = connection.scalar(KEEP_AD, {"at_team_id": team, "at_id": job})
            plan_rows.check_postable(connection, plan, str(status))
            daily = room_rows.check_room(connection, plan)
            last = slot_rows.last(connection, plan, arm)
            ended = last is None or SlotState(last["state"]) in TERMINAL
            if last is None or (ended and not _bars(last, revision)):
                return slot_rows.add(connection, plan, arm, mode, last, lease, daily, now)
            slot = slot_rows.built(last)
            if ended:
                return slot
            if slot.mode is not mode:
                raise SetupError(
                    f"slot {slot.id} belongs to {slot.mode} mode", mend=f"run in {slot.mode} mode"
                )
            slot_rows.raise_running(connection, slot, daily)
            held = replace(slot, epoch=lease.epoch, plan_digest=plan.digest)
            if slot.revision == revision:
                slot_rows.hold(connection, [held])
                return held
            state = slot.state if slot.state is SlotState.PLANNED else SlotState.SENDING
            after = replace(held, revision=revision, state=state)
            return slot_rows.replace_row(connection, slot, after, now)

    def adopt(self, lease: Lease) -> Sequence[Slot]:
        """Every open slot of the lease's place, oldest first, from now on under its epoch."""
        with self._database.write() as connection:
            lease_rows.fence(connection, lease, self._database.now)
            rows = connection.execute(OPEN, place(lease)).mappings()
            held = [replace(slot_rows.built(row), epoch=lease.epoch) for row in rows]
            slot_rows.hold(connection, held)
        return held

    def move(self, slot: Slot, to: SlotState, reason: str = "") -> Slot:
        """Store the move; IllegalMove when the table, the database or another process forbids."""
        check_slot_move(slot.state, to)
        with self._database.write() as connection:
            now = lease_rows.fence(connection, slot, self._database.now)
            after = replace(slot, state=to, reason=reason[:REASON_MAX])
            slot_rows.replace_row(connection, slot, after, now)
            if (slot.arm, to) == (SHARED, SlotState.ACTIVE):  # the last step of a posting
                slot_rows.settle_running(connection, after, room_rows.daily_of(connection, after))
        return after

    def rest(self, slot: Slot) -> None:
        """Remember that nothing of the slot runs: its objects were paused and confirmed so."""
        with self._database.write() as connection:
            now = lease_rows.fence(connection, slot, self._database.now)
            mine = (slots.c.team_id == slot.team_id, slots.c.id == slot.id, slots.c.running)
            stamp = {"running": False, "version": slots.c.version + 1}
            if connection.execute(slots.update().where(*mine).values(stamp)).rowcount:
                slot_rows.note_slot(connection, slot, "slot.rests", now)

    def record(self, slot: Slot, posted: Posted) -> None:
        """Remember an object that the slot owns; one row per slot and kind, last key wins."""
        detail = {"kind": posted.kind, "object_id": posted.object_id, "key": posted.key}
        row = {"slot_id": slot.id, "team_id": slot.team_id, **detail}
        with self._database.write() as connection:
            now = lease_rows.fence(connection, slot, self._database.now)
            if connection.execute(BUMP, slot_rows.key(slot)).rowcount != 1:
                raise NotFound(f"slot {slot.id} does not exist in this team")
            connection.execute(KEEP[connection.dialect.name], {**row, "updated_at": now})
            note(connection, slot.team_id, "slot.posted", slot.id, detail, now=now)

    def posted(self, slot: Slot) -> Mapping[str, Posted]:
        """Objects of the slot by kind."""
        here = {"at_team_id": slot.team_id, "at_slot_id": slot.id}
        with self._database.read() as connection:
            return {row.kind: Posted(*row) for row in connection.execute(POSTED, here)}

    def slots(self, team_id: Id, job_id: Id | None = None) -> Sequence[Slot]:
        """Slots of a team, oldest first, terminal ones too."""
        here = {"at_team_id": canonical(team_id, "team")}
        if job_id is not None:
            here["at_job_id"] = canonical(job_id, "job ad")
        with self._database.read() as connection:
            rows = connection.execute(OF_TEAM if job_id is None else OF_AD, here).mappings()
            return [slot_rows.built(row) for row in rows]

    def runs(self, team_id: Id, job_id: Id) -> bool:
        """Whether anything of the ad may be running, as far as the slots tell."""
        team, job = canonical(team_id, "team"), canonical(job_id, "job ad")
        with self._database.read() as connection:
            return bool(slot_rows.running(connection, team, job))

    def settle(self, lease: Lease) -> None:
        """Move the ad's own status to what its slots say: live if any arm is active, failed only
        if every arm of every approved plan failed. A pause is a person's and stays."""
        with self._database.write() as connection:
            now = lease_rows.fence(connection, lease, self._database.now)
            ad = ad_rows.lock_state(connection, lease.team_id, lease.job_id)
            to = live_status(arm_states(snapshot(connection, now, lease)))
            legal = {
                AdStatus.LIVE: (AdStatus.SCHEDULED,),
                AdStatus.FAILED: (AdStatus.SCHEDULED, AdStatus.LIVE),
            }
            if to is not None and ad.status in legal[to]:
                ad_rows.move(connection, ad, to, actor=SYSTEM, now=now)


def _bars(ended: Any, revision: str) -> bool:
    """Whether a slot that ended stands in the way of a new one: only what was refused at this very
    revision does, until somebody decides anew. What was closed may be wanted again since."""
    refused = SlotState(ended["state"]) is SlotState.FAILED
    return bool(refused and not ended["retired"] and ended["revision"] == revision)
