import json
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.meta.errors import GraphError
from sandbox.meta.usage import READ, TIERS, WRITE, Usage


class Time:
    """A simulated clock and real seconds, both moved by hand."""

    def __init__(self):
        self.now, self.ticks = datetime(2026, 12, 1, tzinfo=UTC), 0.0


@pytest.fixture
def time():
    return Time()


def usage(time, tier):
    return Usage(TIERS[tier], lambda: time.now, lambda: time.ticks)


def own(meter, account="act_1"):
    return json.loads(meter.headers(account)["x-ad-account-usage"])


def test_a_write_weighs_three_reads_for_its_own_account(time):
    """Five writes and five reads are 20 of 60 points; another account has none."""
    meter = usage(time, "limited")
    for points in (WRITE, READ) * 5:
        meter.spend("act_1", points)
    assert own(meter)["acc_id_util_pct"] == 33.33
    assert own(meter, "act_2")["acc_id_util_pct"] == 0


@pytest.mark.parametrize("clock", ["simulated", "real"])
def test_points_drain_within_the_decay(time, clock):
    """Half of 300 seconds drains half of the cap, by either clock."""
    meter = usage(time, "limited")
    for _ in range(60):
        meter.spend("act_1", READ)
    if clock == "simulated":
        time.now += timedelta(seconds=150)
    else:
        time.ticks += 150
    assert own(meter)["acc_id_util_pct"] == 50


def test_beyond_the_cap_an_account_is_blocked_and_regains_access(time):
    """80004 with the minutes to wait; after them all is well."""
    meter = usage(time, "limited")
    with pytest.raises(GraphError) as refused:
        for _ in range(61):
            meter.spend("act_1", READ)
    assert (refused.value.error["code"], refused.value.error["error_subcode"]) == (80004, 2446079)
    told = json.loads(meter.headers("act_1")["x-business-use-case-usage"])["1"][0]
    assert told["estimated_time_to_regain_access"] == 5
    with pytest.raises(GraphError):
        meter.spend("act_1", READ)
    time.now += timedelta(seconds=300)
    meter.spend("act_1", READ)


def test_the_open_tier_counts_and_never_blocks(time):
    """The default, so that a standing clock cannot shut a demo out."""
    meter = usage(time, "open")
    for _ in range(4000):
        meter.spend("act_1", WRITE)
    assert own(meter)["acc_id_util_pct"] == 99


def test_every_answer_about_an_account_carries_its_usage(twin):
    """Also a refusal; and an object's answers count for its account."""
    campaign = twin.campaign()
    for answer in (twin.get(campaign), twin.post("act_1000000002/campaigns", x=1)):
        use = json.loads(answer.headers["x-business-use-case-usage"])
        assert use["1000000002"][0]["estimated_time_to_regain_access"] == 0
        assert "acc_id_util_pct" in json.loads(answer.headers["x-ad-account-usage"])


def test_a_throttle_can_be_planted(twin):
    """For one path, with the minutes that it says to wait."""
    fault = {"where": "before", "kind": "throttle", "path": "campaigns", "detail": {"minutes": 7}}
    twin.admin("faults", fault)
    answer = twin.get("act_1000000002/campaigns")
    assert answer.json()["error"]["code"] == 80004
    (use,) = json.loads(answer.headers["x-business-use-case-usage"])["1000000002"]
    assert use["estimated_time_to_regain_access"] == 7
    assert twin.get("act_1000000002/campaigns").status_code == 200


def test_a_limited_twin_blocks_over_http(start_twin, tmp_path):
    """--tier limited: the 61st read within five minutes is refused."""
    _, twin = start_twin(tmp_path, "--tier", "limited")
    codes = [twin.get("act_1000000002").status_code for _ in range(64)]
    assert codes[:60] == [200] * 60 and codes[-1] == 400
