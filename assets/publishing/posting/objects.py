"""One object of a slot: found or made, brought to the approved body, and read back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assets.publishing import payload_validator
from assets.publishing.networks.registry import NETWORKS
from assets.publishing.posting import object_names, retries
from assets.publishing.posting.readback_diff import CLEARED, differing
from assets.publishing.posting.retries import ObjectQuery, Sleep, with_retries
from domain.errors import Refused
from domain.ledger import Posted, PostingLedger, Slot
from domain.lifecycle import TERMINAL, SlotState
from domain.networks import FACTS, NetworkFacts
from domain.plan import SHARED, Plan, slot_key
from domain.platform import ACTIVE, FILES, AdPlatform, ReadBack

Progress = Callable[[str], None]


@dataclass(slots=True)
class Work:
    """One posting in progress: its plan, its doors, and what it has done."""

    plan: Plan
    platform: AdPlatform
    ledger: PostingLedger
    now: datetime
    sleep: Sleep
    say: Progress
    slots: dict[str, Slot] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)  # shared objects by kind
    bundled: set[str] = field(default_factory=set)  # arms that were made with their campaign
    new: set[str] = field(default_factory=set)  # ids of what this posting created
    counts: dict[str, int] = field(
        default_factory=lambda: {"created": 0, "adopted": 0, "updated": 0}
    )
    _owned: dict[str, dict[str, Posted]] = field(default_factory=dict)

    @property
    def facts(self) -> NetworkFacts:
        return FACTS[self.plan.network]

    def move(self, arm: str, to: SlotState, reason: str = "") -> None:
        if self.slots[arm].state != to:
            self.slots[arm] = self.ledger.move(self.slots[arm], to, reason)
            self.say(f"{arm}: {to}" + (f" ({reason})" if reason else ""))

    def owned(self, arm: str) -> Mapping[str, Posted]:
        """What the slot owns, by kind. The ledger is asked once: while the lease is ours, nobody
        else adds to it."""
        if arm not in self._owned:
            self._owned[arm] = dict(self.ledger.posted(self.slots[arm]))
        return self._owned[arm]

    def record(self, arm: str, posted: Posted) -> None:
        self.ledger.record(self.slots[arm], posted)
        self._owned.setdefault(arm, {})[posted.kind] = posted


def ensure(work: Work, arm: str, kind: str, ids: Mapping[str, str]) -> str:
    """The id of the slot's object of `kind` at the plan's revision, made or changed if need be."""
    body = exact(work, arm, kind, ids)
    payload_validator.check(work.plan.network, kind, body)
    known, key = work.owned(arm).get(kind), _key(work, arm, kind, ids)
    if known and known.key == key:
        if object_names.moves_on(work.plan, kind):  # resumed on another day: its end is a later one
            _bring(work, kind, known.object_id, body)
        return known.object_id
    if known and kind not in work.facts.frozen:
        object_id = known.object_id
        # Until it is brought there nobody may take it for any revision's, this one's or the old.
        work.record(arm, Posted(kind, object_id, ""))
        _bring(work, kind, object_id, body)
    else:
        object_id = _found_or_made(work, arm, _sought(work, arm, kind, key, ids), body)
    work.record(arm, Posted(kind, object_id, key))
    return object_id


def _found_or_made(work: Work, arm: str, sought: ObjectQuery, body: Mapping[str, Any]) -> str:
    """Look before each create; of several keep the oldest and make sure that the others rest.

    Nothing can lie under a parent that this posting has just created: nobody else knows it."""
    kind = sought.kind
    found: Sequence[str] = ()
    if sought.parent not in work.new or arm in work.bundled:
        found = retries.find_object(work.platform, sought, work.sleep).ids
    resting = [_rested(work, kind, held) for held in found if kind in work.facts.switched]
    if not found:
        work.say(f"{arm}: create {kind}")
        object_id = _made(work, sought, body)
        work.counts["created"] += 1
        work.new.add(object_id)
        return object_id
    if arm in work.bundled:
        work.counts["created"] += 1
    else:
        work.counts["adopted"] += 1
    if kind not in work.facts.frozen:
        _bring(work, kind, found[0], body, resting[0] if resting else None)
    return found[0]


def _rested(work: Work, kind: str, object_id: str) -> ReadBack:
    """The object as it is when it does not run."""
    held = with_retries(lambda: work.platform.read(kind, object_id), work.sleep)
    if held.status == ACTIVE:
        return retries.pause_and_confirm(work.platform, kind, object_id, work.sleep)
    return held


def _made(work: Work, sought: ObjectQuery, body: Mapping[str, Any]) -> str:
    """Where the network takes a whole ad in one atomic request it is sent so; if it refuses the
    whole, the campaign goes alone and each arm hears its own answer."""
    whole = bundle(work, body) if sought.kind == "campaign" else None
    if whole is not None:
        try:
            object_id = retries.create(work.platform, sought, whole, work.sleep)
        except Refused as error:
            work.say(f"not as a whole: {error}")
        else:
            work.bundled |= {arm for arm in work.slots if arm != SHARED}
            return object_id
    return retries.create(work.platform, sought, body, work.sleep)


def bundle(work: Work, campaign: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The campaign with every arm that is still to run, where the network takes a whole ad in one
    request; None elsewhere."""
    plan, whole = work.plan, NETWORKS[work.plan.network].translator.whole
    if whole is None:
        return None
    open_arms = [arm for arm, slot in work.slots.items() if arm != SHARED and _waits(slot)]
    arms = [
        {kind: object_names.exact(plan, arm, kind, {}) for kind in plan.bodies(arm)}
        for arm in open_arms
    ]
    return whole(plan.account_id, dict(campaign), arms)


