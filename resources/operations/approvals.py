"""Decisions of people about accepted plans: append-only, one for each acceptance."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

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
from domain.errors import IllegalMove, InputError
from domain.platform import Network
from resources.operations import (
    acceptance_rows,
    ad_rows,
    approval_rows,
    cap_rows,
    lease_rows,
    team_rows,
    withdrawal_rows,
)
from resources.operations.acceptance_rows import Acceptance, LatestAcceptances
from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.records import Member
from resources.operations.schema import approvals


class Approvals:
    """What people decided, and the deciding."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        with self._database.write() as connection:
            lease_rows.lock(connection, team, job)
            ad_rows.lock(connection, team, job)
            member = team_rows.acting(connection, team, user_id)
            found = acceptance_rows.of_one_ad(connection, team, job).get(network)
            ours = _to_withdraw(found, digest, member)
            if not ours:
                if found and found.newest.digest == digest and found.newest.ended:
                    return False
                raise IllegalMove(
                    f"plan {digest} of ad {job} neither waits nor is in force on {network}",
                    mend="see jobads plans list",
                )
            now = self._database.now()
            for one in ours:
                own = member.user_id == (one.accepted_by if one.waits else one.approved_by)
                check_withdrawer(member.email, member.role, own=own)
                withdrawal_rows.store(connection, one, WITHDRAWN, member.actor, reason, now)
        return True

    def of_team(self, team_id: Id, job_id: Id | None = None) -> Sequence[Approval]:
        """Every decision of the team, oldest first."""
        query = sa.select(approvals).where(approvals.c.team_id == canonical(team_id, "team"))
        if job_id is not None:
            query = query.where(approvals.c.job_id == canonical(job_id, "job ad"))
        with self._database.read() as connection:
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
        with self._database.write() as connection:
            team_rows.lock(connection, team)
            lease_rows.lock(connection, team, job)
            ad = ad_rows.lock(connection, team, job)
            member = team_rows.acting(connection, team, user_id)
            found = acceptance_rows.of_one_ad(connection, team, job)
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
            now = self._database.now()
            if decision is Decision.APPROVED:
                approval_rows.check_version(connection, ad, newest.ad_version)
                cap_rows.check(connection, ad, network, newest.account_id, newest.daily, now)
                approval_rows.check_budget(ad, network, newest.daily, found, in_force=True)
            approval_rows.decide(
                connection, newest, decision, BY_A_PERSON, member, reason=reason, now=now
            )
        return True


def _to_withdraw(found: LatestAcceptances | None, digest: str, member: Member) -> list[Acceptance]:
    """What a withdrawal of `digest` ends: where it waits anew while it is in force, both, or for
    who may not decide about plans only the one that waits."""
    if found is None:
        return []
    newest = [found.newest] if found.newest.waits and found.newest.digest == digest else []
    ruling = [found.in_force] if found.in_force and found.in_force.digest == digest else []
    return newest if newest and member.role not in APPROVERS else newest + ruling


def _approval(row: Any) -> Approval:
    plain = ("id", "team_id", "job_id", "account_id", "digest", "rule", "user_id", "reason", "at")
    return Approval(
        **{name: row[name] for name in plain},
        network=Network(row["network"]),
        decision=Decision(row["decision"]),
        role=Role(row["role"]),
    )
