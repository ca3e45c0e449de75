"""Exactly once: from an accepted plan to objects on a network, resumable after any crash.

Each slot goes planned → sending → created → verified → active in the ledger, and each step is
committed there before the next request. Every create is preceded by a look for the slot's key, so
a crash between a network's commit and ours finds the object again. All objects are made paused;
children are switched on first and the campaign last. A change to an ad that runs pauses its
campaign until the change is read back: an edit never doubles spend.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from assets.publishing.posting import retries
from assets.publishing.posting.leased_adapter import LEASE_S, LeasedAdapter
from assets.publishing.posting.objects import Progress, Work, ensure, exact, verify
from assets.publishing.posting.retries import Sleep, with_retries
from assets.publishing.posting.takedown import close_absent, pause_objects
from domain.errors import PolicyRefusal, Refused, Retryable
from domain.ledger import Leases, PostingLedger
from domain.lifecycle import TERMINAL, SlotState
from domain.plan import SHARED, Plan
from domain.platform import ACTIVE, FILES, AdPlatform


@dataclass(frozen=True, slots=True)
class SlotReport:
    arm: str
    state: SlotState
    reason: str
    objects: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PostReport:
    """What one call did and where each slot stands; counts are of this call only."""

    job_id: str
    network: str
    account_id: str
    at: datetime
    slots: tuple[SlotReport, ...]
    created: int
    adopted: int
    updated: int

    @property
    def live(self) -> bool:
        return any(s.state == SlotState.ACTIVE and s.arm != SHARED for s in self.slots)


def post(
    plan: Plan,
    *,
    platform: AdPlatform,
    leases: Leases,
    ledger: PostingLedger,
    now: datetime,
    sleep: Sleep,
    progress: Progress | None = None,
) -> PostReport:
    """Bring the network to what `plan` says. Throttled, Ambiguous, Retryable and NeedsReauth leave
    the ledger as it stands, to be resumed; a refused slot fails with its reason, others go on."""
    place = (plan.team_id, plan.job_id, plan.network, plan.account_id)
    with leases.acquire(*place, ttl_s=LEASE_S) as lease:
        fenced = LeasedAdapter(platform, leases, lease)
        work = Work(plan, fenced, ledger, now, sleep, progress or (lambda _: None))
        arms = [SHARED, *(a.arm for a in plan.arms)]
        work.slots = {arm: ledger.open_slot(plan, arm, platform.mode, lease) for arm in arms}
        absent = _absent(work)
        if absent or not _settled(work):
            _hold(work)
            if absent:
                close_absent(plan, lease, platform=fenced, ledger=ledger, sleep=sleep)
            for arm in arms:
                _guarded(work, arm, _build)
            for arm in [*arms[1:], SHARED]:
                _guarded(work, arm, _activate)
        ledger.settle(lease)
        return _report(work, now)


def _absent(work: Work) -> bool:
    """Whether the place has an open slot of an arm that the plan no longer has."""
    plan = work.plan
    return any(
        (s.network, s.account_id) == (plan.network, plan.account_id)
        and s.arm not in work.slots
        and s.state not in TERMINAL
        for s in work.ledger.slots(plan.team_id, plan.job_id)
    )


def _settled(work: Work) -> bool:
    """Nothing to do: every slot of the plan runs or has ended."""
    done = {SlotState.ACTIVE, *TERMINAL}
    return all(s.state in done for s in work.slots.values())


def _hold(work: Work) -> None:
    """Pause the campaign while anything under it changes; the ledger is told first."""
    campaign = work.owned(SHARED).get("campaign")
    if campaign is None:
        return
    if work.slots[SHARED].state == SlotState.ACTIVE:
        work.move(SHARED, SlotState.PAUSED, "a change is being posted")
    held = with_retries(lambda: work.platform.read("campaign", campaign.object_id), work.sleep)
    if held.status == ACTIVE:
        retries.pause_and_confirm(work.platform, "campaign", campaign.object_id, work.sleep)


def _guarded(work: Work, arm: str, step: Callable[[Work, str], None]) -> None:
    """A refusal is the slot's own end; without its campaign no arm can go on."""
    if work.slots[arm].state in TERMINAL:
        return
    if arm != SHARED and work.slots[SHARED].state in TERMINAL:
        _rest(work, arm)
        work.move(arm, SlotState.FAILED, f"campaign: {work.slots[SHARED].reason}"[:500])
        return
    try:
        step(work, arm)
    except (Refused, PolicyRefusal) as error:
        _rest(work, arm)
        work.move(arm, SlotState.FAILED, str(error)[:500])


