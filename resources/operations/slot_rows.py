"""Rows of slots: read and changed in the caller's transaction."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.errors import IllegalMove, NotFound
from domain.ledger import Lease, Slot
from domain.lifecycle import TERMINAL, SlotState
from domain.money import Money
from domain.plan import Plan
from domain.platform import Mode, Network, Review
from resources.operations.audit import note
from resources.operations.schema import slots
from resources.operations.statements import CURRENT, HOLD, LAST, NEW_SLOT, STORE, place

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


def last(connection: sa.Connection, plan: Plan, arm: str) -> Any:
    """The row of the arm's newest slot; None without one."""
    return connection.execute(LAST, {**place(plan), "at_arm": arm}).mappings().first()


def current(connection: sa.Connection, slot: Slot) -> Slot:
    """The slot as it is stored now."""
    row = connection.execute(CURRENT, key(slot)).mappings().first()
    if row is None:
        raise NotFound(f"slot {slot.id} does not exist in this team")
    return built(row)


def running(connection: sa.Connection, team: str, job: str) -> set[tuple[str, str]]:
    """(network, account) where the ad's newest slots may be running."""
    slot = slots.c
    query = (
        sa.select(slot.network, slot.account_id, slot.arm, slot.running)
        .where(slot.team_id == team, slot.job_id == job)
        .order_by(slot.ordinal)
    )
    newest = {(n, a, arm): runs for n, a, arm, runs in connection.execute(query)}
    return {(n, a) for (n, a, _), runs in newest.items() if runs}


def retire(connection: sa.Connection, team: str, job: str, *extra: Any) -> None:
    """Ended slots stop standing in the way of a new one at the same revision."""
    where = (slots.c.team_id == team, slots.c.job_id == job, *extra)
    version = slots.c.version + 1
    connection.execute(
        slots.update()
        .where(*where, slots.c.state.in_(map(str, TERMINAL)), ~slots.c.retired)
        .values(retired=True, version=version)
    )


def hold(connection: sa.Connection, held: Sequence[Slot]) -> None:
    """Bring slots under their new epoch; states and versions stay."""
    for slot in held:
        new = {"epoch": slot.epoch, "plan_digest": slot.plan_digest}
        connection.execute(HOLD, {**key(slot), **new})


def raise_running(connection: sa.Connection, slot: Slot, daily: Money) -> None:
    """From now on `daily` may be spent, or what was before if that is more: a change has begun."""
    slot_ = slots.c
    other = sa.and_(slot_.running, slot_.running_currency.not_in(("", daily.currency)))
    more = sa.and_(slot_.running, slot_.running_minor > daily.minor)
    connection.execute(
        slots.update()
        .where(slot_.team_id == slot.team_id, slot_.id == slot.id)
        .values(
            running_minor=sa.case((other | more, slot_.running_minor), else_=daily.minor),
            running_currency=sa.case((other, slot_.running_currency), else_=daily.currency),
        )
    )


def settle_running(connection: sa.Connection, of: Slot, daily: Money) -> None:
    """`daily` is what the slots of the place spend: all of its plan is through."""
    where = [slots.c[name] == value for name, value in _place(of).items()]
    connection.execute(
        slots.update()
        .where(*where, slots.c.running)
        .values(running_minor=daily.minor, running_currency=daily.currency)
    )


def _place(of: Slot) -> dict[str, str]:
    return {
        "team_id": of.team_id,
        "job_id": of.job_id,
        "network": str(of.network),
        "account_id": of.account_id,
    }


def add(
    connection: sa.Connection,
    plan: Plan,
    arm: str,
    mode: Mode,
    before: Any,
    lease: Lease,
    daily: Money,
    now: datetime,
) -> Slot:
    """A new slot in state PLANNED, after the row `before` of the same place if there is one."""
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
        attempt=before["attempt"] + 1 if before is not None else 0,
        epoch=lease.epoch,
        plan_digest=plan.digest,
    )
    row = {name: getattr(slot, name) for name in Slot.__dataclass_fields__} | {
        "network": str(slot.network),
        "state": str(slot.state),
        "mode": str(mode),
        "review": str(slot.review),
        "ordinal": before["ordinal"] + 1 if before is not None else 0,
        "retired": False,
        "running": False,
        "running_minor": daily.minor,
        "running_currency": daily.currency,
        "created_at": now,
        "updated_at": now,
    }
    connection.execute(NEW_SLOT, row)
    note_slot(connection, slot, "slot.opened", now)
    return slot


def replace_row(connection: sa.Connection, before: Slot, after: Slot, now: datetime) -> Slot:
    """Write `after` only if the row still is `before`, so that two writers cannot both win."""
    new = {
        "state": str(after.state),
        "revision": after.revision,
        "reason": after.reason,
        "epoch": after.epoch,
        "plan_digest": after.plan_digest,
        "updated_at": now,
        "runs": RUNNING.get(after.state),
    }
    here = {**key(before), "at_state": str(before.state), "at_revision": before.revision}
    if connection.execute(STORE, {**here, **new}).rowcount != 1:
        found = current(connection, before)
        raise IllegalMove(
            f"slot {before.id} is {found.state} at {found.revision}, "
            f"no longer {before.state} at {before.revision}",
            mend="read it again",
        )
    note_slot(connection, after, f"slot.{after.state}", now)
    return after


def note_slot(connection: sa.Connection, slot: Slot, action: str, now: datetime) -> None:
    detail = {
        "job_id": slot.job_id,
        "network": str(slot.network),
        "arm": slot.arm,
        "revision": slot.revision,
        "reason": slot.reason,
    }
    note(connection, slot.team_id, action, slot.id, detail, now=now)


def key(slot: Slot) -> dict[str, str]:
    return {"at_team_id": slot.team_id, "at_id": slot.id}


def built(row: Any) -> Slot:
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
