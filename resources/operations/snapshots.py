"""What decides about posting, read at one moment: approved plans, slots, tries and silences."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from domain.ledger import DueAd, Lease
from domain.lifecycle import TERMINAL, AdStatus, SlotState
from domain.plan import SHARED
from domain.platform import Network
from resources.operations import acceptance_rows, stops
from resources.operations.schema import EVERYWHERE, accepted_plans, job_ads, leases, slots, throttle
from resources.operations.statements import of_ad


class Place(NamedTuple):
    team_id: str
    job_id: str
    network: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Row:
    """A slot as far as it matters here."""

    state: SlotState
    revision: str
    retired: bool
    running: bool

    @property
    def open(self) -> bool:
        return self.state not in TERMINAL


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Newest approved plan of each place, last slots by place and arm, tries and silences.

    A plan whose stored revisions cannot be read is left out: it is never due, and what runs in its
    place should not run there."""

    plans: Mapping[Place, tuple[str, Mapping[str, str]]]
    slots: Mapping[Place, Mapping[str, Row]]
    tries: Mapping[Place, int]
    silent: frozenset[tuple[str, str]]

    def due_ad(self, place: Place, digest: str) -> DueAd:
        network = Network(place.network)
        return DueAd(
            place.team_id, place.job_id, network, place.account_id, digest, self.tries.get(place, 0)
        )


def unfinished(revisions: Mapping[str, str], rows: Mapping[str, Row]) -> bool:
    """Whether posting has anything left to do for a plan with these slots."""
    barred = {
        arm
        for arm, revision in revisions.items()
        if (row := rows.get(arm))
        and row.state is SlotState.FAILED
        and not row.retired
        and row.revision == revision
    }
    if SHARED in barred or barred >= revisions.keys() - {SHARED}:
        return False
    posted = {
        arm
        for arm, revision in revisions.items()
        if (row := rows.get(arm)) and row.state is SlotState.ACTIVE and row.revision == revision
    }
    dropped = any(row.open for arm, row in rows.items() if arm not in revisions)
    return dropped or bool(revisions.keys() - barred - posted)


def _place(columns: Any) -> tuple[Any, ...]:
    return columns.team_id, columns.job_id, columns.network, columns.account_id


_NOW = sa.bindparam("at_now", type_=leases.c.expires_at.type)


def _queries(*, one: bool) -> tuple[Any, Any, Any]:
    """Approved plans, slots in the order of their trials, and tries: of all ads, or of one."""
    plan, slot, lease, newest = (
        accepted_plans.c,
        slots.c,
        leases.c,
        acceptance_rows.approved_plans(one=one),
    )
    died = sa.case((sa.and_(lease.holder.is_not(None), lease.expires_at <= _NOW), 1), else_=0)
    plans = sa.select(*_place(plan), plan.digest, plan.revisions).join(
        newest, newest.c.id == plan.id
    )
    rows = sa.select(
        *_place(slot), slot.arm, slot.state, slot.revision, slot.retired, slot.running
    ).order_by(slot.ordinal)
    tries = sa.select(*_place(lease), (lease.tries + died).label("tries"))
    if not one:
        return plans, rows, tries
    return plans, rows.where(*of_ad(slots)), tries.where(*of_ad(leases))


# Built once: `settle` asks after each posting.
_OF_ALL, _OF_ONE = _queries(one=False), _queries(one=True)
_SILENT = sa.select(throttle.c.network, throttle.c.account_id).where(throttle.c.until > _NOW)


def snapshot(connection: sa.Connection, now: datetime, ad: Lease | None = None) -> Snapshot:
    """Of every ad, or of a lease's ad alone."""
    here: dict[str, Any] = {"at_now": now}
    if ad is not None:
        here |= {"at_team_id": ad.team_id, "at_job_id": ad.job_id}
    plans, ordered, tries = _OF_ALL if ad is None else _OF_ONE
    last: dict[Place, dict[str, Row]] = defaultdict(dict)
    for *place, arm, state, revision, retired, running in connection.execute(ordered, here):
        last[Place(*place)][arm] = Row(SlotState(state), revision, retired, running)
    return Snapshot(
        {
            Place(*place): (digest, revisions)
            for *place, digest, revisions in connection.execute(plans, here)
            if isinstance(revisions, dict)
        },
        last,
        {Place(*place): count for *place, count in connection.execute(tries, here)},
        frozenset(map(tuple, connection.execute(_SILENT, here))),
    )


def active(revisions: Mapping[str, str], rows: Mapping[str, Row]) -> bool:
    """Whether an arm of the plan runs."""
    arms = revisions.keys() - {SHARED}
    return any(rows[arm].state is SlotState.ACTIVE for arm in arms if arm in rows)


def target_statuses(connection: sa.Connection, now: datetime) -> Mapping[tuple[str, ...], AdStatus]:
    """The status of each (team, ad, network) that should be on the networks at `now`."""
    stopped = stops.stopped(connection)
    if EVERYWHERE in stopped:
        return {}
    ad = job_ads.c
    query = sa.select(ad.team_id, ad.id, ad.platforms, ad.status).where(
        ad.status.in_((str(AdStatus.SCHEDULED), str(AdStatus.LIVE))),
        ad.schedule_start <= now,
        sa.or_(ad.schedule_end.is_(None), ad.schedule_end > now),
    )
    return {
        (team, job, network): AdStatus(status)
        for team, job, platforms, status in connection.execute(query)
        for network in (platforms if isinstance(platforms, list) else ())
        if isinstance(network, str) and team not in stopped
    }


def arm_states(seen: Snapshot) -> list[str]:
    """One state for each arm of each accepted plan, and for each open arm outside of them."""
    states: list[str] = []
    for place, (_, revisions) in seen.plans.items():
        rows = seen.slots.get(place, {})
        shared = rows.get(SHARED)
        refused = shared is not None and shared.state is SlotState.FAILED and not shared.retired
        for arm in revisions.keys() - {SHARED}:
            row = rows.get(arm)
            current = row is not None and (row.open or not row.retired)
            state = row.state if row and current else SlotState.PLANNED
            states.append(str(SlotState.FAILED if refused else state))
    for place, rows in seen.slots.items():
        planned = seen.plans.get(place, ("", {}))[1]
        states += [str(r.state) for arm, r in rows.items() if arm not in planned and r.open]
    return states