def _waits(slot: Slot) -> bool:
    return slot.state not in TERMINAL


def _sought(work: Work, arm: str, kind: str, exact_key: str, ids: Mapping[str, str]) -> ObjectQuery:
    """What an object's name starts with: its content for a file, slot and content for what never
    changes, the slot alone for what is updated in place."""
    plan = work.plan
    key = slot_key(plan.job_id, plan.network, plan.account_id, arm)
    if kind in work.facts.frozen:
        key = exact_key
    if kind in FILES:
        key = str(plan.bodies(arm)[kind]["name"])
    return ObjectQuery(plan.account_id, kind, key, ids.get(work.facts.parent.get(kind, ""), ""))


def _key(work: Work, arm: str, kind: str, ids: Mapping[str, str]) -> str:
    return object_names.key(work.plan, arm, kind, ids)


def _bring(
    work: Work, kind: str, object_id: str, body: Mapping[str, Any], held: ReadBack | None = None
) -> None:
    """Update in place the fields that differ from the approved body, and only those; `held` is what
    was read just now, if it was."""
    held = held or with_retries(lambda: work.platform.read(kind, object_id), work.sleep)
    changed = {name: body.get(name, CLEARED) for name in differing(body, held.fields)}
    if changed:
        with_retries(lambda: work.platform.update(kind, object_id, changed), work.sleep)
        work.counts["updated"] += 1


def verify(work: Work, kind: str, object_id: str, body: Mapping[str, Any]) -> None:
    """Read back and compare field by field; Refused when it is not what was approved."""
    wrong: dict[str, str] = {}
    for wait in (*retries.AGAIN_S, None):
        held = with_retries(lambda: work.platform.read(kind, object_id), work.sleep)
        payload_validator.check_live(work.plan.network, kind, held.fields)
        wrong = differing(body, held.fields)
        if not wrong:
            return
        if wait is not None:
            work.sleep(wait)
    raise Refused("; ".join(wrong.values()), where=f"{kind} {object_id}", mend="see the account")


def exact(work: Work, arm: str, kind: str, ids: Mapping[str, str]) -> dict[str, Any]:
    """The very body to send, sibling ids in place."""
    return object_names.exact(work.plan, arm, kind, ids, work.now)
