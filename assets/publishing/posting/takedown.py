"""Taking ads off a network: pause, confirm by reading, and only then tell the ledger."""

from collections.abc import Sequence

from assets.publishing.posting import retries
from assets.publishing.posting.leased_adapter import LEASE_S, Fenced
from assets.publishing.posting.retries import Sleep
from domain.ledger import Lease, Leases, PostingLedger, Slot
from domain.lifecycle import SlotState
from domain.networks import FACTS
from domain.plan import SHARED, Plan
from domain.platform import AdPlatform


def retire(
    team_id: str,
    job_id: str,
    account_id: str,
    *,
    platform: AdPlatform,
    leases: Leases,
    ledger: PostingLedger,
    sleep: Sleep,
    close: bool,
) -> Sequence[Slot]:
    """Pause every object of an ad on one account; close its slots for good (ended, archived) or
    leave them ready to run again (paused). Safe to repeat; returns the slots it moved."""
    moved = []
    with leases.lease(team_id, job_id, platform.network, account_id, ttl_s=LEASE_S) as lease:
        fenced = Fenced(platform, leases, lease)
        for slot in sorted(ledger.adopt(lease), key=lambda s: s.arm != SHARED):
            runs = slot.state == SlotState.ACTIVE
            slot = _taken_off(slot, fenced, ledger, sleep)
            if close:
                moved.append(ledger.move(slot, SlotState.CLOSED, "retired and confirmed paused"))
            elif runs:
                moved.append(ledger.move(slot, SlotState.PAUSED, "confirmed paused"))
            else:
                ledger.rest(slot)
        ledger.settle(lease)
    return moved


def close_absent(
    plan: Plan, lease: Lease, *, platform: AdPlatform, ledger: PostingLedger, sleep: Sleep
) -> Sequence[Slot]:
    """Pause and close the open slots of arms that the plan no longer has, under a held lease."""
    wanted = {SHARED, *(arm.arm for arm in plan.arms)}
    moved = []
    for slot in ledger.adopt(lease):
        if slot.arm not in wanted:
            slot = _taken_off(slot, platform, ledger, sleep)
            moved.append(ledger.move(slot, SlotState.CLOSED, "not in the plan any more"))
    return moved


def _taken_off(slot: Slot, platform: AdPlatform, ledger: PostingLedger, sleep: Sleep) -> Slot:
    """Pause a slot's objects. One that may run goes back to SENDING first: who dies in between
    leaves a slot that is looked at again, not one that runs for the ledger and rests in truth; and
    who switches it on again passes VERIFIED, from where on the ledger counts it as running."""
    if slot.state in (SlotState.VERIFIED, SlotState.ACTIVE):
        slot = ledger.move(slot, SlotState.SENDING, "is being taken off")
    pause_objects(slot, platform, ledger, sleep)
    return slot


def pause_objects(slot: Slot, platform: AdPlatform, ledger: PostingLedger, sleep: Sleep) -> None:
    """Objects that the ledger does not know yet were made paused and have never run."""
    posted = ledger.posted(slot)
    for kind in FACTS[slot.network].switched:  # parents first: a campaign's pause stops every arm
        if kind in posted:
            retries.halt(platform, kind, posted[kind].object_id, sleep)
