"""What the posting sensor asks Dagster to run, which drops a key that it has seen."""

from assets.publishing.sensors import AGAIN_S, run_key

DUE = {
    "action": "take off",
    "job_id": "j",
    "network": "meta",
    "account_id": "act_1",
    "digest": "d",
    "attempt": 1,
}


def test_what_stays_listed_is_tried_again():
    """A run that failed before it took the lease left no trace: its key must not be the last."""
    start = 1_800_000_000.0 // AGAIN_S * AGAIN_S
    keys = [run_key([DUE], start + minutes * 60) for minutes in (0, 5, 10, 15, 20)]
    assert len(set(keys[:3])) == 1 and keys[3] == keys[4] != keys[0]


def test_a_new_plan_or_attempt_is_run_at_once():
    keys = {run_key([DUE | change], 0.0) for change in ({}, {"digest": "e"}, {"attempt": 2})}
    assert len(keys) == 3
