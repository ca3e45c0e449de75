"""A swap of gender: what it turns, and what becomes of a segment that it moves people out of."""

from pathlib import Path

import numpy as np
import pytest

from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.profiles import Profile
from assets.segmentation.model.segment_model import Fitted, Segment, SegmentModel
from assets.segmentation.text.normalization import content_hash
from assets.segmentation.trust.gender_swap_test import feminine, masculine, reject_gendered_segments
from resources.encoders.minilm_encoder import VectorCache

CONFIG = SegmentationConfig()


@pytest.fixture
def store(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "vectors.db", "m")


def fitted() -> Fitted:
    """Two segments whose centroids are the two axes; all texts are in the first."""
    segments = tuple(Segment(f"seg-{i}", i, 0.5, Profile(i, 100, (), (), ()), ()) for i in range(2))
    model = SegmentModel("team", segments, np.eye(2, dtype=np.float32))
    return Fitted(model, np.zeros((200, 1)), np.zeros(200, np.int64), np.zeros(200))


def biased(texts: list[str]) -> np.ndarray:
    """An encoder that puts whoever speaks of her with the second segment."""
    return np.array([[0.0, 1.0] if " her " in f" {t} " else [1.0, 0.0] for t in texts], np.float32)


def rejection_reasons(store: VectorCache, people: int, gendered: int) -> list[str]:
    """Of `people` in the first segment, so many speak of themselves."""
    texts = [f"by his own work {i}" for i in range(gendered)] + ["by work"] * (people - gendered)
    found = reject_gendered_segments(fitted(), texts, biased, store, CONFIG)
    return [s.rejection_reason for s in found.model.segments]


def test_words_are_turned_and_keep_their_case():
    """Both readings of a text differ only where it speaks of him or her."""
    assert feminine("He led HIS men. The chairman") == "She led HER women. The chairwoman"
    assert masculine("She led HER women. The chairwoman") == "He led HIS men. The chairman"
    assert feminine("This mane is a hero's") == "This mane is a hero's"


def test_a_segment_that_moves_one_in_a_hundred_is_kept_and_one_that_moves_more_is_not(store):
    """99 % must stay; the other segment, of which nobody moves, is not doubted."""
    assert rejection_reasons(store, 100, 1) == ["", ""]
    assert rejection_reasons(store, 100, 2) == [
        "a swap of gender moves 2.0% of its résumés, more than 1.0%",
        "",
    ]


def refused(texts: list[str]) -> np.ndarray:
    raise AssertionError(texts)


def test_texts_that_speak_of_neither_are_not_encoded(store):
    """They are the same text for both."""
    assert (
        reject_gendered_segments(fitted(), ["by work"] * 50, refused, store, CONFIG)
        .model.segments[0]
        .rejection_reason
        == ""
    )


def test_both_readings_are_encoded_once_and_go_with_the_text(store):
    """They are kept under the résumé's own hash: forgetting it leaves no vector of it."""
    text = "by his work"
    first = reject_gendered_segments(fitted(), [text], biased, store, CONFIG)
    again = reject_gendered_segments(fitted(), [text], refused, store, CONFIG)
    assert [s.rejection_reason for s in again.model.segments] == [
        s.rejection_reason for s in first.model.segments
    ]
    kept = store.of_text(content_hash(text))
    assert {name: v.tolist() for name, v in kept.items()} == {
        "m/as a man's": [1.0, 0.0],
        "m/as a woman's": [0.0, 1.0],
    }
    assert store.forget([content_hash(text)]) == 2
    assert store.of_text(content_hash(text)) == {}


def test_an_older_doubt_is_not_overwritten(store):
    """The first reason stands."""
    before = fitted()
    segments = (Segment("s", 0, 0.5, Profile(0, 9, (), (), ()), (), rejection_reason="other"),)
    model = SegmentModel("team", segments, np.eye(2, dtype=np.float32)[:1])
    before = Fitted(model, before.reduced, before.labels, before.point_silhouettes)
    assert (
        reject_gendered_segments(before, ["by his work"], biased, store, CONFIG)
        .model.segments[0]
        .rejection_reason
        == "other"
    )
