"""What a job ad's objects on X may hold."""

from collections.abc import Mapping
from typing import Any

from assets.publishing.payload_validator.refusal import ID, amount, exactly, https, only, refuse
from assets.publishing.payload_validator.words import read_words

_KINDS = {
    "image": "name",
    "video": "name",
    "campaign": "name funding_instrument_id budget_optimization daily_budget_amount_local_micro "
    "entity_status",
    "line_item": "name campaign_id objective goal placements product_type bid_strategy "
    "daily_budget_amount_local_micro start_time end_time entity_status",
    "targeting": "operations",
    "card": "name components",
    "tweet": "name as_user_id text nullcast card_uri",
    "promoted_tweet": "line_item_id tweet_ids",
}
_TYPES = {"LOCATION": 1, "BROAD_KEYWORD": 0, "PHRASE_KEYWORD": 0}
MOST_KEYWORDS, MOST_TEXT = 1_000, 4_096


def check(kind: str, body: Mapping[str, Any]) -> None:
    if kind not in _KINDS:
        refuse(kind, "no rule allows this object")
    only(kind, body, _KINDS[kind])
    if kind == "campaign":
        exactly(kind, body, entity_status="PAUSED", budget_optimization="LINE_ITEM")
        amount(
            "campaign.daily_budget_amount_local_micro", body.get("daily_budget_amount_local_micro")
        )
    elif kind == "line_item":
        exactly(kind, body, entity_status="PAUSED", product_type="PROMOTED_TWEETS")
        amount(
            "line_item.daily_budget_amount_local_micro", body.get("daily_budget_amount_local_micro")
        )
        if not body.get("end_time"):
            refuse("line_item.end_time", "a line item has an end")
    elif kind == "targeting":
        _targeting(body.get("operations") or ())
    elif kind == "tweet":
        exactly(kind, body, nullcast=True)
        read_words("tweet.text", str(body.get("text", "")))
    elif kind == "card":
        _card(body)


def check_live(kind: str, fields: Mapping[str, Any]) -> None:
    if kind == "targeting" and "operations" in fields:
        _targeting(fields["operations"])


def _targeting(operations: Any) -> None:
    """Places and words of the work; a line item without a place would show to the whole world."""
    places = 0
    for i, operation in enumerate(operations):
        path = f"targeting.operations[{i}]"
        only(path, operation, "operation_type params")
        exactly(path, operation, operation_type="Create")
        params = operation.get("params") or {}
        only(f"{path}.params", params, "line_item_id targeting_type targeting_value operator_type")
        exactly(f"{path}.params", params, operator_type="EQ")
        kind, value = params.get("targeting_type"), params.get("targeting_value")
        if kind not in _TYPES:
            refuse(f"{path}.params.targeting_type", f"a job ad may not target by {kind}")
        if kind == "LOCATION":
            places += 1
            _place(f"{path}.params.targeting_value", value)
        else:
            if not isinstance(value, str) or not 0 < len(value) <= 80:
                refuse(f"{path}.params.targeting_value", "a keyword is a short text")
            read_words(f"{path}.params.targeting_value", value, keyword=True)
    if not places:
        refuse("targeting.operations", "an audience without a place is the whole world")
    if len(operations) - places > MOST_KEYWORDS:
        refuse("targeting.operations", f"more than {MOST_KEYWORDS} keywords")


def _place(path: str, value: Any) -> None:
    if isinstance(value, Mapping):
        asked = (value.get("$lookup") or {}).get("query") or {}
        if asked.get("location_type") not in ("COUNTRIES", "REGIONS", "CITIES"):
            refuse(path, "a country, a region or a city, nothing finer")
    elif not isinstance(value, str) or not ID.fullmatch(value):
        refuse(path, "a place is an id")


def _card(body: Mapping[str, Any]) -> None:
    for part in body.get("components") or ():
        if part.get("type") == "DETAILS":
            only("card.details", part, "type title destination")
            https("card.destination.url", (part.get("destination") or {}).get("url"))
            read_words("card.title", str(part.get("title", "")))
        elif part.get("type") != "MEDIA":
            refuse("card.components", f"{part.get('type')} is not on the list")
