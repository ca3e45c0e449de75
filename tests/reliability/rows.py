"""The posting ledger's rules (`domain.ledger`, `resources.operations`) on immutable rows.

One place, one ad. Each function is one transaction: it returns the rows after it and an answer, or
raises and changes nothing. Time is three facts of a lease: fresh, waning (less than a request's
margin is left) and over. Counts of tries, audit log, caps and silences are left out: nothing of
what is modelled reads them. `test_store.py` holds these rules against the real store.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from domain.errors import IllegalMove, LeaseLost, NotFound, Retryable
from domain.job_ad import live_status
from domain.ledger import Posted, Slot
from domain.lifecycle import TERMINAL, AdStatus, SlotState, check_slot_move
from domain.plan import SHARED, Plan
from domain.platform import Mode
from resources.operations import snapshots as rules
from resources.operations.slot_rows import RUNNING


class Held(NamedTuple):
    """The lease's row; `epoch` 0 was never taken."""

    epoch: int = 0
    taken: bool = False
    waning: bool = False
    over: bool = False
    revoked: bool = False


class Row(NamedTuple):
    slot: Slot
    retired: bool = False
    running: bool = False
    posted: tuple[Posted, ...] = ()


class Accepted(NamedTuple):
    """An acceptance: approved or waiting, and whether it was withdrawn, by a person or by an edit
    of the ad that made it void."""

    digest: str
    approved: bool
    withdrawn: bool = False


class Ledger(NamedTuple):
    """`plans` in order of acceptance; rows in order of opening."""

    plans: tuple[Accepted, ...]
    status: AdStatus
    rows: tuple[Row, ...] = ()
    lease: Held = Held()
    stopped: bool = False


Plans = Mapping[str, Plan]
OPEN = (AdStatus.SCHEDULED, AdStatus.LIVE)


def in_force(ledger: Ledger) -> str:
    """The newest approved plan; after its withdrawal none, and no older one."""
    newest = next((p for p in reversed(ledger.plans) if p.approved), None)
    return "" if newest is None or newest.withdrawn else newest.digest


def _approved(ledger: Ledger, digest: str) -> bool:
    """Whether a slot of this plan may become active: by the last word about it, and only while some
    plan is in force."""
    decided = next((p for p in reversed(ledger.plans) if p.approved and p.digest == digest), None)
    return decided is not None and not decided.withdrawn and bool(in_force(ledger))


def wanted(ledger: Ledger) -> bool:
    return ledger.status in OPEN and not ledger.stopped


def due(ledger: Ledger, plans: Plans) -> str:
    """The digest of the plan that is due, or ""."""
    digest = in_force(ledger)
    if not digest or not wanted(ledger):
        return ""
    return digest if rules.unfinished(revisions(plans[digest]), _last(ledger)) else ""


def revisions(plan: Plan) -> dict[str, str]:
    return {arm: plan.revision(arm) for arm in (SHARED, *(a.arm for a in plan.arms))}


def stale(ledger: Ledger) -> bool:
    return not (wanted(ledger) and in_force(ledger)) and any(
        row.running for row in _last(ledger).values()
    )


def _last(ledger: Ledger) -> dict[str, rules.Row]:
    return {
        r.slot.arm: rules.Row(r.slot.state, r.slot.revision, r.retired, r.running)
        for r in ledger.rows
    }


def accepted_plan(ledger: Ledger) -> str:
    if not in_force(ledger):
        raise NotFound("no approved plan")
    return in_force(ledger)


def take(ledger: Ledger) -> tuple[Ledger, int]:
    lease = ledger.lease
    if lease.taken and not lease.over:
        raise Retryable("another process is posting")
    return ledger._replace(lease=Held(lease.epoch + 1, taken=True)), lease.epoch + 1


def give_back(ledger: Ledger, epoch: int) -> Ledger:
    if ledger.lease.epoch != epoch:
        return ledger
    return ledger._replace(lease=ledger.lease._replace(taken=False))


def fence(ledger: Ledger, epoch: int, *, margin: bool = False) -> None:
    lease = ledger.lease
    if lease.epoch != epoch or not lease.taken or lease.revoked or lease.over:
        raise LeaseLost(f"lease {epoch} is over")
    if margin and lease.waning:
        raise LeaseLost(f"lease {epoch} ends soon")


def renew(ledger: Ledger, epoch: int) -> Ledger:
    return ledger._replace(lease=ledger.lease._replace(waning=False))


