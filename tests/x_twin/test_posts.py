"""Posts and cards: what they may say, how they come back, and what is said twice."""

import pytest


def test_website_click_post_has_a_card_or_a_link(x, refused):
    """A post that leads nowhere is not promoted for website clicks."""
    answer = x.post("promoted_tweets", line_item_id=x.line_item(), tweet_ids=x.tweet("No link"))
    assert refused(answer) == ["INVALID_TWEET"]


def test_same_words_twice_are_refused(x, refused):
    """DUPLICATE_TWEET: the user has just said this."""
    x.tweet("Twice https://jobs.example/twice")
    again = x.post("tweet", as_user_id="3000000001", text="Twice https://jobs.example/twice")
    assert refused(again) == ["DUPLICATE_TWEET"]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a" * 256 + " https://jobs.example/" + "b" * 200, True),
        ("a" * 257 + " https://j.example/", False),
        ("\u770b" * 140, True),
        ("\u770b" * 140 + "!", False),
        ("\u00e9" * 280, True),
        ("\U0001f469\u200d\u2695\ufe0f" * 140, True),  # one emoji made of four points
    ],
)
def test_weighted_length(x, text, fits):
    """280 by weight: a link is 23, CJK and emoji are two."""
    assert x.post("tweet", as_user_id="3000000001", text=text).ok is fits


def test_links_come_back_shortened(x, data):
    """Posts hold t.co links; the address is in entities.urls, and & is escaped, as in v1.1."""
    tweet = x.tweet("R&D nurse https://jobs.example/r?a=1&b=2")
    (shown,) = data(x.get("tweets", tweet_type="PUBLISHED", tweet_ids=tweet))
    (url,) = shown["entities"]["urls"]
    assert url["expanded_url"] == "https://jobs.example/r?a=1&b=2"
    assert shown["full_text"] == f"R&amp;D nurse {url['url']}"


def test_cards_are_json_and_found_by_name(x, data):
    """A form is refused; a website has no button; the library must know the media."""
    form = x.post("cards", name="n", components="[]")
    assert form.status_code == 400
    button = {
        "name": "n",
        "components": [
            {"type": "MEDIA", "media_key": "3_1"},
            {
                "type": "BUTTON",
                "label": {"type": "ENUM", "value": "OPEN"},
                "destination": {"type": "WEBSITE", "url": "https://jobs.example"},
            },
        ],
    }
    assert x.ask("POST", "accounts/x1usd/cards", json=button).status_code in (400, 404)
    assert x.ask("POST", "accounts/x1usd/cards", json={"name": "n" * 81}).status_code == 400


def test_same_tweet_is_promoted_once_in_a_line_item(x, refused):
    """DUPLICATE_PROMOTABLE_ENTITY for the second time."""
    item, tweet = x.line_item(), x.tweet()
    x.promote(item, tweet)
    again = x.post("promoted_tweets", line_item_id=item, tweet_ids=tweet)
    assert refused(again) == ["DUPLICATE_PROMOTABLE_ENTITY"]
    assert x.put("promoted_tweets/any", entity_status="PAUSED").status_code in (404, 405)


def _card(x, title="Nurse"):
    website = {"type": "WEBSITE", "url": "https://jobs.example/card"}
    key = x.post("media_library", media_key=x.upload()).json()["data"]["media_key"]
    return {
        "name": "cc-card",
        "components": [
            {"type": "MEDIA", "media_key": key},
            {"type": "DETAILS", "title": title, "destination": website},
        ],
    }


def test_card_is_found_changed_and_deleted(x, data):
    """q finds a card by the start of its name; PUT replaces what is given; DELETE hides it."""
    own = "accounts/x1usd/cards"
    card = data(x.ask("POST", own, json=_card(x)))["id"]
    assert [c["id"] for c in data(x.get("cards", q="CC-c"))] == [card]
    assert x.ask("PUT", f"{own}/{card}", json={"name": "dd-card"}).ok
    assert [c["name"] for c in data(x.get("cards", card_id=card))] == ["dd-card"]
    assert x.delete(f"cards/{card}").ok
    assert data(x.get("cards", q="dd-card")) == []


def test_card_and_a_link_are_one_too_many(x, refused):
    """For website clicks a post leads by its card or by a link, not by both."""
    card = x.ask("POST", "accounts/x1usd/cards", json=_card(x, "Both")).json()["data"]["card_uri"]
    both, alone = x.tweet(card_uri=card), x.tweet("By card alone", card_uri=card)
    item = x.line_item()
    answer = x.post("promoted_tweets", line_item_id=item, tweet_ids=both)
    assert refused(answer) == ["INVALID_TWEET"]
    assert x.promote(item, alone)
