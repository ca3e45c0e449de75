import math
from datetime import datetime

import pytest

HOURS = 24 * 40
EVER = "segments.date BETWEEN '2000-01-01' AND '2100-01-01'"


def days(twin, ad_group: str) -> list:
    return twin.search(
        "SELECT segments.date, metrics.impressions, metrics.clicks, metrics.cost_micros, "
        "metrics.conversions FROM ad_group "
        f"WHERE ad_group.resource_name = '{ad_group}' AND {EVER}"
    )


def expected(twin, made: dict[str, str]) -> dict[str, float]:
    return twin.admin(f"expected/{made['ad_group']}")


@pytest.fixture(scope="module")
def ran(twin):
    """Thirty campaigns that are equal but for names and addresses, and one that stays paused."""
    made = [
        twin.make(f"equal-{i}", group=f"arm-{i}", url=f"https://jobs.example/{i}")
        for i in range(30)
    ]
    idle = twin.make("idle", status="PAUSED")
    twin.admin("clock", {"advance_hours": HOURS})
    return made, idle


def test_names_and_addresses_change_no_expected_number(twin, ran):
    """Equal payloads expect equal numbers whatever they, their arms and their links are called."""
    assert expected(twin, ran[0][0]) == expected(twin, ran[0][7])


def test_swapped_arms_change_no_expected_number(twin):
    """Two arms of one campaign, in either order of names, expect the same of the same content."""

    def pair(label: str, first: str, second: str) -> list[dict[str, float]]:
        made = twin.make(label, group=first)
        words = {"text": "software engineer jobs", "match_type": "PHRASE"}
        group = "customers/7000000001/adGroups/-1"
        (ad,) = [o for o in twin.bundle(label) if "ad_group_ad_operation" in o]
        ad["ad_group_ad_operation"]["create"]["ad_group"] = group
        answer = twin.mutate(
            {
                "ad_group_operation": {
                    "create": {"resource_name": group, "name": second, "campaign": made["campaign"]}
                }
            },
            {"ad_group_criterion_operation": {"create": {"ad_group": group, "keyword": words}}},
            ad,
        )
        other = answer.mutate_operation_responses[0].ad_group_result.resource_name
        return [expected(twin, made), expected(twin, {"ad_group": other})]

    assert pair("swap-1", "segment", "broad") == pair("swap-2", "broad", "segment")


def test_an_ad_that_speaks_of_the_work_is_clicked_more(twin):
    """The world's people answer to what an ad says, and to whether they searched for it."""
    told = expected(twin, twin.make("told"))
    mute = expected(twin, twin.make("mute", headlines=("Come", "And join", "Us now")))
    assert told["clicks"] / told["impressions"] > mute["clicks"] / mute["impressions"]


def test_people_everywhere_seldom_apply(twin):
    """A campaign without a place pays for clicks of those who cannot come."""
    here = expected(twin, twin.make("here"))
    operations = [o for o in twin.bundle("anywhere") if "campaign_criterion_operation" not in o]
    answer = twin.mutate(*operations).mutate_operation_responses[2]
    away = expected(twin, {"ad_group": answer.ad_group_result.resource_name})
    assert away["applies"] / away["clicks"] < here["applies"] / here["clicks"]


def test_draws_follow_what_the_world_expects(twin, ran):
    """Sums of clicks and applies over whole days lie within four standard errors. A day's aim is
    uniform between half and one and a half of the budget, so that its variance is a twelfth of
    the square of the mean, beside the counts' own."""
    mean = expected(twin, ran[0][0])
    rows = [row for made in ran[0] for row in days(twin, made["ad_group"])[1:-8]]
    assert len(rows) > 800
    for name, total in (
        ("clicks", sum(r.metrics.clicks for r in rows)),
        ("applies", sum(r.metrics.conversions for r in rows)),
    ):
        variance = mean[name] + mean[name] ** 2 / 12
        assert abs(total - mean[name] * len(rows)) <= 4 * math.sqrt(variance * len(rows))


def test_no_day_costs_twice_the_budget_and_no_month_more_than_30_4_times(twin, ran):
    """20.00 a day: 40.00 at most on one day, 608.00 in a calendar month."""
    for made in ran[0]:
        months: dict[str, int] = {}
        for row in days(twin, made["ad_group"]):
            assert row.metrics.cost_micros <= 40_000_000
            month = row.segments.date[:7]
            months[month] = months.get(month, 0) + row.metrics.cost_micros
        assert max(months.values()) <= 608_000_000


def test_what_was_never_switched_on_has_no_rows_by_day(twin, ran):
    """Days without impressions are left out; the total is still there, and nil."""
    assert days(twin, ran[1]["ad_group"]) == []
    (row,) = twin.search(
        "SELECT metrics.impressions FROM ad_group "
        f"WHERE ad_group.resource_name = '{ran[1]['ad_group']}'"
    )
    assert row.metrics.impressions == 0


def test_the_levels_add_up(twin, ran):
    """Ads, ad groups, campaigns and the customer report the same clicks."""
    sums = {
        level: sum(r.metrics.clicks for r in twin.search(f"SELECT metrics.clicks FROM {level}"))
        for level in ("customer", "campaign", "ad_group", "ad_group_ad")
    }
    assert len(set(sums.values())) == 1
    assert sums["customer"] > 0


