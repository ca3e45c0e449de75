"""A list of X's ends: with its last page, with a page named twice, or after a thousand."""

import itertools
import json

import pytest

from domain.errors import Retryable
from resources.x.client import PAGES

ROW = {"id": "1", "name": "aa-k", "entity_status": "PAUSED"}
LISTS = [
    ("find campaign", lambda x: x.find("x1usd", "campaign", "aa")),
    ("find tweet", lambda x: x.find("x1usd", "tweet", "aa")),
    ("read targeting", lambda x: x.read("targeting", "l")),
    ("funding instruments", lambda x: x.client.rows("accounts/x1usd/f", "funding instruments")),
]


class Pages:
    """Answers of a script, one for each request."""

    def __init__(self, cursors):
        self._cursors = cursors

    def __len__(self):
        return 2

    def popleft(self):
        page = {"data": [ROW], "next_cursor": next(self._cursors)}
        return 200, json.dumps(page).encode(), {}


@pytest.mark.parametrize(("what", "ask"), LISTS, ids=[what for what, _ in LISTS])
@pytest.mark.parametrize("cursors", ["a", "ab"])
def test_a_page_that_is_named_twice_ends_the_list(x, script, what, ask, cursors):
    """At once, or in a circle; the error names the account and what was asked."""
    script.answers = Pages(itertools.cycle(cursors))
    with pytest.raises(Retryable, match=rf"X {what}: accounts/x1usd/\w+ lists a page twice"):
        list(ask(x))
    assert len(script.requests) == len(cursors) + 1


def test_a_list_that_never_ends_is_left_after_a_thousand_pages(x, script):
    script.answers = Pages(map(str, itertools.count()))
    with pytest.raises(Retryable, match="accounts/x1usd/campaigns lists more than 1000 pages"):
        x.find("x1usd", "campaign", "aa")
    assert len(script.requests) == PAGES
