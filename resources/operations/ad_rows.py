"""Rows of job ads: read, locked and changed in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from domain.errors import InputError, NotFound
from domain.job_ad import JobAd
from domain.lifecycle import AdStatus, check_move
from domain.money import Money
from domain.platform import Network
from resources.operations.audit import note
from resources.operations.statements import AD, CHANGE_AD, LOCK_AD


class AdState(NamedTuple):
    """An ad's status, without the rest of its row."""

    team_id: str
    id: str
    status: AdStatus


def read(connection: sa.Connection, team: str, job: str) -> JobAd:
    return ad(_found(connection, team, job, AD))


def lock(connection: sa.Connection, team: str, job: str) -> JobAd:
    """As `read`; nobody else changes the ad until the transaction ends."""
    return ad(_found(connection, team, job, LOCK_AD))


def state(connection: sa.Connection, team: str, job: str) -> AdState:
    """The ad's status, whatever else its row holds."""
    return AdState(team, job, AdStatus(_found(connection, team, job, AD)["status"]))


def lock_state(connection: sa.Connection, team: str, job: str) -> AdState:
    """As `state`; nobody else changes the ad until the transaction ends."""
    return AdState(team, job, AdStatus(_found(connection, team, job, LOCK_AD)["status"]))


def _found(connection: sa.Connection, team: str, job: str, query: Any) -> Any:
    here = {"at_team_id": team, "at_id": job}
    row = connection.execute(query, here).mappings().first()
    if row is None:
        raise NotFound(f"job ad {job} does not exist in this team", mend="see jobads ads list")
    return row


def change(
    connection: sa.Connection,
    team: str,
    job: str,
    values: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Write columns of an ad, and a word about it into the log."""
    here = {"at_team_id": team, "at_id": job}
    connection.execute(CHANGE_AD, {**values, "updated_at": now, **here})
    note(connection, team, "ad.changed", job, actor=actor, now=now)


def move(
    connection: sa.Connection, before: AdState, to: AdStatus, *, actor: str, now: datetime
) -> None:
    """Write the ad's next status; IllegalMove where the lifecycle forbids it."""
    check_move(before.status, to)
    team, job = before.team_id, before.id
    change(connection, team, job, {"status": str(to)}, actor=actor, now=now)
    detail = {"from": str(before.status), "to": str(to)}
    note(connection, team, "ad.moved", job, detail, actor=actor, now=now)


def columns(ad: JobAd) -> dict[str, Any]:
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


def built(row: Any) -> JobAd | InputError:
    """The row's ad, or why there is none."""
    try:
        return ad(row)
    except InputError as error:
        return error


def ad(row: Any) -> JobAd:
    """InputError for a row that no rule of an ad would have let in."""
    try:
        return _record(row)
    except (TypeError, ValueError, AttributeError) as error:
        raise impossible(row["id"], error) from None


def impossible(job: str, error: Exception) -> InputError:
    return InputError(
        f"its stored row is impossible ({error})"[:300],
        where=f"ad {job}",
        mend="it was written past jobads: correct the row in the database",
    )


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
