"""Caps at the moment of posting: what was spent, and which ads may not start because of them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from assets.isolation import Isolation
from assets.performance.reports import LATEST
from domain.errors import InputError
from domain.ledger import DueAd
from domain.money import Money

if TYPE_CHECKING:
    from assets.outside import House
    from resources.operations.records import OverCap

SPENT = (
    f"SELECT job_id, sum(spend_micros)::BIGINT AS micros FROM ({LATEST}) "
    "WHERE team_id = ? GROUP BY job_id"
)


class Due(NamedTuple):
    """What is to be posted now, and what a cap leaves no room for, with the reason."""

    ready: tuple[DueAd, ...]
    held: tuple[tuple[DueAd, InputError], ...]


def over_total(team_id: str, house: "House", *, starting: bool = False) -> Sequence["OverCap"]:
    """The team's ads that could pass a total cap before the next numbers lead to a pause; with
    `starting` also those that may not start because of it."""
    if not any(cap.total for cap in house.store.caps.of_team(team_id)):
        return ()
    spent = dict(house.warehouse.sql(SPENT, [team_id]).iter_rows())
    return house.store.caps.over_total(team_id, spent, house.now(), starting=starting)


def due(house: "House", job_id: str = "") -> Due:
    """What is due of an ad whose id begins so, or of every ad. An ad that would be paused at the
    next sync is not started before it, nor is more posted than runs already under a daily cap that
    is below what is accepted; the reason is noted on the ad until there is room."""
    listed = [d for d in house.store.schedule.due(house.now()) if d.job_id.startswith(job_id)]
    ready: list[DueAd] = []
    held: list[tuple[DueAd, InputError]] = []
    with Isolation(house.store, "caps") as guard:
        full = {
            team: guard.attempt(partial(_full, team, house), team_id=team)
            for team in sorted({d.team_id for d in listed})
        }
        for d in listed:
            caps = full[d.team_id]
            if caps is None:  # nobody knows what was spent
                held.append((d, InputError("the team's caps cannot be asked", where="cap")))
            elif error := _no_room(d, caps, house):
                guard.fail(error, team_id=d.team_id, job_id=d.job_id)
                held.append((d, error))
            else:
                guard.attempt(lambda: True, team_id=d.team_id, job_id=d.job_id)  # forget the note
                ready.append(d)
    return Due(tuple(ready), tuple(held))


def check(d: DueAd, house: "House") -> None:
    """Ask again just before posting: InputError where a cap that was set, or used up, since the
    list was made leaves no room."""
    if error := _no_room(d, _full(d.team_id, house), house):
        raise error


class _Full(NamedTuple):
    """Why ads of a team may not start, and why no more may be posted of them, by ad."""

    total: Mapping[str, InputError]
    daily: Mapping[str, InputError]


def _no_room(d: DueAd, full: _Full, house: "House") -> InputError | None:
    if error := full.total.get(d.job_id):
        return error
    error = full.daily.get(d.job_id)
    return error if error and house.store.caps.room(d).raises else None


def _full(team_id: str, house: "House") -> _Full:
    store = house.store
    total: dict[str, InputError] = {}
    daily: dict[str, InputError] = {}
    if not store.caps.of_team(team_id):
        return _Full(total, daily)
    for low in store.caps.over_daily(team_id, house.now()):
        accepted = Money(low.accepted_minor, low.cap.currency)
        error = InputError(
            f"{accepted} a day are accepted under the daily cap of {low.cap.daily}",
            where="cap",
            mend="raise the cap (jobads caps set --daily), or withdraw a plan "
            "(jobads plans withdraw)",
        )
        daily |= dict.fromkeys({r.job_id for r in low.running}, error)
    for over in over_total(team_id, house, starting=True):
        currency = over.cap.currency
        spent, ahead = Money(over.spent_minor, currency), Money(over.ahead_minor, currency)
        total[over.job_id] = InputError(
            f"no room under the total cap of {over.cap.total}: {spent} spent, and up to {ahead} "
            "may be spent before the next numbers",
            where="cap",
            mend="raise the cap (jobads caps set --total) or lower what is accepted under it",
        )
    return _Full(total, daily)
