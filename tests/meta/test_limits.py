"""Meta's limits: on the calls of an account, and on the changes of one object."""

import pytest

from assets.publishing.posting.retries import pause_and_confirm
from domain.errors import HouseBusy, Throttled
from domain.platform import Network
from resources.meta import platform
from resources.shared_rate_limits import LONGEST_WAIT_S
from tests.rate_limits import MemoryLimits

USAGE = "X-Business-Use-Case-Usage"
PAUSED = {"id": "7", "status": "PAUSED"}


def error(code, subcode=None):
    return {"error": {"message": "too many", "code": code, "error_subcode": subcode}}


def usage(wait):
    return {USAGE: f'{{"1":[{{"estimated_time_to_regain_access": {wait}}}]}}'}


@pytest.fixture
def limits():
    return MemoryLimits()


@pytest.fixture
def paced(url, tmp_path, limits):
    pace = limits.pace(Network.META, "act_1")
    return platform(token="EMU-secret-token", url=url, images=tmp_path, pace=pace)


@pytest.mark.parametrize("limit", [(613, 1487632), (17, 1885172)])
def test_a_limit_on_one_objects_changes_leaves_its_account_alone(paced, script, limits, limit):
    """An ad set's budget was changed too often: other ads are changed and paused as before."""
    script.say(error(*limit), 400)
    script.say(PAUSED)
    with pytest.raises(Throttled) as caught:
        paced.update("adset", "5", {"daily_budget": 2000})
    assert caught.value.wait_s >= 3600 and limits.ends == {}
    assert paced.read("campaign", "7").status == "PAUSED"


@pytest.mark.parametrize(
    ("limit", "wait_s"), [((613, 1487225), 3600), ((80004, None), 60), ((17, 2446079), 60)]
)
def test_a_limit_on_an_account_silences_the_account(paced, script, limits, limit, wait_s):
    script.say(error(*limit), 400)
    with pytest.raises(Throttled):
        paced.read("campaign", "7")
    assert limits.wait_s("act_1") == wait_s


def test_a_pause_and_its_confirmation_are_sent_through_our_own_silence(paced, script, limits):
    limits.silence("act_1")
    script.say(PAUSED)
    assert pause_and_confirm(paced, "campaign", "7", lambda _: None).status == "PAUSED"
    assert [method for method, _, _ in script.requests] == ["POST", "GET"]


def test_nothing_else_is_sent_through_the_silence(paced, script, limits):
    """Also no read of what was paused: one was enough to confirm it."""
    script.say(PAUSED)
    limits.silence("act_1")
    pause_and_confirm(paced, "campaign", "7", lambda _: None)
    paced.pause("campaign", "9")
    calls = [
        lambda: paced.read("campaign", "7"),
        lambda: paced.read("campaign", "8"),
        lambda: paced.read("adset", "9"),
        lambda: paced.activate("campaign", "9"),
        lambda: paced.read("campaign", "9"),
        lambda: paced.update("adset", "5", {"daily_budget": 1}),
        lambda: paced.create("act_1", "campaign", {"name": "x"}),
        lambda: paced.find("act_1", "campaign", "aa"),
        lambda: paced.verify("act_1"),
    ]
    sent = len(script.requests)
    for call in calls:
        with pytest.raises(Throttled, match="asked for silence"):
            call()
    assert len(script.requests) == sent


def test_an_object_that_still_runs_is_read_again(paced, script, limits):
    """Only a read that does not say ACTIVE confirms a pause."""
    limits.silence("act_1")
    for status in ("PAUSED", "ACTIVE", "PAUSED"):
        script.say({"id": "7", "status": status})
    paced.pause("campaign", "7")
    assert paced.read("campaign", "7").status == "ACTIVE"
    assert paced.read("campaign", "7").status == "PAUSED"


def test_the_network_itself_may_refuse_a_pause(paced, script, limits):
    """Then everybody hears of it, and the next pause is sent all the same."""
    script.say(error(80004), 400, usage(3))
    for _ in range(2):
        with pytest.raises(Throttled, match="too many"):
            paced.pause("campaign", "7")
    assert limits.wait_s("act_1") == 180 and len(script.requests) == 2


@pytest.mark.parametrize(
    ("wait", "wait_s"),
    [
        ("5256000", LONGEST_WAIT_S),
        ("1e12", LONGEST_WAIT_S),
        ("Infinity", LONGEST_WAIT_S),
        ('"Infinity"', LONGEST_WAIT_S),
        ("NaN", None),
        ("-5", None),
        ("-Infinity", None),
        ("9" * 400, None),
        ('"soon"', None),
        ("null", None),
        ("[]", None),
        ("[" * 5000, None),
    ],
)
def test_an_odd_wait_undoes_no_answer_and_lasts_a_day_at_most(paced, script, limits, wait, wait_s):
    """The header stands on an answer that succeeded."""
    script.say(PAUSED, 200, usage(wait))
    assert paced.pause("campaign", "7").status == "PAUSED"
    assert limits.wait_s("act_1") == wait_s


def test_an_odd_entry_hides_no_other(paced, script, limits):
    script.say(PAUSED, 200, usage('NaN}, 7, {"estimated_time_to_regain_access": 2'))
    paced.pause("campaign", "7")
    assert limits.wait_s("act_1") == 120


def test_a_locked_store_does_not_make_a_failure_of_a_pause(paced, script, limits):
    limits.fault = HouseBusy("is locked")
    script.say(PAUSED, 200, usage(3))
    assert paced.pause("campaign", "7").status == "PAUSED"
