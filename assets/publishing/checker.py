"""The second pair of eyes: reads only the final payload, right before it is sent or after it was
read back, and shares no table or code with the compiler.

`check` allows what is listed and refuses the rest; `check_held` reads what a network says it holds,
where the network adds fields of its own, and refuses what a job ad may never carry.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from domain.errors import PolicyRefusal

_SENT = {
    "image": "name",
    "campaign": "name objective buying_type status special_ad_categories "
    "special_ad_category_country is_adset_budget_sharing_enabled",
    "adset": "name campaign_id daily_budget billing_event optimization_goal bid_strategy "
    "destination_type targeting start_time end_time status dsa_payor dsa_beneficiary",
    "creative": "name object_story_spec degrees_of_freedom_spec url_tags",
    "ad": "name adset_id creative status",
}
_TARGETING = frozenset({"geo_locations", "targeting_automation", "flexible_spec"})
_GEO = frozenset({"countries", "regions", "cities"})
_ID = re.compile(r"[0-9A-Za-z_:-]{1,64}")
_NEVER = re.compile(
    r"genders?|zips?|postal_?codes?|neighborhoods?|subneighborhoods?|subcities|metro_areas|"
    r"geo_markets|small_geo_areas|medium_geo_areas|electoral_districts?|political_districts|"
    r"places|custom_locations|excluded_\w+|exclusions|behaviors|life_events|industries|income|"
    r"net_worth|family_statuses|relationship_statuses|interested_in|education_\w+|college_\w+|"
    r"work_\w+|ethnic_affinity|generation|home_\w+|household_composition|moms|politics|"
    r"custom_audiences|lookalike\w*|saved_audience\w*|user_adclusters|friends_of_connections|"
    r"connections|bid_adjustments|age_range"
)  # fmt: skip
_CITY_KM = (25, 80)
_KM_PER_MILE = 1.609344


def check(network: str, kind: str, body: Mapping[str, Any]) -> None:
    """PolicyRefusal naming path and rule unless every field of `body` is one a job ad may send."""
    if network != "meta" or kind not in _SENT:
        _refuse(kind, f"no rule allows {network} {kind}")
    for key in body:
        if key not in _SENT[kind].split():
            _refuse(f"{kind}.{key}", "the field is not on the list")
    if kind in ("campaign", "adset", "ad") and body.get("status") != "PAUSED":
        _refuse(f"{kind}.status", "objects are sent paused, in writing")
    for path in _unresolved(kind, body):
        _refuse(path, "an id is still unresolved")
    _DEEPER.get(kind, lambda _: None)(body)


def check_held(kind: str, fields: Mapping[str, Any]) -> None:
    """PolicyRefusal when an object on the network carries what a job ad may never carry."""
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
    budget = body.get("daily_budget")
    if type(budget) is not int or budget <= 0:
        _refuse("adset.daily_budget", "a budget is a positive integer of minor units")
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
            if not set(interest) <= {"id", "name"} or not _ID.fullmatch(str(interest.get("id"))):
                _refuse("adset.targeting.flexible_spec.interests", "an interest is an id")


def _geo(geo: Mapping[str, Any], *, strict: bool) -> None:
    path = "adset.targeting.geo_locations"
    if strict and not set(geo) <= _GEO:
        _refuse(path, f"only {', '.join(sorted(_GEO))} are allowed, not {sorted(set(geo) - _GEO)}")
    if not any(geo.get(edge) for edge in _GEO):
        _refuse(path, "an audience without a place is the whole world")
    for city in geo.get("cities", ()):
        radius = city.get("radius")
        if isinstance(radius, bool) or not isinstance(radius, int | float):
            _refuse(f"{path}.cities.radius", "a city has a radius")
        unit = city.get("distance_unit")
        if unit not in ("kilometer", "mile"):
            _refuse(f"{path}.cities.distance_unit", "kilometer or mile")
        kilometres = radius if unit == "kilometer" else radius * _KM_PER_MILE
        if not _CITY_KM[0] <= kilometres <= _CITY_KM[1] + 1:
            _refuse(f"{path}.cities.radius", f"between {_CITY_KM[0]} and {_CITY_KM[1]} km")


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
    spec = body.get("object_story_spec", {})
    link = spec.get("link_data", {})
    if not spec.get("page_id") or not str(link.get("link", "")).startswith("https://"):
        _refuse("creative.object_story_spec", "a page and an https link are named")
    features = body.get("degrees_of_freedom_spec", {}).get("creative_features_spec", {})
    if not features or any(f != {"enroll_status": "OPT_OUT"} for f in features.values()):
        _refuse("creative.degrees_of_freedom_spec", "the network may not rewrite approved words")


def _unresolved(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if str(key).startswith("$"):
                yield path
            yield from _unresolved(f"{path}.{key}", inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _unresolved(path, inner)


_DEEPER = {"campaign": _campaign, "adset": _adset, "creative": _creative}


def _refuse(path: str, rule: str) -> None:
    raise PolicyRefusal(rule, where=path, mend="nothing was sent; correct the plan")
