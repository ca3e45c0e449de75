"""What a line item holds, as sets; scripted answers on loopback."""

import json

import pytest

from domain.errors import Ambiguous, Refused
from domain.platform import Review

ACCOUNT = "x1usd"


def criterion(n, value, kind="LOCATION", **more):
    return {
        "id": f"t{n}",
        "line_item_id": "l1",
        "targeting_type": kind,
        "targeting_value": value,
        "operator_type": "EQ",
        "deleted": False,
        **more,
    }


def operation(value, kind="LOCATION"):
    params = {
        "line_item_id": "l1",
        "targeting_type": kind,
        "targeting_value": value,
        "operator_type": "EQ",
    }
    return {"operation_type": "Create", "params": params}


def test_targeting_is_found_by_its_line_item(x, script):
    """Without any criterion it is not there; without a line item nobody can tell."""
    script.page(criterion(1, "a", deleted=True))
    script.page(criterion(1, "a"))
    assert x.find(ACCOUNT, "targeting", "aa-k", parent="l1").ids == ()
    assert x.find(ACCOUNT, "targeting", "aa-k", parent="l1").ids == ("l1",)
    with pytest.raises(Refused, match="line item"):
        x.find(ACCOUNT, "targeting", "aa-k")


def test_targeting_reads_in_the_form_of_the_approved_batch(x, script):
    """An operator that X leaves out is EQ."""
    row = criterion(1, "nurse", "BROAD_KEYWORD")
    del row["operator_type"]
    script.page(row)
    assert x.read("targeting", "l1").fields == {"operations": [operation("nurse", "BROAD_KEYWORD")]}


def test_targeting_is_brought_to_the_approved_set_by_one_batch(x, script):
    """What is missing is made before the rest is deleted: a line item without a place would show
    to the whole world. What is there twice is taken away once."""
    script.page(criterion(1, "a"), criterion(2, "b"), criterion(3, "b"))
    script.say({"data": []})
    script.page(criterion(2, "b"), criterion(4, "c"))
    held = x.update("targeting", "l1", {"operations": [operation("b"), operation("c")]})
    batch = json.loads(script.sent(1)[3])
    assert [o["operation_type"] for o in batch] == ["Create", "Delete", "Delete"]
    assert [o["params"].get("targeting_criterion_id") for o in batch] == [None, "t1", "t3"]
    assert [o["params"]["targeting_value"] for o in held.fields["operations"]] == ["b", "c"]


def test_bringing_targeting_to_what_it_is_writes_nothing(x, script):
    """A lost answer costs nothing but a look."""
    script.page(criterion(1, "a"))
    x.update("targeting", "l1", {"operations": [operation("a")]})
    assert {verb for verb, _, _ in script.requests} == {"GET"}


def test_more_criteria_than_a_batch_takes_go_in_pieces(x, script):
    """500 at once. When the second piece fails the first stands, so the answer is Ambiguous."""
    wanted = {"operations": [operation(str(n)) for n in range(501)]}
    script.say({"data": []})
    assert x.create(ACCOUNT, "targeting", wanted).id == "l1"
    assert [len(json.loads(body)) for _, _, body in script.requests] == [500, 1]
    script.answers.clear()
    script.say({"data": []})
    script.say({"errors": [{"code": "OVER_CAPACITY"}]}, 503)
    with pytest.raises(Ambiguous):
        x.create(ACCOUNT, "targeting", wanted)


def test_promotions_are_brought_to_the_approved_posts(x, script):
    """The new one first; one that is gone already is done."""
    script.page(
        {"id": "p1", "tweet_id": "1", "approval_status": "ACCEPTED"},
        {"id": "p2", "tweet_id": "2", "approval_status": "ACCEPTED"},
    )
    script.say({"data": []})
    script.say({"errors": [{"code": "PROMOTED_TWEET_NOT_FOUND"}]}, 404)
    script.page({"id": "p2", "tweet_id": "2"}, {"id": "p3", "tweet_id": "3"})
    held = x.update("promoted_tweet", "l1", {"tweet_ids": ["2", "3"]})
    assert script.sent(1)[2] == {"line_item_id": "l1", "tweet_ids": "3"}
    assert script.sent(2)[:2] == ("DELETE", "/12/accounts/x1usd/promoted_tweets/p1")
    assert held.fields == {"line_item_id": "l1", "tweet_ids": ["2", "3"]}


@pytest.mark.parametrize(
    ("statuses", "review"),
    [
        (["ACCEPTED"], Review.APPROVED),
        (["ACCEPTED", "UNDER_REVIEW"], Review.PENDING),
        (["UNDER_REVIEW", "REJECTED"], Review.DISAPPROVED),
        ([], Review.UNKNOWN),
    ],
)
def test_the_worst_verdict_over_the_promoted_posts_counts(x, script, statuses, review):
    """X's own word for each that is not accepted is an issue."""
    rows = [
        {"id": f"p{n}", "tweet_id": str(n), "approval_status": s} for n, s in enumerate(statuses)
    ]
    script.page(*rows)
    held = x.read("promoted_tweet", "l1")
    assert held.review is review
    assert [i.split(": ")[1] for i in held.issues] == [s for s in statuses if s != "ACCEPTED"]
