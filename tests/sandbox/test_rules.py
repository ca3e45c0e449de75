import json

import pytest


def place(twin, kind: str, name: str) -> str:
    rows = twin.get("search", type="adgeolocation", q=name, location_types=[kind]).json()["data"]
    return rows[0]["key"]


@pytest.mark.parametrize(
    ("targeting", "subcode"),
    [
        ({"age_min": 25}, 2909037),
        ({"genders": [1]}, 2909040),
        ({"geo_locations": {"countries": ["US"], "zips": [{"key": "US:10001"}]}}, 2909042),
        ({"geo_locations": {"countries": ["US", "CA"]}}, 2909034),
        ({"excluded_geo_locations": {"countries": ["US"]}}, 2909046),
        ({"flexible_spec": [{"behaviors": [{"id": "1"}]}]}, 2909036),
        ({"flexible_spec": [{"work_positions": [{"id": "1"}]}]}, 2909036),
        ({"exclusions": {"interests": [{"id": "1"}]}}, 2909047),
        ({"lookalike_spec": {"ratio": 0.1}}, 2909044),
        ({"saved_audience_id": "1"}, 2909041),
    ],
)
def test_a_job_ad_may_not_choose_people(twin, targeting, subcode):
    """Each restriction answers HTTP 400, code 100, and its own subcode."""
    answer = twin.adset(twin.campaign(), targeting)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["error_subcode"]) == (400, 100, subcode)
    assert error["error_user_title"] == "Special Ad Category Errors"
    assert json.loads(error["error_data"])["blame_field_specs"]


def test_a_town_needs_a_radius_of_25_kilometres(twin):
    """In the US 24 is refused and 25 accepted."""
    town = {"key": place(twin, "city", "Nashville"), "distance_unit": "kilometer"}
    campaign = twin.campaign()
    near = twin.adset(campaign, {"geo_locations": {"cities": [{**town, "radius": 24}]}})
    assert near.json()["error"]["error_subcode"] == 2909039
    far = twin.adset(campaign, {"geo_locations": {"cities": [{**town, "radius": 25}]}})
    assert far.status_code == 200


def test_only_listed_interests_are_open_to_a_job_ad(twin):
    """The regulated search lists what an ad set may carry; another interest is refused."""

    def search(**more):
        return twin.get("act_1000000002/targetingsearch", q="parenting", **more).json()["data"]

    assert search(regulated_categories=["EMPLOYMENT"]) == []
    (interest,) = search()
    spec = {"flexible_spec": [{"interests": [{"id": interest["id"]}]}]}
    error = twin.adset(twin.campaign(), spec).json()["error"]
    assert error["error_subcode"] == 2909049


@pytest.mark.parametrize(
    ("fields", "subcode"),
    [({"daily_budget": 99}, 1885272), ({"daily_budget": ""}, 1885272)],
)
def test_a_budget_below_the_minimum_is_refused(twin, fields, subcode):
    """A dollar a day is the least."""
    assert twin.adset(twin.campaign(), **fields).json()["error"]["error_subcode"] == subcode


def test_a_budget_stands_on_one_level_only(twin):
    """Campaign and ad set may not both have one."""
    campaign = twin.campaign(daily_budget=5000)
    assert twin.adset(campaign).json()["error"]["error_subcode"] == 1885621


def test_a_campaign_must_say_its_category_and_sharing(twin):
    """Neither parameter has a default."""
    given = {"name": "c", "objective": "OUTCOME_TRAFFIC"}
    answer = twin.post("act_1000000002/campaigns", **given).json()
    assert "special_ad_categories" in answer["error"]["message"]
    answer = twin.post("act_1000000002/campaigns", **given, special_ad_categories=[]).json()
    assert "is_adset_budget_sharing_enabled" in answer["error"]["message"]


def test_a_foreign_token_and_an_unknown_object_are_refused(twin):
    """190 for the token, 100/33 for the object."""
    assert twin.get("me", access_token="EAAB").json()["error"]["code"] == 190
    error = twin.get("120100000").json()["error"]
    assert (error["code"], error["error_subcode"]) == (100, 33)


def test_a_parents_pause_shows_through(twin):
    """An active ad under a paused campaign is CAMPAIGN_PAUSED."""
    ad = twin.ad(name="paused", status="ACTIVE")
    adset = twin.get(ad, fields="adset_id").json()["adset_id"]
    campaign = twin.get(adset, fields="campaign_id").json()["campaign_id"]
    assert twin.get(ad, fields="effective_status").json()["effective_status"] == "PENDING_REVIEW"
    twin.post(campaign, status="PAUSED")
    assert twin.get(ad, fields="effective_status").json()["effective_status"] == "CAMPAIGN_PAUSED"


def test_lists_page_through_everything_once(twin):
    """Cursors lead through all rows, none twice."""
    made = {twin.campaign(name=f"page-{i}") for i in range(7)}
    filtering = [{"field": "campaign.name", "operator": "CONTAIN", "value": "page-"}]
    seen, after = [], ""
    while True:
        body = twin.get(
            "act_1000000002/campaigns", limit=3, after=after, filtering=filtering
        ).json()
        seen += [row["id"] for row in body["data"]]
        if "next" not in body.get("paging", {}):
            break
        after = body["paging"]["cursors"]["after"]
    assert len(seen) == 7
    assert set(seen) == made
