"""What X refuses, with its codes, and what it dangerously does not."""

import pytest

DAILY = "daily_budget_amount_local_micro"


def test_a_caller_that_says_nothing_starts_spending(x, data):
    """entity_status defaults to ACTIVE for campaigns: X's unsafe default stays unsafe."""
    made = data(
        x.post("campaigns", name="n", funding_instrument_id="fix1usd", **{DAILY: 5_000_000})
    )
    assert made["entity_status"] == "ACTIVE"
    given = {
        "campaign_id": made["id"],
        "objective": "WEBSITE_CLICKS",
        "product_type": "PROMOTED_TWEETS",
        "placements": "ALL_ON_TWITTER",
        "start_time": "2026-12-01",
        "end_time": "2027-01-01",
    }
    assert data(x.post("line_items", **given))["entity_status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("kind", "value"), [("AGE", "AGE_18_TO_24"), ("GENDER", "1"), ("FOLLOWERS_OF_USER", "14230524")]
)
def test_network_does_not_know_that_it_is_a_job_ad(x, kind, value):
    """Age, gender and the like pass: only the caller's own guard stands between."""
    assert x.target(x.line_item(), kind, value).status_code == 200


def test_postal_codes_pass_too(x):
    """POSTAL_CODES are offered and taken."""
    assert x.target(x.line_item(), "LOCATION", x.place("10001", "POSTAL_CODES")).ok


@pytest.mark.parametrize(
    ("edge", "given", "code"),
    [
        ("campaigns", {"funding_instrument_id": "fix1usd", DAILY: 5_000_000}, "MISSING_PARAMETER"),
        ("campaigns", {"name": "n", DAILY: 5_000_000}, "MISSING_PARAMETER"),
        (
            "campaigns",
            {"name": "n" * 256, "funding_instrument_id": "fix1usd", DAILY: 5_000_000},
            "INVALID_PARAMETER",
        ),
        (
            "campaigns",
            {"name": "n", "funding_instrument_id": "fix1usd", DAILY: "much"},
            "INVALID_PARAMETER",
        ),
        (
            "campaigns",
            {"name": "n", "funding_instrument_id": "fix1usd", DAILY: 100_000},
            "INVALID_PARAMETER",
        ),
        (
            "campaigns",
            {
                "name": "n",
                "funding_instrument_id": "fix1usd",
                DAILY: 5_000_000,
                "total_budget_amount_local_micro": 4_000_000,
            },
            "INVALID_PARAMETER",
        ),
        (
            "campaigns",
            {"name": "n", "funding_instrument_id": "fix1usd", DAILY: 5_000_000, "colour": "red"},
            "INVALID_PARAMETER",
        ),
        (
            "campaigns",
            {"name": "n", "funding_instrument_id": "fi0", DAILY: 5_000_000},
            "FUNDING_INSTRUMENT_NOT_FOUND",
        ),
        (
            "campaigns",
            {"name": "n", "funding_instrument_id": "fix1eur", DAILY: 5_000_000},
            "FUNDING_INSTRUMENT_ACCESS_NOT_ALLOWED",
        ),
        ("promoted_tweets", {"line_item_id": "none", "tweet_ids": "1"}, "LINE_ITEM_NOT_FOUND"),
        ("tweet", {"as_user_id": "3000000001", "text": "w" * 281}, "INVALID_PARAMETER"),
        ("tweet", {"as_user_id": "3000000001", "text": "   "}, "TWEET_CANNOT_BE_BLANK"),
        ("tweet", {"as_user_id": "3000000001", "text": "t", "name": "n" * 81}, "INVALID_PARAMETER"),
        ("tweet", {"text": "t"}, "MISSING_PARAMETER"),
        (
            "tweet",
            {"as_user_id": "3000000001", "text": "t", "card_uri": "card://1"},
            "CARD_NOT_FOUND",
        ),
        ("media_library", {"media_key": "3_1"}, "MEDIA_NOT_FOUND"),
    ],
)
def test_documented_codes(x, refused, edge, given, code):
    """Each refusal carries the code that X documents for it."""
    assert code in refused(x.post(edge, **given))


@pytest.mark.parametrize(
    ("edge", "given"),
    [
        ("campaigns", {"cursor": "9" * 23}),
        ("campaigns", {"cursor": "next"}),
        ("campaigns", {"count": "0"}),
        ("campaigns", {"sort_by": "colour-asc"}),
        ("campaigns", {"cursor": "1", "with_total_count": "true"}),
        ("cards", {"count": "201"}),
        ("tweets", {"tweet_type": "LOST"}),
    ],
)
def test_lists_refuse_what_they_do_not_know(x, edge, given):
    """A page that is none, of a size or an order that is none, is refused and breaks nothing."""
    assert x.get(edge, **given).status_code == 400


def test_moment_beyond_the_calendar_is_refused(x, refused):
    """A time that no calendar holds in UTC is an invalid parameter."""
    answer = x.item(x.campaign(), end_time="9999-12-31T23:59:59-23:00")
    assert refused(answer) == ["INVALID_PARAMETER"]


