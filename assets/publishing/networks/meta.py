"""Meta bodies from compiled facts: data in, data out, no client.

Ids that only Meta knows stand as {"$id": kind} or {"$lookup": {network, kind, query}}.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from assets.publishing.networks.ad_context import Body, Brief
from assets.publishing.networks.copy import Copy
from assets.publishing.networks.translator import ArmBrief, Constant, Translator
from assets.publishing.policy import Compiled, Target
from domain.networks.meta import META

CATEGORY = "EMPLOYMENT"
# Texts that small screens cut: warnings, never refusals.
SHOWN = {"headline": 40, "primary": 125, "description": 30}
# Features by which the network would rewrite an approved text or image.
OPT_OUT = (
    "advantage_plus_creative",
    "image_brightness_and_contrast",
    "image_templates",
    "image_touchups",
    "image_uncrop",
    "image_background_gen",
    "inline_comment",
    "site_extensions",
    "text_optimizations",
    "text_translation",
)


CONSTANTS = (
    Constant("special_ad_categories", CATEGORY, "campaign", "job ads declare what they are"),
    Constant("advantage_audience", "0", "adset", "no automatic widening or narrowing"),
)


def shared(brief: Brief, _: Sequence[Compiled]) -> dict[str, Body]:
    """Picture or video, and the campaign."""
    campaign = {
        "buying_type": "AUCTION",
        "is_adset_budget_sharing_enabled": False,
        "objective": "OUTCOME_TRAFFIC",
        "special_ad_categories": [CATEGORY],
        "special_ad_category_country": sorted(brief.countries),
        "status": "PAUSED",
    }
    return {**brief.files(), "campaign": campaign}


def arm(brief: Brief, its: ArmBrief) -> dict[str, Body]:
    """Ad set, creative and ad."""
    ad = {
        "adset_id": {"$id": "adset"},
        "creative": {"creative_id": {"$id": "creative"}},
        "status": "PAUSED",
    }
    return {
        "adset": _adset(brief, its.compiled, its.minor),
        "creative": _creative(brief, its.copy, its.name),
        "ad": ad,
    }


def _adset(brief: Brief, compiled: Compiled, minor: int) -> Body:
    job = brief.job_ad
    body: Body = {
        "campaign_id": {"$id": "campaign"},
        "daily_budget": META.amount(minor, job.budget_daily.currency),
        "billing_event": "IMPRESSIONS",
        "optimization_goal": "LINK_CLICKS",
        "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
        "destination_type": "WEBSITE",
        "targeting": _targeting(compiled),
        "start_time": _time(job.schedule_start),
        "status": "PAUSED",
        **brief.dsa,
    }
    if job.schedule_end:
        body["end_time"] = _time(job.schedule_end)
    return body


def _targeting(compiled: Compiled) -> Body:
    geo: dict[str, list[Any]] = {}
    for target in compiled.targets:
        edge, value = place(target)
        geo.setdefault(edge, []).append(value)
    body: Body = {"geo_locations": geo, "targeting_automation": {"advantage_audience": 0}}
    if compiled.interests:
        body["flexible_spec"] = [{"interests": [{"id": id_} for id_, _ in compiled.interests]}]
    return body


def place(target: Target) -> tuple[str, Any]:
    if target.kind == "country":
        return "countries", target.country
    if target.kind == "city":
        return "custom_locations", {
            "latitude": target.lat,
            "longitude": target.lon,
            "radius": target.radius_km,
            "distance_unit": "kilometer",
        }
    query = {"q": target.label, "country_code": target.country, "location_types": [target.kind]}
    lookup = {"$lookup": {"network": "meta", "kind": "geolocation", "query": query}}
    return "regions", {"key": target.id or lookup}


def query(target: Target) -> Mapping[str, Any]:
    found: Mapping[str, Any] = place(target)[1]["key"]["$lookup"]
    return found


def _creative(brief: Brief, copy: Copy, arm: str) -> Body:
    """One ad whose text the network may not rewrite; its link tells the arm, not the key."""
    story = (
        {"video_data": _film(brief, copy)}
        if brief.file == "video"
        else {"link_data": _link(brief, copy)}
    )
    refused = {feature: {"enroll_status": "OPT_OUT"} for feature in OPT_OUT}
    return {
        "object_story_spec": {"page_id": brief.id("page"), **story},
        "degrees_of_freedom_spec": {"creative_features_spec": refused},
        "url_tags": brief.tags("meta", "paid_social", arm),
    }


def _link(brief: Brief, copy: Copy) -> Body:
    body: Body = {
        "link": brief.job_ad.target_url,
        "message": copy.primary,
        "name": copy.headline,
        "call_to_action": _button(brief),
    }
    if brief.file == "image":
        body["image_hash"] = {"$id": "image"}
    if copy.description:
        body["description"] = copy.description
    return body


def _film(brief: Brief, copy: Copy) -> Body:
    """A video's link stands in its button; its still picture is one that Meta took from it."""
    body: Body = {
        "video_id": {"$id": "video"},
        "message": copy.primary,
        "title": copy.headline,
        "call_to_action": _button(brief),
    }
    if copy.description:
        body["link_description"] = copy.description
    return body


def _button(brief: Brief) -> Body:
    return {"type": "APPLY_NOW", "value": {"link": brief.job_ad.target_url}}


def warnings(copy: Copy) -> list[tuple[str, str]]:
    """(field, warning) where the network may cut a text on small screens."""
    lengths = ((name, len(getattr(copy, name)), most) for name, most in SHOWN.items())
    return [
        (name, f"{length} characters; the network may cut after {most}")
        for name, length, most in lengths
        if length > most
    ]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


TRANSLATOR = Translator(CONSTANTS, shared, arm, query, warnings=warnings)
