"""Taking ads off a network: pause, confirm by reading, and only then tell the ledger."""

from collections.abc import Sequence
from shlex import quote

from assets.publishing.posting import retries
from assets.publishing.posting.leased_adapter import LEASE_S, LeasedAdapter
from assets.publishing.posting.retries import Sleep
from domain.errors import NotFound
from domain.ledger import DueAd, Lease, Leases, PostingLedger, Slot
from domain.lifecycle import SlotState
from domain.networks import FACTS
from domain.plan import SHARED, Plan
from domain.platform import AdPlatform, Network


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
    with leases.acquire(team_id, job_id, platform.network, account_id, ttl_s=LEASE_S) as lease:
        fenced = LeasedAdapter(platform, leases, lease)
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


def confirm_off(of: DueAd | Slot) -> str:
    """The command by which a person says that an ad is off where no connection reaches it."""
    account = quote(of.account_id)
    return f"jobads ads confirm-off {of.job_id} --team {of.team_id} --account {account}"


def close_unreachable(
    place: tuple[str, str, Network, str], *, who: str, leases: Leases, ledger: PostingLedger
) -> Sequence[Slot]:
    """Close an ad's slots at a `place` (team, ad, network, account) that no connection reaches any
    more, because `who` says that nothing runs there; the audit log keeps who said it. Safe to
    repeat; returns the slots it closed."""
    reason = f"{who} says that it is off; the network was not asked"
    with leases.acquire(*place, ttl_s=LEASE_S) as lease:
        closed = [ledger.move(slot, SlotState.CLOSED, reason) for slot in ledger.adopt(lease)]
        ledger.settle(lease)
    return closed


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
    who switches it on again passes VERIFIED, from where on the ledger counts it as running.

    NotFound for one that may run although the ledger holds no object of it: nothing was paused."""
    if slot.state in (SlotState.VERIFIED, SlotState.ACTIVE):
        if ledger.posted(slot).keys().isdisjoint(FACTS[slot.network].switched):
            raise NotFound(
                f"arm {slot.arm} may run, but which objects it has is not in the ledger any more",
                where=f"ad {slot.job_id}",
                mend=f"pause it in {slot.network}'s own tool, and bring the rows of postings back "
                "from a backup",
            )
        slot = ledger.move(slot, SlotState.SENDING, "is being taken off")
    pause_objects(slot, platform, ledger, sleep)
    return slot


def pause_objects(slot: Slot, platform: AdPlatform, ledger: PostingLedger, sleep: Sleep) -> None:
    """Objects that the ledger does not know yet were made paused and have never run."""
    posted = ledger.posted(slot)
    for kind in FACTS[slot.network].switched:  # parents first: a campaign's pause stops every arm
        if kind in posted:
            retries.pause_and_confirm(platform, kind, posted[kind].object_id, sleep)
