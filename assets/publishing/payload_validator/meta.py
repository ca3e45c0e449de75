"""What a job ad's objects on Meta may hold."""

import re
from collections.abc import Mapping
from typing import Any

from assets.publishing.payload_validator.refusal import ID, amount, https, only
from assets.publishing.payload_validator.refusal import refuse as _refuse
from assets.publishing.payload_validator.words import read_words

_SENT = {
    "image": "name",
    "video": "name",
    "campaign": "name objective buying_type status special_ad_categories "
    "special_ad_category_country is_adset_budget_sharing_enabled",
    "adset": "name campaign_id daily_budget billing_event optimization_goal bid_strategy "
    "destination_type targeting start_time end_time status dsa_payor dsa_beneficiary",
    "creative": "name object_story_spec degrees_of_freedom_spec url_tags",
    "ad": "name adset_id creative status",
}
_STORY = {
    "link_data": "link message name description image_hash call_to_action",
    "video_data": "video_id message title link_description call_to_action",
}
_TARGETING = frozenset({"geo_locations", "targeting_automation", "flexible_spec"})
_GEO = frozenset({"countries", "regions", "custom_locations"})
_NEVER = re.compile(
    r"genders?|zips?|postal_?codes?|neighborhoods?|subneighborhoods?|subcities|metro_areas|"
    r"geo_markets|small_geo_areas|medium_geo_areas|electoral_districts?|political_districts|"
    r"places|cities|excluded_\w+|exclusions|behaviors|life_events|industries|income|"
    r"net_worth|family_statuses|relationship_statuses|interested_in|education_\w+|college_\w+|"
    r"work_\w+|ethnic_affinity|generation|home_\w+|household_composition|moms|politics|"
    r"custom_audiences|lookalike\w*|saved_audience\w*|user_adclusters|friends_of_connections|"
    r"connections|bid_adjustments|age_range"
)
_CIRCLE_KM = (25, 80)


def check(kind: str, body: Mapping[str, Any]) -> None:
    if kind not in _SENT:
        _refuse(kind, "no rule allows this object")
    only(kind, body, _SENT[kind])
    if kind in ("campaign", "adset", "ad") and body.get("status") != "PAUSED":
        _refuse(f"{kind}.status", "objects are sent paused, in writing")
    _DEEPER.get(kind, lambda _: None)(body)


def check_live(kind: str, fields: Mapping[str, Any]) -> None:
    if kind == "campaign" and "special_ad_categories" in fields:
        _campaign(fields)
    targeting = fields.get("targeting")
    if kind == "adset" and targeting is not None:
        _traits("adset.targeting", targeting)
        _ages(targeting)
        _geo(targeting.get("geo_locations") or {}, strict=False)


def _campaign(body: Mapping[str, Any]) -> None:
    if list(body.get("special_ad_categories") or ()) != ["EMPLOYMENT"]:
        _refuse("campaign.special_ad_categories", "a job ad declares EMPLOYMENT and nothing else")
    countries = body.get("special_ad_category_country")
    if not countries or not all(re.fullmatch("[A-Z]{2}", str(c)) for c in countries):
        _refuse("campaign.special_ad_category_country", "countries of the audience are named")


def _adset(body: Mapping[str, Any]) -> None:
    amount("adset.daily_budget", body.get("daily_budget"))
    _targeting(body.get("targeting") or {})


def _targeting(targeting: Mapping[str, Any]) -> None:
    _traits("adset.targeting", targeting)
    for key in targeting:
        if key not in _TARGETING:
            _refuse(f"adset.targeting.{key}", "the field is not on the list")
    automation = targeting.get("targeting_automation")
    if automation != {"advantage_audience": 0}:
        _refuse("adset.targeting.targeting_automation", "automatic widening is off, in writing")
    _geo(targeting.get("geo_locations") or {}, strict=True)
    for clause in targeting.get("flexible_spec", ()):
        if set(clause) != {"interests"}:
            _refuse("adset.targeting.flexible_spec", "only interests are allowed")
        for interest in clause["interests"]:
            if not set(interest) <= {"id", "name"} or not ID.fullmatch(str(interest.get("id"))):
                _refuse("adset.targeting.flexible_spec.interests", "an interest is an id")