def test_young_days_are_restated_upwards(twin, ran):
    """Applies of the last week come in late; clicks and costs stand."""

    def all_days() -> dict[tuple[int, str], tuple[int, float]]:
        rows = enumerate(days(twin, made["ad_group"]) for made in ran[0])
        return {
            (i, r.segments.date): (r.metrics.cost_micros, r.metrics.conversions)
            for i, found in rows
            for r in found
        }

    today = datetime.fromisoformat(twin.admin("clock")["now"]).date().isoformat()
    before = {key: row for key, row in all_days().items() if key[1] < today}
    twin.admin("clock", {"advance_hours": 24 * 8})
    after = all_days()
    assert all(after[key][0] == cost for key, (cost, _) in before.items())
    grown = {after[key][1] - applies for key, (_, applies) in before.items()}
    assert min(grown) == 0
    assert max(grown) > 0


def test_a_pause_and_a_new_budget_change_the_future_only(twin, ran):
    """Finished days keep their numbers; a paused campaign has no further ones."""
    made = ran[0][5]
    past = {r.segments.date: r.metrics.cost_micros for r in days(twin, made["ad_group"])[:-1]}
    budget = {"resource_name": made["campaign_budget"], "amount_micros": 1_000_000}
    twin.mutate(
        {"campaign_budget_operation": {"update": budget, "update_mask": "amountMicros"}},
        {
            "campaign_operation": {
                "update": {"resource_name": made["campaign"], "status": "PAUSED"},
                "update_mask": "status",
            }
        },
    )
    today = datetime.fromisoformat(twin.admin("clock")["now"]).date().isoformat()
    twin.admin("clock", {"advance_hours": 72})
    now = {r.segments.date: r.metrics.cost_micros for r in days(twin, made["ad_group"])}
    assert {day: cost for day, cost in now.items() if day in past} == past
    assert max(now) <= today


def verdict(twin, made: dict[str, str]) -> tuple[str, str]:
    (row,) = twin.search(
        "SELECT ad_group_ad.policy_summary.approval_status, "
        "ad_group_ad.policy_summary.review_status FROM ad_group_ad "
        f"WHERE ad_group_ad.resource_name = '{made['ad_group_ad']}'"
    )
    summary = row.ad_group_ad.policy_summary
    return summary.review_status.name, summary.approval_status.name


def primary(twin, made: dict[str, str]) -> tuple[str, list[str]]:
    (row,) = twin.search(
        "SELECT campaign.primary_status, campaign.primary_status_reasons FROM campaign "
        f"WHERE campaign.resource_name = '{made['campaign']}'"
    )
    reasons = [reason.name for reason in row.campaign.primary_status_reasons]
    return row.campaign.primary_status.name, reasons


def test_an_ad_is_reviewed_before_it_serves(twin):
    """Under way at first, approved later; nothing runs in between."""
    made = twin.make("reviewed")
    assert verdict(twin, made)[0] == "REVIEW_IN_PROGRESS"
    assert primary(twin, made) == ("PENDING", ["MOST_ADS_UNDER_REVIEW"])
    twin.admin("clock", {"advance_hours": 1})
    assert verdict(twin, made) == ("REVIEWED", "APPROVED")
    assert primary(twin, made) == ("ELIGIBLE", [])


def test_a_disapproved_ad_names_its_topic_and_stops(twin):
    """A planted verdict shows in the policy summary and in the campaign, and ends delivery."""
    made = twin.make("bad")
    twin.admin("review", {"id": made["ad_group_ad"], "topic": "MISLEADING_CONTENT"})
    twin.admin("clock", {"advance_hours": 48})
    assert verdict(twin, made) == ("REVIEWED", "DISAPPROVED")
    assert primary(twin, made) == ("NOT_ELIGIBLE", ["HAS_ADS_DISAPPROVED"])
    (row,) = twin.search(
        "SELECT ad_group_ad.policy_summary.policy_topic_entries FROM ad_group_ad "
        f"WHERE ad_group_ad.resource_name = '{made['ad_group_ad']}'"
    )
    assert row.ad_group_ad.policy_summary.policy_topic_entries[0].topic == "MISLEADING_CONTENT"
    assert days(twin, made["ad_group"]) == []


def test_a_verdict_on_words_waits_for_the_ad_that_says_them(twin):
    """Planted before the ad exists."""
    twin.admin("review", {"words": "forbidden tonic", "topic": "HEALTH"})
    made = twin.make("tonic", headlines=("Forbidden tonic", "Nurse", "Care"))
    twin.admin("clock", {"advance_hours": 1})
    assert verdict(twin, made) == ("REVIEWED", "DISAPPROVED")


def test_a_campaign_runs_between_its_dates(twin):
    """Pending before the first day, ended after the last."""
    now = datetime.fromisoformat(twin.admin("clock")["now"])
    year = now.year + 1
    span = {"start_date_time": f"{year}-03-02 00:00:00", "end_date_time": f"{year}-03-04 23:59:59"}
    made = twin.make("dated", campaign=span)
    assert primary(twin, made) == ("PENDING", ["CAMPAIGN_PENDING"])
    twin.admin("clock", {"now": f"{year}-03-20T12:00:00+00:00"})
    assert primary(twin, made) == ("ENDED", ["CAMPAIGN_ENDED"])
    ran = [row.segments.date for row in days(twin, made["ad_group"])]
    assert ran == [f"{year}-03-02", f"{year}-03-03", f"{year}-03-04"]
