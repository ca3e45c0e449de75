"""Google's limits under the real pace: pauses pass, and odd waits do no harm."""

import pytest

from assets.publishing.posting.retries import pause_and_confirm
from domain.errors import Throttled
from domain.platform import Network
from resources.google import platform
from resources.shared_rate_limits import LONGEST_WAIT_S
from tests.rate_limits import MemoryLimits

CUSTOMER = "7000000002"
CAMPAIGN = f"customers/{CUSTOMER}/campaigns/5"
OTHER = f"customers/{CUSTOMER}/campaigns/9"


@pytest.fixture
def limits():
    return MemoryLimits()


@pytest.fixture
def paced(address, limits):
    pace = limits.pace(Network.GOOGLE, CUSTOMER)
    return platform(token="EMU-secret-token", address=address, pace=pace)


@pytest.fixture
def paused(made, holds, campaign_body):
    """Answers to a pause and to the queries of the read that follows."""

    def off(resource, content):
        if resource == "campaign":
            content["status"] = "PAUSED"

    return [made({"campaign_result": {"resource_name": CAMPAIGN}}), *holds(campaign_body, off)]


def quota(failure, delay):
    details = {"quota_error_details": {"retry_delay": delay}}
    name = {"quota_error": "RESOURCE_TEMPORARILY_EXHAUSTED"}
    return failure({"error_code": name, "message": "slow", "details": details})


def test_a_pause_and_its_confirmation_are_sent_through_our_own_silence(
    paced, script, limits, paused
):
    limits.silence(CUSTOMER)
    script.say(*paused)
    assert pause_and_confirm(paced, "campaign", CAMPAIGN, lambda _: None).status == "PAUSED"
    assert len(script.mutates) == 1 and len(script.queries) == 2


def test_nothing_else_is_sent_through_the_silence(paced, script, limits, paused, campaign_body):
    """Also no read of what was paused: one was enough to confirm it."""
    limits.silence(CUSTOMER)
    script.say(*paused, paused[0])
    pause_and_confirm(paced, "campaign", CAMPAIGN, lambda _: None)
    paced.pause("campaign", OTHER)
    calls = [
        lambda: paced.read("campaign", CAMPAIGN),
        lambda: paced.activate("campaign", OTHER),
        lambda: paced.read("campaign", OTHER),
        lambda: paced.update("campaign", CAMPAIGN, campaign_body),
        lambda: paced.create(CUSTOMER, "campaign", campaign_body),
        lambda: paced.find(CUSTOMER, "campaign", "aa"),
        lambda: paced.verify(CUSTOMER),
    ]
    sent = len(script.requests)
    for call in calls:
        with pytest.raises(Throttled, match="asked for silence"):
            call()
    assert len(script.requests) == sent


def test_the_network_itself_may_refuse_a_pause(paced, script, limits, failure):
    """Then everybody hears of it, and the next pause is sent all the same."""
    script.fail("RESOURCE_EXHAUSTED", "slow", quota(failure, "90s"))
    for _ in range(2):
        with pytest.raises(Throttled, match="slow"):
            paced.pause("campaign", CAMPAIGN)
    assert limits.wait_s(CUSTOMER) == 90 and len(script.requests) == 2


@pytest.mark.parametrize(
    ("delay", "wait_s"), [("315576000000s", LONGEST_WAIT_S), ("-90s", 60), ("0s", 60)]
)
def test_an_odd_delay_becomes_a_wait_of_a_day_or_a_minute(
    paced, script, limits, failure, delay, wait_s
):
    script.fail("RESOURCE_EXHAUSTED", "slow", quota(failure, delay))
    with pytest.raises(Throttled) as caught:
        paced.find(CUSTOMER, "campaign", "aa")
    assert caught.value.wait_s == limits.wait_s(CUSTOMER) == wait_s
