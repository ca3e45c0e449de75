import math

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
    """Sums of link clicks and applies lie within four standard errors of the expectation: both
    are sums of independent counts whose variance is at most about their mean."""
    expected = twin.admin(f"expected/{ran[0][0]}")
    days = [day for ad in ran[0] for day in whole_days(twin, ad)]
    assert len(days) >= 200
    clicks = sum(int(day["inline_link_clicks"]) for day in days)
    mean = expected["clicks"] * len(days)
    assert abs(clicks - mean) <= 4 * math.sqrt(mean)
    applies = sum(int(c["value"]) for day in days for c in day.get("conversions", [])[:1])
    mean = expected["applies"] * len(days)
    assert abs(applies - mean) <= 4 * math.sqrt(mean)


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
