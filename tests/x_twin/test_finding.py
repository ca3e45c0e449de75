"""What was made is found again by name, parent and page; what was deleted only on request."""


def test_deleted_is_gone_for_good(x, data):
    """A deleted campaign is 404, and listed only when deleted ones are asked for."""
    campaign = x.campaign(name="gone-for-good")
    assert data(x.delete(f"campaigns/{campaign}"))["deleted"] is True
    assert x.delete(f"campaigns/{campaign}").status_code == 404
    assert data(x.get("campaigns", q="gone-for")) == []
    assert len(data(x.get("campaigns", q="gone-for", with_deleted="true"))) == 1


def test_drafts_are_listed_on_request(x, data):
    """with_draft shows campaigns that are DRAFT."""
    x.campaign(name="draft-1", entity_status="DRAFT")
    assert data(x.get("campaigns", q="draft-1")) == []
    assert len(data(x.get("campaigns", q="draft-1", with_draft="true"))) == 1


def test_names_are_found_by_their_start_and_any_case(x, data):
    """q is a case-insensitive prefix for campaigns, cards and tweets; names are not unique."""
    for name in ("aa-key1 One", "AA-KEY1 two", "other aa-key1"):
        x.campaign(name=name)
    assert len(data(x.get("campaigns", q="Aa-Key1"))) == 2
    tweet = x.tweet(name="aa-key1 post")
    found = data(x.get("tweets", tweet_type="PUBLISHED", timeline_type="NULLCAST", name="AA-key1"))
    assert [t["tweet_id"] for t in found] == [tweet]


def test_pages_hold_everything_once(x, data):
    """Following next_cursor gives each object once, and null at the end."""
    ids = {x.campaign(name=f"paged-{n}") for n in range(5)}
    seen, cursor = [], None
    while True:
        answer = x.get("campaigns", q="paged-", count=2, **({"cursor": cursor} if cursor else {}))
        seen += [c["id"] for c in data(answer)]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(ids) and len(seen) == 5


def test_line_items_are_found_by_campaign(x, data):
    """campaign_ids and line_item_ids narrow a list; targeting by line_item_ids, which it needs."""
    campaign = x.campaign()
    item = data(x.item(campaign))["id"]
    x.line_item()
    assert [i["id"] for i in data(x.get("line_items", campaign_ids=campaign))] == [item]
    assert [i["id"] for i in data(x.get("line_items", line_item_ids=item))] == [item]
    assert x.get("targeting_criteria").status_code == 400


def test_deleting_a_line_item_does_not_delete_what_is_below(x, data):
    """Its promoted tweets are hidden, shown with with_deleted, and not deleted themselves."""
    item = x.line_item()
    ad = x.promote(item, x.tweet())
    assert x.delete(f"line_items/{item}").ok
    assert data(x.get("promoted_tweets", line_item_ids=item)) == []
    (kept,) = data(x.get("promoted_tweets", line_item_ids=item, with_deleted="true"))
    assert (kept["id"], kept["deleted"]) == (ad, False)


def test_tweets_are_renamed(x, data):
    """PUT tweets/:id/name changes the name alone, so that another key leads it."""
    tweet = x.tweet("Renamed https://jobs.example/renamed", name="bb-old")
    assert x.put(f"tweets/{tweet}/name", name="bb-new").ok
    (found,) = data(x.get("tweets", tweet_type="PUBLISHED", name="bb-new"))
    assert found["tweet_id"] == tweet
    assert data(x.get("tweets", tweet_type="PUBLISHED", name="bb-old")) == []
