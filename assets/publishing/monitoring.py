"""What a running ad needs after it was posted: its review read, its end moved on, its caps kept."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from assets.isolation import Isolation
from assets.publishing.caps import over_total
from assets.publishing.planning.stored_plans import PLACE
from assets.publishing.posting import object_names, retries
from assets.publishing.posting.leased_adapter import LEASE_S, LeasedAdapter
from assets.publishing.service import place_of, wait_for_account
from domain.ledger import DueAd, Slot
from domain.lifecycle import TERMINAL, AdStatus, SlotState
from domain.money import Money
from domain.networks import FACTS
from domain.plain_text import plain
from domain.plan import SHARED
from domain.platform import Review

if TYPE_CHECKING:
    from assets.outside import Outside
    from resources.operations.records import OverCap
    from resources.operations.store import OperationsStore

SETTLED = frozenset({Review.APPROVED, Review.LIMITED, Review.DISAPPROVED})


def read_reviews(outside: "Outside", guard: Isolation) -> list[dict[str, Any]]:
    """Ask each network what its review says of the arms that are posted, and note it: every hour
    while a review is under way, once a day after it. An arm that is not asked about, or cannot be,
    keeps what was said last."""
    rows, hour = [], outside.now().hour
    for slot in _posted(outside, guard):
        noted = slot
        if slot.review not in SETTLED or slot.reviewed_at is None or _hour(slot) == hour:
            noted = guard.attempt(partial(_reviewed, slot, outside), **place_of(slot)) or slot
        if noted.reviewed_at is not None:
            rows.append(
                {
                    **_place(noted),
                    "review": str(noted.review),
                    "reason": noted.review_reason,
                    "reviewed_at": noted.reviewed_at,
                }
            )
    return rows


def _hour(slot: Slot) -> int:
    """The hour of the day in which a settled review is read again: slots are spread over the day by
    their ids, which are random."""
    return int(slot.id.replace("-", "")[:8], 16) % 24


def _reviewed(slot: Slot, outside: "Outside") -> Slot:
    kind = FACTS[slot.network].reviewed
    posted = outside.store.ledger.posted(slot).get(kind)
    if posted is None:
        return slot
    platform = outside.platform(slot.team_id, slot.network, slot.account_id)
    held = platform.read(kind, posted.object_id)
    noted = outside.store.reviews.record(slot, held.review, held.issues)
    return noted if noted.reviewed_at else replace(noted, reviewed_at=outside.now())


def extend_ends(outside: "Outside", guard: Isolation) -> list[dict[str, Any]]:
    """Move on the end of what runs for an open-ended ad where a network insists on an end; one that
    was moved on today is not asked about again. What fails is tried again an hour later; 30 days
    are a long time to succeed."""
    stored = outside.warehouse.table("open_ends")
    known = {tuple(row[:-1]): row[-1] for row in stored.select(*PLACE, "arm", "ends_at").rows()}
    wanted = datetime.fromisoformat(object_names.ahead(outside.now()))
    going = _going(outside)
    rows = []
    for slot in _posted(outside, guard):
        end = FACTS[slot.network].end
        if end is None or slot.state is not SlotState.ACTIVE or _where(slot) in going:
            continue
        place = _place(slot)
        ends = known.get(tuple(place.values()))
        if ends is None or ends < wanted:
            ends = guard.attempt(partial(_end, slot, end, outside), **place_of(slot)) or ends
        if ends:
            rows.append({**place, "ends_at": ends})
    return rows


def _where(of: DueAd | Slot) -> tuple[str, str, str, str]:
    return of.team_id, of.job_id, str(of.network), of.account_id


def _going(outside: "Outside") -> set[tuple[str, str, str, str]]:
    """Places whose ads should not run any more: their end may come."""
    return {_where(d) for d in outside.store.schedule.stale(outside.now())}


def _end(slot: Slot, end: tuple[str, str], outside: "Outside") -> datetime | None:
    """The `end` (kind, field) that the network confirms; None for an ad that has one of its own, in
    the plan or by now."""
    plan = outside.store.plans.in_force(slot.team_id, slot.job_id, slot.network)
    ad = outside.store.ads.get(slot.team_id, slot.job_id)
    if not plan.open_ended or ad.schedule_end is not None:
        return None
    return wait_for_account(lambda: _extended(slot, end, outside), outside)


def _extended(slot: Slot, end: tuple[str, str], outside: "Outside") -> datetime | None:
    store = outside.store
    platform = outside.platform(slot.team_id, slot.network, slot.account_id)
    kind, field = end
    wanted = object_names.ahead(outside.now())
    place = (slot.team_id, slot.job_id, slot.network, slot.account_id)
    with store.leases.acquire(*place, ttl_s=LEASE_S) as lease:
        if _where(slot) in _going(outside):  # paused, stopped or archived a moment ago
            return None
        fenced = LeasedAdapter(platform, store.leases, lease)
        object_id = store.ledger.posted(slot)[kind].object_id
        held = retries.with_retries(lambda: fenced.read(kind, object_id), outside.sleep)
        if str(held.fields.get(field)) < wanted:
            held = retries.with_retries(
                lambda: fenced.update(kind, object_id, {field: wanted}), outside.sleep
            )
    return datetime.fromisoformat(str(held.fields[field]))


def keep_caps(outside: "Outside", guard: Isolation) -> list[str]:
    """Pause every ad that runs and could pass a total cap before the next numbers come; in words.
    Whoever posts one at this moment that may not start stops before it is switched on."""
    said: list[str] = []
    for team in outside.store.teams.all():
        over = guard.attempt(partial(over_total, str(team.id), outside), team_id=str(team.id))
        ask = partial(over_total, str(team.id), outside, starting=True)
        for one in guard.attempt(ask, team_id=str(team.id)) or ():
            stop = partial(_kept_from_starting, outside.store, str(team.id), one)
            guard.attempt(stop, team_id=str(team.id), job_id=one.job_id)
        for one in over or ():
            line = guard.attempt(
                partial(_paused, outside.store, str(team.id), one),
                team_id=str(team.id),
                job_id=one.job_id,
            )
            said += [line] if line else []
    return said


def pause_over(
    store: "OperationsStore", team_id: str, spent: Mapping[str, int], now: datetime
) -> list[tuple[str, str]]:
    """As `keep_caps`, by what each of a team's ads has `spent` in micros; the ad's id and why it
    was paused, in words."""
    for one in store.caps.over_total(team_id, spent, now, starting=True):
        _kept_from_starting(store, team_id, one)
    lines = [
        (o.job_id, _paused(store, team_id, o)) for o in store.caps.over_total(team_id, spent, now)
    ]
    return [(job_id, line) for job_id, line in lines if line]


def _kept_from_starting(store: "OperationsStore", team_id: str, over: "OverCap") -> None:
    if not store.ledger.runs(team_id, over.job_id):
        store.leases.revoke(team_id, over.job_id)


def _paused(store: "OperationsStore", team_id: str, over: "OverCap") -> str:
    """What was done, "" for an ad that does not run."""
    # As a plain row: an ad that cannot be read any more is paused all the same.
    (ad,) = store.projections.job_ads(team_id, ids=[over.job_id])
    runs = ad["status"] == AdStatus.LIVE or (
        # Its posting died, or waits for an answer, between switching it on and calling it live.
        ad["status"] == AdStatus.SCHEDULED and store.ledger.runs(team_id, over.job_id)
    )
    if not runs:
        return ""
    store.ads.set_status(team_id, over.job_id, AdStatus.PAUSED, actor="caps")
    currency = over.cap.currency
    return (
        f"{plain(ad['title'])} ({over.job_id}) paused: {Money(over.spent_minor, currency)} spent "
        f"and up to {Money(over.ahead_minor, currency)} ahead, the total cap is {over.cap.total}"
    )


def _posted(outside: "Outside", guard: Isolation) -> Iterator[Slot]:
    """Every open arm of every team."""
    for team in outside.store.teams.all():
        slots = guard.attempt(
            partial(outside.store.ledger.slots, str(team.id)), team_id=str(team.id)
        )
        yield from (s for s in slots or () if s.arm != SHARED and s.state not in TERMINAL)


def _place(slot: Slot) -> dict[str, Any]:
    return {
        "team_id": slot.team_id,
        "job_id": slot.job_id,
        "network": str(slot.network),
        "account_id": slot.account_id,
        "arm": slot.arm,
    }
