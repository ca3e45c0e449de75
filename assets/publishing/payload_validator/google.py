"""What the operations of a job ad's Mutate may hold."""

import re
from collections.abc import Mapping
from typing import Any

from assets.publishing.payload_validator.refusal import amount, exactly, https, only, refuse
from assets.publishing.payload_validator.words import read_words

_FIELDS = {
    "campaign_budget": "resource_name name amount_micros delivery_method explicitly_shared",
    "campaign": "resource_name name campaign_budget advertising_channel_type status target_spend "
    "contains_eu_political_advertising network_settings geo_target_type_setting start_date_time "
    "end_date_time",
    "campaign_criterion": "campaign location proximity",
    "ad_group": "resource_name name campaign status type_ final_url_suffix",
    "ad_group_criterion": "ad_group status keyword negative",
    "ad_group_ad": "ad_group status ad",
}
_ALLOWED = {
    "campaign": ("campaign_budget", "campaign", "campaign_criterion"),
    "ad_group": ("ad_group", "ad_group_criterion", "ad_group_ad"),
}
# The only words that may narrow a search: other levels of work.
_LEVELS = frozenset(["senior", "director", "internship", "intern", "trainee"])
_NETWORKS = {
    "target_google_search": True,
    "target_search_network": False,
    "target_content_network": False,
    "target_partner_search_network": False,
}
_GEO_TARGET = re.compile(r"geoTargetConstants/\d{1,12}")
LEAST_KM, MOST_KM = 25, 80


def check(kind: str, body: Mapping[str, Any]) -> None:
    """`kind` is campaign, ad_group, or mutate: both in one request."""
    only(kind, body, "mutate_operations name customer_id")
    seen: dict[str, int] = {}
    allowed = (
        _ALLOWED["campaign"] + _ALLOWED["ad_group"] if kind == "mutate" else _ALLOWED.get(kind)
    )
    if allowed is None:
        refuse(kind, "no rule allows this object")
    for i, operation in enumerate(body.get("mutate_operations") or ()):
        ((name, action),) = operation.items() if len(operation) == 1 else (("", {}),)
        resource = name.removesuffix("_operation")
        path = f"{kind}[{i}].{resource}"
        if resource not in allowed or set(action) != {"create"}:
            refuse(path, "the operation is not on the list")
        made = action["create"]
        only(path, made, _FIELDS[resource])
        _DEEPER[resource](path, made)
        seen[resource] = seen.get(resource, 0) + 1
    for needed in (
        ("campaign_budget", "campaign", "campaign_criterion") if kind != "ad_group" else ()
    ):
        if needed not in seen:
            refuse(
                f"{kind}.{needed}", "missing: without it the ad would run unlimited or everywhere"
            )


def check_live(kind: str, fields: Mapping[str, Any]) -> None:
    """Held objects are read in the form of operations; switches may differ, content may not."""
    for operation in fields.get("mutate_operations") or ():
        ((name, action),) = operation.items()
        resource = name.removesuffix("_operation")
        if resource in ("campaign_criterion", "ad_group_criterion"):
            made = {k: v for k, v in action["create"].items() if k in _FIELDS[resource].split()}
            only(f"{kind}.{resource}", action["create"], _FIELDS[resource])
            _DEEPER[resource](f"{kind}.{resource}", made)


def _budget(path: str, made: Mapping[str, Any]) -> None:
    exactly(path, made, explicitly_shared=False)
    amount(f"{path}.amount_micros", made.get("amount_micros"))


def _campaign(path: str, made: Mapping[str, Any]) -> None:
    exactly(
        path,
        made,
        status="PAUSED",
        advertising_channel_type="SEARCH",
        contains_eu_political_advertising="DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING",
        network_settings=_NETWORKS,
        geo_target_type_setting={
            "positive_geo_target_type": "PRESENCE",
            "negative_geo_target_type": "PRESENCE",
        },
    )


def _place(path: str, made: Mapping[str, Any]) -> None:
    if "proximity" in made:
        circle = made["proximity"]
        only(f"{path}.proximity", circle, "geo_point radius radius_units")
        exactly(f"{path}.proximity", circle, radius_units="KILOMETERS")
        radius = circle.get("radius")
        if isinstance(radius, bool) or not isinstance(radius, int | float):
            refuse(f"{path}.proximity.radius", "a circle has a radius")
        if not LEAST_KM <= radius <= MOST_KM:
            refuse(f"{path}.proximity.radius", f"between {LEAST_KM} and {MOST_KM} km")
        return
    constant = (made.get("location") or {}).get("geo_target_constant")
    if isinstance(constant, Mapping):
        asked = (constant.get("$lookup") or {}).get("query") or {}
        if asked.get("target_type") not in ("Country", "State"):
            refuse(f"{path}.location", "a country or a state, nothing finer")
    elif not isinstance(constant, str) or not _GEO_TARGET.fullmatch(constant):
        refuse(f"{path}.location", "a place is a geo target constant")


def _group(path: str, made: Mapping[str, Any]) -> None:
    exactly(path, made, type_="SEARCH_STANDARD")


def _keyword(path: str, made: Mapping[str, Any]) -> None:
    keyword = made.get("keyword")
    if not isinstance(keyword, Mapping):
        refuse(path, "only keywords may choose searches")
    only(f"{path}.keyword", keyword, "text match_type")
    text = str(keyword.get("text", ""))
    if not 0 < len(text) <= 80 or len(text.split()) > 10:
        refuse(f"{path}.keyword", "a keyword has 1 to 80 characters and at most 10 words")
    if made.get("negative"):
        if text not in _LEVELS:
            refuse(f"{path}.keyword", "a search is narrowed by levels of work only")
        return
    read_words(f"{path}.keyword", text, keyword=True)


def _ad(path: str, made: Mapping[str, Any]) -> None:
    ad = made.get("ad") or {}
    only(f"{path}.ad", ad, "final_urls responsive_search_ad")
    for url in ad.get("final_urls") or [""]:
        https(f"{path}.ad.final_urls", url)
    texts = ad.get("responsive_search_ad") or {}
    only(f"{path}.ad.responsive_search_ad", texts, "headlines descriptions")
    for name, most, least, many in (("headlines", 30, 3, 15), ("descriptions", 90, 2, 4)):
        lines = [str(t.get("text", "")) for t in texts.get(name) or ()]
        if not least <= len(lines) <= many or len({t.casefold() for t in lines}) != len(lines):
            refuse(f"{path}.{name}", f"{least} to {many} different texts")
        for text in lines:
            if not 0 < len(text) <= most:
                refuse(f"{path}.{name}", f"{text[:40]!r} is longer than {most}")
            read_words(f"{path}.{name}", text)


_DEEPER = {
    "campaign_budget": _budget,
    "campaign": _campaign,
    "campaign_criterion": _place,
    "ad_group": _group,
    "ad_group_criterion": _keyword,
    "ad_group_ad": _ad,
}
