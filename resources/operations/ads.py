"""Job ads: drafts, edits and the moves of their status."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.errors import IllegalMove, InputError
from domain.job_ad import JobAd
from domain.lifecycle import AdStatus, SlotState
from domain.platform import Network
from resources.operations import (
    ad_rows,
    cap_rows,
    lease_rows,
    slot_rows,
    team_rows,
    withdrawal_rows,
)
from resources.operations.audit import SYSTEM, note_all
from resources.operations.database import Database, batches
from resources.operations.ids import Id, canonical
from resources.operations.records import Saved
from resources.operations.schema import job_ads, slots

EDITABLE = frozenset(
    {
        "title",
        "description_short",
        "description_long",
        "target_url",
        "creative_asset_url",
        "platforms",
        "budget_daily",
        "schedule_start",
        "schedule_end",
        "location",
    }
)
RETURNS = ((AdStatus.FAILED, AdStatus.SCHEDULED), (AdStatus.PAUSED, AdStatus.LIVE))
"""Moves after which an ad that did not run does, by a plan that was approved before."""


class Ads:
    """The job ads of teams."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_drafts(self, team_id: Id, ads: Sequence[JobAd]) -> Saved:
        """Store drafts by id: the same ads twice change nothing, and an ad past draft is left as
        it is and reported. All or none; of two ads with one id the last counts.

        >>> from tempfile import TemporaryDirectory
        >>> from resources.files.bundled import ROOT
        >>> from resources.files.job_ads import read_job_ads
        >>> from resources.operations.store import OperationsStore
        >>> now = datetime.fromisoformat("2026-12-01T00:00Z")
        >>> with TemporaryDirectory() as folder:
        ...     store = OperationsStore(f"sqlite:///{folder}/operations.db")
        ...     store.schema.migrate()
        ...     team = store.teams.add("Acme", "acme.example", "USD")
        ...     by = {"user_id": store.teams.system_user(team.id), "now": now}
        ...     ad = read_job_ads(ROOT / "data/sample/job_ads.csv", team, **by).good[0]
        ...     saved = store.ads.save_drafts(team.id, [ad]), store.ads.save_drafts(team.id, [ad])
        ...     read = store.ads.get(team.id, ad.id)
        ...     store.close()
        >>> saved[0].new, saved[1].unchanged, read == ad
        (1, 1, True)
        """
        team = canonical(team_id, "team")
        for ad in ads:
            if str(ad.team_id) != team or ad.status is not AdStatus.DRAFT:
                raise InputError(f"ad {ad.id} is not a draft of this team", where="save_drafts")
        new, changed, unchanged = [], 0, 0
        kept: list[UUID] = []
        with self._database.write() as connection:
            team_rows.lock(connection, team)  # the same import at once finds what this one stored
            lease_rows.lock(connection, team)
            before, now = _contents(connection, team), self._database.now()
            for ad in {ad.id: ad for ad in ads}.values():
                status, old = before.get(str(ad.id), (None, None))
                if status is None:
                    new.append(ad)
                elif old is not None and ad_rows.columns(old) == ad_rows.columns(ad):
                    unchanged += 1
                elif status != AdStatus.DRAFT:
                    kept.append(ad.id)
                else:
                    written = ad_rows.columns(ad)
                    ad_rows.change(connection, team, str(ad.id), written, actor=SYSTEM, now=now)
                    if old is not None:
                        withdrawal_rows.end_by_edit(connection, old, ad, SYSTEM, now)
                    changed += 1
            if new:
                connection.execute(job_ads.insert(), [_new_row(ad) for ad in new])
                note_all(connection, team, "ad.added", [str(ad.id) for ad in new], now=now)
        return Saved(len(new), changed, unchanged, tuple(kept))

    def get(self, team_id: Id, job_id: Id) -> JobAd:
        with self._database.read() as connection:
            return ad_rows.read(connection, canonical(team_id, "team"), canonical(job_id, "job ad"))

    def of_team(self, team_id: Id, status: AdStatus | None = None) -> list[JobAd]:
        """The team's ads in order of creation, then title."""
        query = sa.select(job_ads).where(job_ads.c.team_id == canonical(team_id, "team"))
        if status is not None:
            query = query.where(job_ads.c.status == status)
        query = query.order_by(job_ads.c.created_at, job_ads.c.title, job_ads.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [ad for ad in map(ad_rows.built, rows) if isinstance(ad, JobAd)]

    def unarchived(
        self, team_id: Id, ids: Sequence[str] | None = None
    ) -> tuple[list[JobAd], list[tuple[str, InputError]]]:
        """The team's ads that may still run, or those of them in `ids`, in order of id; and (id,
        reason) of those stored rows that no ad can be built of."""
        query = sa.select(job_ads).where(
            job_ads.c.team_id == canonical(team_id, "team"),
            job_ads.c.status != str(AdStatus.ARCHIVED),
        )
        parts = [query]
        if ids is not None:
            parts = [query.where(job_ads.c.id.in_(part)) for part in batches(sorted(ids))]
        with self._database.read() as connection:
            rows = [
                row
                for part in parts
                for row in connection.execute(part.order_by(job_ads.c.id)).mappings()
            ]
        built = [(str(row["id"]), ad_rows.built(row)) for row in rows]
        return (
            [ad for _, ad in built if isinstance(ad, JobAd)],
            [(job, error) for job, error in built if isinstance(error, InputError)],
        )

    def unreadable(self, team_id: Id) -> list[tuple[str, InputError]]:
        """(id, reason) of stored rows that no ad can be built of; `of_team` is without them."""
        return self.unarchived(team_id)[1]

    def set_status(self, team_id: Id, job_id: Id, status: AdStatus, *, actor: str = SYSTEM) -> None:
        """A person's move, also of an ad that cannot be read: it may have to be paused. One that is
        called scheduled while it is being switched on is live, and can be paused. A failed or
        paused ad comes back only where its plans find room under the caps, which may have been
        lowered since (InputError). Scheduling or resuming also lets slots that had ended be tried
        anew; any other move ends the lease of whoever posts the ad: the request in flight is the
        last."""
        team, job = canonical(team_id, "team"), canonical(job_id, "job ad")
        with self._database.write() as connection:
            team_rows.lock(connection, team)
            lease_rows.lock(connection, team, job)
            before, now = ad_rows.lock_state(connection, team, job), self._database.now()
            called = (before.status, status) == (AdStatus.SCHEDULED, AdStatus.PAUSED)
            if called and slot_rows.running(connection, team, job):
                ad_rows.move(connection, before, AdStatus.LIVE, actor=SYSTEM, now=now)
                before = before._replace(status=AdStatus.LIVE)
            ad_rows.move(connection, before, status, actor=actor, now=now)
            if (before.status, status) in RETURNS:
                cap_rows.check_return(connection, before, now)
            if status in (AdStatus.SCHEDULED, AdStatus.LIVE):
                slot_rows.retire(connection, team, job)
            else:
                lease_rows.revoke(connection, team, job)

    def edit(self, team_id: Id, job_id: Id, *, actor: str = SYSTEM, **changes: Any) -> JobAd:
        """Change fields of an ad that is not archived; the record's own rules apply.

        An approved plan is about one version of the ad: what waits, or does not run yet, has to be
        accepted anew. What runs goes on as approved until a newer plan is approved, unless it costs
        more than the ad may now, is over by now, or is on a network that was taken off: then
        `stale` lists it at once."""
        unknown = changes.keys() - EDITABLE
        if unknown:
            raise InputError(
                f"{', '.join(sorted(unknown))} cannot be edited",
                mend=f"fields: {', '.join(sorted(EDITABLE))}",
            )
        team, job = canonical(team_id, "team"), canonical(job_id, "job ad")
        with self._database.write() as connection:
            team_rows.lock(connection, team)
            lease_rows.lock(connection, team, job)
            ad, now = ad_rows.lock(connection, team, job), self._database.now()
            if ad.status is AdStatus.ARCHIVED:
                raise IllegalMove(f"ad {job} is archived", mend="make a new ad")
            edited = replace(ad, **changes)
            written = ad_rows.columns(edited)
            if written != ad_rows.columns(ad):
                ad_rows.change(connection, team, job, written, actor=actor, now=now)
                withdrawal_rows.end_by_edit(connection, ad, edited, actor, now)
                if _over(ad, now) and not _over(edited, now):
                    cap_rows.check_return(connection, edited, now)
                for network in _gone(ad, edited, now):
                    lease_rows.revoke(connection, team, job, network)
                # A longer schedule or a network put back may need what was closed before.
                slot_rows.retire(connection, team, job, slots.c.state == str(SlotState.CLOSED))
            return ad_rows.read(connection, team, job)


def _contents(connection: sa.Connection, team: str) -> dict[str, tuple[str, JobAd | None]]:
    """Each ad's status and record, None where its row is that of no ad."""
    query = sa.select(job_ads).where(job_ads.c.team_id == team).with_for_update()
    rows = connection.execute(query).mappings()
    return {
        row["id"]: (row["status"], ad if isinstance(ad := ad_rows.built(row), JobAd) else None)
        for row in rows
    }


def _new_row(ad: JobAd) -> dict[str, Any]:
    return ad_rows.columns(ad) | {
        "id": str(ad.id),
        "team_id": str(ad.team_id),
        "status": str(ad.status),
        "created_by_user_id": str(ad.created_by_user_id),
        "created_at": ad.created_at,
        "updated_at": ad.updated_at,
    }


def _gone(before: JobAd, after: JobAd, now: datetime) -> frozenset[Network]:
    """Networks on which an edit ends the ad at once."""
    later = after.schedule_start > now
    return before.platforms if _over(after, now) or later else before.platforms - after.platforms


def _over(ad: JobAd, now: datetime) -> bool:
    return ad.schedule_end is not None and ad.schedule_end <= now
