"""What a person does at any moment: the ledger after it, or None where it is illegal."""

from domain.lifecycle import MOVES, TERMINAL, AdStatus
from tests.reliability.rows import OPEN, Accepted, Ledger, in_force


def approve(ledger: Ledger, digest: str) -> Ledger:
    """Accept and approve a plan: what ended under the older one may be tried again, and who posts
    it loses the lease."""
    plans = (*ledger.plans, Accepted(digest, approved=True))
    return _revoked(_retired(ledger._replace(plans=plans)))


def propose(ledger: Ledger, digest: str) -> Ledger:
    """Accept a plan that waits for its approval."""
    return ledger._replace(plans=(*ledger.plans, Accepted(digest, approved=False)))


def withdraw(ledger: Ledger) -> Ledger | None:
    """Take back the plan in force: who posts it loses the lease, and no older plan comes back."""
    if not in_force(ledger):
        return None
    last = max(i for i, plan in enumerate(ledger.plans) if plan.approved)
    plans = [p._replace(withdrawn=p.withdrawn or i == last) for i, p in enumerate(ledger.plans)]
    return _revoked(ledger._replace(plans=tuple(plans)))


def change(ledger: Ledger) -> Ledger | None:
    """Another text: what waits is void, and so is what is in force and does not run."""
    if ledger.status is AdStatus.ARCHIVED:
        return None
    runs = any({r.slot.arm: r.running for r in ledger.rows}.values())
    waits = [i for i, plan in enumerate(ledger.plans) if not plan.approved]
    if waits and waits[-1] == len(ledger.plans) - 1:
        newest = ledger.plans[-1]._replace(withdrawn=True)
        ledger = ledger._replace(plans=(*ledger.plans[:-1], newest))
    return ledger if runs else withdraw(ledger) or ledger


def set_status(ledger: Ledger, to: AdStatus) -> Ledger | None:
    """A move away from the networks ends the lease of who posts."""
    if to not in MOVES[ledger.status]:
        return None
    moved = ledger._replace(status=to)
    return _retired(moved) if to in OPEN else _revoked(moved)


def stop(ledger: Ledger) -> Ledger | None:
    """Who holds the lease loses it; the place stays taken until it is given back or over."""
    if ledger.stopped:
        return None
    return _revoked(ledger._replace(stopped=True))


def release(ledger: Ledger) -> Ledger:
    return ledger._replace(stopped=False)


def _revoked(ledger: Ledger) -> Ledger:
    lease = ledger.lease
    return ledger._replace(lease=lease._replace(revoked=lease.revoked or lease.taken))


def _retired(ledger: Ledger) -> Ledger:
    return ledger._replace(
        rows=tuple(r._replace(retired=r.retired or r.slot.state in TERMINAL) for r in ledger.rows)
    )
