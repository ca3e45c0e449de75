"""What a running ad needs after it was posted: its review read, its end moved on, its caps kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assets.publishing import calls, naming
from assets.publishing.fenced import LEASE_S, Fenced
from assets.publishing.insights import LATEST
from domain.errors import JobadsError
from domain.ledger import Slot
from domain.lifecycle import TERMINAL, AdStatus, SlotState
from domain.money import Money
from domain.plain_text import plain
from domain.plan import SHARED
from domain.platform import SHAPES, AdPlatform

if TYPE_CHECKING:
    from assets.outside import Outside
    from resources.operations.store import OperationsStore

SPENT = (
    f"SELECT job_id, sum(spend_micros)::BIGINT AS micros FROM ({LATEST}) "
    "WHERE team_id = ? GROUP BY job_id"
)


@dataclass(frozen=True, slots=True)
class Watched:
    """Rows of what was seen, and what could not be asked, in words."""

    rows: list[dict[str, Any]]
    failures: list[str]


def read_reviews(outside: "Outside") -> Watched:
    """Ask each network what its review says of every arm that is posted, and note it."""
    seen = Watched([], [])
    for slot, platform in _posted(outside, seen.failures):
        kind = SHAPES[slot.network].reviewed
        posted = outside.store.posted(slot).get(kind)
        if posted is None:
            continue
        try:
            held = platform.read(kind, posted.object_id)
        except JobadsError as error:  # one object's failure is its own; the others are still read
            seen.failures.append(f"{slot.network} {slot.job_id} {slot.arm}: {error}")
            continue
        noted = outside.store.note_review(slot, held.review, held.issues)
        seen.rows.append({
            **_place(slot), "review": str(noted.review), "reason": noted.review_reason,
            "reviewed_at": noted.reviewed_at or outside.now(),
        })  # fmt: skip
    return seen


def extend_ends(outside: "Outside") -> Watched:
    """Move on the end of what runs for an open-ended ad where a network insists on an end."""
    seen = Watched([], [])
    for slot, platform in _posted(outside, seen.failures):
        if slot.network not in naming.ENDS or slot.state is not SlotState.ACTIVE:
            continue
        try:
            plan = outside.store.accepted_plan(slot.team_id, slot.job_id, slot.network)
            if plan.open_ended:
                ends = _extended(slot, platform, outside)
                seen.rows.append({**_place(slot), "ends_at": ends})
        except JobadsError as error:  # the next day asks again; 30 days are a long time to succeed
            seen.failures.append(f"{slot.network} {slot.job_id} {slot.arm}: {error}")
    return seen


def _extended(slot: Slot, platform: AdPlatform, outside: "Outside") -> datetime:
    """The end that the network confirms."""
    store = outside.store
    kind, field = naming.ENDS[slot.network]
    wanted = naming.ahead(outside.now())
    place = (slot.team_id, slot.job_id, slot.network, slot.account_id)
    with store.lease(*place, ttl_s=LEASE_S) as lease:
        fenced = Fenced(platform, store, lease)
        object_id = store.posted(slot)[kind].object_id
        held = calls.again(lambda: fenced.read(kind, object_id), outside.sleep)
        if str(held.fields.get(field)) < wanted:
            held = calls.again(
                lambda: fenced.update(kind, object_id, {field: wanted}), outside.sleep
            )
    return datetime.fromisoformat(str(held.fields[field]))


def keep_caps(outside: "Outside") -> list[str]:
    """Pause every ad that could pass a total cap before the next numbers come; in words."""
    said = []
    for team in outside.store.teams():
        if not outside.store.caps(team.id):
            continue
        spent = outside.warehouse.sql(SPENT, [str(team.id)])
        sums = dict(zip(spent["job_id"], spent["micros"], strict=True))
        said += [line for _, line in pause_over(outside.store, str(team.id), sums, outside.now())]
    return said


def pause_over(
    store: "OperationsStore", team_id: str, spent: Mapping[str, int], now: datetime
) -> list[tuple[str, str]]:
    """Pause a team's live ads that could pass a total cap, by what each has `spent` in micros; the
    ad's id and why, in words."""
    paused = []
    for over in store.over_cap(team_id, spent, now):
        ad = store.job_ad(team_id, over.job_id)
        currency = over.cap.currency
        why = (
            f"{Money(over.spent_minor, currency)} spent and up to "
            f"{Money(over.ahead_minor, currency)} ahead, the total cap is {over.cap.total}"
        )
        if ad.status is AdStatus.LIVE:
            store.set_status(team_id, ad.id, AdStatus.PAUSED, actor="caps")
            paused.append((over.job_id, f"{plain(ad.title)} ({ad.id}) paused: {why}"))
    return paused


def _posted(outside: "Outside", failures: list[str]) -> Iterator[tuple[Slot, AdPlatform]]:
    """Every open arm of every team, with its network; an account that cannot be asked is told."""
    for team in outside.store.teams():
        for slot in outside.store.slots(team.id):
            if slot.arm == SHARED or slot.state in TERMINAL:
                continue
            try:
                yield slot, outside.platform(slot.team_id, slot.network)
            except JobadsError as error:
                failures.append(f"{slot.network} {slot.account_id}: {error}")


def _place(slot: Slot) -> dict[str, Any]:
    return {
        "team_id": slot.team_id, "job_id": slot.job_id, "network": str(slot.network),
        "account_id": slot.account_id, "arm": slot.arm,
    }  # fmt: skip
