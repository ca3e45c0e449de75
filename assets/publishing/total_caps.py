"""Total caps: what was spent, and which ads may not run because of it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from assets.isolation import Isolation
from assets.performance.reports import LATEST
from domain.errors import InputError
from domain.ledger import DueAd
from domain.money import Money

if TYPE_CHECKING:
    from assets.outside import Outside
    from resources.operations.records import OverCap

SPENT = (
    f"SELECT job_id, sum(spend_micros)::BIGINT AS micros FROM ({LATEST}) "
    "WHERE team_id = ? GROUP BY job_id"
)


class Due(NamedTuple):
    """What is to be posted now, and what a total cap leaves no room for, with the reason."""

    ready: tuple[DueAd, ...]
    held: tuple[tuple[DueAd, InputError], ...]


def over_cap(team_id: str, outside: "Outside") -> Sequence["OverCap"]:
    """The team's ads that could pass a total cap before the next numbers lead to a pause."""
    if not any(cap.total for cap in outside.store.caps.caps(team_id)):
        return ()
    spent = dict(outside.warehouse.sql(SPENT, [team_id]).iter_rows())
    return outside.store.caps.over_cap(team_id, spent, outside.now())


def due(outside: "Outside", job_id: str = "") -> Due:
    """What is due of an ad whose id begins so, or of every ad. An ad that would be paused at the
    next sync is not started before it; the reason is noted on the ad until there is room."""
    listed = [d for d in outside.store.schedule.due(outside.now()) if d.job_id.startswith(job_id)]
    ready: list[DueAd] = []
    held: list[tuple[DueAd, InputError]] = []
    with Isolation(outside, "caps") as guard:
        over = {
            team: guard.attempt(partial(_by_ad, team, outside), team_id=team)
            for team in sorted({d.team_id for d in listed})
        }
        for d in listed:
            ads = over[d.team_id]
            if ads is None:  # nobody knows what was spent
                error = InputError("the team's total caps cannot be asked", where="cap")
                held.append((d, error))
                continue
            check = partial(_check, ads.get(d.job_id))
            if guard.attempt(check, team_id=d.team_id, job_id=d.job_id):
                ready.append(d)
            else:
                held.append((d, _full(ads[d.job_id])))
    return Due(tuple(ready), tuple(held))


def _by_ad(team_id: str, outside: "Outside") -> Mapping[str, "OverCap"]:
    return {one.job_id: one for one in over_cap(team_id, outside)}


def _check(over: "OverCap | None") -> bool:
    if over is not None:
        raise _full(over)
    return True


def _full(over: "OverCap") -> InputError:
    currency = over.cap.currency
    spent, ahead = Money(over.spent_minor, currency), Money(over.ahead_minor, currency)
    return InputError(
        f"no room under the total cap of {over.cap.total}: {spent} spent, and up to {ahead} may be "
        "spent before the next numbers",
        where="cap",
        mend="raise the cap (jobads caps set --total) or lower what is accepted under it",
    )
