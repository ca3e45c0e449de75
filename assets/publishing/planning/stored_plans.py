"""Compiled plans as rows of the warehouse, and back: one row a plan, its arms in a table beside."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby
from typing import Any

import polars as pl

from domain.caps import daily_minor
from domain.plan import Plan, PlannedArm, ProofLine, proof_dicts
from domain.platform import Network

Row = dict[str, Any]
Query = Callable[[str, list[Any]], pl.DataFrame]
PLACE = ("team_id", "job_id", "network", "account_id")


def plan_row(
    plan: Plan, *, ad_version: str, fingerprint: str, currency: str, compiled_at: datetime
) -> Row:
    """The plan's row of `audience_plans`. `fingerprint` is of all that it was compiled from;
    InputError when its bodies name no daily money."""
    return {
        **place(plan),
        "digest": plan.digest,
        "ad_version": ad_version,
        "fingerprint": fingerprint,
        "title": plan.title,
        "arms": len(plan.arms),
        "daily_minor": daily_minor(plan, currency),
        "currency": currency,
        "reason": plan.reason,
        "open_ended": plan.open_ended,
        "shared": _json(plan.shared),
        "compiled_at": compiled_at,
    }


def arm_rows(plan: Plan) -> list[Row]:
    """The plan's rows of `audience_plan_arms`, in its order."""
    return [
        {
            **place(plan),
            "arm": arm.arm,
            "digest": plan.digest,
            "rank": rank,
            "budget_share": arm.budget_share,
            "propensity": arm.propensity,
            "bodies": _json(arm.bodies),
            "proof": _json(proof_dicts(arm)),
        }
        for rank, arm in enumerate(plan.arms, 1)
    ]


def place(plan: Plan) -> Row:
    return {
        "team_id": plan.team_id,
        "job_id": plan.job_id,
        "network": str(plan.network),
        "account_id": plan.account_id,
    }


def stored_plans(sql: Query, where: str, parameters: Sequence[Any]) -> list[Plan]:
    """Compiled plans in the order of ad, network and account. `where` is a condition on `p`, a row
    of audience_plans, with one `?` for each of `parameters`."""
    rows = sql(
        "SELECT p.*, a.arm, a.budget_share, a.propensity, a.bodies, a.proof "
        "FROM audience_plans AS p JOIN audience_plan_arms AS a "
        "USING (team_id, job_id, network, account_id, digest) "
        f"WHERE {where} ORDER BY p.team_id, p.job_id, p.network, p.account_id, a.rank",
        list(parameters),
    )
    keyed = groupby(rows.iter_rows(named=True), key=lambda row: tuple(row[n] for n in PLACE))
    return [_plan(list(group)) for _, group in keyed]


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A compiled plan without its bodies; money is a day's in minor units (None in a row that an
    earlier version wrote)."""

    job_id: str
    network: Network
    account_id: str
    digest: str
    ad_version: str
    arms: int
    daily_minor: int | None
    currency: str | None


def listed_plans(sql: Query, team_id: str) -> list[PlanSummary]:
    """The compiled plans of a team, in the order of ad and network."""
    names = [field.name for field in fields(PlanSummary)]
    rows = sql(
        f"SELECT {', '.join(names)} FROM audience_plans WHERE team_id = ? "
        "ORDER BY job_id, network, account_id",
        [team_id],
    )
    return [PlanSummary(**row | {"network": Network(row["network"])}) for row in rows.to_dicts()]


def _plan(rows: list[Row]) -> Plan:
    first = rows[0]
    return Plan(
        team_id=first["team_id"],
        job_id=first["job_id"],
        network=Network(first["network"]),
        account_id=first["account_id"],
        title=first["title"],
        shared=json.loads(first["shared"]),
        arms=tuple(_arm(row) for row in rows),
        reason=first["reason"],
        open_ended=first["open_ended"],
    )


def _arm(row: Row) -> PlannedArm:
    proof = tuple(ProofLine(**line) for line in json.loads(row["proof"]))
    return PlannedArm(
        row["arm"], row["budget_share"], row["propensity"], json.loads(row["bodies"]), proof
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
