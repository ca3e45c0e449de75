"""Caps and the budgets under them, read in the caller's transaction; the checks before more is
accepted."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.caps import Cap, Running
from domain.errors import InputError
from domain.job_ad import JobAd
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.platform import Network
from resources.operations import acceptance_rows
from resources.operations.acceptance_rows import ACCEPTANCES, standing
from resources.operations.schema import accepted_plans, caps, job_ads

ENDED = (str(AdStatus.ARCHIVED), str(AdStatus.FAILED))


def check(
    connection: sa.Connection, ad: JobAd, network: Network, daily: Money, now: datetime
) -> None:
    """InputError when accepting `daily` on this network passes a daily cap."""
    team, job = str(ad.team_id), str(ad.id)
    for cap in of_team(connection, team):
        if cap.job_id not in ("", job):
            continue
        if cap.currency != daily.currency:
            raise InputError(
                f"the ad's budget is in {daily.currency}, the cap in {cap.currency}",
                where="cap",
                mend="give the ad a budget in the cap's currency",
            )
        if cap.daily is None:
            continue
        before = budgets(connection, team, now, job)
        others = sum(
            r.daily_minor
            for r in before
            if counted(r, cap) and (r.job_id, r.network) != (job, network)
        )
        over = others + daily.minor - cap.daily.minor
        if over > 0:
            whose = "the ad's" if cap.job_id else "the team's"
            raise InputError(
                f"{whose} daily cap of {cap.daily} would be passed by {Money(over, cap.currency)}",
                where="cap",
                mend="lower the budget, or see jobads caps",
            )


def check_return(connection: sa.Connection, ad: JobAd, now: datetime) -> None:
    """InputError when an ad that did not count under the caps, because it had failed or was
    over, would pass one by running again as it is approved."""
    found = acceptance_rows.of_one_ad(connection, str(ad.team_id), str(ad.id))
    for network, one in found.items():
        if one.in_force is not None:
            check(connection, ad, network, one.in_force.daily, now)


def currencies(connection: sa.Connection, team: str) -> dict[str, set[str]]:
    """In which currencies each ad's plans were ever accepted."""
    plan = accepted_plans.c
    query = sa.select(plan.job_id, plan.currency).where(plan.team_id == team).distinct()
    found: dict[str, set[str]] = defaultdict(set)
    for job, currency in connection.execute(query):
        found[job].add(currency)
    return found


def of_team(connection: sa.Connection, team: str) -> list[Cap]:
    """The team's caps, its own first."""
    query = sa.select(caps).where(caps.c.team_id == team).order_by(caps.c.job_id)
    return [
        Cap(row.job_id, row.currency, row.daily_minor, row.total_minor)
        for row in connection.execute(query)
    ]


def budgets(connection: sa.Connection, team: str, now: datetime, job: str = "") -> list[Running]:
    """Of every ad that may run now, and of `job` whatever its state: what is accepted for it
    counts when more is accepted for it, also while it is failed or over."""
    plan, ad = accepted_plans.c, job_ads.c
    running = sa.and_(
        ad.status.not_in(ENDED), sa.or_(ad.schedule_end.is_(None), ad.schedule_end > now)
    )
    query = ACCEPTANCES.join(
        job_ads, sa.and_(ad.team_id == plan.team_id, ad.id == plan.job_id)
    ).where(plan.team_id == team, sa.or_(running, plan.job_id == job))
    return worst(connection.execute(query))


def counted(running: Running, cap: Cap) -> bool:
    """Whether an ad's money counts under a cap: money of two currencies is never summed."""
    return cap.job_id in ("", running.job_id) and cap.currency == running.currency


def worst(rows: Iterable[Any]) -> list[Running]:
    """For each ad and network what is in force or what waits, whichever costs more; both, where
    they are in two currencies. `rows` are acceptances, oldest first."""
    found = []
    for (job, network), (newest, in_force) in sorted(standing(rows).items()):
        most: dict[str, int] = {}
        for one in (in_force, newest if newest.waits else None):
            if one is not None:
                most[one.currency] = max(most.get(one.currency, 0), one.daily_minor)
        found += [Running(job, network, minor, currency) for currency, minor in most.items()]
    return found
