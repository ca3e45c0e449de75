"""Decisions about acceptances: the checks before one, and its row, in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from domain.ad_versions import changes, short
from domain.approval import Decision
from domain.errors import IllegalMove, InputError
from domain.job_ad import JobAd
from domain.money import Money
from domain.platform import Network
from resources.operations import acceptance_rows, ad_version_rows, lease_rows, slot_rows
from resources.operations.acceptance_rows import Acceptance, LatestAcceptances
from resources.operations.audit import note
from resources.operations.records import Member
from resources.operations.schema import approvals, slots


def check_version(connection: sa.Connection, ad: JobAd, version: str | None) -> None:
    """IllegalMove, with the difference, for a plan of an older version of the ad."""
    if version in (None, ad.version):
        return
    said = changes(ad_version_rows.content(connection, ad, version), ad.content)
    raise IllegalMove(
        f"the ad has changed since version {short(version or '')}, which the plan is about: {said}",
        where=f"ad {ad.id}",
        mend="wait for the next compile, see jobads plans list, and accept the new plan",
    )


def check_budget(
    ad: JobAd,
    network: Network,
    daily: Money,
    found: Mapping[Network, LatestAcceptances],
    *,
    in_force: bool,
) -> None:
    """InputError when `daily` on this network passes the ad's own daily budget: beside what is
    accepted for the same version of the ad on its other networks or, `in_force`, beside what
    may be spent on them at this moment."""
    others = [s for n, s in found.items() if n != network and n in ad.platforms]
    beside = [s.in_force for s in others if s.in_force]
    if not in_force:
        stands = (s.newest if s.newest.waits else s.in_force for s in others)
        beside = [one for one in stands if one and one.ad_version == ad.version]
    budget = ad.budget_daily
    if daily.currency != budget.currency:
        raise InputError(
            f"the plan is in {daily.currency}, the ad's budget in {budget.currency}",
            where=f"ad {ad.id}",
            mend="wait for the next compile",
        )
    left = budget.minor - daily.minor
    if left < 0 or acceptance_rows.exceeds(beside, Money(left, budget.currency)):
        said = ", ".join(f"{one.daily} on {one.network}" for one in beside) or "nothing"
        raise InputError(
            f"{daily} a day on {network} beside {said} passes the ad's daily budget of {budget}",
            where=f"ad {ad.id}",
            mend="decide first about the network whose plan got cheaper, withdraw one, or "
            "raise the budget",
        )


def decide(
    connection: sa.Connection,
    acceptance: Acceptance,
    decision: Decision,
    rule: str,
    member: Member,
    *,
    now: datetime,
    reason: str = "",
) -> None:
    """Store what `member` decided about an acceptance, and by which rule."""
    row = {
        name: getattr(acceptance, name)
        for name in ("team_id", "job_id", "network", "account_id", "digest")
    }
    connection.execute(
        approvals.insert().values(
            **row,
            acceptance_id=acceptance.id,
            decision=str(decision),
            rule=rule,
            user_id=member.user_id,
            role=str(member.role),
            reason=reason[:1000],
            at=now,
        )
    )
    if decision is Decision.APPROVED:
        # Somebody agreed anew, so what ended under the older plan may be tried again.
        network = slots.c.network == row["network"]
        slot_rows.retire(connection, row["team_id"], row["job_id"], network)
        # Whoever posts the older plan sends nothing more: this one is posted in its place.
        lease_rows.revoke(connection, row["team_id"], row["job_id"], row["network"])
    detail = {
        "network": row["network"],
        "digest": row["digest"],
        "rule": rule,
        "role": str(member.role),
        "reason": reason[:1000],
    }
    action = f"plan.{decision}"
    note(connection, row["team_id"], action, row["job_id"], detail, actor=member.actor, now=now)
