"""Numbers as X reports them: the account's days, null for nothing, and what is restated."""

from datetime import datetime, timedelta

import pytest


def test_a_week_of_stats(week):
    """Days are the account's own; seven values each; applies are conversions; spend is micros."""
    x, ad = week
    m = x.metrics("PROMOTED_TWEET", ad, 7, 14)
    assert len(m["impressions"]) == 7 and all(n > 0 for n in m["impressions"])
    assert all(c >= u > 0 for c, u in zip(m["clicks"], m["url_clicks"], strict=True))
    assert sum(m["conversion_custom"]["metric"]) > 0
    assert all(0 < s <= 1.2 * 20_000_000 for s in m["billed_charge_local_micro"])


def test_before_it_ran_there_is_null(week):
    """Arrays without delivery are null, not zeros."""
    x, ad = week
    assert x.metrics("PROMOTED_TWEET", ad, 1, 6)["impressions"] is None


def test_levels_add_up(week):
    """A campaign's and a line item's numbers are those of their promoted tweets."""
    x, ad = week
    (row,) = x.get("promoted_tweets", promoted_tweet_ids=ad).json()["data"]
    (item,) = x.get("line_items", line_item_ids=row["line_item_id"]).json()["data"]
    levels = (("PROMOTED_TWEET", ad), ("LINE_ITEM", item["id"]), ("CAMPAIGN", item["campaign_id"]))
    found = [x.metrics(*level, 7, 14)["impressions"] for level in levels]
    assert found[0] == found[1] == found[2]


def test_hours_and_total_hold_what_days_hold(week):
    """Granularities differ in their buckets, not in their sums."""
    x, ad = week
    days = x.metrics("PROMOTED_TWEET", ad, 7, 14)
    hours = x.metrics("PROMOTED_TWEET", ad, 7, 14, granularity="HOUR")
    total = x.metrics("PROMOTED_TWEET", ad, 7, 14, granularity="TOTAL")
    assert len(hours["impressions"]) == 168 and len(total["impressions"]) == 1
    for name in ("impressions", "url_clicks", "billed_charge_local_micro"):
        assert sum(hours[name]) == sum(days[name]) == total[name][0]


@pytest.mark.parametrize(
    "given",
    [
        {"end_time": "2026-12-16T05:00:00Z"},
        {"start_time": "2026-12-07T05:30:00Z"},
        {"start_time": "2026-12-07T00:00:00Z"},
        {"granularity": "WEEK"},
        {"placement": ""},
        {"entity_ids": ",".join(f"a{n}" for n in range(21))},
        {"metric_groups": "MONEY"},
        {"end_time": "2026-12-07T05:00:00Z"},
    ],
)
def test_stats_refuse_what_x_refuses(x, given):
    """Seven days, twenty ids, whole hours, days on the account's midnight."""
    span = dict(zip(("start_time", "end_time"), (x.midnight(7), x.midnight(14)), strict=True))
    asked = {
        **span,
        "entity": "CAMPAIGN",
        "entity_ids": "a",
        "granularity": "DAY",
        "metric_groups": "ENGAGEMENT",
        "placement": "ALL_ON_TWITTER",
        **given,
    }
    assert x.ask("GET", "stats/accounts/x1usd", params=asked).status_code == 400


def test_spend_is_final_after_three_days(week):
    """Young days are an estimate that never grows; after three days nothing moves."""
    x, ad = week

    def spent():
        return x.metrics("PROMOTED_TWEET", ad, 13, 14)["billed_charge_local_micro"][0]

    seen = []
    for day in (14, 15, 16, 17, 18, 25):
        x.december(day)
        seen.append(spent())
    assert seen == sorted(seen, reverse=True) and seen[0] > seen[-1]
    assert len(set(seen[-2:])) == 1


def test_conversions_of_a_young_day_come_late(week):
    """A day's applies grow until they are locked; they never shrink."""
    x, ad = week
    seen = []
    for day in (14, 15, 16, 20):
        x.december(day)
        found = x.metrics("PROMOTED_TWEET", ad, 13, 14)["conversion_custom"]["metric"]
        seen.append(found[0] if found else 0)
    assert seen == sorted(seen) and seen[0] < seen[-1]


def test_active_entities_name_what_ran(week):
    """Only entities with news in the hours asked about are named, with the time they ran."""
    x, ad = week
    asked = {"entity": "PROMOTED_TWEET"}
    start, end = x.midnight(8), x.midnight(9)
    told = x.ask(
        "GET",
        "stats/accounts/x1usd/active_entities",
        params={**asked, "start_time": start, "end_time": end},
    ).json()["data"]
    assert [row["entity_id"] for row in told] == [ad]
    early = x.ask(
        "GET",
        "stats/accounts/x1usd/active_entities",
        params={**asked, "start_time": x.midnight(1), "end_time": x.midnight(2)},
    )
    assert early.json()["data"] == []


def test_day_of_25_hours_is_one_day(start_x, tmp_path):
    """On the day when clocks go back in Berlin a day has 25 hours and one value."""
    _, x = start_x(tmp_path)
    x.account = "x1eur"
    x.admin("clock", {"now": "2026-10-20T00:00:00+00:00"})
    ad = x.ad()
    x.admin("clock", {"now": "2026-10-28T12:00:00+00:00"})
    start = datetime.fromisoformat("2026-10-24T22:00:00+00:00")
    ends = start + timedelta(hours=25)
    answer = x.stats(
        "PROMOTED_TWEET",
        ad,
        start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    assert answer.ok, answer.text
    assert len(answer.json()["data"][0]["id_data"][0]["metrics"]["impressions"]) == 1
