"""What Google holds, read into the very form of an approved body (translate/google.py).

The object's own parts are called by the temporary ids of the body: budget -1, campaign -2, ad group
-3. `status` of campaign and ad group is a switch, told by ReadBack.status: the form repeats what
every body says of it, unless the object is gone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import Refused
from domain.platform import ACTIVE, PAUSED, ReadBack, Review
from resources.google.gaql import customer, form, number, query, value

Search = Callable[[str], list[Any]]
BUDGET, CAMPAIGN, AD_GROUP = -1, -2, -3
# Until 2026 the API wrote an end that never comes as the last days of 2037.
ENDLESS = "2037"
STATUSES = {"ENABLED": ACTIVE, "PAUSED": PAUSED}

_BUDGET = ("name", "amount_micros", "delivery_method", "explicitly_shared")
_CAMPAIGN = (
    "name", "advertising_channel_type", "contains_eu_political_advertising",
    "network_settings.target_google_search", "network_settings.target_search_network",
    "network_settings.target_content_network", "network_settings.target_partner_search_network",
    "geo_target_type_setting.positive_geo_target_type",
    "geo_target_type_setting.negative_geo_target_type", "start_date_time",
)  # fmt: skip
_CAMPAIGN_MORE = ("end_date_time", "final_url_suffix", "tracking_url_template")
_AD_GROUP = ("name", "campaign", "type_", "final_url_suffix")
_CIRCLE = (
    "proximity.geo_point.latitude_in_micro_degrees",
    "proximity.geo_point.longitude_in_micro_degrees", "proximity.radius",
    "proximity.radius_units",
)  # fmt: skip
_KEYWORD = ("keyword.text", "keyword.match_type")
_CRITERION = ("resource_name", "type_", "status", "negative", "bid_modifier", "display_name")
_AD = (
    "ad.type_", "ad.final_urls", "ad.final_mobile_urls", "ad.responsive_search_ad.headlines",
    "ad.responsive_search_ad.descriptions", "ad.responsive_search_ad.path1",
    "ad.responsive_search_ad.path2",
)  # fmt: skip
_POLICY = tuple(
    f"ad_group_ad.policy_summary.{name}"
    for name in ("approval_status", "review_status", "policy_topic_entries")
)


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of an object: `name` is its own resource name, `made` its content in the form of
    a create operation."""

    resource: str
    name: str
    made: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """An object's parts, its own first after what it stands on; `status` in the domain's words."""

    parts: tuple[Part, ...]
    status: str
    review: Review = Review.UNKNOWN
    issues: tuple[str, ...] = ()

    def read(self, kind: str, object_id: str) -> ReadBack:
        operations = [{f"{p.resource}_operation": {"create": p.made}} for p in self.parts]
        fields = {"mutate_operations": operations}
        return ReadBack(kind, object_id, fields, self.status, self.review, self.issues)


def temporary(account: str, collection: str, place: int) -> str:
    return f"customers/{account}/{collection}/{place}"


def campaign(search: Search, object_id: str) -> Held:
    """Budget, campaign and what it may choose people by."""
    account, its = customer(object_id), f"campaign.id = {number(object_id, 'campaigns')}"
    fields = [f"campaign.{f}" for f in ("resource_name", "status", *_CAMPAIGN, *_CAMPAIGN_MORE)]
    fields += ["campaign.bidding_strategy_type", "campaign.target_spend.cpc_bid_ceiling_micros"]
    fields += ["campaign.primary_status_reasons", "campaign.campaign_budget"]
    fields += [f"campaign_budget.{f}" for f in ("resource_name", *_BUDGET)]
    row = _one(search(query(fields, "campaign", its)), object_id)
    fields = [f"campaign_criterion.{f}" for f in (*_CRITERION, *_CIRCLE, *_KEYWORD)]
    fields.append("campaign_criterion.location.geo_target_constant")
    rows = search(
        query(fields, "campaign_criterion", its, "campaign_criterion.status != 'REMOVED'")
    )
    base = {"campaign": temporary(account, "campaigns", CAMPAIGN)}
    criteria = [_criterion("campaign_criterion", r.campaign_criterion, base) for r in rows]
    budget = {
        "resource_name": temporary(account, "campaignBudgets", BUDGET),
        **form(row.campaign_budget, _BUDGET),
    }
    return Held(
        (
            Part("campaign_budget", row.campaign.campaign_budget, budget),
            Part("campaign", row.campaign.resource_name, _campaign(row.campaign, account)),
            *filter(None, criteria),
        ),
        _switch(row.campaign),
        issues=tuple(value(row.campaign, "primary_status_reasons")),
    )


