import pytest

from domain.errors import IllegalMove
from domain.lifecycle import MOVES, AdStatus, check_move


def test_every_pair_outside_the_table_is_illegal():
    for before in AdStatus:
        for after in set(AdStatus) - MOVES[before]:
            with pytest.raises(IllegalMove):
                check_move(before, after)


def test_an_archived_ad_never_returns():
    assert MOVES[AdStatus.ARCHIVED] == frozenset()


def test_a_draft_cannot_go_live_without_being_scheduled():
    with pytest.raises(IllegalMove, match="allowed: archived, scheduled"):
        check_move(AdStatus.DRAFT, AdStatus.LIVE)
