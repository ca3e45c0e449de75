"""Acceptances of plans and what became of each, read in the caller's transaction."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from domain.approval import Decision
from domain.money import Money
from domain.platform import Network
from resources.operations.schema import accepted_plans, approvals, withdrawals
from resources.operations.statements import of_ad


class Acceptance(NamedTuple):
    """One acceptance of a plan and what became of it; `ended` is the withdrawal's rule, or ""."""

    id: int
    team_id: str
    job_id: str
    network: str
    account_id: str
    digest: str
    daily_minor: int
    currency: str
    ad_version: str | None
    accepted_by: str
    decision: str | None
    approved_by: str | None
    ended: str

    @property
    def waits(self) -> bool:
        return self.decision is None and not self.ended

    @property
    def in_force(self) -> bool:
        """If no newer one was approved."""
        return self.decision == Decision.APPROVED and not self.ended

    @property
    def daily(self) -> Money:
        return Money(self.daily_minor, self.currency)


class LatestAcceptances(NamedTuple):
    """Of one ad on one network: the newest acceptance, and the one that is in force."""

    newest: Acceptance
    in_force: Acceptance | None


_PLAN = accepted_plans.c
_COLUMNS = tuple(_PLAN[name] for name in Acceptance._fields[:10])
ACCEPTANCES = (
    sa.select(
        *_COLUMNS,
        approvals.c.decision,
        approvals.c.user_id.label("approved_by"),
        sa.func.coalesce(withdrawals.c.rule, "").label("ended"),
    )
    .select_from(accepted_plans)
    .outerjoin(approvals, approvals.c.acceptance_id == _PLAN.id)
    .outerjoin(withdrawals, withdrawals.c.acceptance_id == _PLAN.id)
    .order_by(_PLAN.id)
)
"""Every acceptance without its payload, oldest first."""


def latest(rows: Iterable[Any]) -> dict[tuple[str, Network], LatestAcceptances]:
    """By ad and network. A newer approved plan ends the older one for good: after its withdrawal
    nothing is in force."""
    found: dict[tuple[str, Network], LatestAcceptances] = {}
    for row in rows:
        one = Acceptance(*row)
        place = one.job_id, Network(one.network)
        before = found[place].in_force if place in found else None
        approved = one.decision == Decision.APPROVED
        now = (one if one.in_force else None) if approved else before
        found[place] = LatestAcceptances(one, now)
    return found


def of_one_ad(connection: sa.Connection, team: str, job: str) -> dict[Network, LatestAcceptances]:
    """How one ad stands on each network where a plan of it was ever accepted."""
    query = ACCEPTANCES.where(_PLAN.team_id == team, _PLAN.job_id == job)
    found = latest(connection.execute(query))
    return {network: one for (_, network), one in found.items()}


def exceeds(plans: Sequence[Acceptance], budget: Money) -> bool:
    """Whether plans together cost more a day than `budget`, or cannot be compared with it."""
    if any(one.currency != budget.currency for one in plans):
        return True
    return sum(one.daily_minor for one in plans) > budget.minor


def approved_plans(*, one: bool = False) -> Any:
    """Subquery: the id of the plan in force of each (team, ad, network), of all ads or of `one`
    that parameters name: the newest approved acceptance, unless that was withdrawn."""
    table = accepted_plans.c
    approved = approvals.c.decision == str(Decision.APPROVED)
    newest = (
        sa.select(sa.func.max(table.id).label("id"))
        .join(approvals, sa.and_(approvals.c.acceptance_id == table.id, approved))
        .where(*(of_ad(accepted_plans) if one else ()))
        .group_by(table.team_id, table.job_id, table.network)
        .subquery("newest")
    )
    return (
        sa.select(newest.c.id)
        .outerjoin(withdrawals, withdrawals.c.acceptance_id == newest.c.id)
        .where(withdrawals.c.acceptance_id.is_(None))
        .subquery("approved")
    )
