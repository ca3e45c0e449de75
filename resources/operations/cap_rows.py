"""Caps and the budgets under them, read in the caller's transaction; the checks before more is
accepted."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from domain.approval import Decision
from domain.caps import Cap, Running
from domain.errors import InputError
from domain.job_ad import JobAd
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.platform import Network
from resources.operations import acceptance_rows
from resources.operations.acceptance_rows import ACCEPTANCES, latest
from resources.operations.ad_rows import AdState
from resources.operations.schema import accepted_plans, approvals, caps, job_ads, slots

ENDED = (str(AdStatus.ARCHIVED), str(AdStatus.FAILED))


class RunningSpend(NamedTuple):
    """What runs of one ad on one account a day, in minor units of `currency`."""

    job_id: str
    network: Network
    account_id: str
    currency: str
    daily_minor: int


_Money = tuple[str, Network, str]
"""(ad, network, currency)"""


def check(
    connection: sa.Connection,
    ad: JobAd | AdState,
    network: Network,
    account_id: str,
    daily: Money,
    now: datetime,
) -> None:
    """InputError when accepting `daily` on this account passes a daily cap. It takes the place of
    what runs on the account; on another account of the network that goes on until it is off."""
    team, job = str(ad.team_id), str(ad.id)
    elsewhere = [
        s
        for s in still_running(connection, team)
        if (s.job_id, s.network) == (job, network) and s.account_id != account_id
    ]
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
        beside = sum(s.daily_minor for s in elsewhere if s.currency == cap.currency)
        over = others + beside + daily.minor - cap.daily.minor
        if over > 0:
            whose = "the ad's" if cap.job_id else "the team's"
            raise InputError(
                f"{whose} daily cap of {cap.daily} would be passed by {Money(over, cap.currency)}",
                where="cap",
                mend="pause the ad until it is off the other account, or see jobads caps"
                if beside
                else "lower the budget, or see jobads caps",
            )


def check_return(connection: sa.Connection, ad: JobAd | AdState, now: datetime) -> None:
    """InputError when an ad that failed, was over or paused would pass a cap by running again as
    it is approved: it did not count for a while, or the cap was lowered since."""
    found = acceptance_rows.of_one_ad(connection, str(ad.team_id), str(ad.id))
    for network, one in found.items():
        if one.in_force is not None:
            check(connection, ad, network, one.in_force.account_id, one.in_force.daily, now)


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
    counts when more is accepted for it, also while it is failed or over. And of every ad what
    still runs, until the networks confirm that it does not."""
    plan, ad = accepted_plans.c, job_ads.c
    may_run = sa.and_(
        ad.status.not_in(ENDED), sa.or_(ad.schedule_end.is_(None), ad.schedule_end > now)
    )
    query = ACCEPTANCES.join(
        job_ads, sa.and_(ad.team_id == plan.team_id, ad.id == plan.job_id)
    ).where(plan.team_id == team, sa.or_(may_run, plan.job_id == job))
    return worst(connection.execute(query), still_running(connection, team))


def still_running(connection: sa.Connection, team: str, job: str = "") -> list[RunningSpend]:
    """Of each account where slots of the team, or of one ad, may be running the most that they may
    cost a day: whatever became of the plan and of the ad."""
    slot = slots.c
    amount = sa.func.max(slot.running_minor)
    query = (
        sa.select(slot.job_id, slot.network, slot.account_id, slot.running_currency, amount)
        .where(slot.team_id == team, slot.running, *([slot.job_id == job] if job else []))
        .group_by(slot.job_id, slot.network, slot.account_id, slot.running_currency)
        .order_by(slot.job_id, slot.network, slot.account_id)
    )
    return [
        RunningSpend(ad, Network(network), account, currency, minor)
        for ad, network, account, currency, minor in connection.execute(query)
    ]


def startable(connection: sa.Connection, team: str, now: datetime) -> list[Running]:
    """What runs, and what is approved of ads that should run at `now`, as `budgets`."""
    plan, ad = accepted_plans.c, job_ads.c
    query = ACCEPTANCES.join(
        job_ads, sa.and_(ad.team_id == plan.team_id, ad.id == plan.job_id)
    ).where(
        plan.team_id == team,
        approvals.c.decision == str(Decision.APPROVED),
        ad.status.in_((str(AdStatus.SCHEDULED), str(AdStatus.LIVE))),
        ad.schedule_start <= now,
        sa.or_(ad.schedule_end.is_(None), ad.schedule_end > now),
    )
    return worst(connection.execute(query), still_running(connection, team))


def counted(running: Running, cap: Cap) -> bool:
    """Whether an ad's money counts under a cap: money of two currencies is never summed."""
    return cap.job_id in ("", running.job_id) and cap.currency == running.currency


def worst(rows: Iterable[Any], still: Iterable[RunningSpend]) -> list[Running]:
    """For each ad and network the most that it may cost a day, in each of its currencies.

    On one account the larger of what is in force, what waits and what runs counts. What runs on
    another account of the network is added to it. `rows` are acceptances, oldest first."""
    plans: dict[_Money, list[tuple[str, int]]] = defaultdict(list)
    runs: dict[_Money, dict[str, int]] = defaultdict(dict)
    for (job, network), (newest, in_force) in latest(rows).items():
        for one in (in_force, newest if newest.waits else None):
            if one is not None:
                money = job, network, one.currency
                plans[money].append((one.account_id, one.daily_minor))
    for job, network, account, currency, minor in still:
        runs[job, network, currency][account] = minor
    found = []
    for money in sorted(plans.keys() | runs.keys()):
        there = runs[money]
        more = max([0, *(minor - there.get(account, 0) for account, minor in plans[money])])
        job, network, currency = money
        found.append(Running(job, network, sum(there.values()) + more, currency))
    return found