def _rest(work: Work, arm: str) -> None:
    """Nothing of a failed slot may run on with its older content: while the network refuses to
    pause it, the slot does not end. What is gone there needs no pause."""
    try:
        pause_objects(work.slots[arm], work.platform, work.ledger, work.sleep)
    except Refused as error:
        if _runs(work, arm):
            raise Retryable(
                f"{arm} still runs and cannot be paused: {error}",
                where=f"ad {work.plan.job_id}",
                mend="pause it in the network's own tool",
            ) from None
        work.say(f"{arm}: could not be paused: {error}")


def _runs(work: Work, arm: str) -> bool:
    """Only if every switch of the arm's own is on."""
    posted = work.owned(arm)
    kinds = [kind for kind in work.facts.switched if kind in posted]
    return bool(kinds) and all(_switched_on(work, k, posted[k].object_id) for k in kinds)


def _switched_on(work: Work, kind: str, object_id: str) -> bool:
    try:
        held = with_retries(lambda: work.platform.read(kind, object_id), work.sleep)
    except Refused:
        return False
    return held.status == ACTIVE


def _build(work: Work, arm: str) -> None:
    """Create or update the slot's objects, read them back and compare."""
    bodies = work.plan.bodies(arm)
    ids = dict(work.ids)
    if work.slots[arm].state in (SlotState.PLANNED, SlotState.PAUSED):
        work.move(arm, SlotState.SENDING)  # what rested passes VERIFIED before it is switched on
    for kind in work.facts.kinds:
        if kind in bodies:
            ids[kind] = ensure(work, arm, kind, ids)
    if arm == SHARED:
        work.ids = dict(ids)
    if work.slots[arm].state == SlotState.SENDING:
        work.move(arm, SlotState.CREATED)
    for kind in (k for k in bodies if k not in FILES):  # a file is known by its content
        verify(work, kind, ids[kind], exact(work, arm, kind, ids))
    if work.slots[arm].state == SlotState.CREATED:
        work.move(arm, SlotState.VERIFIED)


def _activate(work: Work, arm: str) -> None:
    """Switch on the slot's objects, children first; the campaign only over a running arm."""
    slot = work.slots[arm]
    arms = [s for s in work.slots.values() if s.arm != SHARED]
    if arm == SHARED and not any(s.state == SlotState.ACTIVE for s in arms):
        work.move(SHARED, SlotState.FAILED, f"no arm can run: {arms[-1].reason}"[:500])
        return
    if slot.state == SlotState.ACTIVE:
        return
    bodies, posted = work.plan.bodies(arm), work.owned(arm)
    for kind in reversed(work.facts.switched):
        if kind in bodies:
            object_id = posted[kind].object_id
            with_retries(lambda k=kind, o=object_id: work.platform.activate(k, o), work.sleep)  # type: ignore[misc]
    work.move(arm, SlotState.ACTIVE)


def _report(work: Work, now: datetime) -> PostReport:
    plan = work.plan
    slots = tuple(
        SlotReport(
            slot.arm,
            slot.state,
            slot.reason,
            {kind: p.object_id for kind, p in work.owned(arm).items()},
        )
        for arm, slot in work.slots.items()
    )
    return PostReport(
        plan.job_id,
        plan.network,
        plan.account_id,
        now,
        slots,
        work.counts["created"],
        work.counts["adopted"],
        work.counts["updated"],
    )