def open_slot(ledger: Ledger, plan: Plan, arm: str, mode: Mode, epoch: int) -> tuple[Ledger, Slot]:
    if not wanted(ledger) or in_force(ledger) != plan.digest:
        raise Retryable("not wanted, or another plan is in force")
    revision = plan.revision(arm)
    last = next((r for r in reversed(ledger.rows) if r.slot.arm == arm), None)
    ended = last is None or last.slot.state in TERMINAL
    refused = last is not None and last.slot.state is SlotState.FAILED and not last.retired
    if last is None or (ended and not (refused and last.slot.revision == revision)):
        count = sum(r.slot.arm == arm for r in ledger.rows)
        slot = Slot(
            f"{arm}-{count}",
            plan.team_id,
            plan.job_id,
            plan.network,
            plan.account_id,
            arm,
            revision,
            SlotState.PLANNED,
            mode,
            attempt=count,
            epoch=epoch,
            plan_digest=plan.digest,
        )
        return ledger._replace(rows=(*ledger.rows, Row(slot))), slot
    if ended:
        return ledger, last.slot
    held = replace(last.slot, epoch=epoch, plan_digest=plan.digest)
    if held.revision == revision:
        return _put(ledger, last._replace(slot=held)), held
    state = held.state if held.state is SlotState.PLANNED else SlotState.SENDING
    return _stored(ledger, last.slot, replace(held, revision=revision, state=state))


def adopt(ledger: Ledger, epoch: int) -> tuple[Ledger, tuple[Slot, ...]]:
    mine = [r for r in ledger.rows if r.slot.state not in TERMINAL]
    for row in mine:
        ledger = _put(ledger, row._replace(slot=replace(row.slot, epoch=epoch)))
    held = [r.slot for r in ledger.rows if r.slot.state not in TERMINAL]
    return ledger, tuple(sorted(held, key=lambda s: s.id))


def move(ledger: Ledger, slot: Slot, to: SlotState, reason: str) -> tuple[Ledger, Slot]:
    check_slot_move(slot.state, to)
    if to is SlotState.ACTIVE and not _approved(ledger, slot.plan_digest):
        raise IllegalMove("the plan of the slot is not approved")
    if to is SlotState.ACTIVE and ledger.stopped:
        raise IllegalMove("the team is stopped")
    return _stored(ledger, slot, replace(slot, state=to, reason=reason))


def rest(ledger: Ledger, slot: Slot) -> Ledger:
    return _put(ledger, _row(ledger, slot)._replace(running=False))


def record(ledger: Ledger, slot: Slot, posted: Posted) -> Ledger:
    row = _row(ledger, slot)
    kept = {p.kind: p for p in row.posted} | {posted.kind: posted}
    return _put(ledger, row._replace(posted=tuple(kept[k] for k in sorted(kept))))


def posted(ledger: Ledger, slot: Slot) -> tuple[Posted, ...]:
    return _row(ledger, slot).posted


def settle(ledger: Ledger, plans: Plans) -> Ledger:
    to = live_status(_states(ledger, plans))
    legal = {AdStatus.LIVE: (AdStatus.SCHEDULED,), AdStatus.FAILED: OPEN}
    return ledger._replace(status=to) if to and ledger.status in legal[to] else ledger


def _states(ledger: Ledger, plans: Plans) -> list[str]:
    last, digest = _last(ledger), in_force(ledger)
    planned = revisions(plans[digest]) if digest else {}
    shared, states = last.get(SHARED), []
    refused = shared is not None and shared.state is SlotState.FAILED and not shared.retired
    for arm in planned.keys() - {SHARED}:
        row = last.get(arm)
        current = row is not None and (row.open or not row.retired)
        state = row.state if row and current else SlotState.PLANNED
        states.append(str(SlotState.FAILED if refused else state))
    return states + [str(r.state) for arm, r in last.items() if arm not in planned and r.open]


def _stored(ledger: Ledger, before: Slot, after: Slot) -> tuple[Ledger, Slot]:
    row = _row(ledger, before)
    if (row.slot.state, row.slot.revision) != (before.state, before.revision):
        raise IllegalMove(f"slot {before.id} is {row.slot.state} by now")
    running = RUNNING.get(after.state, row.running)
    return _put(ledger, row._replace(slot=after, running=running)), after


def _row(ledger: Ledger, slot: Slot) -> Row:
    return next(r for r in ledger.rows if r.slot.id == slot.id)


def _put(ledger: Ledger, row: Row) -> Ledger:
    rows = tuple(row if r.slot.id == row.slot.id else r for r in ledger.rows)
    return ledger._replace(rows=rows)
