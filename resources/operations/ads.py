"""Job ads: drafts, edits and the moves of their status."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from domain.errors import IllegalMove, InputError, NotFound
from domain.job_ad import JobAd
from domain.lifecycle import TERMINAL, AdStatus, SlotState, check_move
from domain.money import Money
from domain.platform import Network
from resources.operations.editions import Editions
from resources.operations.records import AdStamp, Saved
from resources.operations.repository import SYSTEM, Id, batches, canonical
from resources.operations.schema import job_ads, slots
from resources.operations.statements import AD, CHANGE_AD, LOCK_AD

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


# As text: nothing is parsed that is only compared.
_STAMPED = (
    job_ads.c.id,
    sa.cast(job_ads.c.platforms, sa.Text),
    job_ads.c.budget_daily_minor,
    job_ads.c.budget_currency,
    sa.cast(job_ads.c.schedule_start, sa.Text),
    sa.cast(job_ads.c.schedule_end, sa.Text),
    *(job_ads.c[name] for name in ("title", "description_short", "description_long")),
    *(job_ads.c[name] for name in ("target_url", "location", "creative_asset_url")),
)


class AdState(NamedTuple):
    """An ad's status, without the rest of its row."""

    team_id: str
    id: str
    status: AdStatus


class Ads(Editions):
    def save_drafts(self, team_id: Id, ads: Sequence[JobAd]) -> Saved:
        """Store drafts by id: the same ads twice change nothing, and an ad past draft is left as
        it is and reported. All or none; of two ads with one id the last counts."""
        team = canonical(team_id, "team")
        for ad in ads:
            if str(ad.team_id) != team or ad.status is not AdStatus.DRAFT:
                raise InputError(f"ad {ad.id} is not a draft of this team", where="save_drafts")
        new, changed, unchanged = [], 0, 0
        kept: list[UUID] = []
        with self._write() as connection:
            before = self._contents(connection, team)
            for ad in {ad.id: ad for ad in ads}.values():
                status, old = before.get(str(ad.id), (None, None))
                if status is None:
                    new.append(ad)
                elif old is not None and _content(old) == _content(ad):
                    unchanged += 1
                elif status != AdStatus.DRAFT:
                    kept.append(ad.id)
                else:
                    self._change(connection, team, str(ad.id), _content(ad), SYSTEM)
                    if old is not None:
                        self._edited(connection, old, ad, SYSTEM)
                    changed += 1
            self._insert_ads(connection, team, new)
        return Saved(len(new), changed, unchanged, tuple(kept))

    def job_ad(self, team_id: Id, job_id: Id) -> JobAd:
        with self._read() as connection:
            return self._ad(connection, canonical(team_id, "team"), canonical(job_id, "job ad"))

    def job_ads(self, team_id: Id, status: AdStatus | None = None) -> list[JobAd]:
        """The team's ads in order of creation, then title."""
        query = sa.select(job_ads).where(job_ads.c.team_id == canonical(team_id, "team"))
        if status is not None:
            query = query.where(job_ads.c.status == status)
        query = query.order_by(job_ads.c.created_at, job_ads.c.title, job_ads.c.id)
        with self._read() as connection:
            rows = connection.execute(query).mappings().all()
        return [ad for ad in map(_built, rows) if isinstance(ad, JobAd)]

    def unarchived_ads(
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
        with self._read() as connection:
            rows = [
                row
                for part in parts
                for row in connection.execute(part.order_by(job_ads.c.id)).mappings()
            ]
        built = [(str(row["id"]), _built(row)) for row in rows]
        return (
            [ad for _, ad in built if isinstance(ad, JobAd)],
            [(job, error) for job, error in built if isinstance(error, InputError)],
        )

    def ad_stamps(self, team_id: Id) -> tuple[list[AdStamp], list[tuple[str, InputError]]]:
        """As `unarchived_ads`, without building an ad: 10,000 take a third of a second. A row that
        only the ad's own rules would refuse has a stamp."""
        query = sa.select(*_STAMPED).where(
            job_ads.c.team_id == canonical(team_id, "team"),
            job_ads.c.status != str(AdStatus.ARCHIVED),
        )
        stamps, impossible = [], []
        known: dict[tuple[str, int, str], tuple[frozenset[Network], Money]] = {}
        with self._read() as connection:
            for row in connection.execute(query.order_by(_STAMPED[0])):
                job, platforms, minor, currency, said = _stamped(row)
                try:
                    key = (platforms, minor, currency)
                    if key not in known:
                        known[key] = _networks(platforms), Money(minor, currency)
                    stamps.append(AdStamp(job, *known[key], said))
                except (TypeError, ValueError, InputError) as error:
                    impossible.append((job, _impossible(job, error)))
        return stamps, impossible

    def unreadable_ads(self, team_id: Id) -> list[tuple[str, InputError]]:
        """(id, reason) of stored rows that no ad can be built of; `job_ads` is without them."""
        return self.unarchived_ads(team_id)[1]

    def set_status(self, team_id: Id, job_id: Id, status: AdStatus, *, actor: str = SYSTEM) -> None:
        """A person's move, also of an ad that cannot be read: it may have to be paused. A failed ad
        comes back only where its plans find room under the caps (InputError). Scheduling
        or resuming also lets slots that had ended be tried anew; any other move ends the lease of
        whoever posts the ad: the request in flight is the last."""
        team, job = canonical(team_id, "team"), canonical(job_id, "job ad")
        with self._write() as connection:
            self._lock_team(connection, team)
            self._hold_leases(connection, team, job)
            before = self._ad_state(connection, team, job)
            self._move_ad(connection, before, status, actor)
            if before.status is AdStatus.FAILED and status is AdStatus.SCHEDULED:
                self._check_return(connection, self._ad(connection, team, job))
            if status in (AdStatus.SCHEDULED, AdStatus.LIVE):
                self._retire(connection, team, job)
            else:
                self._revoke(connection, team, job)

    def edit_job_ad(self, team_id: Id, job_id: Id, *, actor: str = SYSTEM, **changes: Any) -> JobAd:
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
        with self._write() as connection:
            self._lock_team(connection, team)
            self._hold_leases(connection, team, job)
            ad = self._ad(connection, team, job, lock=True)
            if ad.status is AdStatus.ARCHIVED:
                raise IllegalMove(f"ad {job} is archived", mend="make a new ad")
            edited = replace(ad, **changes)
            row = _content(edited)
            if row != _content(ad):
                self._change(connection, team, job, row, actor)
                self._edited(connection, ad, edited, actor)
                if _over(ad, self._now()) and not _over(edited, self._now()):
                    self._check_return(connection, edited)
                for network in _gone(ad, edited, self._now()):
                    self._revoke(connection, team, job, network)
                # A longer schedule or a network put back may need what was closed before.
                self._retire(connection, team, job, slots.c.state == str(SlotState.CLOSED))
            return self._ad(connection, team, job)

    def _check_return(self, connection: sa.Connection, ad: JobAd) -> None:
        """What the caps say of an ad that comes back: `Caps` answers."""
        raise NotImplementedError

    def _ad(self, connection: sa.Connection, team: str, job: str, *, lock: bool = False) -> JobAd:
        here = {"at_team_id": team, "at_id": job}
        row = connection.execute(LOCK_AD if lock else AD, here).mappings().first()
        if row is None:
            raise NotFound(f"job ad {job} does not exist in this team", mend="see jobads ads list")
        return _ad(row)

    def _ad_state(
        self, connection: sa.Connection, team: str, job: str, *, lock: bool = True
    ) -> AdState:
        """The ad's status, whatever else its row holds."""
        here = {"at_team_id": team, "at_id": job}
        row = connection.execute(LOCK_AD if lock else AD, here).mappings().first()
        if row is None:
            raise NotFound(f"job ad {job} does not exist in this team", mend="see jobads ads list")
        return AdState(team, job, AdStatus(row["status"]))

    def _contents(
        self, connection: sa.Connection, team: str
    ) -> dict[str, tuple[str, JobAd | None]]:
        """Each ad's status and record, None where its row is that of no ad."""
        query = sa.select(job_ads).where(job_ads.c.team_id == team).with_for_update()
        rows = connection.execute(query).mappings()
        return {
            row["id"]: (row["status"], ad if isinstance(ad := _built(row), JobAd) else None)
            for row in rows
        }

    def _insert_ads(self, connection: sa.Connection, team: str, ads: Sequence[JobAd]) -> None:
        rows = [
            _content(ad)
            | {
                "id": str(ad.id),
                "team_id": team,
                "status": str(ad.status),
                "created_by_user_id": str(ad.created_by_user_id),
                "created_at": ad.created_at,
                "updated_at": ad.updated_at,
            }
            for ad in ads
        ]
        if rows:
            connection.execute(job_ads.insert(), rows)
            self._note_all(connection, team, "ad.added", [row["id"] for row in rows])

    def _change(
        self, connection: sa.Connection, team: str, job: str, row: Mapping[str, Any], actor: str
    ) -> None:
        here = {"at_team_id": team, "at_id": job}
        connection.execute(CHANGE_AD, {**row, "updated_at": self._now(), **here})
        self._note(connection, team, "ad.changed", job, actor=actor)

    def _move_ad(self, connection: sa.Connection, ad: "AdState", to: AdStatus, actor: str) -> None:
        check_move(ad.status, to)
        self._change(connection, ad.team_id, ad.id, {"status": str(to)}, actor)
        move = {"from": str(ad.status), "to": str(to)}
        self._note(connection, ad.team_id, "ad.moved", ad.id, move, actor=actor)

    def _retire(self, connection: sa.Connection, team: str, job: str, *extra: Any) -> None:
        """Ended slots stop standing in the way of a new one at the same revision."""
        where = (slots.c.team_id == team, slots.c.job_id == job, *extra)
        version = slots.c.version + 1
        connection.execute(
            slots.update()
            .where(*where, slots.c.state.in_(map(str, TERMINAL)), ~slots.c.retired)
            .values(retired=True, version=version)
        )


def _gone(before: JobAd, after: JobAd, now: datetime) -> frozenset[Network]:
    """Networks on which an edit ends the ad at once."""
    later = after.schedule_start > now
    return before.platforms if _over(after, now) or later else before.platforms - after.platforms


def _over(ad: JobAd, now: datetime) -> bool:
    return ad.schedule_end is not None and ad.schedule_end <= now


def _content(ad: JobAd) -> dict[str, Any]:
    """The columns that a person writes."""
    return {
        "title": ad.title,
        "description_short": ad.description_short,
        "description_long": ad.description_long,
        "target_url": ad.target_url,
        "creative_asset_url": ad.creative_asset_url,
        "platforms": sorted(map(str, ad.platforms)),
        "budget_daily_minor": ad.budget_daily.minor,
        "budget_currency": ad.budget_daily.currency,
        "schedule_start": ad.schedule_start,
        "schedule_end": ad.schedule_end,
        "location": ad.location,
    }


def _built(row: Any) -> JobAd | InputError:
    """The row's ad, or why there is none."""
    try:
        return _ad(row)
    except InputError as error:
        return error


def _ad(row: Any) -> JobAd:
    """InputError for a row that no rule of an ad would have let in."""
    try:
        return _record(row)
    except (TypeError, ValueError, AttributeError) as error:
        raise _impossible(row["id"], error) from None


def _impossible(job: str, error: Exception) -> InputError:
    return InputError(
        f"its stored row is impossible ({error})"[:300],
        where=f"ad {job}",
        mend="it was written past jobads: correct the row in the database",
    )


def _networks(stored: str) -> frozenset[Network]:
    return frozenset(map(Network, json.loads(stored)))


def _stamped(row: Any) -> tuple[str, str, int, str, str]:
    """Id, platforms, budget, currency, and a hash of the row."""
    job, platforms, minor, currency, *rest = row
    said = repr((platforms, minor, currency, *rest)).encode("utf-8", "surrogatepass")
    return job, platforms, minor, currency, hashlib.sha256(said).hexdigest()[:16]


def _record(row: Any) -> JobAd:
    same = (
        "title",
        "description_short",
        "description_long",
        "target_url",
        "creative_asset_url",
        "schedule_start",
        "schedule_end",
        "location",
        "created_at",
        "updated_at",
    )
    return JobAd(
        **{name: row[name] for name in same},
        id=UUID(row["id"]),
        team_id=UUID(row["team_id"]),
        created_by_user_id=UUID(row["created_by_user_id"]),
        platforms=frozenset(map(Network, row["platforms"])),
        budget_daily=Money(row["budget_daily_minor"], row["budget_currency"]),
        status=AdStatus(row["status"]),
    )
