"""X bodies from compiled facts: data in, data out, no client.

A line item without targeting shows to everybody in the world and everything starts switched on by
default, so place and PAUSED are always written out. Operations of a batch are the network's own.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from assets.publishing.networks.ad_context import Body, Brief, micros
from assets.publishing.networks.translator import ArmBrief, Constant, Translator
from assets.publishing.networks.truncation import Truncator, x_length
from assets.publishing.policy import Compiled, Target

TEXT, LINK, CARD_TITLE = 280, 23, 70
OPEN_ENDED = timedelta(days=30)  # a line item must end; the end of an open-ended ad is moved on
KINDS = {"country": "COUNTRIES", "region": "REGIONS", "city": "CITIES"}

CONSTANTS = (Constant("nullcast", "true", "tweet", "shown as an ad only, not in the timeline"),)


def shared(brief: Brief, _: Sequence[Compiled]) -> dict[str, Body]:
    """Picture or video, and the campaign."""
    budget = brief.job_ad.budget_daily
    campaign = {
        "funding_instrument_id": brief.id("funding_instrument"),
        "budget_optimization": "LINE_ITEM",
        "daily_budget_amount_local_micro": budget.micros,
        "entity_status": "PAUSED",
    }
    return {**brief.files(), "campaign": campaign}


def arm(brief: Brief, its: ArmBrief) -> dict[str, Body]:
    """Line item, targeting, post, and the card of an ad with a picture or video."""
    job, fitter = brief.job_ad, its.fitter
    line_item = {
        "campaign_id": {"$id": "campaign"},
        "objective": "WEBSITE_CLICKS",
        "goal": "LINK_CLICKS",
        "placements": ["ALL_ON_TWITTER"],
        "product_type": "PROMOTED_TWEETS",
        "bid_strategy": "AUTO",
        "daily_budget_amount_local_micro": micros(its.minor, job.budget_daily.currency),
        "start_time": _time(job.schedule_start),
        "end_time": _time(job.schedule_end or job.schedule_start + OPEN_ENDED),
        "entity_status": "PAUSED",
    }
    link = brief.link("x", "paid_social", its.name)
    bodies: dict[str, Body] = {
        "line_item": line_item,
        "targeting": {"operations": _targeting(its.compiled)},
    }
    words = fitter.fit("x.text", its.copy.primary, TEXT - (0 if brief.file else LINK + 1), x_length)
    tweet: Body = {"as_user_id": brief.id("promotable_user"), "text": words, "nullcast": True}
    if brief.file:
        bodies["card"] = _card(brief, link, fitter)
        tweet["card_uri"] = {"$id": "card"}
    else:
        tweet["text"] = f"{words}\n{link}"
    promoted = {"line_item_id": {"$id": "line_item"}, "tweet_ids": [{"$id": "tweet"}]}
    return {**bodies, "tweet": tweet, "promoted_tweet": promoted}


def _card(brief: Brief, link: str, fitter: Truncator) -> Body:
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


def query(target: Target) -> Mapping[str, Any]:
    found: Mapping[str, Any] = location(target)["$lookup"]
    return found


def printed(_: str, found: dict[str, Body]) -> dict[str, Any]:
    """A batch of operations is an array."""
    others = {kind: body for kind, body in found.items() if kind != "targeting"}
    return {**others, "targeting_criteria": found["targeting"]["operations"]}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


TRANSLATOR = Translator(CONSTANTS, shared, arm, query, printed=printed)
