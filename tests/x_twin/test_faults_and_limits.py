"""What may go wrong on the way, the headers that warn, and that it stays fast."""

import time

import pytest
import requests


def _count(x, name):
    return len(x.get("campaigns", q=name).json()["data"])


@pytest.mark.parametrize(
    ("where", "kind", "made"),
    [("before", "drop", 0), ("after", "drop", 1), ("before", "status", 0), ("after", "status", 1)],
)
def test_faults_before_and_after_the_commit(x, where, kind, made):
    """A lost or failed answer says nothing about whether the campaign was made."""
    name = f"{where}-{kind}"
    x.admin("faults", {"where": where, "kind": kind, "method": "POST", "path": "campaigns"})
    try:
        answer = x.post(
            "campaigns",
            name=name,
            funding_instrument_id="fix1usd",
            daily_budget_amount_local_micro=5_000_000,
        )
        assert answer.status_code == 500 and answer.json()["errors"][0]["code"] == "INTERNAL_ERROR"
    except requests.exceptions.RequestException:
        assert kind == "drop"
    assert _count(x, name) == made


def test_stalled_request_is_done_although_the_caller_left(x):
    """A stall after the commit outlives a client's patience; the campaign is there."""
    x.admin(
        "faults",
        {"where": "after", "kind": "stall", "seconds": 1, "path": "campaigns", "method": "POST"},
    )
    with pytest.raises(requests.exceptions.Timeout):
        requests.post(
            f"{x.url}/12/accounts/x1usd/campaigns",
            auth=x.auth,
            timeout=0.1,
            data={
                "name": "stalled",
                "funding_instrument_id": "fix1usd",
                "daily_budget_amount_local_micro": 5_000_000,
            },
        )
    assert _count(x, "stalled") == 1


def test_throttle_says_until_when(x):
    """429 TOO_MANY_REQUESTS with nothing left and the epoch second at which it ends."""
    x.admin("faults", {"where": "before", "kind": "throttle", "path": "campaigns"})
    answer = x.get("campaigns")
    assert answer.status_code == 429
    assert answer.json()["errors"][0]["code"] == "TOO_MANY_REQUESTS"
    assert answer.headers["x-account-rate-limit-remaining"] == "0"
    assert int(answer.headers["x-account-rate-limit-reset"]) > time.time() - 1
    assert x.get("campaigns").status_code == 200


@pytest.mark.parametrize(
    ("status", "code"), [(423, "LOCK_ACQUISITION_TIMEOUT"), (503, "OVER_CAPACITY")]
)
def test_documented_codes_of_trouble(x, status, code):
    """423 and 503 are named as X names them; 503 says when to come back."""
    x.admin("faults", {"where": "before", "kind": "status", "status": status})
    answer = x.get("campaigns")
    assert answer.status_code == status and answer.json()["errors"][0]["code"] == code
    assert status != 503 or int(answer.headers["retry-after"]) > 0


def test_limits_are_told_and_count_down(x):
    """Reads of entities count for the account, apart for each endpoint's window."""

    def left():
        return int(x.get("campaigns").headers["x-account-rate-limit-remaining"])

    assert left() - left() == 1
    answer = x.get("campaigns")
    assert answer.headers["x-account-rate-limit-limit"] == "10000"
    assert int(answer.headers["x-rate-limit-remaining"]) >= 0


def test_limits_refuse_where_they_are_to_block(start_x, tmp_path, refused):
    """Started with --limits blocking, more than 450 writes a minute end in TOO_MANY_REQUESTS."""
    _, x = start_x(tmp_path, "--limits", "blocking")
    for _ in range(2 * 451):  # a new minute may begin on the way
        answer = x.delete("campaigns/none")
        if answer.status_code == 429:
            break
    assert refused(answer) == ["TOO_MANY_REQUESTS"]
    assert answer.headers["x-rate-limit-remaining"] == "0"


def test_each_of_a_thousand_names_is_found(start_x, tmp_path):
    """A search by the start of a name gives the one campaign that is meant."""
    _, x = start_x(tmp_path)
    for start in range(0, 1_000, 40):
        many = [
            (
                "Create",
                {
                    "name": f"aa-{start + n:05d}",
                    "funding_instrument_id": "fix1usd",
                    "daily_budget_amount_local_micro": 5_000_000,
                    "entity_status": "PAUSED",
                },
            )
            for n in range(40)
        ]
        assert x.batch("campaigns", *many).ok
    for n in (0, 499, 999):
        assert [c["name"] for c in x.get("campaigns", q=f"AA-{n:05d}").json()["data"]] == [
            f"aa-{n:05d}"
        ]


def test_state_survives_a_kill(start_x, tmp_path):
    """What was answered is still there after the process was killed."""
    process, x = start_x(tmp_path)
    x.campaign(name="kept")
    process.kill()
    process.wait()
    _, again = start_x(tmp_path)
    assert _count(again, "kept") == 1
