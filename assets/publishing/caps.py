"""Caps at the moment of posting: what was spent, and which ads may not start because of them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from assets.isolation import Isolation
from assets.performance.reports import LATEST
from domain.errors import InputError, Retryable
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


def over_cap(team_id: str, house: "House") -> Sequence["OverCap"]:
    """The team's ads that could pass a total cap before the next numbers lead to a pause."""
    if not any(cap.total for cap in house.store.caps.caps(team_id)):
        return ()
    spent = dict(house.warehouse.sql(SPENT, [team_id]).iter_rows())
    return house.store.caps.over_cap(team_id, spent, house.now())


def due(house: "House", job_id: str = "") -> Due:
    """What is due of an ad whose id begins so, or of every ad. An ad that would be paused at the
    next sync is not started before it, nor one that does not run yet under a daily cap that is
    below what is accepted; the reason is noted on the ad until there is room."""
    listed = [d for d in house.store.schedule.due(house.now()) if d.job_id.startswith(job_id)]
    ready: list[DueAd] = []
    held: list[tuple[DueAd, InputError]] = []
    with Isolation(house.store, "caps") as guard:
        full = {
            team: guard.attempt(partial(without_room, team, house), team_id=team)
            for team in sorted({d.team_id for d in listed})
        }
        for d in listed:
            ads = full[d.team_id]
            if ads is None:  # nobody knows what was spent
                held.append((d, InputError("the team's caps cannot be asked", where="cap")))
            elif error := ads.get(d.job_id):
                guard.fail(error, team_id=d.team_id, job_id=d.job_id)
                held.append((d, error))
            else:
                guard.attempt(lambda: True, team_id=d.team_id, job_id=d.job_id)  # forget the note
                ready.append(d)
    return Due(tuple(ready), tuple(held))


def check(d: DueAd, house: "House") -> None:
    """Ask again just before posting: a cap may have been set, or used up, since the list was made.

    InputError where a cap leaves no room; Retryable while the ad's money still runs elsewhere."""
    if error := without_room(d.team_id, house).get(d.job_id):
        raise error
    beside = house.store.caps.in_the_way(d)
    if beside:
        runs = ", ".join(
            f"{Money(s.daily_minor, s.currency)} on {s.network} {s.account_id}" for s in beside
        )
        raise Retryable(
            f"up to {runs} may still run, and more on {d.network} would pass the ad's daily budget",
            where=f"ad {d.job_id}",
            mend="posted when that is lowered or off: jobads publish --due",
        )


def without_room(team_id: str, house: "House") -> Mapping[str, InputError]:
    """Why ads of a team may not start, by ad."""
    store = house.store
    found: dict[str, InputError] = {}
    if not store.caps.caps(team_id):
        return found
    for daily in store.caps.over_daily(team_id, house.now()):
        accepted = Money(daily.accepted_minor, daily.cap.currency)
        for job in sorted({r.job_id for r in daily.running}):
            if not store.ledger.runs(team_id, job):
                found[job] = InputError(
                    f"{accepted} a day are accepted under the daily cap of {daily.cap.daily}",
                    where="cap",
                    mend="raise the cap (jobads caps set --daily), or withdraw a plan "
                    "(jobads plans withdraw)",
                )
    for over in over_cap(team_id, house):
        currency = over.cap.currency
        spent, ahead = Money(over.spent_minor, currency), Money(over.ahead_minor, currency)
        found[over.job_id] = InputError(
            f"no room under the total cap of {over.cap.total}: {spent} spent, and up to {ahead} "
            "may be spent before the next numbers",
            where="cap",
            mend="raise the cap (jobads caps set --total) or lower what is accepted under it",
        )
    return found
