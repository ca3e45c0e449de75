"""What is due, derived from rows alone: losing every cursor and event loses nothing."""

from collections.abc import Sequence
from datetime import datetime

from domain.ledger import DueAd
from domain.lifecycle import AdStatus
from resources.operations.database import Database
from resources.operations.snapshots import active, snapshot, target_statuses, unfinished


class Schedule:
    """Which ads have to be posted at a moment, and which have to be taken off."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime) -> Sequence[DueAd]:
        """Every ad inside its schedule, approved, not stopped, and not already posted as approved;
        or posted so, but not called live, since its posting was killed just before.

        An arm that ended at the approved revision counts as done; an account that asked for
        silence is left out until its time has come."""
        with self._database.read() as connection:
            should_run = target_statuses(connection, now)
            seen = snapshot(connection, now)
        return [
            seen.due_ad(place, digest)
            for place, (digest, revisions) in sorted(seen.plans.items())
            if place[:3] in should_run
            and (place.network, place.account_id) not in seen.silent
            and (
                unfinished(revisions, seen.slots.get(place, {}))
                or (
                    should_run[place[:3]] is AdStatus.SCHEDULED
                    and active(revisions, seen.slots.get(place, {}))
                )
            )
        ]

    def stale(self, now: datetime) -> Sequence[DueAd]:
        """Places whose slots may be spending although their ad should not be there now: paused,
        archived, failed or over, stopped, a network taken off the ad, a plan that was withdrawn,
        became void, moved to another account or cannot be read."""
        with self._database.read() as connection:
            should_run = target_statuses(connection, now)
            seen = snapshot(connection, now)
        return [
            seen.due_ad(place, seen.plans.get(place, ("", {}))[0])
            for place, rows in sorted(seen.slots.items())
            if (place[:3] not in should_run or place not in seen.plans)
            and any(row.running for row in rows.values())
        ]
