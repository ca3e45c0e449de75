"""Accepted plans: what somebody agreed to spend money on, frozen."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from domain.ad_versions import Edition, changes
from domain.approval import APPROVERS, Decision, check_acceptor, rule_at_acceptance
from domain.caps import daily_minor
from domain.errors import InputError, NotFound
from domain.job_ad import JobAd
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.plan import Plan
from domain.platform import Network
from resources.operations import (
    acceptance_rows,
    ad_rows,
    ad_version_rows,
    approval_rows,
    cap_rows,
    lease_rows,
    plan_rows,
    team_rows,
)
from resources.operations.acceptance_rows import Acceptance, LatestAcceptances
from resources.operations.audit import note
from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.records import AcceptedPlan, Member
from resources.operations.schema import accepted_plans, approvals, job_ads, withdrawals

BY_A_MEMBER = "accepted by a member"


class Plans:
    """What was accepted for each ad and network, and what of it is in force."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(
        self, plan: Plan, *, ad_version: str, rule: str = "", user_id: Id | None = None
    ) -> bool:
        """Freeze a plan as the newest of its ad and network; False when that changes nothing.

        `ad_version` is the `JobAd.version` that the plan was compiled from; IllegalMove, with the
        difference in words, when the ad has changed since.

        By an approver or admin, or by the workbench itself (`user_id` None, which then must say by
        which `rule`), it is approved at once; by an editor it waits for a person, unless the ad's
        whole daily budget is within the team's threshold. NotFound for who is not a member,
        InputError for a viewer, and when a daily cap or the ad's own daily budget would be passed.
        """
        team, job = canonical(plan.team_id, "team"), canonical(plan.job_id, "job ad")
        if user_id is None and not rule:
            raise InputError("acceptance without a person needs a rule", where="accept_plan")
        payload = plan_rows.frozen(plan)
        with self._database.write() as connection:
            team_rows.lock(connection, team)
            lease_rows.lock(connection, team, job)
            ad, now = ad_rows.lock(connection, team, job), self._database.now()
            approval_rows.check_version(connection, ad, ad_version)
            if plan.network not in ad.platforms:
                raise InputError(f"ad {job} does not name {plan.network}", where="plan")
            member = team_rows.acting(connection, team, user_id)
            check_acceptor(member.email, member.role)
            found = acceptance_rows.of_one_ad(connection, team, job)
            newest = found[plan.network].newest if plan.network in found else None
            if newest is not None and _stands(newest, plan, ad):
                return _approve_now(connection, ad, found, newest, member, rule, now)
            daily = Money(daily_minor(plan, ad.budget_daily.currency), ad.budget_daily.currency)
            cap_rows.check(connection, ad, plan.network, plan.account_id, daily, now)
            approval_rows.check_budget(ad, plan.network, daily, found, in_force=False)
            connection.execute(
                accepted_plans.insert().values(
                    team_id=team,
                    job_id=job,
                    network=str(plan.network),
                    account_id=plan.account_id,
                    digest=plan.digest,
                    payload=payload,
                    revisions=plan_rows.revisions(plan),
                    rule=rule or BY_A_MEMBER,
                    accepted_by=member.user_id,
                    accepted_at=now,
                    daily_minor=daily.minor,
                    currency=daily.currency,
                    ad_version=ad.version,
                )
            )
            detail = {
                "network": str(plan.network),
                "digest": plan.digest,
                "rule": rule or BY_A_MEMBER,
                "daily_minor": daily.minor,
                "ad_version": ad.version,
            }
            note(connection, team, "plan.accepted", job, detail, actor=member.actor, now=now)
            whole = _whole(connection, ad, plan.network, daily, now)
            passed = rule_at_acceptance(member.role, whole, team_rows.threshold(connection, team))
            if passed is not None:
                approval_rows.check_budget(ad, plan.network, daily, found, in_force=True)
                acceptance = acceptance_rows.of_one_ad(connection, team, job)[plan.network].newest
                why = rule if rule and user_id is None else passed
                approval_rows.decide(
                    connection, acceptance, Decision.APPROVED, why, member, now=now
                )
        return True

    def in_force(self, team_id: Id, job_id: Id, network: Network) -> Plan:
        """The plan in force: the newest that was accepted and approved, unless it was withdrawn or
        its ad changed before it ran; NotFound without one."""
        with self._database.read() as connection:
            row = plan_rows.in_force(
                connection, canonical(team_id, "team"), canonical(job_id, "job ad"), network
            )
        if row is None or not row["stands"]:
            raise NotFound(
                f"no approved plan of ad {job_id} for {network}", mend="see jobads plans list"
            )
        return plan_rows.accepted(row).plan

    def accepted(self, team_id: Id) -> list[AcceptedPlan]:
        """Every plan that the team ever accepted, oldest first, with what was decided."""
        query = plan_rows.with_decision().where(
            accepted_plans.c.team_id == canonical(team_id, "team")
        )
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(accepted_plans.c.id)).mappings()
            return [plan_rows.accepted(row) for row in rows]

    def editions(self, team_id: Id, job_id: Id) -> list[Edition]:
        """The plan in force of an ad on each network, the version of the ad that it is about, and
        how the ad differs from that by now."""
        team, job = canonical(team_id, "team"), canonical(job_id, "job ad")
        with self._database.read() as connection:
            ad = ad_rows.read(connection, team, job)
            ruling = [s.in_force for s in acceptance_rows.of_one_ad(connection, team, job).values()]
            return [_edition(connection, ad, one) for one in ruling if one]

    def awaiting_approval(self, team_id: Id) -> list[AcceptedPlan]:
        """Plans that wait for a person, oldest first; those of archived ads wait no more."""
        plan, ad = accepted_plans.c, job_ads.c
        newest = (
            sa.select(sa.func.max(plan.id))
            .where(plan.team_id == canonical(team_id, "team"))
            .group_by(plan.job_id, plan.network)
        )
        query = (
            plan_rows.with_decision()
            .join(job_ads, sa.and_(ad.team_id == plan.team_id, ad.id == plan.job_id))
            .where(
                plan.id.in_(newest),
                approvals.c.decision.is_(None),
                withdrawals.c.id.is_(None),
                ad.status != str(AdStatus.ARCHIVED),
            )
            .order_by(plan.id)
        )
        with self._database.read() as connection:
            return [plan_rows.accepted(row) for row in connection.execute(query).mappings()]


