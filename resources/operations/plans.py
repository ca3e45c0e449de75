"""Accepted plans: what somebody agreed to spend money on, frozen."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from domain.ad_versions import Edition, changes
from domain.approval import APPROVERS, Decision, Withdrawal, check_acceptor, rule_at_acceptance
from domain.caps import daily_minor
from domain.errors import InputError, JobadsError, NotFound, Retryable
from domain.job_ad import JobAd
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.plan import SHARED, Plan
from domain.platform import Network
from resources.operations.approvals import Approvals
from resources.operations.editions import Acceptance, Standing
from resources.operations.records import AcceptedPlan, Member
from resources.operations.repository import Id, canonical
from resources.operations.schema import accepted_plans, approvals, job_ads, withdrawals
from resources.operations.statements import IN_FORCE, PLAN_IN_FORCE, STOPPED, place

BY_A_MEMBER = "accepted by a member"


class Plans(Approvals):
    def accept_plan(
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
        payload = _frozen(plan)
        with self._write() as connection:
            self._lock_team(connection, team)
            ad = self._ad(connection, team, job, lock=True)
            self._check_version(connection, ad, ad_version)
            if plan.network not in ad.platforms:
                raise InputError(f"ad {job} does not name {plan.network}", where="plan")
            member = self._acting(connection, team, user_id)
            check_acceptor(member.email, member.role)
            found = self._standing(connection, team, job)
            newest = found[plan.network].newest if plan.network in found else None
            if newest is not None and _stands(newest, plan, ad):
                return self._approved_now(connection, ad, found, newest, member, rule)
            daily = Money(daily_minor(plan, ad.budget_daily.currency), ad.budget_daily.currency)
            self._check_caps(connection, ad, plan.network, daily)
            self._check_budget(ad, plan.network, daily, found, in_force=False)
            connection.execute(
                accepted_plans.insert().values(
                    team_id=team,
                    job_id=job,
                    network=str(plan.network),
                    account_id=plan.account_id,
                    digest=plan.digest,
                    payload=payload,
                    revisions=_revisions(plan),
                    rule=rule or BY_A_MEMBER,
                    accepted_by=member.user_id,
                    accepted_at=self._now(),
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
            self._note(connection, team, "plan.accepted", job, detail, actor=member.actor)
            whole = self._whole(connection, ad, plan.network, daily)
            passed = rule_at_acceptance(member.role, whole, self._threshold(connection, team))
            if passed is not None:
                self._check_budget(ad, plan.network, daily, found, in_force=True)
                acceptance = self._standing(connection, team, job)[plan.network].newest
                why = rule if rule and user_id is None else passed
                self._decide(connection, acceptance, Decision.APPROVED, why, member)
        return True

    def _approved_now(
        self,
        connection: sa.Connection,
        ad: JobAd,
        found: Mapping[Network, Standing],
        newest: Acceptance,
        member: Member,
        rule: str,
    ) -> bool:
        """Who may approve and accepts what waits for that has approved it, but not their own."""
        own = newest.accepted_by == member.user_id
        if newest.decision is not None or own or member.role not in APPROVERS:
            return False
        network = Network(newest.network)
        self._check_caps(connection, ad, network, newest.daily)
        self._check_budget(ad, network, newest.daily, found, in_force=True)
        self._decide(connection, newest, Decision.APPROVED, rule or BY_A_MEMBER, member)
        return True

    def _whole(self, connection: sa.Connection, ad: JobAd, network: Network, daily: Money) -> Money:
        """The ad's daily budget on all networks, with `daily` on this one."""
        team, job = str(ad.team_id), str(ad.id)
        before = self._budgets(connection, team, self._now(), job)
        same = (
            r
            for r in before
            if r.job_id == job and r.network != network and r.currency == daily.currency
        )
        return Money(sum(r.daily_minor for r in same) + daily.minor, daily.currency)

    def accepted_plan(self, team_id: Id, job_id: Id, network: Network) -> Plan:
        """The plan in force: the newest that was accepted and approved, unless it was withdrawn or
        its ad changed before it ran; NotFound without one."""
        with self._read() as connection:
            row = self._in_force(
                connection, canonical(team_id, "team"), canonical(job_id, "job ad"), network
            )
        if row is None or not row["stands"]:
            raise NotFound(
                f"no approved plan of ad {job_id} for {network}", mend="see jobads plans list"
            )
        return _accepted(row).plan

    def accepted_plans(self, team_id: Id) -> list[AcceptedPlan]:
        """Every plan that the team ever accepted, oldest first, with what was decided."""
        query = _with_decision().where(accepted_plans.c.team_id == canonical(team_id, "team"))
        with self._read() as connection:
            rows = connection.execute(query.order_by(accepted_plans.c.id)).mappings()
            return [_accepted(row) for row in rows]

    def editions(self, team_id: Id, job_id: Id) -> list[Edition]:
        """The plan in force of an ad on each network, the version of the ad that it is about, and
        how the ad differs from that by now."""
        team, job = canonical(team_id, "team"), canonical(job_id, "job ad")
        with self._read() as connection:
            ad = self._ad(connection, team, job)
            ruling = [s.in_force for s in self._standing(connection, team, job).values()]
            return [self._edition(connection, ad, one) for one in ruling if one]

    def _edition(self, connection: sa.Connection, ad: JobAd, one: Acceptance) -> Edition:
        version = one.ad_version or ""
        differs = ""
        if version != ad.version:
            differs = changes(self._content(connection, ad, version), ad.content)
        return Edition(Network(one.network), one.digest, version, differs)

    def awaiting_approval(self, team_id: Id) -> list[AcceptedPlan]:
        """Plans that wait for a person, oldest first; those of archived ads wait no more."""
        plan, ad = accepted_plans.c, job_ads.c
        newest = (
            sa.select(sa.func.max(plan.id))
            .where(plan.team_id == canonical(team_id, "team"))
            .group_by(plan.job_id, plan.network)
        )
        query = (
            _with_decision()
            .join(job_ads, sa.and_(ad.team_id == plan.team_id, ad.id == plan.job_id))
            .where(
                plan.id.in_(newest),
                approvals.c.decision.is_(None),
                withdrawals.c.id.is_(None),
                ad.status != str(AdStatus.ARCHIVED),
            )
            .order_by(plan.id)
        )
        with self._read() as connection:
            return [_accepted(row) for row in connection.execute(query).mappings()]

    def _may_post(self, connection: sa.Connection, plan: Plan, status: str) -> None:
        """Only the plan in force of an ad that should run is posted, and nothing while a stop
        holds: a run may have waited while somebody paused or archived the ad."""
        here = place(plan)
        if status not in (AdStatus.SCHEDULED, AdStatus.LIVE):
            raise Retryable(f"ad {plan.job_id} is {status}", mend="see jobads ads resume")
        if connection.scalar(STOPPED, here) is not None:
            raise Retryable(f"ad {plan.job_id} is stopped", mend="see jobads stop")
        if connection.scalar(IN_FORCE, here) != plan.digest:
            raise Retryable(
                f"plan {plan.digest} of ad {plan.job_id} is not the approved one of now",
                mend="run it again; see jobads plans list",
            )

    def _in_force(self, connection: sa.Connection, team: str, job: str, network: Network) -> Any:
        here = {"at_team_id": team, "at_job_id": job, "at_network": str(network)}
        return connection.execute(PLAN_IN_FORCE, here).mappings().first()


