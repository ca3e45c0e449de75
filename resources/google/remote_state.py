"""What Google holds of a campaign or an ad group, asked for in two or three queries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import Refused
from domain.platform import ACTIVE, PAUSED, ReadBack, Review
from resources.google import canonical_form
from resources.google.canonical_form import Part, temporary, value
from resources.google.gaql import customer, number, query

Search = Callable[[str], list[Any]]
_SWITCH = dict(zip(canonical_form.SWITCHED, (ACTIVE, PAUSED), strict=True))
_CAMPAIGN = (
    *(
        f"campaign.{f}"
        for f in (
            "resource_name",
            "status",
            *canonical_form.CAMPAIGN,
            *canonical_form.CAMPAIGN_MORE,
        )
    ),
    "campaign.bidding_strategy_type",
    "campaign.target_spend.cpc_bid_ceiling_micros",
    "campaign.primary_status_reasons",
    "campaign.campaign_budget",
    *(f"campaign_budget.{f}" for f in ("resource_name", *canonical_form.BUDGET)),
)
_PLACES = tuple(
    f"campaign_criterion.{f}"
    for f in (
        *canonical_form.CRITERION,
        *canonical_form.CIRCLE,
        *canonical_form.KEYWORD,
        "location.geo_target_constant",
    )
)
_AD_GROUP = tuple(f"ad_group.{f}" for f in ("resource_name", "status", *canonical_form.AD_GROUP))
_KEYWORDS = tuple(
    f"ad_group_criterion.{f}"
    for f in (*canonical_form.CRITERION, *canonical_form.KEYWORD, "final_urls")
)
_POLICY = ("approval_status", "review_status", "policy_topic_entries")
_ADS = tuple(
    f"ad_group_ad.{f}"
    for f in (
        "resource_name",
        "status",
        *canonical_form.AD,
        *(f"policy_summary.{p}" for p in _POLICY),
    )
)
_GRAVEST_FIRST = (Review.DISAPPROVED, Review.PENDING, Review.LIMITED, Review.APPROVED)


@dataclass(frozen=True, slots=True)
class RemoteObject:
    """An object's parts in the order of a body; `status` in the domain's words."""

    parts: tuple[Part, ...]
    status: str
    review: Review = Review.UNKNOWN
    issues: tuple[str, ...] = ()

    def read(self, kind: str, object_id: str) -> ReadBack:
        operations = [{f"{p.resource}_operation": {"create": p.made}} for p in self.parts]
        fields = {"mutate_operations": operations}
        return ReadBack(kind, object_id, fields, self.status, self.review, self.issues)


def campaign(search: Search, object_id: str) -> RemoteObject:
    """Budget, campaign and all that chooses people for it."""
    account, its = customer(object_id), f"campaign.id = {number(object_id, 'campaigns')}"
    row = _one(search(query(_CAMPAIGN, "campaign", its)), object_id)
    criteria = search(query(_PLACES, "campaign_criterion", its, _alive("campaign_criterion")))
    base = {"campaign": temporary(account, "campaigns", canonical_form.CAMPAIGN_ID)}
    made = [
        canonical_form.criterion("campaign_criterion", r.campaign_criterion, base) for r in criteria
    ]
    own = (
        canonical_form.budget(row.campaign_budget, account),
        canonical_form.campaign(row.campaign, account),
    )
    issues = tuple(value(row.campaign, "primary_status_reasons"))
    return RemoteObject((*own, *filter(None, made)), _switch(row.campaign), issues=issues)


def ad_group(search: Search, object_id: str) -> RemoteObject:
    """Ad group, keywords and ads, with what the review says of the ads."""
    account, its = customer(object_id), f"ad_group.id = {number(object_id, 'adGroups')}"
    group = _one(search(query(_AD_GROUP, "ad_group", its)), object_id).ad_group
    keywords = search(query(_KEYWORDS, "ad_group_criterion", its, _alive("ad_group_criterion")))
    ads = search(query(_ADS, "ad_group_ad", its, _alive("ad_group_ad")))
    name = temporary(account, "adGroups", canonical_form.AD_GROUP_ID)
    criteria = [
        canonical_form.criterion("ad_group_criterion", r.ad_group_criterion, {"ad_group": name})
        for r in keywords
    ]
    made = (*filter(None, criteria), *(canonical_form.ad(r.ad_group_ad, name) for r in ads))
    review, issues = _verdict([r.ad_group_ad.policy_summary for r in ads])
    return RemoteObject(
        (canonical_form.ad_group(group, account), *made), _switch(group), review, issues
    )


def _alive(resource: str) -> str:
    return f"{resource}.status != 'REMOVED'"


def _verdict(summaries: Sequence[Any]) -> tuple[Review, tuple[str, ...]]:
    """The gravest word of the review on any ad, and the policies that it names."""
    found = {_review(s) for s in summaries}
    entries = [entry for s in summaries for entry in s.policy_topic_entries]
    topics = dict.fromkeys(f"{entry.topic} ({value(entry, 'type_')})" for entry in entries)
    return next((r for r in _GRAVEST_FIRST if r in found), Review.UNKNOWN), tuple(topics)


def _review(summary: Any) -> Review:
    if value(summary, "review_status") == "REVIEW_IN_PROGRESS":
        return Review.PENDING
    return {
        "APPROVED": Review.APPROVED,
        "APPROVED_LIMITED": Review.LIMITED,
        "AREA_OF_INTEREST_ONLY": Review.LIMITED,
        "DISAPPROVED": Review.DISAPPROVED,
    }.get(value(summary, "approval_status"), Review.UNKNOWN)


def _switch(held: Any) -> str:
    found = str(value(held, "status"))
    return _SWITCH.get(found, found)


def _one(rows: Sequence[Any], object_id: str) -> Any:
    if not rows:
        raise Refused("there is no such object", where=object_id, mend="see the account")
    return rows[0]
