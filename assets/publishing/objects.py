"""One object of a slot: found or made, brought to the approved body, and read back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assets.publishing import calls, checking, naming
from assets.publishing.calls import Sleep, again
from assets.publishing.comparing import CLEARED, SWITCH, differing
from domain.errors import Refused
from domain.ledger import Posted, PostingLedger, Slot
from domain.lifecycle import SlotState
from domain.plan import Plan, posting_key, slot_key
from domain.platform import SHAPES, AdPlatform, Shape

Progress = Callable[[str], None]


@dataclass(slots=True)
class Work:
    """One posting in progress: its plan, its doors, and what it has done."""

    plan: Plan
    platform: AdPlatform
    ledger: PostingLedger
    sleep: Sleep
    say: Progress
    slots: dict[str, Slot] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)  # shared objects by kind
    counts: dict[str, int] = field(
        default_factory=lambda: {"created": 0, "adopted": 0, "updated": 0}
    )

    @property
    def shape(self) -> Shape:
        return SHAPES[self.plan.network]

    def move(self, arm: str, to: SlotState, reason: str = "") -> None:
        if self.slots[arm].state != to:
            self.slots[arm] = self.ledger.move(self.slots[arm], to, reason)
            self.say(f"{arm}: {to}" + (f" ({reason})" if reason else ""))


def ensure(work: Work, arm: str, kind: str, ids: Mapping[str, str]) -> str:
    """The id of the slot's object of `kind` at the plan's revision, made or changed if need be."""
    slot, body = work.slots[arm], exact(work, arm, kind, ids)
    checking.check(work.plan.network, kind, body)
    key, known = key_of(work, arm), work.ledger.posted(slot).get(kind)
    if known and known.key == key:
        return known.object_id
    if known and kind not in work.shape.frozen:
        object_id = known.object_id
        _bring(work, kind, object_id, body)
    else:
        object_id = _found_or_made(work, arm, kind, body)
    work.ledger.record(slot, Posted(kind, object_id, key))
    return object_id


def _found_or_made(work: Work, arm: str, kind: str, body: Mapping[str, Any]) -> str:
    """Look before each create; of several keep the oldest and make sure that the others rest."""
    plan = work.plan
    sought = _sought(work, arm, kind, body)
    found = calls.look(work.platform, plan.account_id, kind, sought, work.sleep).ids
    for held in found if SWITCH & set(body) else ():
        if again(lambda o=held: work.platform.read(kind, o), work.sleep).status == "ACTIVE":  # type: ignore[misc]
            calls.halt(work.platform, kind, held, work.sleep)
    if not found:
        work.counts["created"] += 1
        work.say(f"{arm}: create {kind}")
        return calls.create(work.platform, plan.account_id, kind, body, sought, work.sleep)
    work.counts["adopted"] += 1
    if kind not in work.shape.frozen:
        _bring(work, kind, found[0], body)
    return found[0]


def _sought(work: Work, arm: str, kind: str, body: Mapping[str, Any]) -> str:
    """What an object's name starts with: its content for an image, slot and revision for what never
    changes, the slot alone for what is updated in place."""
    if kind == "image":
        return str(body["name"])
    plan = work.plan
    stable = slot_key(plan.job_id, plan.network, plan.account_id, arm)
    return key_of(work, arm) if kind in work.shape.frozen else stable


def _bring(work: Work, kind: str, object_id: str, body: Mapping[str, Any]) -> None:
    """Update in place the fields that differ from the approved body, and only those."""
    held = again(lambda: work.platform.read(kind, object_id), work.sleep)
    changed = {name: body.get(name, CLEARED) for name in differing(body, held.fields)}
    if changed:
        again(lambda: work.platform.update(kind, object_id, changed), work.sleep)
        work.counts["updated"] += 1


def verify(work: Work, kind: str, object_id: str, body: Mapping[str, Any]) -> None:
    """Read back and compare field by field; Refused when it is not what was approved."""
    wrong: dict[str, str] = {}
    for wait in (*calls.AGAIN_S, None):
        held = again(lambda: work.platform.read(kind, object_id), work.sleep)
        checking.check_held(work.plan.network, kind, held.fields)
        wrong = differing(body, held.fields)
        if not wrong:
            return
        if wait is not None:
            work.sleep(wait)
    raise Refused("; ".join(wrong.values()), where=f"{kind} {object_id}", mend="see the account")


def key_of(work: Work, arm: str) -> str:
    plan = work.plan
    return posting_key(plan.job_id, plan.network, plan.account_id, arm, plan.revision(arm))


def exact(work: Work, arm: str, kind: str, ids: Mapping[str, str]) -> dict[str, Any]:
    """The very body to send, sibling ids in place."""
    return naming.exact(work.plan, arm, kind, ids)
