"""A swap of gender: what it turns, and what becomes of a segment that it moves people out of."""

import numpy as np

from assets.segmentation.config import SegmentationConfig
from assets.segmentation.profiles import Profile
from assets.segmentation.segment_model import Fitted, Segment, SegmentModel
from assets.segmentation.swapping import as_man, as_woman, swapped

CONFIG = SegmentationConfig()


def fitted() -> Fitted:
    """Two segments whose centroids are the two axes; all texts are in the first."""
    segments = tuple(Segment(f"seg-{i}", i, 0.5, Profile(i, 100, (), (), ()), ()) for i in range(2))
    model = SegmentModel("team", segments, np.eye(2, dtype=np.float32))
    return Fitted(model, np.zeros((200, 1)), np.zeros(200, np.int64), np.zeros(200))


def biased(texts: list[str]) -> np.ndarray:
    """An encoder that puts whoever speaks of her with the second segment."""
    return np.array([[0.0, 1.0] if " her " in f" {t} " else [1.0, 0.0] for t in texts], np.float32)


def doubts(people: int, gendered: int) -> list[str]:
    """Of `people` in the first segment, so many speak of themselves."""
    texts = ["by his own work"] * gendered + ["by work"] * (people - gendered)
    found = swapped(fitted(), texts, biased, CONFIG)
    return [s.doubt for s in found.model.segments]


def test_words_are_turned_and_keep_their_case():
    """Both readings of a text differ only where it speaks of him or her."""
    assert as_woman("He led HIS men. The chairman") == "She led HER women. The chairwoman"
    assert as_man("She led HER women. The chairwoman") == "He led HIS men. The chairman"
    assert as_woman("This mane is a hero's") == "This mane is a hero's"


def test_a_segment_that_moves_one_in_a_hundred_is_kept_and_one_that_moves_more_is_not():
    """99 % must stay; the other segment, of which nobody moves, is not doubted."""
    assert doubts(100, 1) == ["", ""]
    assert doubts(100, 2) == ["a swap of gender moves 2.0% of its résumés, more than 1.0%", ""]


def test_texts_that_speak_of_neither_are_not_encoded():
    """They are the same text for both."""

    def refused(texts):
        raise AssertionError(texts)

    assert swapped(fitted(), ["by work"] * 50, refused, CONFIG).model.segments[0].doubt == ""


def test_an_older_doubt_is_not_overwritten():
    """The first reason stands."""
    before = fitted()
    segments = (Segment("s", 0, 0.5, Profile(0, 9, (), (), ()), (), doubt="other"),)
    model = SegmentModel("team", segments, np.eye(2, dtype=np.float32)[:1])
    before = Fitted(model, before.reduced, before.labels, before.point_silhouettes)
    assert swapped(before, ["by his work"], biased, CONFIG).model.segments[0].doubt == "other"
