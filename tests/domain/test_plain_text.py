"""Titles and names are data: nothing in them steers a terminal or hides what follows."""

import pytest

from domain.plain_text import plain


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Nurse (m/w/d)", "Nurse (m/w/d)"),
        ("Koch [m/w/d] [/b]", "Koch [m/w/d] [/b]"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x9b2Jgone", "2Jgone"),
        ("\x1b]0;title\x07x", "]0;titlex"),
        ("two\r\nlines\tand\u2028more", "two lines and more"),
        ("safe\u202egnirts", "safegnirts"),
        ("a\u200bb\ufeff", "ab"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ud800lone", "lone"),
        (12, "12"),
    ],
)
def test_only_what_can_be_seen_is_left(given: object, shown: str) -> None:
    assert plain(given) == shown
