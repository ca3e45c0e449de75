"""The whole chain by tweepy's own client, and by its uploads."""

from typing import Any

import tweepy
from tweepy.auth import OAuth1UserHandler
from tweepy.client import BaseClient
from tweepy.errors import BadRequest, Forbidden, NotFound, TooManyRequests, Unauthorized

_RAISED = {400: BadRequest, 401: Unauthorized, 403: Forbidden, 404: NotFound, 429: TooManyRequests}


class AdsClient(BaseClient):
    """tweepy's signing, session and exceptions, pointed at the Ads API."""

    def __init__(self, host: str) -> None:
        super().__init__(None, "EMU-x-app", "EMU-x-app-secret", "EMU-x-user", "EMU-x-user-secret")
        self.host = host

    def request(self, method, route, params=None, json=None, user_auth=True):
        keys = (
            self.consumer_key,
            self.consumer_secret,
            self.access_token,
            self.access_token_secret,
        )
        auth = OAuth1UserHandler(*keys).apply_auth()
        body: dict[str, Any] = (
            {"params": params} if method in ("GET", "DELETE") else {"data": params}
        )
        if json is not None:
            body = {"json": json}
        url = f"{self.host}/12/{route}"
        answer = self.session.request(method, url, auth=auth, timeout=20, **body)
        if not answer.ok:
            raise _RAISED.get(answer.status_code, tweepy.HTTPException)(answer)
        return answer.json()


def test_tweepy_builds_the_whole_chain(x):
    """Account to promoted tweet, each step by tweepy's BaseClient; activation is idempotent."""
    client, own = AdsClient(x.url), "accounts/x1usd"
    funding = client.request("GET", f"{own}/funding_instruments")["data"]
    (instrument,) = [f["id"] for f in funding if f["able_to_fund"]]
    campaign = client.request(
        "POST",
        f"{own}/campaigns",
        {
            "name": "key-1 Ärztin & Co",
            "funding_instrument_id": instrument,
            "daily_budget_amount_local_micro": 20_000_000,
            "entity_status": "PAUSED",
        },
    )["data"]
    item = client.request(
        "POST",
        f"{own}/line_items",
        {
            "campaign_id": campaign["id"],
            "objective": "WEBSITE_CLICKS",
            "goal": "LINK_CLICKS",
            "product_type": "PROMOTED_TWEETS",
            "placements": "ALL_ON_TWITTER",
            "bid_strategy": "AUTO",
            "start_time": "2026-11-01T00:00:00Z",
            "end_time": "2027-12-01T00:00:00Z",
            "name": "key-1",
            "entity_status": "PAUSED",
        },
    )["data"]
    berlin = {"q": "Berlin", "location_type": "CITIES", "country_code": "DE"}
    places = client.request("GET", "targeting_criteria/locations", berlin)
    made = client.request(
        "POST",
        f"batch/{own}/targeting_criteria",
        json=[
            {
                "operation_type": "Create",
                "params": {
                    "line_item_id": item["id"],
                    "targeting_type": kind,
                    "operator_type": "EQ",
                    "targeting_value": value,
                },
            }
            for kind, value in (
                ("LOCATION", places["data"][0]["targeting_value"]),
                ("PHRASE_KEYWORD", "nurse jobs"),
            )
        ],
    )["data"]
    assert [c["targeting_type"] for c in made] == ["LOCATION", "PHRASE_KEYWORD"]
    picture = {"media_key": x.upload(), "name": "key-1"}
    key = client.request("POST", f"{own}/media_library", picture)["data"]["media_key"]
    card = client.request(
        "POST",
        f"{own}/cards",
        json={
            "name": "key-1",
            "components": [
                {"type": "MEDIA", "media_key": key},
                {
                    "type": "DETAILS",
                    "title": "Nurse",
                    "destination": {"type": "WEBSITE", "url": "https://jobs.example/1"},
                },
            ],
        },
    )["data"]
    assert card["card_type"] == "IMAGE_WEBSITE" and card["card_uri"] == f"card://{card['id']}"
    tweet = client.request(
        "POST",
        f"{own}/tweet",
        {
            "as_user_id": "3000000001",
            "text": "Nurse wanted",
            "card_uri": card["card_uri"],
            "name": "key-1",
        },
    )["data"]
    joined = {"line_item_id": item["id"], "tweet_ids": tweet["id_str"]}
    (promoted,) = client.request("POST", f"{own}/promoted_tweets", joined)["data"]
    assert promoted["approval_status"] == "UNDER_REVIEW"
    for _ in range(2):
        for path in (f"line_items/{item['id']}", f"campaigns/{campaign['id']}"):
            told = client.request("PUT", f"{own}/{path}", {"entity_status": "ACTIVE"})["data"]
            assert told["entity_status"] == "ACTIVE"
    assert client.request("GET", f"{own}/campaigns", {"q": "KEY-1"})["data"][0]["servable"] is True


def test_tweepy_reads_the_codes(x):
    """The errors' codes arrive in tweepy's exception; those of a batch do not."""
    client = AdsClient(x.url)
    try:
        client.request("POST", "accounts/x1usd/campaigns", {"name": "n"})
        raise AssertionError("made without a funding instrument")
    except BadRequest as error:
        assert "MISSING_PARAMETER" in error.api_codes
    try:
        client.request(
            "POST",
            "batch/accounts/x1usd/targeting_criteria",
            json=[{"operation_type": "Create", "params": {}}],
        )
        raise AssertionError("made without a line item")
    except BadRequest as error:
        assert error.api_codes == []
        assert error.response.json()["operation_errors"][0][0]["code"] == "MISSING_PARAMETER"
