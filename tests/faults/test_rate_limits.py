"""Waits that networks name, kept for all processes: bounded, and never in the way of an answer."""

import logging
import math

import pytest

from domain.errors import HouseBroken, HouseBusy, SetupError, Throttled
from domain.platform import Network
from resources.shared_rate_limits import LONGEST_WAIT_S, bounded
from tests.rate_limits import MemoryLimits


@pytest.mark.parametrize(
    ("told", "wait_s"),
    [(90.0, 90.0), (0.0, 0.0), (-5.0, 0.0), (math.nan, 0.0), (math.inf, LONGEST_WAIT_S)],
)
def test_a_wait_is_finite_not_negative_and_at_most_a_day(told, wait_s):
    assert bounded(told) == wait_s


@pytest.mark.parametrize("wait_s", [math.inf, 1e12])
def test_no_account_is_silent_for_longer_than_a_day(wait_s):
    limits = MemoryLimits()
    limits.pace(Network.META, "act_1").heed(wait_s)
    assert limits.wait_s("act_1") == LONGEST_WAIT_S


@pytest.mark.parametrize("fault", [HouseBusy, HouseBroken, SetupError])
def test_a_store_that_fails_does_not_undo_what_the_network_answered(fault, caplog):
    """The silence is lost, which the log says; the answer is not."""
    limits = MemoryLimits(fault("is locked"))
    with caplog.at_level(logging.WARNING):
        limits.pace(Network.META, "act_1").heed(60.0)
    assert "act_1" in caplog.text and "is locked" in caplog.text


def test_whoever_asks_during_the_silence_is_told_how_long_it_lasts():
    limits = MemoryLimits()
    pace = limits.pace(Network.META, "act_1")
    pace.check()
    pace.heed(60.0)
    with pytest.raises(Throttled) as caught:
        pace.check()
    assert caught.value.wait_s == 60.0