def _stands(newest: Acceptance, plan: Plan, ad: JobAd) -> bool:
    """Whether the plan was accepted last, for the ad as it is, and nobody refused or ended that."""
    over = newest.decision == Decision.REJECTED or newest.ended
    known = newest.ad_version in (None, ad.version)
    return newest.digest == plan.digest and known and not over


def _with_decision() -> Any:
    ended = (withdrawals.c[name].label(f"ended_{name}") for name in _ENDED)
    return (
        sa.select(accepted_plans, approvals.c.decision, *ended)
        .outerjoin(approvals, approvals.c.acceptance_id == accepted_plans.c.id)
        .outerjoin(withdrawals, withdrawals.c.acceptance_id == accepted_plans.c.id)
    )


_ENDED = ("acceptance_id", "rule", "withdrawn_by", "reason", "at")


def _revisions(plan: Plan) -> dict[str, str]:
    """Every slot that the plan needs, with the revision that it would post."""
    return {arm: plan.revision(arm) for arm in (SHARED, *(a.arm for a in plan.arms))}


def _frozen(plan: Plan) -> str:
    """The plan's JSON, after making sure that it reads back as the very same plan."""
    if len({SHARED, *(arm.arm for arm in plan.arms)}) != len(plan.arms) + 1 or not plan.arms:
        raise InputError("a plan needs arms with distinct names", where=f"plan of {plan.job_id}")
    try:
        payload = json.dumps(plan.as_dict(), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"is not JSON: {error}", where=f"plan of {plan.job_id}") from None
    if Plan.from_dict(json.loads(payload)).digest != plan.digest:
        raise InputError("does not survive JSON unchanged", where=f"plan of {plan.job_id}")
    return payload


def _accepted(row: Any) -> AcceptedPlan:
    plan = Plan.from_dict(json.loads(row["payload"]))
    if plan.digest != row["digest"]:
        raise JobadsError(
            f"the accepted plan of ad {row['job_id']} is not what was accepted",
            where=f"accepted_plans {row['id']}",
            mend="accept a fresh plan; the audit log names the accepted digest",
        )
    decision = None if row["decision"] is None else Decision(row["decision"])
    same = ("digest", "rule", "accepted_by", "accepted_at", "daily_minor", "currency", "ad_version")
    kept = {name: row[name] for name in same}
    return AcceptedPlan(plan, **kept, decision=decision, withdrawal=_withdrawal(row, plan))


def _withdrawal(row: Any, plan: Plan) -> Withdrawal | None:
    if row.get("ended_acceptance_id") is None:
        return None
    return Withdrawal(
        team_id=plan.team_id,
        job_id=plan.job_id,
        network=plan.network,
        account_id=plan.account_id,
        digest=plan.digest,
        **{name: row[f"ended_{name}"] for name in _ENDED},
    )