def test_statuses_of_codes(x):
    """403 for another's account and money, 404 for what is not there, 405 for a wrong verb."""
    assert x.ask("GET", "accounts/nobody/campaigns").status_code == 403
    assert x.ask("GET", "accounts/nobody").json()["errors"][0]["code"] == "ACCOUNT_NOT_FOUND"
    assert x.get("campaigns/none").json()["errors"][0]["code"] == "CAMPAIGN_NOT_FOUND"
    assert x.ask("GET", "nothing").json()["errors"][0]["code"] == "ROUTE_NOT_FOUND"
    assert x.ask("PUT", "accounts").status_code == 405


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"start_time": ""}, "MISSING_PARAMETER"),
        ({"end_time": ""}, "MISSING_PARAMETER"),
        ({"end_time": "2025-12-31T00:00:00Z"}, "INVALID_PARAMETER"),
        ({"end_time": "soon"}, "INVALID_PARAMETER"),
        ({"bid_strategy": "MAX"}, "MISSING_PARAMETER"),
        ({"goal": "WEBSITE_CONVERSIONS"}, "MISSING_PARAMETER"),
        ({"goal": "WEBSITE_CONVERSIONS", "primary_web_event_tag": "w0"}, "WEB_EVENT_TAG_NOT_FOUND"),
        ({"placements": "EVERYWHERE"}, "INVALID_PARAMETER"),
        ({DAILY: 100_000}, "INVALID_PARAMETER"),
        ({"campaign_id": "none"}, "CAMPAIGN_NOT_FOUND"),
    ],
)
def test_line_items_need_a_time_and_what_their_goal_needs(x, refused, given, code):
    """Start, end, bid and tag are asked for where X needs them."""
    assert code in refused(x.item(x.campaign(), **given))


def test_line_items_of_a_campaign_are_of_one_kind(x):
    """Another objective under the same campaign is refused."""
    campaign = x.campaign()
    assert x.item(campaign).ok
    assert x.item(campaign, objective="ENGAGEMENTS", goal="ENGAGEMENT").status_code == 400


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("JOB_TITLE", "nurse", "INVALID_TARGETING_TYPE"),
        ("LOCATION", "00", "INVALID_PARAMETER"),
        ("INTEREST", "9", "INVALID_PARAMETER"),
        ("LANGUAGE", "xx", "INVALID_PARAMETER"),
    ],
)
def test_targeting_knows_its_types_and_values(x, refused, kind, value, code):
    """There is no job title; places, interests and languages must exist."""
    assert code in refused(x.target(x.line_item(), kind, value))


def test_batch_is_all_or_nothing(x, data):
    """One bad item: its errors stand in its place, and nothing was created or deleted."""
    item = x.line_item()
    old = data(x.target(item, "BROAD_KEYWORD", "old"))["id"]
    good = {
        "line_item_id": item,
        "targeting_type": "BROAD_KEYWORD",
        "operator_type": "EQ",
        "targeting_value": "new",
    }
    answer = x.batch(
        "targeting_criteria",
        ("Delete", {"targeting_criterion_id": old}),
        ("Create", good),
        ("Create", {**good, "targeting_type": "NONE"}),
    )
    assert answer.status_code == 400
    assert [len(errors) for errors in answer.json()["operation_errors"]] == [0, 0, 1]
    held = data(x.get("targeting_criteria", line_item_ids=item))
    assert [c["targeting_value"] for c in held] == ["old"]


def test_batch_of_500_and_no_more(x, data, refused):
    """The most of a batch of criteria is 500; 501 are refused as a whole."""
    item = x.line_item()
    many = [
        (
            "Create",
            {
                "line_item_id": item,
                "targeting_type": "BROAD_KEYWORD",
                "operator_type": "EQ",
                "targeting_value": f"word {n}",
            },
        )
        for n in range(501)
    ]
    assert refused(x.batch("targeting_criteria", *many)) == ["INVALID_PARAMETER"]
    assert len(data(x.batch("targeting_criteria", *many[:500]))) == 500
    assert x.batch("targeting_criteria", *many[:500]).ok
    assert x.target(item, "BROAD_KEYWORD", "one more").status_code == 400


def test_criteria_need_an_operator(x):
    """operator_type is required, alone and in a batch."""
    given = {
        "line_item_id": x.line_item(),
        "targeting_type": "BROAD_KEYWORD",
        "targeting_value": "nurse",
    }
    assert x.post("targeting_criteria", **given).status_code == 400
    assert x.batch("targeting_criteria", ("Create", given)).status_code == 400


def test_at_most_200_active_campaigns(start_x, tmp_path, refused):
    """TOO_MANY_CAMPAIGNS for the 201st that is active; paused ones are not counted."""
    _, x = start_x(tmp_path)
    for start in range(0, 200, 40):
        many = [
            (
                "Create",
                {"name": f"n{start + n}", "funding_instrument_id": "fix1usd", DAILY: 5_000_000},
            )
            for n in range(40)
        ]
        assert x.batch("campaigns", *many).ok
    paused = x.campaign(entity_status="PAUSED")
    assert refused(x.put(f"campaigns/{paused}", entity_status="ACTIVE")) == ["TOO_MANY_CAMPAIGNS"]


def test_at_most_100_line_items_in_a_campaign(x, refused):
    """TOO_MANY_LINE_ITEMS for the 101st of one campaign."""
    campaign = x.campaign()
    for _ in range(100):
        assert x.item(campaign).ok
    assert refused(x.item(campaign)) == ["TOO_MANY_LINE_ITEMS"]
