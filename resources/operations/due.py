"""What is due, derived from rows alone: losing every cursor and event loses nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from domain.job_ad import live_status
from domain.ledger import DueAd, Lease
from domain.lifecycle import TERMINAL, AdStatus, SlotState
from domain.plan import SHARED
from domain.platform import Network
from resources.operations.approvals import approved_plans
from resources.operations.repository import SYSTEM
from resources.operations.reviews import Reviews
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
    """Newest approved plan of each place, last slots by place and arm, tries and silences."""

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
    plan, slot, lease, newest = accepted_plans.c, slots.c, leases.c, approved_plans(one=one)
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


class Due(Reviews):
    def due(self, now: datetime) -> Sequence[DueAd]:
        """Every ad inside its schedule, approved, not stopped, and not already posted as approved.

        An arm that ended at the approved revision counts as done; an account that asked for
        silence is left out until its time has come."""
        with self._read() as connection:
            wanted = self._wanted(connection, now)
            seen = self._snapshot(connection, now)
        return [
            seen.due_ad(place, digest)
            for place, (digest, revisions) in sorted(seen.plans.items())
            if place[:3] in wanted
            and (place.network, place.account_id) not in seen.silent
            and unfinished(revisions, seen.slots.get(place, {}))
        ]

    def stale(self, now: datetime) -> Sequence[DueAd]:
        """Places whose slots may be spending although their ad should not be there now: paused,
        archived, failed or over, stopped, a network taken off the ad, a plan that was withdrawn,
        became void or moved to another account."""
        with self._read() as connection:
            wanted = self._wanted(connection, now)
            seen = self._snapshot(connection, now)
        return [
            seen.due_ad(place, seen.plans.get(place, ("", {}))[0])
            for place, rows in sorted(seen.slots.items())
            if (place[:3] not in wanted or place not in seen.plans)
            and any(row.running for row in rows.values())
        ]

    def settle(self, lease: Lease) -> None:
        """Move the ad's own status to what its slots say: live if any arm is active, failed only
        if every arm of every approved plan failed. A pause is a person's and stays."""
        with self._write() as connection:
            self._fence(connection, lease)
            ad = self._ad_state(connection, lease.team_id, lease.job_id)
            seen = self._snapshot(connection, self._now(), lease)
            to = live_status(_states(seen))
            legal = {
                AdStatus.LIVE: (AdStatus.SCHEDULED,),
                AdStatus.FAILED: (AdStatus.SCHEDULED, AdStatus.LIVE),
            }
            if to is not None and ad.status in legal[to]:
                self._move_ad(connection, ad, to, SYSTEM)

    def _wanted(self, connection: sa.Connection, now: datetime) -> set[tuple[str, ...]]:
        """(team, ad, network) of ads that should be on the networks at `now`."""
        stopped = self._stopped(connection)
        if EVERYWHERE in stopped:
            return set()
        ad = job_ads.c
        query = sa.select(ad.team_id, ad.id, ad.platforms).where(
            ad.status.in_((str(AdStatus.SCHEDULED), str(AdStatus.LIVE))),
            ad.schedule_start <= now,
            sa.or_(ad.schedule_end.is_(None), ad.schedule_end > now),
        )
        return {
            (team, job, network)
            for team, job, platforms in connection.execute(query)
            for network in (platforms if isinstance(platforms, list) else ())
            if isinstance(network, str) and team not in stopped
        }

    def _snapshot(
        self, connection: sa.Connection, now: datetime, ad: Lease | None = None
    ) -> Snapshot:
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
            },
            last,
            {Place(*place): count for *place, count in connection.execute(tries, here)},
            frozenset(map(tuple, connection.execute(_SILENT, here))),
        )


def _states(seen: Snapshot) -> list[str]:
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
