"""Plans for every ad of a team, from its arms: what a person will be asked to accept."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assets.publishing.isolation import Isolation
from assets.publishing.plans import Advertiser, Venue, plan
from domain.job_ad import JobAd
from domain.money import Money
from domain.plan import Plan
from domain.platform import Candidate
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
    venue: Venue,
    media: Callable[[JobAd], str],
    budget: Callable[[JobAd], Money],
    guard: Isolation,
) -> tuple[list[Plan], list[Refusal]]:
    """A resolved plan for each ad that has arms, and (job id, reason) for each that may not run, or
    whose compiling failed. `budget` is the account's part of an ad's day."""
    memory: dict[str, Sequence[Candidate]] = {}

    def remembered(kind: str, query: Mapping[str, Any]) -> Sequence[Candidate]:
        key = f"{kind} {sorted(query.items())}"
        if key not in memory and venue.lookup:
            memory[key] = venue.lookup(kind, query)
        return memory.get(key, ())

    plans: list[Plan] = []
    refused: list[Refusal] = []
    for ad in ads:
        if str(ad.id) not in arms:
            continue

        def compiled(ad: JobAd = ad) -> Plan:
            here = replace(venue, media=media(ad), lookup=remembered, budget=budget(ad))
            return plan(ad, arms[str(ad.id)], team=team, venue=here)

        made = guard.attempt(
            compiled, team_id=str(ad.team_id), network=venue.network,
            account_id=venue.account.account_id, job_id=str(ad.id),
        )  # fmt: skip
        if made is None:
            refused.append((str(ad.id), f"{venue.network}: {guard.failures[-1].error}"))
        else:
            plans.append(made)
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
