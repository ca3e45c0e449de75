"""The chain of objects behind an ad, with what X demands of each."""


def test_accounts_come_with_money_a_user_and_rights(twin):
    """The first questions of any client are answered."""
    accounts = twin.ask("GET", "accounts").json()
    assert {a["id"]: a["timezone"] for a in accounts["data"]} == {
        "x1usd": "America/New_York", "x1eur": "Europe/Berlin"
    }  # fmt: skip
    assert twin.get("funding_instruments").json()["data"][0]["id"] == "fix1usd"
    assert twin.get("promotable_users").json()["data"][0]["user_id"] == "3000000001"
    access = twin.get("authenticated_user_access").json()["data"]
    assert "TWEET_COMPOSER" in access["permissions"]


def test_a_campaign_without_a_status_is_active(twin):
    """The unsafe default of X is left unsafe."""
    made = twin.made("campaigns", funding_instrument_id="fix1usd", name="unsafe",
                     daily_budget_amount_local_micro=5_000_000)  # fmt: skip
    assert made["entity_status"] == "ACTIVE" and made["currency"] == "USD"


def test_the_full_chain_is_reviewed_and_accepted(twin):
    """A promoted tweet waits for its review, then it is accepted."""
    ids = twin.ad("chain")
    [ad] = twin.get("promoted_tweets", line_item_ids=ids["item"]).json()["data"]
    assert ad["approval_status"] == "UNDER_REVIEW" and ad["tweet_id"] == ids["tweet"]
    twin.admin("clock", {"advance_hours": 1})
    [ad] = twin.get("promoted_tweets", line_item_ids=ids["item"]).json()["data"]
    assert ad["approval_status"] == "ACCEPTED"
    assert twin.get(f"campaigns/{ids['campaign']}").json()["data"]["servable"] is True
