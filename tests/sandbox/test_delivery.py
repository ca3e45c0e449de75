import math
from collections import defaultdict
from datetime import date

import pytest


@pytest.fixture(scope="module")
def ran(twin):
    """Sixty equal ads but for their names, and one that was never switched on, over four days."""
    ads = [twin.ad(name=f"equal-{i}") for i in range(60)]
    idle = twin.ad(name="idle", status="PAUSED")
    twin.admin("clock", {"advance_hours": 24 * 9})
    return ads, idle


def whole_days(twin, ad: str) -> list[dict]:
    """Days that the ad ran from midnight to midnight and that are restated no more."""
    return twin.days(ad)[1:-4]


def test_names_and_tags_change_no_expected_number(twin, ran):
    """Equal payloads expect equal numbers whatever they are called."""
    first, second = (twin.admin(f"expected/{ad}") for ad in ran[0][:2])
    assert first == second


def test_words_that_speak_of_the_work_are_clicked_more(twin):
    """The world's people answer to what an ad says."""
    told = twin.admin(f"expected/{twin.ad(message='Nurse: patients, hospital, clinical care')}")
    mute = twin.admin(f"expected/{twin.ad(message='Come and join us now')}")
    assert told["clicks"] > mute["clicks"]


def test_what_was_never_switched_on_costs_nothing(twin, ran):
    """A paused ad has no day of delivery."""
    assert twin.days(ran[1]) == []


def test_no_day_spends_more_than_a_quarter_above_the_budget(twin, ran):
    """20.00 a day may become 25.00, never more."""
    spent = [float(day["spend"]) for ad in ran[0] for day in twin.days(ad)]
    assert 0 < max(spent) <= 25.0


def test_draws_follow_what_the_world_expects(twin, ran):
    """Sums of link clicks and applies lie within four standard errors of the expectation. A day's
    count has the variance of its mean, and that of the day's swing: uniform within a quarter."""
    expected = twin.admin(f"expected/{ran[0][0]}")
    days = [day for ad in ran[0] for day in whole_days(twin, ad)]
    assert len(days) >= 200

    def near(count, daily):
        error = math.sqrt(len(days) * (daily + (0.25 * daily) ** 2 / 3))
        # The week's limit of seven budgets takes less than one percent of the expectation.
        return abs(count - daily * len(days)) <= 4 * error + 0.01 * daily * len(days)

    assert near(sum(int(day["inline_link_clicks"]) for day in days), expected["clicks"])
    applies = sum(int(c["value"]) for day in days for c in day.get("conversions", [])[:1])
    assert near(applies, expected["applies"])


def test_no_week_spends_more_than_seven_budgets(twin, ran):
    """From Sunday to Saturday at most 140.00 of 20.00 a day; days above the budget exist."""
    weeks = defaultdict(float)
    for ad in ran[0]:
        for day in twin.days(ad):
            week = date.fromisoformat(day["date_start"]).strftime("%Y-%U")
            weeks[(ad, week)] += float(day["spend"])
    assert max(weeks.values()) <= 140.0
    assert max(float(day["spend"]) for ad in ran[0] for day in twin.days(ad)) > 22


def test_ads_of_one_set_share_its_budget(twin):
    """Two that run at once spend together what one may."""
    first = twin.ad(name="one")
    adset = twin.get(first, fields="adset_id").json()["adset_id"]
    second = twin.ad(name="two", adset=adset)
    twin.admin("clock", {"advance_hours": 24 * 4})
    by_day = defaultdict(float)
    for ad in (first, second):
        for day in twin.days(ad):
            by_day[day["date_start"]] += float(day["spend"])
    assert 0 < max(by_day.values()) <= 25.0
    assert twin.days(second)


def test_an_edit_changes_no_past_day(twin):
    """A larger budget and a new audience count from now on."""
    ad = twin.ad(name="edited")
    twin.admin("clock", {"advance_hours": 24 * 6})
    past = twin.days(ad)[:-1]
    adset = twin.get(ad, fields="adset_id").json()["adset_id"]
    targeting = {
        "geo_locations": {"countries": ["US"]},
        "locales": [6],
        "targeting_automation": {"advantage_audience": 0},
    }
    twin.post(adset, daily_budget=9000, targeting=targeting)
    twin.admin("clock", {"advance_hours": 24 * 3})
    later = twin.days(ad)
    same = ("impressions", "inline_link_clicks", "spend")
    assert [[d[k] for k in same] for d in later[: len(past)]] == [
        [d[k] for k in same] for d in past
    ]
    assert max(float(d["spend"]) for d in later[-2:]) > 40


ARMS = [("aa-1-c-nursing", "utm_content=c-nursing"), ("aa-1-broad", "utm_content=broad")]
COPY = ["Nurse: patients, hospital, clinical care", "Come and join us now"]


@pytest.mark.parametrize("copies", [COPY, [COPY[0]] * 2], ids=["unequal", "equal"])
def test_swapping_labels_names_keys_and_tags_changes_no_number(start_twin, tmp_path, copies):
    """Two networks, one seed, the same payloads in the same order: one calls the arms by each
    other's names. Every number, expected and drawn, is the same."""
    told = []
    for labels in (ARMS, ARMS[::-1]):
        _, twin = start_twin(tmp_path / labels[0][0])
        twin.admin("clock", {"now": "2026-12-01T00:00:00+00:00"})
        ads = [labelled(twin, *label, copy) for label, copy in zip(labels, copies, strict=True)]
        twin.admin("clock", {"advance_hours": 24 * 9})
        told.append([[twin.admin(f"expected/{ad}"), numbers(twin, ad)] for ad in ads])
    assert told[0] == told[1]
    assert told[0][0][1]


def labelled(twin, name, tags, message):
    """An ad whose every name, label and tag says `name`."""
    labels = [{"name": name}]
    campaign = twin.campaign(name=name, status="ACTIVE", adlabels=labels)
    adset = twin.adset(campaign, name=name, status="ACTIVE", adlabels=labels).json()["id"]
    link = {"link": f"https://jobs.example/1?{tags}", "message": message, "name": "Work"}
    story = {"page_id": "2000000001", "link_data": link}
    made = twin.make(
        "adcreatives", name=name, url_tags=tags, adlabels=labels, object_story_spec=story
    )
    return twin.make(
        "ads",
        name=name,
        adset_id=adset,
        creative={"creative_id": made},
        status="ACTIVE",
        adlabels=labels,
    )


def numbers(twin, ad):
    return [{k: v for k, v in day.items() if k != "ad_id"} for day in twin.days(ad)]


def test_pausing_stops_delivery(twin, ran):
    """After the campaign's pause no further day has impressions."""
    ad = ran[0][-1]
    twin.post(ad, status="PAUSED")
    before = len(twin.days(ad))
    twin.admin("clock", {"advance_hours": 72})
    assert len(twin.days(ad)) == before


def test_the_clock_and_objects_outlive_a_kill(tmp_path, start_twin):
    """kill -9 loses nothing that was answered."""
    process, twin = start_twin(tmp_path)
    campaign = twin.campaign(name="kept")
    now = twin.admin("clock", {"advance_hours": 5})["now"]
    process.kill()
    process.wait()
    _, twin = start_twin(tmp_path)
    assert twin.get(campaign, fields="name").json()["name"] == "kept"
    assert twin.admin("clock")["now"] == now
