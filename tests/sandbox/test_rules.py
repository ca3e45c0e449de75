import json

import pytest

from sandbox.meta.state import State


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
    ("fields", "subcode"), [({"daily_budget": 99}, 1885272), ({"daily_budget": ""}, 1885272)]
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


def test_a_goal_of_rare_events_needs_a_larger_budget(twin):
    """The least by goal is what act/minimum_budgets says."""
    (least,) = twin.get("act_1000000002/minimum_budgets").json()["data"]
    assert least["min_daily_budget_imp"] < least["min_daily_budget_high_freq"]
    campaign = twin.campaign()
    rare = {"optimization_goal": "OFFSITE_CONVERSIONS"}
    low = least["min_daily_budget_low_freq"] - 1
    error = twin.adset(campaign, daily_budget=low, **rare).json()["error"]
    assert error["error_subcode"] == 1885272
    assert twin.adset(campaign, daily_budget=low + 1, **rare).status_code == 200
    assert twin.adset(campaign, daily_budget=low).status_code == 200


def test_a_budget_changes_four_times_an_hour(twin):
    """The fifth change is 613/1487632; the same amount again is no change; an hour later all is
    well."""
    adset = twin.adset(twin.campaign()).json()["id"]
    for budget in (2100, 2200, 2300, 2400, 2400):
        assert twin.post(adset, daily_budget=budget).json() == {"success": True}
    error = twin.post(adset, daily_budget=2500).json()["error"]
    assert (error["code"], error["error_subcode"]) == (613, 1487632)
    assert twin.post(adset, name="renamed", status="PAUSED").status_code == 200
    twin.admin("clock", {"advance_hours": 1.01})
    assert twin.post(adset, daily_budget=2500).status_code == 200
    assert twin.get(adset, fields="daily_budget").json()["daily_budget"] == "2500"


def test_what_was_archived_or_deleted_cannot_be_edited(twin):
    """Archived: renamed or deleted, no more. Deleted: renamed. Neither takes children."""
    campaign = twin.campaign()
    assert twin.post(campaign, status="ARCHIVED").status_code == 200
    assert twin.post(campaign, status="ACTIVE").json()["error"]["code"] == 100
    assert twin.adset(campaign).json()["error"]["code"] == 100
    assert twin.post(campaign, name="kept").status_code == 200
    assert twin.post(campaign, status="DELETED").status_code == 200
    assert twin.post(campaign, status="ARCHIVED").json()["error"]["code"] == 100


def test_a_pause_works_under_a_parent_that_is_gone(twin):
    """Stopping an ad never depends on its campaign's state."""
    ad = twin.ad(name="orphan")
    adset = twin.get(ad, fields="adset_id").json()["adset_id"]
    twin.post(adset, status="ARCHIVED")
    assert twin.post(ad, status="PAUSED").json() == {"success": True}


def test_a_search_by_name_takes_wildcards_literally(twin):
    """CONTAIN is about letters, in either case; % and _ are letters too."""
    made = twin.campaign(name="Key-100%_x")
    twin.campaign(name="Key-1000-x")

    def named(value):
        filtering = [{"field": "campaign.name", "operator": "CONTAIN", "value": value}]
        rows = twin.get("act_1000000002/campaigns", filtering=filtering).json()["data"]
        return [row["id"] for row in rows]

    assert named("key-100%_") == [made]
    assert len(named("KEY-100")) == 2


def test_a_search_by_name_walks_an_index(tmp_path):
    """An account's objects of one kind are searched by name without reading the others."""
    state = State(tmp_path)
    plan = state.rows(
        "EXPLAIN QUERY PLAN SELECT seq, name FROM objects "
        "WHERE kind = 'campaign' AND account = 'act_1' AND seq < 9 AND name LIKE '%k%' "
        "ORDER BY seq DESC"
    )
    assert "USING INDEX objects_named (kind=? AND account=? AND seq<?)" in str(plan)
