"""The resources that are stored: their messages, names, and what may not change in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.ads.googleads.v26.resources.types import (
    ad_group,
    ad_group_ad,
    ad_group_criterion,
    campaign,
    campaign_budget,
    campaign_criterion,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is the field of GoogleAdsRow, `collection` the part of a resource name.

    `immutable` and `computed` are top-level fields, as the protos' comments mark them
    ("Immutable", "Output only").
    """

    name: str
    collection: str
    message: Any
    immutable: frozenset[str]
    computed: frozenset[str]

    def __post_init__(self) -> None:
        unknown = (self.immutable | self.computed) - set(self.message.DESCRIPTOR.fields_by_name)
        if unknown:
            raise ValueError(f"{self.name} has no {', '.join(sorted(unknown))} in v26")

    @property
    def removed(self) -> int:
        """The number that `status` has in a removed resource."""
        status = self.message.DESCRIPTOR.fields_by_name["status"].enum_type
        return int(status.values_by_name["REMOVED"].number)

    @property
    def enabled(self) -> int:
        status = self.message.DESCRIPTOR.fields_by_name["status"].enum_type
        return int(status.values_by_name["ENABLED"].number)


def _kinds() -> Iterator[Kind]:
    criterion = "criterion_id display_name type_"
    status = "primary_status primary_status_reasons "
    rows: tuple[tuple[str, str, Any, str, str], ...] = (
        (
            "campaign_budget",
            "campaignBudgets",
            campaign_budget.CampaignBudget,
            "period type_",
            "id status reference_count",
        ),
        (
            "campaign",
            "campaigns",
            campaign.Campaign,
            "advertising_channel_type advertising_channel_sub_type",
            f"id serving_status bidding_strategy_type experiment_type {status}"
            "missing_eu_political_advertising_declaration",
        ),
        (
            "campaign_criterion",
            "campaignCriteria",
            campaign_criterion.CampaignCriterion,
            "campaign negative keyword location proximity language gender age_range "
            "parental_status income_range",
            criterion,
        ),
        (
            "ad_group",
            "adGroups",
            ad_group.AdGroup,
            "campaign type_",
            f"id effective_cpc_bid_micros {status}",
        ),
        (
            "ad_group_criterion",
            "adGroupCriteria",
            ad_group_criterion.AdGroupCriterion,
            "ad_group negative keyword gender age_range parental_status income_range",
            f"{criterion} effective_cpc_bid_micros primary_status system_serving_status "
            "approval_status",
        ),
        (
            "ad_group_ad",
            "adGroupAds",
            ad_group_ad.AdGroupAd,
            "ad_group ad",
            f"policy_summary ad_strength {status}",
        ),
    )
    for name, collection, cls, immutable, computed in rows:
        fixed = frozenset(["resource_name", *immutable.split()])
        yield Kind(name, collection, cls.pb(), fixed, frozenset(computed.split()))


KINDS = {kind.name: kind for kind in _kinds()}
BY_COLLECTION = {kind.collection: kind for kind in KINDS.values()}
