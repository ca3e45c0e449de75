"""An answer of Google's ends, however fast its parts come."""

import pytest

from domain.errors import Retryable


def test_an_answer_that_never_ends_is_left_after_a_thousand_parts(google, script, rows, part):
    """Before its deadline: by then it might fill the memory."""
    script.say(part(rows({"campaign": {"id": 1, "name": "aa", "resource_name": "c/1"}})))
    with pytest.raises(Retryable, match="7000000001 answers campaign in more than 1000 parts"):
        google.find("7000000001", "campaign", "aa")


def test_an_answer_of_several_parts_is_read_to_the_last(google, script, rows, part):
    first, last = (
        rows({"campaign": {"id": n, "name": f"aa-{n}", "resource_name": f"c/{n}"}}) for n in (1, 2)
    )
    script.say(part(first), last)
    assert google.find("7000000001", "campaign", "aa").ids == ("c/1", "c/2")
