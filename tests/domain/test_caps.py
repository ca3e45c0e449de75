"""Worst cases worked by hand, in minor units."""

import pytest

from domain.caps import (
    DAY_S,
    Cap,
    Running,
    daily_minor,
    daily_overshoot,
    must_pause,
    total_overshoot,
    worst_day,
    worst_month,
    worst_window,
)
from domain.errors import InputError
from domain.plan import Plan, PlannedArm
from domain.platform import Network


def plan(network, shared, *arms):
    made = tuple(PlannedArm(f"a{i}", 0.5, 0.5, bodies) for i, bodies in enumerate(arms))
    return Plan("t", "j", network, "acc", "Cook", shared, made)


@pytest.mark.parametrize(
    ("network", "most"), [(Network.META, 1750), (Network.GOOGLE, 2000), (Network.X, 1200)]
)
def test_a_day_may_cost_the_documented_factor(network, most):
    """Of 10.00: Meta 1.75 times, Google twice, X by assumption 1.2 times."""
    assert worst_day(network, 1000) == most


def test_fractions_of_a_cent_are_rounded_up():
    """1.75 × 0.01 is at most 0.02, 1.2 × 0.03 at most 0.04."""
    assert (worst_day(Network.META, 1), worst_day(Network.X, 3)) == (2, 4)


def test_a_month_is_bounded_where_the_network_says_so():
    """Google: 30.4 × 10.00; elsewhere 31 worst days."""
    assert worst_month(Network.GOOGLE, 1000) == 30_400
    assert worst_month(Network.META, 1000) == 31 * 1750
    assert worst_month(Network.GOOGLE, 1) == 31


@pytest.mark.parametrize(
    ("window_s", "days"), [(0, 1), (1, 2), (DAY_S, 2), (DAY_S + 1, 3), (2 * DAY_S, 3)]
)
def test_a_window_touches_one_day_more_than_it_is_long(window_s, days):
    """A second after midnight and a second before may both be worst days."""
    assert worst_window(Network.GOOGLE, 1000, window_s) == days * 2000


def test_one_day_passes_a_daily_cap_by_what_the_networks_overspend():
    """10.00 on Meta and 20.00 on Google under a cap of 30.00: 17.50 + 40.00 − 30.00."""
    running = [Running("j", Network.META, 1000, "EUR"), Running("j", Network.GOOGLE, 2000, "EUR")]
    assert daily_overshoot(3000, running) == 2750
    assert daily_overshoot(10_000, running) == 0


def test_a_total_cap_is_passed_by_at_most_one_window_of_ignorance():
    """Numbers 2 h old, synced every 6 h, paused in 1 h: 9 h touch two days of 17.50."""
    hour = 3600
    ahead = total_overshoot(
        [Running("j", Network.META, 1000, "EUR")], sync_s=6 * hour, delay_s=2 * hour, pause_s=hour
    )
    assert ahead == 3500


def test_pausing_starts_that_much_earlier_so_that_the_cap_holds():
    """Under 100.00, with 35.00 ahead: 65.00 may still run, 65.01 may not."""
    assert not must_pause(10_000, 6500, 3500)
    assert must_pause(10_000, 6501, 3500)


@pytest.mark.parametrize(
    ("made", "daily"),
    [
        (
            plan(
                Network.META,
                {"campaign": {}},
                {"adset": {"daily_budget": 700}},
                {"adset": {"daily_budget": 801}},
            ),
            1501,
        ),
        (
            plan(
                Network.X,
                {"campaign": {"daily_budget_amount_local_micro": 15_000_000}},
                {"line_item": {"daily_budget_amount_local_micro": 7_005_000}},
            ),
            1500,
        ),
        (
            plan(
                Network.GOOGLE,
                {
                    "campaign": {
                        "mutate_operations": [
                            {"campaign_budget_operation": {"create": {"amount_micros": 15_000_001}}}
                        ]
                    }
                },
                {},
            ),
            1501,
        ),
    ],
)
def test_a_plans_daily_money_is_read_from_its_bodies(made, daily):
    """Ad sets add up; a campaign's own budget counts once; a fraction of a cent is a cent."""
    assert daily_minor(made, "EUR") == daily


def test_a_currency_without_cents_counts_whole_units():
    """500 yen are 500,000,000 micros."""
    google = plan(Network.GOOGLE, {"campaign": {"amount_micros": 500_000_000}}, {})
    assert daily_minor(google, "JPY") == 500


def test_a_plan_that_names_no_money_is_refused():
    """It could spend without limit, or nothing: neither can be held under a cap."""
    with pytest.raises(InputError, match="daily_budget"):
        daily_minor(plan(Network.META, {"campaign": {}}, {"adset": {}}), "EUR")


@pytest.mark.parametrize("amounts", [(None, None), (0, None), (None, -1), (1.5, None)])
def test_a_cap_that_says_nothing_or_lets_nothing_run_cannot_be_built(amounts):
    """Stopping is another command."""
    with pytest.raises(InputError):
        Cap("", "EUR", *amounts)