def ad_group(search: Search, object_id: str) -> Held:
    """Ad group, keywords and ads, with what the review says of the ads."""
    account, its = customer(object_id), f"ad_group.id = {number(object_id, 'adGroups')}"
    fields = [f"ad_group.{f}" for f in ("resource_name", "status", *_AD_GROUP)]
    group = _one(search(query(fields, "ad_group", its)), object_id).ad_group
    fields = [f"ad_group_criterion.{f}" for f in (*_CRITERION, *_KEYWORD, "final_urls")]
    keywords = search(
        query(fields, "ad_group_criterion", its, "ad_group_criterion.status != 'REMOVED'")
    )
    fields = [f"ad_group_ad.{f}" for f in ("resource_name", "status", *_AD)]
    ads = search(query([*fields, *_POLICY], "ad_group_ad", its, "ad_group_ad.status != 'REMOVED'"))
    temp = temporary(account, "adGroups", AD_GROUP)
    made = {"resource_name": temp, **form(group, _AD_GROUP), "status": _as_made(group, "ENABLED")}
    criteria = [
        _criterion("ad_group_criterion", r.ad_group_criterion, {"ad_group": temp}) for r in keywords
    ]
    return Held(
        (
            Part("ad_group", group.resource_name, made),
            *filter(None, criteria),
            *(_ad(r.ad_group_ad, temp) for r in ads),
        ),
        _switch(group), *_verdict([r.ad_group_ad.policy_summary for r in ads]),
    )  # fmt: skip


def _campaign(held: Any, account: str) -> dict[str, Any]:
    made = {
        "resource_name": temporary(account, "campaigns", CAMPAIGN),
        "campaign_budget": temporary(account, "campaignBudgets", BUDGET),
        **form(held, _CAMPAIGN),
        "status": _as_made(held, "PAUSED"),
    }
    bidding = value(held, "bidding_strategy_type")
    if bidding == "TARGET_SPEND":
        ceiling = held.target_spend.cpc_bid_ceiling_micros
        made["target_spend"] = {"cpc_bid_ceiling_micros": ceiling} if ceiling else {}
    else:
        made["bidding_strategy_type"] = bidding
    for name in _CAMPAIGN_MORE:
        found = value(held, name)
        if found and not (name == "end_date_time" and found.startswith(ENDLESS)):
            made[name] = found
    return made


def _criterion(resource: str, held: Any, base: Mapping[str, str]) -> Part | None:
    """None for a device that every campaign has and nobody touched."""
    kind = value(held, "type_").lower()
    made: dict[str, Any] = dict(base)
    weighed = held.HasField("bid_modifier") and held.bid_modifier != 1.0
    if kind == "device" and not weighed and not held.negative:
        return None
    if kind == "location":
        made |= form(held, ("location.geo_target_constant",))
    elif kind in ("proximity", "keyword"):
        made |= form(held, _CIRCLE if kind == "proximity" else _KEYWORD)
    else:
        made[kind] = {"display_name": held.display_name}
    status = value(held, "status")
    if held.negative:
        made["negative"] = True
    elif resource == "ad_group_criterion" or status == "PAUSED":
        made["status"] = status
    if weighed:
        made["bid_modifier"] = held.bid_modifier
    if resource == "ad_group_criterion" and held.final_urls:
        made["final_urls"] = list(held.final_urls)
    return Part(resource, held.resource_name, made)


def _ad(held: Any, group: str) -> Part:
    kind = value(held.ad, "type_").lower()
    ad: dict[str, Any] = {"final_urls": list(held.ad.final_urls)}
    texts = held.ad.responsive_search_ad
    made = {"headlines": _texts(texts.headlines), "descriptions": _texts(texts.descriptions)}
    more = {name: getattr(texts, name) for name in ("path1", "path2") if getattr(texts, name)}
    content = {kind: {**made, **more} if kind == "responsive_search_ad" else {}}
    if held.ad.final_mobile_urls:
        ad["final_mobile_urls"] = list(held.ad.final_mobile_urls)
    said = {"ad_group": group, "status": value(held, "status"), "ad": {**ad, **content}}
    return Part("ad_group_ad", held.resource_name, said)


def _texts(assets: Sequence[Any]) -> list[dict[str, str]]:
    """{"text"} of each asset, with the place that it is pinned to, if any."""
    found = []
    for asset in assets:
        pinned = value(asset, "pinned_field")
        more = {} if pinned in ("UNSPECIFIED", "UNKNOWN") else {"pinned_field": pinned}
        found.append({"text": asset.text, **more})
    return found


def _verdict(summaries: Sequence[Any]) -> tuple[Review, tuple[str, ...]]:
    """The gravest word of the review on any ad, and the policies that it names."""
    found = {_review(s) for s in summaries}
    topics = dict.fromkeys(
        f"{entry.topic} ({value(entry, 'type_')})" for s in summaries
        for entry in s.policy_topic_entries
    )  # fmt: skip
    grave = (Review.DISAPPROVED, Review.PENDING, Review.LIMITED, Review.APPROVED)
    return next((r for r in grave if r in found), Review.UNKNOWN), tuple(topics)


def _review(summary: Any) -> Review:
    if value(summary, "review_status") == "REVIEW_IN_PROGRESS":
        return Review.PENDING
    return {
        "APPROVED": Review.APPROVED, "APPROVED_LIMITED": Review.LIMITED,
        "AREA_OF_INTEREST_ONLY": Review.LIMITED, "DISAPPROVED": Review.DISAPPROVED,
    }.get(value(summary, "approval_status"), Review.UNKNOWN)  # fmt: skip


def _as_made(held: Any, word: str) -> str:
    found = value(held, "status")
    return word if found in STATUSES else str(found)


def _switch(held: Any) -> str:
    found = str(value(held, "status"))
    return STATUSES.get(found, found)


def _one(rows: Sequence[Any], object_id: str) -> Any:
    if not rows:
        raise Refused("there is no such object", where=object_id, mend="see the account")
    return rows[0]
