"""X bodies from compiled facts: data in, data out, no client.

A line item without targeting shows to everybody in the world and everything starts switched on by
default, so place and PAUSED are always written out. Operations of a batch are the network's own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from assets.publishing.networks.ad_context import Body, Brief, micros
from assets.publishing.networks.copy import Copy
from assets.publishing.networks.truncation import Fitter, x_length
from assets.publishing.policy import Compiled, Target

TEXT, LINK, CARD_TITLE = 280, 23, 70
OPEN_ENDED = timedelta(days=30)  # a line item must end; the end of an open-ended ad is moved on
KINDS = {"country": "COUNTRIES", "region": "REGIONS", "city": "CITIES"}


def shared(brief: Brief) -> dict[str, Body]:
    budget = brief.job_ad.budget_daily
    campaign = {
        "funding_instrument_id": brief.id("funding_instrument"),
        "budget_optimization": "LINE_ITEM",
        "daily_budget_amount_local_micro": budget.micros,
        "entity_status": "PAUSED",
    }
    return {**brief.files(), "campaign": campaign}


def arm(
    brief: Brief, name: str, compiled: Compiled, copy: Copy, minor: int, fitter: Fitter
) -> dict[str, Body]:
    """`minor` a day in minor units of the ad's currency."""
    job = brief.job_ad
    line_item = {
        "campaign_id": {"$id": "campaign"},
        "objective": "WEBSITE_CLICKS",
        "goal": "LINK_CLICKS",
        "placements": ["ALL_ON_TWITTER"],
        "product_type": "PROMOTED_TWEETS",
        "bid_strategy": "AUTO",
        "daily_budget_amount_local_micro": micros(minor, job.budget_daily.currency),
        "start_time": _time(job.schedule_start),
        "end_time": _time(job.schedule_end or job.schedule_start + OPEN_ENDED),
        "entity_status": "PAUSED",
    }
    link = brief.link("x", "paid_social", name)
    bodies: dict[str, Body] = {
        "line_item": line_item,
        "targeting": {"operations": _targeting(compiled)},
    }
    words = fitter.fit("x.text", copy.primary, TEXT - (0 if brief.file else LINK + 1), x_length)
    tweet: Body = {"as_user_id": brief.id("promotable_user"), "text": words, "nullcast": True}
    if brief.file:
        bodies["card"] = _card(brief, link, fitter)
        tweet["card_uri"] = {"$id": "card"}
    else:
        tweet["text"] = f"{words}\n{link}"
    promoted = {"line_item_id": {"$id": "line_item"}, "tweet_ids": [{"$id": "tweet"}]}
    return {**bodies, "tweet": tweet, "promoted_tweet": promoted}


def _card(brief: Brief, link: str, fitter: Fitter) -> Body:
    title = fitter.fit("x.card_title", brief.title, CARD_TITLE)
    return {
        "components": [
            {"type": "MEDIA", "media_key": {"$id": brief.file}},
            {"type": "DETAILS", "title": title, "destination": {"type": "WEBSITE", "url": link}},
        ]
    }


def _targeting(compiled: Compiled) -> list[Body]:
    """Places, and with them the words of the work; languages and people are never chosen."""
    pairs: list[tuple[str, Any]] = [("LOCATION", location(t)) for t in compiled.targets]
    words = dict.fromkeys(k.label.casefold() for k in compiled.keywords)
    pairs += [("BROAD_KEYWORD", word) for word in words]
    return [
        {
            "operation_type": "Create",
            "params": {
                "line_item_id": {"$id": "line_item"},
                "targeting_type": kind,
                "targeting_value": value,
                "operator_type": "EQ",
            },
        }
        for kind, value in pairs
    ]


def location(target: Target) -> Any:
    if target.id:
        return target.id
    query: Mapping[str, Any] = {
        "q": target.label,
        "country_code": target.country,
        "location_type": KINDS[target.kind],
        **({"region": target.region_label} if target.region_label else {}),
    }
    return {"$lookup": {"network": "x", "kind": "location", "query": dict(query)}}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
