"""A list of Meta's ends: with its last page, with a page named twice, or after a thousand."""

import itertools
import json
from datetime import date

import pytest

from domain.errors import Retryable
from resources.meta.pages import PAGES

DAY = date(2026, 11, 30)
CATEGORIES = {"regulated_categories": ["EMPLOYMENT"], "regulated_countries": ["DE"]}
ROW = {
    "id": "1",
    "name": "aa-k",
    "title": "aa-k",
    "hash": "h",
    "ad_id": "1",
    "date_start": "2026-11-30",
    "account_currency": "EUR",
}
LISTS = [
    *(
        (f"find {kind}", lambda meta, kind=kind: meta.find("act_1", kind, "aa"))
        for kind in ("campaign", "adset", "creative", "ad", "image", "video")
    ),
    ("insights", lambda meta: meta.report("act_1", ["1"], DAY, DAY)),
    (
        "targetingbrowse",
        lambda meta: meta.lookup("allowed_interests", {"account_id": "act_1", **CATEGORIES}),
    ),
]


def page(after, row=ROW):
    return {"data": [row], "paging": {"cursors": {"after": after}, "next": "http://127.0.0.1/n"}}


class Pages:
    """Answers of a script, one for each request."""

    def __init__(self, afters):
        self._afters = afters

    def __len__(self):
        return 2

    def popleft(self):
        return 200, json.dumps(page(next(self._afters))).encode(), {}


@pytest.mark.parametrize(("what", "ask"), LISTS, ids=[what for what, _ in LISTS])
@pytest.mark.parametrize("afters", ["a", "ab"])
def test_a_page_that_is_named_twice_ends_the_list(meta, script, what, ask, afters):
    """At once, or in a circle; the error names the account and what was asked."""
    script.answers = Pages(itertools.cycle(afters))
    with pytest.raises(Retryable, match=f"Meta {what}: act_1 lists a page twice"):
        ask(meta)
    assert len(script.requests) == len(afters) + 2


def test_a_list_that_never_ends_is_left_after_a_thousand_pages(meta, script):
    script.answers = Pages(map(str, itertools.count()))
    with pytest.raises(Retryable, match="act_1 lists more than 1000 pages"):
        meta.find("act_1", "campaign", "aa")
    assert len(script.requests) == PAGES + 1


def test_pages_are_read_to_the_last(meta, script):
    """The last one repeats the cursor of no page, or its own, and names no next."""
    rows = [{"id": str(n), "name": f"aa-{n}"} for n in range(3)]
    script.say(page("a", rows[0]))
    script.say(page("b", rows[1]))
    script.say({"data": [rows[2]], "paging": {"cursors": {"after": "b"}}})
    assert meta.find("act_1", "campaign", "aa").ids == ("0", "1", "2")
    assert len(script.requests) == 3
