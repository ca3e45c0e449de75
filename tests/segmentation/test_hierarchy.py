"""Groups that are measured anew, alone and merged, until they pass."""

import numpy as np
import pytest

from assets.segmentation.clustering.hierarchy import (
    Group,
    build_hierarchy,
    finest_groups,
    parent_indices,
    ward_merges,
)
from assets.segmentation.clustering.silhouette import silhouettes
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import unit
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.trust.stability import stability

CONFIG = SegmentationConfig()
PAIRS = [(0, 1), (2, 3), (4, 5)]


def pairs(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three groups far apart on 20 axes, each cut in two where nothing parts it; and the cuts."""
    chance = np.random.default_rng(seed)
    points = chance.normal(size=(240, 20)) * 0.3
    third = np.arange(240) % 3
    points[:, :3] += 3.0 * np.eye(3)[third]
    return unit(points).astype(np.float64), 2 * third + (points[:, 7] > 0)


def reader(axes: range) -> OccupationHead:
    """A head that reads an occupation off whichever of the axes a text leans to most."""
    names = tuple(f"{11 + i}-0000.00" for i in axes)
    weights = np.eye(len(axes), dtype=np.float32) * 500.0
    even = np.full(len(axes), 1.0 / len(axes), np.float32)
    basis = np.eye(20, dtype=np.float32)[:, list(axes)]
    return OccupationHead(tuple(n[:6] for n in names), names, basis, weights, 0.0 * even, even)


def found(points: np.ndarray, labels: np.ndarray, head: OccupationHead) -> list[Group]:
    (own,) = silhouettes(points[:, :5], [labels])
    fine = finest_groups(own, stability(points, labels, seed=1), labels)
    return build_hierarchy(fine, points, points, points, labels, CONFIG, head)


@pytest.mark.parametrize("seed", range(5))
def test_halves_of_a_group_are_not_trusted_and_the_whole_is(seed):
    """Six groups that overlap two by two; the three that hold them lie apart."""
    points, labels = pairs(seed)
    groups = found(points, labels, reader(range(3)))
    assert [g.parts for g in groups[:6]] == [(c,) for c in range(6)]
    assert sorted(g.parts for g in groups[6:]) == PAIRS
    assert [g.passes(CONFIG) for g in groups] == [False] * 6 + [True] * 3
    assert {g.among for g in groups[6:]} <= {3, 4, 5}
    around = parent_indices(groups)
    assert [groups[i].parts for i in around[:6] if i is not None] == sorted(PAIRS * 2)
    assert around[6:] == [None] * 3


def test_a_group_is_measured_anew_among_fewer():
    """Beside the halves of another group it is itself; with the halves joined it still is, and so
    gets no second segment of the same texts."""
    points, labels = pairs(0)
    labels = np.where(labels < 2, 0, labels - 1)  # the first group is whole
    groups = found(points, labels, reader(range(3)))
    assert sorted(g.parts for g in groups[5:]) == [(1, 2), (3, 4)]
    assert groups[0].passes(CONFIG) and groups[0].among == 5


def test_what_is_of_many_occupations_is_no_coarser_segment():
    """The same groups in space, with halves that are of many occupations each: the whole lies apart
    and is found again, and says nothing of what its texts have in common."""
    points, labels = pairs(0)
    assert len(found(points, labels, reader(range(10, 20)))) == 6


def test_a_group_of_which_no_text_is_in_the_sample_is_never_joined():
    """Nobody knows where it lies."""
    points, labels = pairs(0)
    (own,) = silhouettes(points[:, :5], [labels])
    fine = finest_groups(own, stability(points, labels, seed=1), labels)
    groups = [*fine, Group((6,), 0.0, 0.0, 7)]
    known = build_hierarchy(groups, points, points, points, labels, CONFIG, reader(range(3)))
    assert sorted(g.parts for g in known if g.passes(CONFIG)) == PAIRS


def test_of_two_pairs_as_far_apart_the_smaller_is_joined_first():
    """It moves fewer texts; the last partition is into two."""
    points = np.repeat([[0.0], [1.0], [10.0], [11.0], [30.0]], [9, 9, 4, 4, 9], axis=0)
    labels = np.repeat(range(5), [9, 9, 4, 4, 9])
    levels = list(ward_merges(points, labels, 5))
    assert levels[:2] == [[(0,), (1,), (2, 3), (4,)], [(0, 1), (2, 3), (4,)]]
    assert levels[2:] == [[(0, 1, 2, 3), (4,)]]
