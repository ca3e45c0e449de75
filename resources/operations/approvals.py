"""Decisions of people about accepted plans: append-only, one for each acceptance."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from domain.ad_versions import changes, short
from domain.approval import (
    APPROVERS,
    BY_A_PERSON,
    WITHDRAWN,
    Approval,
    Decision,
    Role,
    check_approver,
    check_withdrawer,
)
from domain.errors import IllegalMove, InputError, NotFound
from domain.job_ad import JobAd
from domain.money import Money
from domain.platform import Network
from resources.operations.caps import Caps
from resources.operations.editions import Acceptance, Standing, exceeds
from resources.operations.records import Member
from resources.operations.repository import Id, canonical
from resources.operations.schema import (
    accepted_plans,
    approvals,
    memberships,
    slots,
    teams,
    users,
    withdrawals,
)
from resources.operations.statements import of_ad

SYSTEM_EMAIL = "system@localhost"


class Approvals(Caps):
    def approve(
        self, team_id: Id, job_id: Id, network: Network, digest: str, *, user_id: Id, note: str = ""
    ) -> bool:
        """Let the newest accepted plan be posted; False when it is approved already.

        InputError for who may not: a viewer or editor, or the one who accepted it; and when a daily
        cap that was set since, or the ad's daily budget, would be passed. IllegalMove when `digest`
        is not the newest accepted one, was rejected or withdrawn, or is about an older version of
        the ad: accept a plan anew."""
        return self._decided(team_id, job_id, network, digest, user_id, Decision.APPROVED, note)

    def reject(
        self, team_id: Id, job_id: Id, network: Network, digest: str, *, user_id: Id, reason: str
    ) -> bool:
        """Refuse the newest accepted plan, with a reason; an older approved one stays in force."""
        if not reason.strip():
            raise InputError("a rejection needs a reason", where="reject")
        return self._decided(team_id, job_id, network, digest, user_id, Decision.REJECTED, reason)

    def withdraw(
        self,
        team_id: Id,
        job_id: Id,
        network: Network,
        digest: str,
        *,
        user_id: Id,
        reason: str = "",
    ) -> bool:
        """Take back an acceptance that waits, or an approval: then no plan of the ad is in force on
        this network until somebody approves anew, and `stale` lists what runs. False when it was
        withdrawn already.

        An approver or admin may, and who accepted (or approved) it; others get InputError.
        IllegalMove when `digest` neither waits nor is in force."""
        team, job = canonical(team_id, "team"), canonical(job_id, "job ad")
        with self._write() as connection:
            self._hold_leases(connection, team, job)
            self._ad(connection, team, job, lock=True)
            member = self._acting(connection, team, user_id)
            found = self._standing(connection, team, job).get(network)
            ours = _to_withdraw(found, digest, member)
            if not ours:
                if found and found.newest.digest == digest and found.newest.ended:
                    return False
                raise IllegalMove(
                    f"plan {digest} of ad {job} neither waits nor is in force on {network}",
                    mend="see jobads plans list",
                )
            for one in ours:
                own = member.user_id == (one.accepted_by if one.waits else one.approved_by)
                check_withdrawer(member.email, member.role, own=own)
                self._store_withdrawal(connection, one, WITHDRAWN, member.actor, reason)
        return True

    def approvals(self, team_id: Id, job_id: Id | None = None) -> Sequence[Approval]:
        """Every decision of the team, oldest first."""
        query = sa.select(approvals).where(approvals.c.team_id == canonical(team_id, "team"))
        if job_id is not None:
            query = query.where(approvals.c.job_id == canonical(job_id, "job ad"))
        with self._read() as connection:
            rows = connection.execute(query.order_by(approvals.c.id)).mappings()
            return [_approval(row) for row in rows]

    def _decided(
        self,
        team_id: Id,
        job_id: Id,
        network: Network,
        digest: str,
        user_id: Id,
        decision: Decision,
        reason: str,
    ) -> bool:
        team, job = canonical(team_id, "team"), canonical(job_id, "job ad")
        with self._write() as connection:
            self._lock_team(connection, team)
            ad = self._ad(connection, team, job, lock=True)
            member = self._acting(connection, team, user_id)
            found = self._standing(connection, team, job)
            newest = found[network].newest if network in found else None
            if newest is None or newest.digest != digest:
                raise IllegalMove(
                    f"{digest} is not the newest accepted plan of ad {job} on {network}",
                    mend="see jobads plans list",
                )
            check_approver(
                member.email, member.role, accepted_it=newest.accepted_by == member.user_id
            )
            if newest.decision is not None:
                if newest.decision == decision:
                    return False
                raise IllegalMove(f"plan {digest} is {newest.decision}", mend="accept a plan anew")
            if newest.ended:
                raise IllegalMove(f"plan {digest}: {newest.ended}", mend="accept a plan anew")
            if decision is Decision.APPROVED:
                self._check_version(connection, ad, newest.ad_version)
                self._check_caps(connection, ad, network, newest.daily)
                self._check_budget(ad, network, newest.daily, found, in_force=True)
            self._decide(connection, newest, decision, BY_A_PERSON, member, reason)
        return True

    def _check_version(self, connection: sa.Connection, ad: JobAd, version: str | None) -> None:
        """IllegalMove, with the difference, for a plan of an older version of the ad."""
        if version in (None, ad.version):
            return
        said = changes(self._content(connection, ad, version), ad.content)
        raise IllegalMove(
            f"the ad has changed since version {short(version or '')}, which the plan is about: "
            f"{said}",
            where=f"ad {ad.id}",
            mend="wait for the next compile, see jobads plans list, and accept the new plan",
        )

    def _check_budget(
        self,
        ad: JobAd,
        network: Network,
        daily: Money,
        found: Mapping[Network, Standing],
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
        if left < 0 or exceeds(beside, Money(left, budget.currency)):
            said = ", ".join(f"{one.daily} on {one.network}" for one in beside) or "nothing"
            raise InputError(
                f"{daily} a day on {network} beside {said} passes the ad's daily budget of "
                f"{budget}",
                where=f"ad {ad.id}",
                mend="decide first about the network whose plan got cheaper, withdraw one, or "
                "raise the budget",
            )

    def _decide(
        self,
        connection: sa.Connection,
        acceptance: Any,
        decision: Decision,
        rule: str,
        member: Member,
        reason: str = "",
    ) -> None:
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
                at=self._now(),
            )
        )
        if decision is Decision.APPROVED:
            # Somebody agreed anew, so what ended under the older plan may be tried again.
            network = slots.c.network == row["network"]
            self._retire(connection, row["team_id"], row["job_id"], network)
        detail = {
            "network": row["network"],
            "digest": row["digest"],
            "rule": rule,
            "role": str(member.role),
            "reason": reason[:1000],
        }
        self._note(
            connection,
            row["team_id"],
            f"plan.{decision}",
            row["job_id"],
            detail,
            actor=member.actor,
        )

    def _acting(self, connection: sa.Connection, team: str, user_id: Id | None) -> Member:
        """The member who acts, read in the writer's own transaction; None is the workbench."""
        known = users.c.email == SYSTEM_EMAIL
        if user_id is not None:
            known = users.c.id == canonical(user_id, "user")
        query = (
            sa.select(users.c.id, users.c.email, users.c.name, memberships.c.role)
            .join(memberships, memberships.c.user_id == users.c.id)
            .where(memberships.c.team_id == team, known)
        )
        row = connection.execute(query).first()
        if row is None:
            raise NotFound(f"user {user_id} is not a member of this team")
        return Member(row.id, row.email, row.name, Role(row.role))

    def _threshold(self, connection: sa.Connection, team: str) -> Money:
        query = sa.select(teams.c.approval_threshold_minor, teams.c.currency)
        minor, currency = connection.execute(query.where(teams.c.id == team)).one()
        return Money(minor, currency)


def _to_withdraw(found: Standing | None, digest: str, member: Member) -> list[Acceptance]:
    """What a withdrawal of `digest` ends: where it waits anew while it is in force, both, or for
    who may not decide about plans only the one that waits."""
    if found is None:
        return []
    newest = [found.newest] if found.newest.waits and found.newest.digest == digest else []
    ruling = [found.in_force] if found.in_force and found.in_force.digest == digest else []
    return newest if newest and member.role not in APPROVERS else newest + ruling


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


def _approval(row: Any) -> Approval:
    plain = ("id", "team_id", "job_id", "account_id", "digest", "rule", "user_id", "reason", "at")
    return Approval(
        **{name: row[name] for name in plain},
        network=Network(row["network"]),
        decision=Decision(row["decision"]),
        role=Role(row["role"]),
    )
