"""The posting ledger: leases, slots, and the objects that slots own. See `domain.ledger`."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from domain.errors import IllegalMove, NotFound, Retryable, SetupError
from domain.ledger import Posted, Slot
from domain.lifecycle import TERMINAL, SlotState, check_slot_move
from domain.plan import Plan
from domain.platform import Mode, Network
from resources.operations.book import Id, canonical
from resources.operations.plans import Plans
from resources.operations.schema import leases, postings, slots, throttle

REASON_MAX = 1000

# Whether the network may be showing a slot's objects. A new revision passes the other states with
# the objects of the old one still there, so in those the answer stays what it was.
RUNNING = {
    SlotState.ACTIVE: True,
    SlotState.PAUSED: False,
    SlotState.FAILED: False,
    SlotState.CLOSED: False,
}


class Ledger(Plans):
    @contextmanager
    def lease(
        self, team_id: str, job_id: str, network: Network, account_id: str, *, ttl_s: float
    ) -> Iterator[None]:
        """Hold the only right to post this ad there; Retryable when another holds it.

        Every lease that ends, or runs out, counts as one try: `DueAd.attempt` says how many."""
        place = {"team_id": canonical(team_id, "team"), "job_id": canonical(job_id, "job ad"),
                 "network": str(network), "account_id": account_id}  # fmt: skip
        holder = str(uuid.uuid4())
        self._take(place, holder, ttl_s)
        try:
            yield
        finally:
            self._give_back(place, holder)

    def _take(self, place: Mapping[str, str], holder: str, ttl_s: float) -> None:
        now = self._now()
        until = now + timedelta(seconds=ttl_s)
        insert = self._insert(leases).values(**place, holder=holder, expires_at=until, tries=0)
        died = sa.case((leases.c.holder.is_not(None), 1), else_=0)
        with self._write() as connection:
            self._ad(connection, place["team_id"], place["job_id"])
            taken = connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["team_id", "job_id", "network", "account_id"],
                    set_={"holder": holder, "expires_at": until, "tries": leases.c.tries + died},
                    where=sa.or_(leases.c.holder.is_(None), leases.c.expires_at <= now),
                ).returning(leases.c.holder)
            ).first()
            if taken is None:
                raise Retryable(
                    f"another process is posting ad {place['job_id']} to {place['network']}",
                    mend="wait until it ends",
                )

    def _give_back(self, place: Mapping[str, str], holder: str) -> None:
        mine = [leases.c[name] == value for name, value in place.items()]
        with self._write() as connection:
            connection.execute(
                leases.update()
                .where(*mine, leases.c.holder == holder)
                .values(holder=None, tries=leases.c.tries + 1)
            )

    def open_slot(self, plan: Plan, arm: str, mode: Mode) -> Slot:
        """The arm's slot at the plan's revision, PLANNED when it is new.

        An open slot takes a new revision: PLANNED and SENDING stay, posted ones go back to
        SENDING. A slot that ended at this revision is answered as it is, until somebody accepts
        another plan, or schedules or resumes the ad."""
        team, job = canonical(plan.team_id, "team"), canonical(plan.job_id, "job ad")
        revision = plan.revision(arm)
        with self._write() as connection:
            self._ad(connection, team, job, lock=True)
            last = self._last(connection, plan, arm)
            ended = last is None or SlotState(last["state"]) in TERMINAL
            if last is None or (ended and (last["retired"] or last["revision"] != revision)):
                return self._new_slot(connection, plan, arm, mode, last)
            slot = _slot(last)
            if not ended and slot.mode is not mode:
                raise SetupError(
                    f"slot {slot.id} belongs to {slot.mode} mode", mend=f"run in {slot.mode} mode"
                )
            if slot.revision == revision:
                return slot
            state = slot.state if slot.state is SlotState.PLANNED else SlotState.SENDING
            return self._store(connection, slot, replace(slot, revision=revision, state=state))

    def move(self, slot: Slot, to: SlotState, reason: str = "") -> Slot:
        """Store the move; IllegalMove when the table, the database or another process forbids."""
        check_slot_move(slot.state, to)
        with self._write() as connection:
            return self._store(
                connection, slot, replace(slot, state=to, reason=reason[:REASON_MAX])
            )

    def record(self, slot: Slot, posted: Posted) -> None:
        """Remember an object that the slot owns; one row per slot and kind, last key wins."""
        row = {"object_id": posted.object_id, "key": posted.key, "updated_at": self._now()}
        insert = self._insert(postings).values(
            slot_id=slot.id, team_id=slot.team_id, kind=posted.kind, **row
        )
        with self._write() as connection:
            self._current(connection, slot)
            connection.execute(
                insert.on_conflict_do_update(index_elements=["slot_id", "kind"], set_=row)
            )
            detail = {"kind": posted.kind, "object_id": posted.object_id, "key": posted.key}
            self._bump(connection, slot)
            self._note(connection, slot.team_id, "slot.posted", slot.id, detail)

    def posted(self, slot: Slot) -> Mapping[str, Posted]:
        """Objects of the slot by kind."""
        query = sa.select(postings).where(
            postings.c.team_id == slot.team_id, postings.c.slot_id == slot.id
        )
        with self._read() as connection:
            rows = connection.execute(query).mappings()
            return {r["kind"]: Posted(r["kind"], r["object_id"], r["key"]) for r in rows}

    def slots(self, team_id: Id, job_id: Id | None = None) -> Sequence[Slot]:
        """Slots of a team, oldest first, terminal ones too."""
        query = sa.select(slots).where(slots.c.team_id == canonical(team_id, "team"))
        if job_id is not None:
            query = query.where(slots.c.job_id == canonical(job_id, "job ad"))
        query = query.order_by(slots.c.created_at, slots.c.job_id, slots.c.ordinal, slots.c.arm)
        with self._read() as connection:
            return [_slot(row) for row in connection.execute(query).mappings()]

    def throttle(self, network: Network, account_id: str, until: datetime) -> None:
        """The network asked for silence on this account; the later of two wishes holds."""
        insert = self._insert(throttle).values(
            network=str(network), account_id=account_id, until=until
        )
        later = insert.excluded.until > throttle.c.until
        with self._write() as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["network", "account_id"], set_={"until": until}, where=later
                )
            )

    def throttled_until(self, network: Network, account_id: str) -> datetime | None:
        """When the account may be called again; None when it may be now."""
        query = sa.select(throttle.c.until).where(
            throttle.c.network == str(network), throttle.c.account_id == account_id
        )
        with self._read() as connection:
            until: datetime | None = connection.scalar(query)
        return until if until is not None and until > self._now() else None

    def _last(self, connection: sa.Connection, plan: Plan, arm: str) -> Any:
        query = (
            sa.select(slots)
            .where(
                slots.c.team_id == str(plan.team_id), slots.c.job_id == str(plan.job_id),
                slots.c.network == str(plan.network), slots.c.account_id == plan.account_id,
                slots.c.arm == arm,
            )
            .order_by(slots.c.ordinal.desc())
            .limit(1)
        )  # fmt: skip
        return connection.execute(query).mappings().first()

    def _new_slot(
        self, connection: sa.Connection, plan: Plan, arm: str, mode: Mode, last: Any
    ) -> Slot:
        attempt = last["attempt"] + 1 if last is not None else 0
        slot = Slot(
            id=str(uuid.uuid4()), team_id=str(plan.team_id), job_id=str(plan.job_id),
            network=plan.network, account_id=plan.account_id, arm=arm,
            revision=plan.revision(arm), state=SlotState.PLANNED, mode=mode, attempt=attempt,
        )  # fmt: skip
        row = {name: getattr(slot, name) for name in Slot.__dataclass_fields__} | {
            "network": str(slot.network), "state": str(slot.state), "mode": str(mode),
            "ordinal": last["ordinal"] + 1 if last is not None else 0, "retired": False,
            "running": False, "created_at": self._now(), "updated_at": self._now(),
        }  # fmt: skip
        connection.execute(slots.insert().values(row))
        self._note_slot(connection, slot, "slot.opened")
        return slot

    def _store(self, connection: sa.Connection, before: Slot, after: Slot) -> Slot:
        """Write `after` only if the row still is `before`, so that two writers cannot both win."""
        done = connection.execute(
            slots.update()
            .where(*_same(before))
            .values(
                state=str(after.state), revision=after.revision, reason=after.reason,
                running=RUNNING.get(after.state, slots.c.running),
                updated_at=self._now(), version=slots.c.version + 1,
            )
        )  # fmt: skip
        if done.rowcount != 1:
            now = self._current(connection, before)
            raise IllegalMove(
                f"slot {before.id} is {now.state} at {now.revision}, "
                f"no longer {before.state} at {before.revision}",
                mend="read it again",
            )
        self._note_slot(connection, after, f"slot.{after.state}")
        return after

    def _bump(self, connection: sa.Connection, slot: Slot) -> None:
        mine = (slots.c.team_id == slot.team_id, slots.c.id == slot.id)
        connection.execute(slots.update().where(*mine).values(version=slots.c.version + 1))

    def _current(self, connection: sa.Connection, slot: Slot) -> Slot:
        query = sa.select(slots).where(slots.c.team_id == slot.team_id, slots.c.id == slot.id)
        row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFound(f"slot {slot.id} does not exist in this team")
        return _slot(row)

    def _note_slot(self, connection: sa.Connection, slot: Slot, action: str) -> None:
        detail = {"job_id": slot.job_id, "network": str(slot.network), "arm": slot.arm,
                  "revision": slot.revision, "reason": slot.reason}  # fmt: skip
        self._note(connection, slot.team_id, action, slot.id, detail)


def _same(slot: Slot) -> tuple[Any, ...]:
    return (
        slots.c.team_id == slot.team_id, slots.c.id == slot.id,
        slots.c.state == str(slot.state), slots.c.revision == slot.revision,
    )  # fmt: skip


def _slot(row: Any) -> Slot:
    plain = ("id", "team_id", "job_id", "account_id", "arm", "revision", "attempt", "reason")
    return Slot(
        **{name: row[name] for name in plain},
        network=Network(row["network"]), state=SlotState(row["state"]), mode=Mode(row["mode"]),
    )  # fmt: skip
