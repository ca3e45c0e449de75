"""What posting a plan would change of what its ad may spend a day, in the caller's transaction.

An ad stays within its own daily budget while its money moves between networks and accounts."""

from typing import Any, NamedTuple

import sqlalchemy as sa

from domain.errors import NotFound, Retryable
from domain.ledger import DueAd, Slot
from domain.money import Money
from domain.plan import Plan
from resources.operations import cap_rows
from resources.operations.schema import accepted_plans, job_ads
from resources.operations.statements import PLACE


class Room(NamedTuple):
    """What a plan costs a day, what runs in its place already, and what runs of the ad elsewhere
    that leaves no room for it within the ad's daily budget."""

    daily: Money
    here_minor: int
    beside: tuple[cap_rows.RunningSpend, ...]

    @property
    def raises(self) -> bool:
        """Whether posting the plan lets its place spend more than it may already."""
        return self.daily.minor > self.here_minor


def daily_of(connection: sa.Connection, of: Plan | DueAd | Slot) -> Money:
    """What the accepted plan of a place costs a day, known by its digest."""
    plan = accepted_plans.c
    digest = of.plan_digest if isinstance(of, Slot) else of.digest
    query = (
        sa.select(plan.daily_minor, plan.currency)
        .where(*_at(plan, of), plan.digest == digest)
        .order_by(plan.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"plan {digest} of ad {of.job_id} was never accepted")
    return Money(row.daily_minor, row.currency)


def room(connection: sa.Connection, of: Plan | DueAd) -> Room:
    """What posting a plan would change of what the ad may spend a day."""
    daily = daily_of(connection, of)
    ad = job_ads.c
    mine = (ad.team_id == str(of.team_id), ad.id == str(of.job_id))
    budget = connection.execute(
        sa.select(ad.budget_daily_minor, ad.budget_currency).where(*mine)
    ).one()
    place = (str(of.job_id), of.network, of.account_id)
    still = cap_rows.still_running(connection, str(of.team_id), str(of.job_id))
    beside = tuple(s for s in still if s[:3] != place)
    here = sum(s.daily_minor for s in still if s[:3] == place and s.currency == daily.currency)
    total = daily.minor + sum(s.daily_minor for s in beside)
    foreign = any(s.currency != budget.budget_currency for s in beside)
    full = daily.minor > here and (foreign or total > budget.budget_daily_minor)
    return Room(daily, here, beside if full else ())


def check_room(connection: sa.Connection, plan: Plan) -> Money:
    """What the plan costs a day. Retryable while posting it would let the ad spend more than its
    daily budget beside what may still run of it elsewhere."""
    found = room(connection, plan)
    if found.beside:
        runs = ", ".join(
            f"{Money(s.daily_minor, s.currency)} on {s.network} {s.account_id}"
            for s in found.beside
        )
        raise Retryable(
            f"up to {runs} may still run, and {found.daily} on {plan.network} would pass the ad's "
            "daily budget beside it",
            where=f"ad {plan.job_id}",
            mend="posted when that is lowered or off: jobads publish --due",
        )
    return found.daily


def _at(table: Any, of: Plan | DueAd | Slot) -> tuple[Any, ...]:
    return tuple(table[name] == str(getattr(of, name)) for name in PLACE)
