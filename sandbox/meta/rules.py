"""What Graph refuses: required parameters, budgets, and the EMPLOYMENT category's restrictions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.meta import budgets, geography, parameters
from sandbox.meta.errors import GraphError, employment, missing
from sandbox.meta.world import Account, World

OBJECTIVES = {"OUTCOME_TRAFFIC", "OUTCOME_LEADS", "OUTCOME_AWARENESS", "OUTCOME_ENGAGEMENT"}
CATEGORIES = {"EMPLOYMENT", "HOUSING", "CREDIT", "ISSUES_ELECTIONS_POLITICS", "NONE"}
STATUSES = {"ACTIVE", "PAUSED", "ARCHIVED", "DELETED"}
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU = frozenset(_EU.split())
FINE_PLACES = (
    "zips",
    "neighborhoods",
    "subcities",
    "metro_areas",
    "small_geo_areas",
    "subneighborhoods",
    "electoral_districts",
    "geo_markets",
)
DEMOGRAPHIC = (
    "work_positions",
    "work_employers",
    "education_schools",
    "education_statuses",
    "education_majors",
    "college_years",
    "relationship_statuses",
    "family_statuses",
    "life_events",
    "industries",
    "income",
    "behaviors",
    "interested_in",
    "user_adclusters",
)


def campaign(fields: Mapping[str, Any]) -> None:
    _need(fields, "name", "objective")
    if fields["objective"] not in OBJECTIVES:
        raise GraphError(f"(#100) Param objective must be one of {sorted(OBJECTIVES)}")
    if "special_ad_categories" not in fields:
        raise missing("special_ad_categories")
    categories = fields["special_ad_categories"]
    if not isinstance(categories, list) or not set(categories) <= CATEGORIES:
        raise GraphError("(#100) Param special_ad_categories must be an array of categories")
    _status(fields, {"ACTIVE", "PAUSED"})
    budget = fields.get("daily_budget") or fields.get("lifetime_budget")
    if not budget and "is_adset_budget_sharing_enabled" not in fields:
        raise missing("is_adset_budget_sharing_enabled")


def adset(
    fields: Mapping[str, Any], parent: Mapping[str, Any], account: Account, world: World
) -> None:
    _need(fields, "name", "billing_event", "optimization_goal", "targeting")
    _status(fields, {"ACTIVE", "PAUSED"})
    if fields["optimization_goal"] not in parameters.GOALS:
        raise GraphError("(#100) Param optimization_goal must be one of the goals that Graph knows")
    budgets.check(fields, parent, account)
    _times(fields)
    targeting = fields["targeting"]
    if not isinstance(targeting, dict) or not targeting.get("geo_locations"):
        raise GraphError(
            "(#100) Your ad set needs a location",
            100,
            1487756,
            title="Location missing",
            blame=[["targeting", "geo_locations"]],
        )
    if "targeting_automation" in fields:
        raise GraphError("(#100) Invalid parameter", 100, 1870227, title="Advantage audience")
    automation = targeting.get("targeting_automation", {})
    if automation.get("advantage_audience") not in (0, 1):
        raise GraphError(
            "(#100) The advantage audience flag must be set to 0 or 1",
            100,
            1870227,
            title="Advantage audience flag is required",
            blame=[["targeting_automation"]],
        )
    geography.known_places(targeting["geo_locations"], world)
    geography.circles(targeting["geo_locations"], world)
    countries = world.countries_of(targeting["geo_locations"])
    if countries & EU and not (fields.get("dsa_payor") and fields.get("dsa_beneficiary")):
        raise GraphError(
            "(#100) Ads delivered in the EU must name who pays and who benefits",
            100,
            3858079,
            title="DSA information missing",
            blame=[["dsa_beneficiary"], ["dsa_payor"]],
        )
    if "EMPLOYMENT" in parent.get("special_ad_categories", []):
        _employment(targeting, parent, countries, account, world)
    parameters.check_nested("targeting", targeting)


def ad(fields: Mapping[str, Any]) -> None:
    _need(fields, "name", "adset_id", "creative", "status")
    _status(fields, {"ACTIVE", "PAUSED"})
    if not isinstance(fields["creative"], dict) or not fields["creative"].get("creative_id"):
        raise missing("creative[creative_id]")


def _need(fields: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if fields.get(name) in (None, ""):
            raise missing(name)


def _status(fields: Mapping[str, Any], allowed: set[str]) -> None:
    if fields.get("status", "PAUSED") not in allowed:
        raise GraphError(f"(#100) Param status must be one of {sorted(allowed)}")


def _times(fields: Mapping[str, Any]) -> None:
    try:
        start, end = (
            datetime.fromisoformat(fields[name]) if fields.get(name) else None
            for name in ("start_time", "end_time")
        )
    except ValueError:
        raise GraphError("(#100) start_time and end_time must be ISO 8601 dates") from None
    if any(moment and moment.utcoffset() is None for moment in (start, end)):
        raise GraphError("(#100) start_time and end_time need a zone here")
    if fields.get("lifetime_budget") and end is None:
        raise missing("end_time")
    if start and end and end <= start:
        raise GraphError("(#100) end_time must be after start_time", 100, 1487793)


def _employment(
    targeting: Mapping[str, Any],
    parent: Mapping[str, Any],
    countries: set[str],
    account: Account,
    world: World,
) -> None:
    declared = set(parent.get("special_ad_category_country") or [account.country])
    if not countries <= declared:
        raise employment(2909034, "Countries outside special_ad_category_country", "geo_locations")
    if targeting.get("age_min", 18) != 18 or targeting.get("age_max", 65) != 65:
        raise employment(2909037, "Age must be 18 to 65+", "targeting", "age_min")
    if len(set(targeting.get("genders", []))) == 1:
        raise employment(2909040, "Gender must include everyone", "targeting", "genders")
    geo = targeting["geo_locations"]
    for edge in FINE_PLACES:
        if geo.get(edge):
            raise employment(2909042, f"{edge} may not be targeted", "geo_locations", edge)
    geography.wide_enough(geo, world)
    if targeting.get("excluded_geo_locations"):
        raise employment(2909046, "Locations may not be excluded", "excluded_geo_locations")
    if targeting.get("exclusions"):
        raise employment(2909047, "Detailed targeting exclusions are not allowed", "exclusions")
    if targeting.get("lookalike_audiences") or targeting.get("lookalike_spec"):
        raise employment(2909044, "Lookalike audiences are not allowed", "lookalike_spec")
    if targeting.get("saved_audience_id"):
        raise employment(2909041, "Saved audiences are not allowed", "saved_audience_id")
    _detailed(targeting, world)


def _detailed(targeting: Mapping[str, Any], world: World) -> None:
    for spec in (targeting, *(targeting.get("flexible_spec") or [])):
        for edge in DEMOGRAPHIC:
            if spec.get(edge):
                raise employment(2909036, f"{edge} may not be targeted", "flexible_spec", edge)
        for interest in spec.get("interests", []):
            id_ = str(interest.get("id", "") if isinstance(interest, dict) else interest)
            if id_ not in world.interests:
                raise GraphError(f"(#100) Interest {id_} is not valid", 100, 1487079)
            if not world.interests[id_].allowed:
                raise employment(2909049, f"Interest {id_} is not allowed", "flexible_spec")
