"""Resources of Google in the very form of an approved body's create operations
(assets/publishing/networks/google.py).

The object's own parts are called by the temporary ids of the body: budget -1, campaign -2, ad group
-3. `status` of campaign and ad group is a switch, told by ReadBack.status: the form repeats what
every body says of it, unless the object is gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BUDGET_ID, CAMPAIGN_ID, AD_GROUP_ID = -1, -2, -3
SWITCHED = ("ENABLED", "PAUSED")
RESPONSIVE = "responsive_search_ad"
# Until 2026 the API wrote an end that never comes as the last days of 2037.
ENDLESS = "2037"

BUDGET = ("name", "amount_micros", "delivery_method", "explicitly_shared")
CAMPAIGN = (
    "name",
    "advertising_channel_type",
    "contains_eu_political_advertising",
    "network_settings.target_google_search",
    "network_settings.target_search_network",
    "network_settings.target_content_network",
    "network_settings.target_partner_search_network",
    "geo_target_type_setting.positive_geo_target_type",
    "geo_target_type_setting.negative_geo_target_type",
    "start_date_time",
)
CAMPAIGN_MORE = ("end_date_time", "tracking_url_template")
AD_GROUP = ("name", "campaign", "type_", "final_url_suffix")
CIRCLE = (
    "proximity.geo_point.latitude_in_micro_degrees",
    "proximity.geo_point.longitude_in_micro_degrees",
    "proximity.radius",
    "proximity.radius_units",
)
KEYWORD = ("keyword.text", "keyword.match_type")
CRITERION = ("resource_name", "type_", "status", "negative", "bid_modifier", "display_name")
AD = (
    "ad.type_",
    "ad.final_urls",
    "ad.final_mobile_urls",
    "ad.responsive_search_ad.headlines",
    "ad.responsive_search_ad.descriptions",
    "ad.responsive_search_ad.path1",
    "ad.responsive_search_ad.path2",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of an object: `name` is its own resource name, `made` its content in the form of
    a create operation."""

    resource: str
    name: str
    made: Mapping[str, Any]


def temporary(account: str, collection: str, place: int) -> str:
    return f"customers/{account}/{collection}/{place}"


def budget(held: Any, account: str) -> Part:
    name = temporary(account, "campaignBudgets", BUDGET_ID)
    return Part(
        "campaign_budget", held.resource_name, {"resource_name": name, **form(held, BUDGET)}
    )


def campaign(held: Any, account: str) -> Part:
    made = {
        "resource_name": temporary(account, "campaigns", CAMPAIGN_ID),
        "campaign_budget": temporary(account, "campaignBudgets", BUDGET_ID),
        **form(held, CAMPAIGN),
        "status": _as_made(held, "PAUSED"),
    }
    bidding = value(held, "bidding_strategy_type")
    if bidding == "TARGET_SPEND":
        ceiling = held.target_spend.cpc_bid_ceiling_micros
        made["target_spend"] = {"cpc_bid_ceiling_micros": ceiling} if ceiling else {}
    else:
        made["bidding_strategy_type"] = bidding
    for name in CAMPAIGN_MORE:
        found = value(held, name)
        if found and not (name == "end_date_time" and found.startswith(ENDLESS)):
            made[name] = found
    return Part("campaign", held.resource_name, made)


def ad_group(held: Any, account: str) -> Part:
    made = {
        "resource_name": temporary(account, "adGroups", AD_GROUP_ID),
        **form(held, AD_GROUP),
        "status": _as_made(held, "ENABLED"),
    }
    return Part("ad_group", held.resource_name, made)


def criterion(resource: str, held: Any, base: Mapping[str, str]) -> Part | None:
    """None for a device that every campaign has and nobody touched."""
    kind = value(held, "type_").lower()
    made: dict[str, Any] = dict(base)
    weighed = held.HasField("bid_modifier") and held.bid_modifier != 1.0
    if kind == "device" and not weighed and not held.negative:
        return None
    if kind == "location":
        made |= form(held, ("location.geo_target_constant",))
    elif kind in ("proximity", "keyword"):
        made |= form(held, CIRCLE if kind == "proximity" else KEYWORD)
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


def ad(held: Any, group: str) -> Part:
    kind = value(held.ad, "type_").lower()
    content: dict[str, Any] = {"final_urls": list(held.ad.final_urls)}
    if held.ad.final_mobile_urls:
        content["final_mobile_urls"] = list(held.ad.final_mobile_urls)
    content[kind] = _responsive(held.ad.responsive_search_ad) if kind == RESPONSIVE else {}
    made = {"ad_group": group, "status": value(held, "status"), "ad": content}
    return Part("ad_group_ad", held.resource_name, made)


def _responsive(texts: Any) -> dict[str, Any]:
    made = {"headlines": _texts(texts.headlines), "descriptions": _texts(texts.descriptions)}
    return made | {name: v for name in ("path1", "path2") if (v := getattr(texts, name))}


def _texts(assets: Sequence[Any]) -> list[dict[str, str]]:
    """{"text"} of each asset, with the place that it is pinned to, if any."""
    found = []
    for asset in assets:
        pinned = value(asset, "pinned_field")
        more = {} if pinned in ("UNSPECIFIED", "UNKNOWN") else {"pinned_field": pinned}
        found.append({"text": asset.text, **more})
    return found


def _as_made(held: Any, word: str) -> str:
    found = value(held, "status")
    return word if found in SWITCHED else str(found)


def form(message: Any, paths: Sequence[str]) -> dict[str, Any]:
    """{"a": {"b": value}} for each path "a.b" of `message`, set or not: zero, false and "" are said
    too, because an answer may leave them out. Enums become their names."""
    made: dict[str, Any] = {}
    for path in paths:
        *steps, last = path.split(".")
        held, place = message, made
        for step in steps:
            held, place = getattr(held, step), place.setdefault(step, {})
        place[last] = value(held, last)
    return made


def value(message: Any, name: str) -> Any:
    """A field's value: enum values by name, repeated ones as lists."""
    field, held = message.DESCRIPTOR.fields_by_name[name], getattr(message, name)
    if field.enum_type is None:
        return list(held) if field.is_repeated else held
    names = field.enum_type.values_by_number
    if field.is_repeated:
        return [names[v].name if v in names else str(v) for v in held]
    return names[held].name if held in names else str(held)
