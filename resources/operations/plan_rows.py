"""Rows of accepted plans: freezing a plan, reading it back, and which one may be posted."""

import json
from typing import Any

import sqlalchemy as sa

from domain.approval import Decision, Withdrawal
from domain.errors import InputError, JobadsError, Retryable
from domain.lifecycle import AdStatus
from domain.plan import SHARED, Plan
from domain.platform import Network
from resources.operations.records import AcceptedPlan
from resources.operations.schema import accepted_plans, approvals, withdrawals
from resources.operations.statements import IN_FORCE, PLAN_IN_FORCE, STOPPED, place


def check_postable(connection: sa.Connection, plan: Plan, status: str) -> None:
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


def in_force(connection: sa.Connection, team: str, job: str, network: Network) -> Any:
    """The row of the newest approved plan; `stands` says whether it was not withdrawn since."""
    here = {"at_team_id": team, "at_job_id": job, "at_network": str(network)}
    return connection.execute(PLAN_IN_FORCE, here).mappings().first()


def with_decision() -> Any:
    ended = (withdrawals.c[name].label(f"ended_{name}") for name in _ENDED)
    return (
        sa.select(accepted_plans, approvals.c.decision, *ended)
        .outerjoin(approvals, approvals.c.acceptance_id == accepted_plans.c.id)
        .outerjoin(withdrawals, withdrawals.c.acceptance_id == accepted_plans.c.id)
    )


_ENDED = ("acceptance_id", "rule", "withdrawn_by", "reason", "at")


def revisions(plan: Plan) -> dict[str, str]:
    """Every slot that the plan needs, with the revision that it would post."""
    return {arm: plan.revision(arm) for arm in (SHARED, *(a.arm for a in plan.arms))}


def frozen(plan: Plan) -> str:
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


def accepted(row: Any) -> AcceptedPlan:
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
