"""Meta bodies from compiled facts: data in, data out, no client.

Ids that only Meta knows stand as {"$id": kind} or {"$lookup": {network, kind, query}}.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from assets.publishing.copy import Copy
from assets.publishing.policy import Compiled, Rules, Target
from domain.job_ad import JobAd

Body = dict[str, Any]


def image(name: str) -> Body:
    """`name` is "<sha256>.<extension>": images are found by content, not by a posting's key."""
    return {"name": name}


def campaign(countries: Sequence[str], rules: Rules) -> Body:
    return {
        "buying_type": "AUCTION",
        "is_adset_budget_sharing_enabled": False,
        "objective": "OUTCOME_TRAFFIC",
        "special_ad_categories": [rules.category],
        "special_ad_category_country": sorted(countries),
        "status": "PAUSED",
    }


def adset(
    job_ad: JobAd, compiled: Compiled, *, account_id: str, budget_minor: int, dsa: Mapping[str, str]
) -> Body:
    """`budget_minor` a day in the account's currency; `dsa` is payer and beneficiary, or empty."""
    body: Body = {
        "campaign_id": {"$id": "campaign"},
        "daily_budget": budget_minor,
        "billing_event": "IMPRESSIONS",
        "optimization_goal": "LINK_CLICKS",
        "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
        "destination_type": "WEBSITE",
        "targeting": targeting(compiled, account_id),
        "start_time": _time(job_ad.schedule_start),
        "status": "PAUSED",
        **dsa,
    }
    if job_ad.schedule_end:
        body["end_time"] = _time(job_ad.schedule_end)
    return body


def targeting(compiled: Compiled, account_id: str) -> Body:
    geo: dict[str, list[Any]] = {}
    for target in compiled.targets:
        edge, value = _place(target)
        geo.setdefault(edge, []).append(value)
    body: Body = {"geo_locations": geo, "targeting_automation": {"advantage_audience": 0}}
    interests = [
        {"id": _interest(fact.label, compiled.countries, account_id)}
        for _, fact in compiled.interests
    ]
    if interests:
        body["flexible_spec"] = [{"interests": interests}]
    return body


def _place(target: Target) -> tuple[str, Any]:
    if target.kind == "country":
        return "countries", target.country
    query = {"q": target.label, "country_code": target.country, "location_types": [target.kind]}
    if target.kind == "city" and target.region_label:
        query["region"] = target.region_label
    key = {"$lookup": {"network": "meta", "kind": "geolocation", "query": query}}
    if target.kind == "region":
        return "regions", {"key": key}
    return "cities", {"key": key, "radius": target.radius_km, "distance_unit": "kilometer"}


def _interest(label: str, countries: Sequence[str], account_id: str) -> Body:
    query = {
        "q": label,
        "account_id": account_id,
        "regulated_categories": ["EMPLOYMENT"],
        "regulated_countries": list(countries),
    }
    return {"$lookup": {"network": "meta", "kind": "interest", "query": query}}


def creative(job_ad: JobAd, copy: Copy, *, page_id: str, arm: str, rules: Rules) -> Body:
    """One link ad whose text the network may not rewrite; its link tells the arm, not the key."""
    link: Body = {
        "link": job_ad.target_url,
        "message": copy.primary,
        "name": copy.headline,
        "image_hash": {"$id": "image"},
        "call_to_action": {"type": "APPLY_NOW", "value": {"link": job_ad.target_url}},
    }
    if copy.description:
        link["description"] = copy.description
    refused = {feature: {"enroll_status": "OPT_OUT"} for feature in rules.opt_out}
    return {
        "object_story_spec": {"page_id": page_id, "link_data": link},
        "degrees_of_freedom_spec": {"creative_features_spec": refused},
        "url_tags": urlencode(
            {
                "utm_source": "meta",
                "utm_medium": "paid_social",
                "utm_campaign": str(job_ad.id),
                "utm_content": arm,
            }
        ),
    }


def ad() -> Body:
    return {
        "adset_id": {"$id": "adset"},
        "creative": {"creative_id": {"$id": "creative"}},
        "status": "PAUSED",
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