def _geo(geo: Mapping[str, Any], *, strict: bool) -> None:
    path = "adset.targeting.geo_locations"
    if strict and not set(geo) <= _GEO:
        _refuse(path, f"only {', '.join(sorted(_GEO))} are allowed, not {sorted(set(geo) - _GEO)}")
    if not any(geo.get(edge) for edge in _GEO):
        _refuse(path, "an audience without a place is the whole world")
    for circle in geo.get("custom_locations", ()):
        radius = circle.get("radius")
        if isinstance(radius, bool) or not isinstance(radius, int | float):
            _refuse(f"{path}.custom_locations.radius", "a circle has a radius")
        if circle.get("distance_unit") != "kilometer":
            _refuse(f"{path}.custom_locations.distance_unit", "kilometer, in writing")
        if not _CIRCLE_KM[0] <= radius <= _CIRCLE_KM[1]:
            _refuse(
                f"{path}.custom_locations.radius", f"between {_CIRCLE_KM[0]} and {_CIRCLE_KM[1]} km"
            )
    for region in geo.get("regions", ()):
        key = region.get("key")
        if not isinstance(key, Mapping) and not ID.fullmatch(str(key)):
            _refuse(f"{path}.regions.key", "a region is an id")


def _ages(targeting: Mapping[str, Any]) -> None:
    if targeting.get("age_min", 18) != 18 or targeting.get("age_max", 65) != 65:
        _refuse("adset.targeting.age", "every adult, 18 to 65+")


def _traits(path: str, value: Any) -> None:
    """No key anywhere inside may name a protected trait, an exclusion, or a person's list."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            empty = inner is None or inner == [] or inner == {}
            if _NEVER.fullmatch(str(key)) and not empty and not _everyone(str(key), inner):
                _refuse(f"{path}.{key}", "a job ad may not choose or shut out people by this")
            _traits(f"{path}.{key}", inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _traits(path, inner)


def _everyone(key: str, value: Any) -> bool:
    """Values by which networks write "all"."""
    return (key == "genders" and sorted(value) in ([0], [1, 2])) or (
        key == "age_range" and list(value) == [18, 65]
    )


def _creative(body: Mapping[str, Any]) -> None:
    path, spec = "creative.object_story_spec", body.get("object_story_spec", {})
    only(path, spec, f"page_id {' '.join(_STORY)}")
    stories = [kind for kind in _STORY if kind in spec]
    if not spec.get("page_id") or len(stories) != 1:
        _refuse(path, "a page and one story are named")
    kind, told = stories[0], spec[stories[0]]
    only(f"{path}.{kind}", told, _STORY[kind])
    button = told.get("call_to_action") or {}
    only(f"{path}.{kind}.call_to_action", button, "type value")
    only(f"{path}.{kind}.call_to_action.value", button.get("value") or {}, "link")
    links = [told["link"]] if "link" in told else []
    links += [(button.get("value") or {}).get("link")] if button or kind == "video_data" else []
    for link in links or [None]:
        https(f"{path}.{kind}.link", link)
    for part in ("name", "title", "message", "description", "link_description"):
        read_words(f"creative.{part}", str(told.get(part, "")))
    features = body.get("degrees_of_freedom_spec", {}).get("creative_features_spec", {})
    if not features or any(f != {"enroll_status": "OPT_OUT"} for f in features.values()):
        _refuse("creative.degrees_of_freedom_spec", "the network may not rewrite approved words")


_DEEPER = {"campaign": _campaign, "adset": _adset, "creative": _creative}
