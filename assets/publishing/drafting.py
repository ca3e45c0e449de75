"""Plans for every ad of a team, from its arms: what a person will be asked to accept."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from assets.publishing.lookups import Lookup, resolve
from assets.publishing.plans import Advertiser, plan
from assets.publishing.policy import Place
from domain.errors import InputError, PolicyRefusal
from domain.job_ad import JobAd
from domain.plan import Plan
from domain.platform import Account
from domain.primitives import Arm, Primitives

Refusal = tuple[str, str]


def arm_of(row: Mapping[str, Any]) -> Arm:
    """A row of audience_primitives as the record it was."""
    return Arm(
        row["arm"], row["rank"], row["score"], row["budget_share"], row["propensity"],
        Primitives.from_dict(json.loads(row["primitives"])), row["reason"], tuple(row["labels"]),
    )  # fmt: skip


def draft(
    ads: Sequence[JobAd],
    arms: Mapping[str, Sequence[Arm]],
    *,
    team: Advertiser,
    account: Account,
    page_id: str,
    image: Callable[[JobAd], str],
    tables: Mapping[str, Any],
    places: Mapping[str, Place],
    lookup: Lookup,
    on_date: date,
    countries: Sequence[str],
) -> tuple[list[Plan], list[Refusal]]:
    """A resolved plan for each ad that has arms, and (job id, reason) for each that may not run."""
    memory: dict[str, Any] = {}

    def remembered(kind: str, query: Mapping[str, Any]) -> Any:
        key = f"{kind} {sorted(query.items())}"
        if key not in memory:
            memory[key] = lookup(kind, query)
        return memory[key]

    plans: list[Plan] = []
    refused: list[Refusal] = []
    for ad in ads:
        if str(ad.id) not in arms:
            continue
        try:
            compiled = plan(
                ad, arms[str(ad.id)], team=team, account=account, page_id=page_id,
                image=image(ad), tables=tables, places=places, on_date=on_date,
                countries=countries,
            )  # fmt: skip
            plans.append(resolve(compiled, remembered))
        except (InputError, PolicyRefusal) as error:
            refused.append((str(ad.id), str(error)))
    return plans, refused


def plan_rows(plans: Sequence[Plan]) -> list[dict[str, Any]]:
    """One row for each arm; each carries its whole plan, so that any row can be accepted."""
    return [
        {
            "team_id": p.team_id, "job_id": p.job_id, "network": str(p.network),
            "account_id": p.account_id, "arm": arm.arm, "digest": p.digest,
            "budget_share": arm.budget_share, "reason": p.reason,
            "bodies": json.dumps(arm.bodies, ensure_ascii=False),
            "proof": json.dumps(p.as_dict()["arms"][i]["proof"], ensure_ascii=False),
            "plan": json.dumps(p.as_dict(), ensure_ascii=False),
        }
        for p in plans
        for i, arm in enumerate(p.arms)
    ]  # fmt: skip
