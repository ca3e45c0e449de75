"""X's limits under the real pace: pauses pass, and odd waits do no harm."""

import pytest

from assets.publishing.posting.retries import pause_and_confirm
from domain.errors import HouseBusy, Throttled
from domain.platform import Network
from resources.shared_rate_limits import LONGEST_WAIT_S
from tests.rate_limits import MemoryLimits

PAUSED = {"data": {"id": "7", "entity_status": "PAUSED"}}
SPENT = {"x-account-rate-limit-remaining": "0"}


@pytest.fixture
def limits():
    return MemoryLimits()


@pytest.fixture
def paced(connect, url, limits):
    return connect(address=url, pace=limits.pace(Network.X, "x1usd"))


@pytest.mark.parametrize("kind", ["campaign", "line_item"])
def test_a_pause_and_its_confirmation_are_sent_through_our_own_silence(paced, script, limits, kind):
    limits.silence("x1usd")
    script.say(PAUSED)
    assert pause_and_confirm(paced, kind, "7", lambda _: None).status == "PAUSED"
    assert [method for method, _, _ in script.requests] == ["PUT", "GET"]


def test_nothing_else_is_sent_through_the_silence(paced, script, limits):
    """Also no read of what was paused: one was enough to confirm it."""
    limits.silence("x1usd")
    script.say(PAUSED)
    pause_and_confirm(paced, "campaign", "7", lambda _: None)
    paced.pause("campaign", "9")
    calls = [
        lambda: paced.read("campaign", "7"),
        lambda: paced.read("line_item", "9"),
        lambda: paced.activate("campaign", "9"),
        lambda: paced.read("campaign", "9"),
        lambda: paced.read("targeting", "9"),
        lambda: paced.update("line_item", "7", {"bid_amount_local_micro": 1}),
        lambda: paced.create("x1usd", "campaign", {"name": "x"}),
        lambda: paced.find("x1usd", "campaign", "aa"),
        lambda: paced.verify("x1usd"),
    ]
    sent = len(script.requests)
    for call in calls:
        with pytest.raises(Throttled, match="asked for silence"):
            call()
    assert len(script.requests) == sent


def test_the_network_itself_may_refuse_a_pause(paced, script, limits):
    """Then everybody hears of it, and the next pause is sent all the same."""
    script.say({"errors": [{"code": "TOO_MANY_REQUESTS", "message": "slow"}]}, 429)
    for _ in range(2):
        with pytest.raises(Throttled, match="slow"):
            paced.pause("campaign", "7")
    assert limits.wait_s("x1usd") == 60 and len(script.requests) == 2


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"x-account-rate-limit-reset": "9" * 400}, LONGEST_WAIT_S),
        ({"x-account-rate-limit-reset": "9999999999"}, LONGEST_WAIT_S),
        ({"x-account-rate-limit-reset": "1"}, 1),
        ({"x-account-rate-limit-reset": "-1"}, None),
        ({"x-account-rate-limit-reset": "NaN"}, None),
        ({"x-account-rate-limit-reset": "Infinity"}, None),
        ({"x-account-rate-limit-reset": "\xb2"}, None),
    ],
)
def test_an_odd_reset_undoes_no_answer_and_lasts_a_day_at_most(
    paced, script, limits, headers, wait_s
):
    """The header stands on an answer that succeeded."""
    script.say(PAUSED, 200, SPENT | headers)
    assert paced.pause("campaign", "7").status == "PAUSED"
    assert limits.wait_s("x1usd") == wait_s


@pytest.mark.parametrize(
    ("after", "wait_s"),
    [
        ("9" * 400, LONGEST_WAIT_S),
        ("Sat, 31 Dec 9998 23:59:59 GMT", LONGEST_WAIT_S),
        ("Fri, 31 Dec 9999 23:59:59 -0500", 60),
        ("-7", 60),
        ("\xb2", 60),
        ("NaN", 60),
        ("soon", 60),
    ],
)
def test_an_odd_retry_after_becomes_a_wait_of_a_day_or_a_minute(
    paced, script, limits, after, wait_s
):
    script.say({}, 429, {"retry-after": after})
    with pytest.raises(Throttled) as caught:
        paced.read("campaign", "7")
    assert caught.value.wait_s == limits.wait_s("x1usd") == wait_s


def test_a_locked_store_does_not_make_a_failure_of_a_pause(paced, script, limits):
    limits.fault = HouseBusy("is locked")
    script.say(PAUSED, 200, SPENT | {"x-account-rate-limit-reset": "9999999999"})
    assert paced.pause("campaign", "7").status == "PAUSED"


@pytest.mark.parametrize(
    ("told", "slept"),
    [(2, 2), ("3", 3), (0, 5), (-1, 5), ("soon", 5), (None, 5), (float("nan"), 5), (1e12, 60)],
)
def test_a_video_that_x_reads_is_asked_for_again_within_a_minute(
    connect, url, script, tmp_path, told, slept
):
    """check_after_secs is no leave to sleep for a day."""
    name = f"{'0' * 64}.mp4"
    (tmp_path / name).write_bytes(b"film")
    pauses = []
    x = connect(address=url, sleep=pauses.append)
    reads = {"state": "in_progress", "check_after_secs": told}
    script.say({"data": [{"promotable_user_type": "FULL", "user_id": "1"}]})
    script.say({"media_id_string": "1", "media_key": "13_1"})
    script.say("", 204)
    script.say({"processing_info": reads})
    script.say({"processing_info": {"state": "succeeded"}})
    script.say({"data": {"media_key": "13_1"}})
    assert x.create("x1usd", "video", {"name": name}).id == "13_1"
    assert pauses == [slept]
