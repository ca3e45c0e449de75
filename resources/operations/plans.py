"""Accepted plans: what somebody agreed to spend money on, frozen."""

import json
from typing import Any

import sqlalchemy as sa

from domain.errors import InputError, JobadsError, NotFound
from domain.plan import SHARED, Plan
from domain.platform import Network
from resources.operations.ads import Ads
from resources.operations.book import SYSTEM, Id, canonical
from resources.operations.records import AcceptedPlan
from resources.operations.schema import accepted_plans, slots


class Plans(Ads):
    def accept_plan(self, plan: Plan, *, rule: str, accepted_by: str = SYSTEM) -> bool:
        """Freeze a plan as the newest of its ad and network; False when it already is.

        `rule` says by what rule it was accepted (a person's approval, the demo's rule)."""
        team, job = canonical(plan.team_id, "team"), canonical(plan.job_id, "job ad")
        payload = _frozen(plan)
        with self._write() as connection:
            ad = self._ad(connection, team, job, lock=True)
            if plan.network not in ad.platforms:
                raise InputError(f"ad {job} does not name {plan.network}", where="plan")
            if self._newest_digest(connection, plan) == plan.digest:
                return False
            connection.execute(
                accepted_plans.insert().values(
                    team_id=team, job_id=job, network=str(plan.network),
                    account_id=plan.account_id, digest=plan.digest, payload=payload,
                    revisions=_revisions(plan), rule=rule, accepted_by=accepted_by,
                    accepted_at=self._now(),
                )
            )  # fmt: skip
            # Somebody agreed anew, so what ended under the older plan may be tried again.
            self._retire(connection, team, job, slots.c.network == str(plan.network))
            detail = {"network": str(plan.network), "digest": plan.digest, "rule": rule}
            self._note(connection, team, "plan.accepted", job, detail, actor=accepted_by)
        return True

    def accepted_plan(self, team_id: Id, job_id: Id, network: Network) -> Plan:
        """The newest accepted plan; NotFound when nobody accepted one."""
        query = (
            sa.select(accepted_plans)
            .where(
                accepted_plans.c.team_id == canonical(team_id, "team"),
                accepted_plans.c.job_id == canonical(job_id, "job ad"),
                accepted_plans.c.network == str(network),
            )
            .order_by(accepted_plans.c.id.desc())
            .limit(1)
        )
        with self._read() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFound(f"no accepted plan of ad {job_id} for {network}", mend="accept one")
        return _accepted(row).plan

    def accepted_plans(self, team_id: Id) -> list[AcceptedPlan]:
        """Every plan that the team ever accepted, oldest first."""
        where = accepted_plans.c.team_id == canonical(team_id, "team")
        query = sa.select(accepted_plans).where(where).order_by(accepted_plans.c.id)
        with self._read() as connection:
            return [_accepted(row) for row in connection.execute(query).mappings()]

    def _newest_digest(self, connection: sa.Connection, plan: Plan) -> str | None:
        query = (
            sa.select(accepted_plans.c.digest)
            .where(
                accepted_plans.c.team_id == str(plan.team_id),
                accepted_plans.c.job_id == str(plan.job_id),
                accepted_plans.c.network == str(plan.network),
            )
            .order_by(accepted_plans.c.id.desc())
            .limit(1)
        )
        return connection.scalar(query)


def newest_plans() -> Any:
    """Subquery: the id of the newest accepted plan of each (team, ad, network)."""
    table = accepted_plans.c
    return (
        sa.select(sa.func.max(table.id).label("id"))
        .group_by(table.team_id, table.job_id, table.network)
        .subquery("newest")
    )


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
    return AcceptedPlan(plan, row["digest"], row["rule"], row["accepted_by"], row["accepted_at"])