def _approve_now(
    connection: sa.Connection,
    ad: JobAd,
    found: Mapping[Network, LatestAcceptances],
    newest: Acceptance,
    member: Member,
    rule: str,
    now: datetime,
) -> bool:
    """Who may approve and accepts what waits for that has approved it, but not their own."""
    own = newest.accepted_by == member.user_id
    if newest.decision is not None or own or member.role not in APPROVERS:
        return False
    network = Network(newest.network)
    cap_rows.check(connection, ad, network, newest.account_id, newest.daily, now)
    approval_rows.check_budget(ad, network, newest.daily, found, in_force=True)
    why = rule or BY_A_MEMBER
    approval_rows.decide(connection, newest, Decision.APPROVED, why, member, now=now)
    return True


def _whole(
    connection: sa.Connection, ad: JobAd, network: Network, daily: Money, now: datetime
) -> Money:
    """The ad's daily budget on all networks, with `daily` on this one."""
    team, job = str(ad.team_id), str(ad.id)
    before = cap_rows.budgets(connection, team, now, job)
    same = (
        r
        for r in before
        if r.job_id == job and r.network != network and r.currency == daily.currency
    )
    return Money(sum(r.daily_minor for r in same) + daily.minor, daily.currency)


def _edition(connection: sa.Connection, ad: JobAd, one: Acceptance) -> Edition:
    version = one.ad_version or ""
    differs = ""
    if version != ad.version:
        differs = changes(ad_version_rows.content(connection, ad, version), ad.content)
    return Edition(Network(one.network), one.digest, version, differs)


def _stands(newest: Acceptance, plan: Plan, ad: JobAd) -> bool:
    """Whether the plan was accepted last, for the ad as it is, and nobody refused or ended that."""
    over = newest.decision == Decision.REJECTED or newest.ended
    known = newest.ad_version in (None, ad.version)
    return newest.digest == plan.digest and known and not over
