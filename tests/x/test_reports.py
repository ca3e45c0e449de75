"""X's statistics as days of a line item; scripted answers on loopback."""

from datetime import date

from resources.x import insights

ACCOUNT = "x1usd"


def report(x, script, since, until, ids=("l1",), zone="America/New_York", **metrics):
    script.say({"data": {"id": ACCOUNT, "timezone": zone}})
    script.page({"id": "f", "currency": "USD"})
    script.say({"data": [{"id": "l1", "id_data": [{"segment": None, "metrics": metrics}]}]})
    return x.report(ACCOUNT, list(ids), since, until)


def test_a_day_is_reported_in_micros_link_clicks_and_one_kind_of_apply(x, script):
    """Null is zero, for a metric or a day; a day without anything is no row; all engagements are no
    link clicks."""
    rows = report(
        x,
        script,
        date(2026, 11, 20),
        date(2026, 11, 22),
        impressions=[5, None, 7],
        clicks=[9, 9, 9],
        url_clicks=None,
        billed_charge_local_micro=[70_000, None, 0],
        conversion_custom={"post_engagement": [2, None, 0], "post_view": [5, 5, 5]},
        conversion_sign_ups={"post_engagement": [4, 4, 4]},
    )
    told = [(r.day.day, r.impressions, r.clicks, r.applies, r.spend_micros) for r in rows]
    assert told == [(20, 5, 0, 2, 70_000), (22, 7, 0, 0, 0)]
    assert {(r.ad_id, r.currency) for r in rows} == {("l1", "USD")}


def test_reports_are_asked_in_weeks_of_the_accounts_own_days(x, script):
    """Midnight in New York, summer and winter; the end is the midnight after the last day."""
    report(x, script, date(2026, 10, 28), date(2026, 11, 5))
    asked = [script.sent(n)[2] for n in (2, 3)]
    assert [(a["start_time"], a["end_time"]) for a in asked] == [
        ("2026-10-28T04:00:00Z", "2026-11-04T05:00:00Z"),
        ("2026-11-04T05:00:00Z", "2026-11-06T05:00:00Z"),
    ]


def test_reports_are_asked_for_twenty_line_items_at_once(x, script):
    """The zone and the currency are asked for once."""
    ids = [f"l{n}" for n in range(41)]
    report(x, script, date(2026, 11, 1), date(2026, 11, 1), ids)
    report(x, script, date(2026, 11, 1), date(2026, 11, 1), [])
    counts = [len(script.sent(n)[2]["entity_ids"].split(",")) for n in (2, 3, 4)]
    assert counts == [20, 20, 1] and len(script.requests) == 5


def test_a_zone_of_half_hours_is_asked_in_its_own_whole_hours():
    """X wants whole hours, which midnight in Kolkata is only there."""
    assert insights.midnight(date(2026, 11, 1), "Asia/Kolkata") == "2026-11-01T00:00:00+0530"
