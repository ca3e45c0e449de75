"""What a person does at any moment: the ledger after it, or None where it is illegal."""

from domain.lifecycle import MOVES, TERMINAL, AdStatus
from tests.reliability.rows import OPEN, Ledger


def approve(ledger: Ledger, digest: str) -> Ledger:
    """Accept and approve a plan: what ended under the older one may be tried again."""
    return _retired(ledger._replace(plans=(*ledger.plans, (digest, True))))


def propose(ledger: Ledger, digest: str) -> Ledger:
    """Accept a plan that waits for its approval."""
    return ledger._replace(plans=(*ledger.plans, (digest, False)))


def set_status(ledger: Ledger, to: AdStatus) -> Ledger | None:
    if to not in MOVES[ledger.status]:
        return None
    moved = ledger._replace(status=to)
    return _retired(moved) if to in OPEN else moved


def stop(ledger: Ledger) -> Ledger | None:
    """Who holds the lease loses it; the place stays taken until it is given back or over."""
    if ledger.stopped:
        return None
    lease = ledger.lease
    return ledger._replace(stopped=True, lease=lease._replace(revoked=lease.taken))


def release(ledger: Ledger) -> Ledger:
    return ledger._replace(stopped=False)


def _retired(ledger: Ledger) -> Ledger:
    return ledger._replace(
        rows=tuple(r._replace(retired=r.retired or r.slot.state in TERMINAL) for r in ledger.rows)
    )
