"""Decisions of people about accepted plans: append-only, one for each acceptance."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from domain.approval import BY_A_PERSON, Approval, Decision, Role, check_approver
from domain.errors import IllegalMove, InputError, NotFound
from domain.money import Money
from domain.platform import Network
from resources.operations.book import Id, canonical
from resources.operations.capping import Capping
from resources.operations.records import Member
from resources.operations.schema import accepted_plans, approvals, memberships, slots, teams, users
from resources.operations.statements import of_ad

SYSTEM_EMAIL = "system@localhost"


class Approving(Capping):
    def approve(
        self, team_id: Id, job_id: Id, network: Network, digest: str, *, user_id: Id, note: str = ""
    ) -> bool:
        """Let the newest accepted plan be posted; False when it is approved already.

        InputError for who may not: a viewer or editor, or the one who accepted it; and when a daily
        cap that was set since would be passed. IllegalMove when `digest` is not the newest accepted
        one, or was rejected: accept it anew."""
        return self._decided(team_id, job_id, network, digest, user_id, Decision.APPROVED, note)

    def reject(
        self, team_id: Id, job_id: Id, network: Network, digest: str, *, user_id: Id, reason: str
    ) -> bool:
        """Refuse the newest accepted plan, with a reason; an older approved one stays in force."""
        if not reason.strip():
            raise InputError("a rejection needs a reason", where="reject")
        return self._decided(team_id, job_id, network, digest, user_id, Decision.REJECTED, reason)

    def approvals(self, team_id: Id, job_id: Id | None = None) -> Sequence[Approval]:
        """Every decision of the team, oldest first."""
        query = sa.select(approvals).where(approvals.c.team_id == canonical(team_id, "team"))
        if job_id is not None:
            query = query.where(approvals.c.job_id == canonical(job_id, "job ad"))
        with self._read() as connection:
            rows = connection.execute(query.order_by(approvals.c.id)).mappings()
            return [_approval(row) for row in rows]

    def _decided(
        self, team_id: Id, job_id: Id, network: Network, digest: str, user_id: Id,
        decision: Decision, reason: str,
    ) -> bool:  # fmt: skip
        team, job = canonical(team_id, "team"), canonical(job_id, "job ad")
        with self._write() as connection:
            ad = self._ad(connection, team, job, lock=True)
            member = self._acting(connection, team, user_id)
            newest = self._newest(connection, team, job, network)
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
            if decision is Decision.APPROVED:
                self._check_caps(connection, ad, network, newest.daily_minor)
            self._decide(connection, newest, decision, BY_A_PERSON, member, reason)
        return True

    def _decide(
        self, connection: sa.Connection, acceptance: Any, decision: Decision, rule: str,
        member: Member, reason: str = "",
    ) -> None:  # fmt: skip
        row = {name: getattr(acceptance, name)
               for name in ("team_id", "job_id", "network", "account_id", "digest")}  # fmt: skip
        connection.execute(
            approvals.insert().values(
                **row, acceptance_id=acceptance.id, decision=str(decision), rule=rule,
                user_id=member.user_id, role=str(member.role), reason=reason[:1000],
                at=self._now(),
            )
        )  # fmt: skip
        if decision is Decision.APPROVED:
            # Somebody agreed anew, so what ended under the older plan may be tried again.
            network = slots.c.network == row["network"]
            self._retire(connection, row["team_id"], row["job_id"], network)
        detail = {"network": row["network"], "digest": row["digest"], "rule": rule,
                  "role": str(member.role), "reason": reason[:1000]}  # fmt: skip
        self._note(connection, row["team_id"], f"plan.{decision}", row["job_id"], detail,
                   actor=member.actor)  # fmt: skip

    def _newest(self, connection: sa.Connection, team: str, job: str, network: Network) -> Any:
        """The newest acceptance's columns with its `decision`, or None."""
        plan = accepted_plans.c
        query = (
            sa.select(accepted_plans, approvals.c.decision)
            .outerjoin(approvals, approvals.c.acceptance_id == plan.id)
            .where(plan.team_id == team, plan.job_id == job, plan.network == str(network))
            .order_by(plan.id.desc())
            .limit(1)
        )
        return connection.execute(query).first()

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


def approved_plans(*, one: bool = False) -> Any:
    """Subquery: the id of the newest approved acceptance of each (team, ad, network), of all ads or
    of `one` that parameters name."""
    table = accepted_plans.c
    approved = approvals.c.decision == str(Decision.APPROVED)
    return (
        sa.select(sa.func.max(table.id).label("id"))
        .join(approvals, sa.and_(approvals.c.acceptance_id == table.id, approved))
        .where(*(of_ad(accepted_plans) if one else ()))
        .group_by(table.team_id, table.job_id, table.network)
        .subquery("approved")
    )


def _approval(row: Any) -> Approval:
    plain = ("id", "team_id", "job_id", "account_id", "digest", "rule", "user_id", "reason", "at")
    return Approval(
        **{name: row[name] for name in plain}, network=Network(row["network"]),
        decision=Decision(row["decision"]), role=Role(row["role"]),
    )  # fmt: skip
