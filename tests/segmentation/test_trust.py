"""Worlds whose truth is known: clouds without groups, and groups that were planted."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from assets.segmentation.clustering.methods import pca_hdbscan, pca_kmeans
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import unit
from assets.segmentation.model.fit import fit, rejection_reason
from assets.segmentation.model.lineage import inherited_keys
from assets.segmentation.model.profiles import Label
from assets.segmentation.model.segment_model import Segment, SegmentModel
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.trust.clusterability import (
    Clusterability,
    clusterability,
    occupation_diversity,
)
from assets.segmentation.trust.stability import prediction_strength, split_halves, stability

CONFIG = SegmentationConfig()


class Same:
    name = "same"

    def label(self, text: str, vector: object = None) -> Label:
        return Label("naics:54", "Professional", 0.9, self.name)


def null_sample(n: int, seed: int, groups: int = 0, apart: float = 0.0) -> np.ndarray:
    """Vectors whose variance falls from axis to axis as that of texts does; `groups` centres lie
    `apart` standard deviations from the middle, on the leading axes."""
    chance = np.random.default_rng(seed)
    spread = 1.0 / np.sqrt(np.arange(1, 385))
    points = chance.normal(size=(n, 384)) * spread
    if groups:
        centres = chance.normal(size=(groups, 12))
        centres *= apart / np.linalg.norm(centres, axis=1, keepdims=True)
        points[:, :12] += centres[np.arange(n) % groups]
    return unit(points + 4.0 * np.eye(384)[383])


def grouped(vectors: np.ndarray, clusterer: str = "pca-kmeans") -> Clusterability:
    config = replace(CONFIG, clusterer=clusterer, k_max=8)
    groups = {"pca-kmeans": pca_kmeans, "pca-hdbscan": pca_hdbscan}[clusterer](vectors, config)
    return clusterability(vectors, groups, config)


@pytest.mark.parametrize(("n", "clouds", "allowed"), [(60, 40, 5), (200, 10, 2)])
def test_a_cloud_without_groups_has_no_structure(n, clouds, allowed):
    """Of the clouds that a normal distribution gave, so many pass as grouped at most: more would
    have a probability of 1.4 and 1.2 % if one in twenty did. (The number of groups was chosen for
    them, and not for the draws that they are held against: what that gives lies under the gate in
    the mean, by three standard errors: single clouds of 60 differ by 0.025, of 200 by 0.015.)"""
    found = [grouped(null_sample(n, seed)) for seed in range(clouds)]
    assert sum(not rejection_reason(s, 1.0, CONFIG) for s in found) <= allowed
    assert np.mean([s.excess for s in found]) < CONFIG.structure_floor


@pytest.mark.parametrize("n", [60, 200])
def test_planted_groups_have_structure(n):
    """Of six worlds with six groups well apart, each passes."""
    found = [grouped(null_sample(n, seed, 6, 4.0)) for seed in range(6)]
    assert min(s.excess for s in found) > CONFIG.structure_floor_unread
    assert min(s.strength for s in found) > CONFIG.strength_floor


def test_few_or_equal_texts_have_no_structure():
    """Nothing is claimed of nineteen texts, nor of texts that are all alike."""
    for none in (null_sample(19, 1, 3, 9.0), np.ones((60, 384), np.float32)):
        assert grouped(none).excess == grouped(none).strength == 0.0
        assert rejection_reason(grouped(none), 1.0, CONFIG)


def test_prediction_strength_is_one_for_the_true_groups_and_low_for_more():
    """Four groups far apart: two, three of them together or four come back, nine do not."""
    chance = np.random.default_rng(2)
    points = chance.normal(size=(200, 3)) + 40.0 * np.eye(4)[np.arange(200) % 4][:, :3]
    halved = [split_halves(points, np.random.default_rng(i)) for i in range(5)]
    four, nine = prediction_strength(halved, [4, 9]).mean(axis=0)
    assert four == 1.0
    assert nine < 0.7


def test_a_group_that_dissolves_is_told_from_one_that_stays():
    """Two of the three groups are halves of one round cloud: only the third is found again."""
    chance = np.random.default_rng(5)
    points = chance.normal(size=(300, 2))
    points[200:] += 30.0
    angle = np.arctan2(points[:, 1], points[:, 0])
    labels = np.where(np.arange(300) >= 200, 2, (angle[:] > 0.3).astype(int)).astype(np.int64)
    one, other, stays = stability(points, labels, seed=0)
    assert stays > 0.95
    assert max(one, other) < stays


def test_doubt_names_its_reason_and_numbers():
    """First that there are no groups, then that this one is not found again."""
    null_silhouettes = (0.19, 0.17)
    flat, chance = (
        Clusterability(0.2, null_silhouettes, 0.3),
        Clusterability(0.4, null_silhouettes, 0.05),
    )
    alike, good = (
        Clusterability(0.4, null_silhouettes, 0.3, 1.4),
        Clusterability(0.4, null_silhouettes, 0.3, 2.9),
    )
    assert rejection_reason(flat, 0.9, CONFIG).endswith("draws of the same covariance: 0.02 < 0.05")
    assert rejection_reason(replace(flat, occupations=2.9), 0.9, CONFIG).endswith("0.02 < 0.04")
    assert rejection_reason(chance, 0.9, CONFIG).endswith("than in random draws: 0.05 < 0.08")
    assert rejection_reason(alike, 0.9, CONFIG).endswith(
        "as 1.40 < 2.30 groups of occupations would"
    )
    assert rejection_reason(good, 0.41, CONFIG) == "found again in redrawn texts by 0.41 < 0.60"
    assert rejection_reason(good, 0.9, CONFIG) == ""
    assert rejection_reason(Clusterability(0.4, null_silhouettes, 0.3), 0.9, CONFIG) == ""


def test_another_way_of_grouping_is_asked_the_same():
    """HDBSCAN's groups are held against clouds too, though it tries no k."""
    assert rejection_reason(grouped(null_sample(200, 3), "pca-hdbscan"), 1.0, CONFIG)
    assert not rejection_reason(grouped(null_sample(200, 3, 3, 6.0), "pca-hdbscan"), 1.0, CONFIG)


def head(sure: float) -> OccupationHead:
    """Reads the first four axes as four occupations, two of them of one minor group."""
    groups = ("29-114", "29-115", "15-125", "35-201")
    basis = np.eye(384, 4, dtype=np.float32)
    return OccupationHead(
        groups,
        (),
        basis,
        sure * np.eye(4, dtype=np.float32),
        np.zeros(4, np.float32),
        np.full(4, 0.25, np.float32),
    )


@pytest.mark.parametrize(
    ("told", "sure", "expected"),
    [
        ([0, 2, 3], 99.0, 3.0),
        ([0, 1], 99.0, 1.0),  # nurses of two kinds
        ([2, 2, 2, 3], 99.0, 4 / 3**0.75),
        ([0, 2, 3], 0.0, 1.0),  # a head that tells nothing apart
    ],
)
def test_occupations_are_counted_as_they_differ(told, sure, expected):
    """Beta diversity: what equal groups would give, 1 where no text says another than the rest."""
    rows = np.eye(384, dtype=np.float32)[told]
    assert occupation_diversity(rows, head(sure)) == pytest.approx(expected, abs=1e-6)


def test_groups_within_one_occupation_are_not_trusted():
    """Texts that fall into groups, but are all of one occupation, lead to broad; the same texts are
    trusted where nobody can read occupations."""
    vectors, keys = null_sample(150, 7, 5, 4.0), [str(i) for i in range(150)]
    texts = [f"text {i % 5} number {i}" for i in range(150)]
    asked = fit(keys, texts, vectors, CONFIG, Same(), head=head(0.0))
    assert all("occupation" in s.rejection_reason for s in asked.model.segments)
    unasked = fit(keys, texts, vectors, CONFIG, Same())
    assert not [s.rejection_reason for s in unasked.model.segments if s.rejection_reason]


def fitted(n: int, order: np.ndarray | None = None):
    order = np.arange(n) if order is None else order
    vectors, texts = (
        null_sample(n, 7, 5, 4.0),
        np.array([f"text {i % 5} number {i}" for i in range(n)]),
    )
    keys = [f"k{i}" for i in order]
    return keys, fit(keys, texts[order].tolist(), vectors[order], CONFIG, Same())


def test_the_order_and_the_ids_of_texts_are_not_seen():
    """Permuted, every text has the same segment, under the same key."""
    keys, first = fitted(150)
    later, again = fitted(150, np.random.default_rng(1).permutation(150))
    known = {
        k: first.model.segments[c].cluster_key for k, c in zip(keys, first.labels, strict=True)
    }
    other = {
        k: again.model.segments[c].cluster_key for k, c in zip(later, again.labels, strict=True)
    }
    assert known == other
    assert len(set(known.values())) > 1


def test_the_number_of_threads_is_not_seen():
    """One thread and two give the same labels and silhouettes, to the last bit."""
    code = (
        "import hashlib; from tests.segmentation.test_trust import fitted; f = fitted(400)[1];"
        "print(hashlib.sha256(f.labels.tobytes() + f.point_silhouettes.tobytes()).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
            env={**os.environ, "OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n, "PYTHONPATH": "."},
        ).stdout
        for n in ("1", "2")
    }
    assert len(said) == 1


def model(*rows: np.ndarray) -> SegmentModel:
    named_ = [Segment(f"old{i}", i, 0.5, None, ()) for i in range(len(rows))]  # type: ignore[arg-type]
    return SegmentModel("team", tuple(named_), unit(np.stack(rows)))


def test_splits_and_merges_are_told_and_the_greater_heir_keeps_the_key():
    """Segment old0 falls in two, old1 and old2 become one, old3 stays."""
    axes = np.eye(8)[:, :8]
    previous = model(*axes[:4])
    vectors = np.repeat(axes[:4], [30, 20, 25, 20], axis=0)
    labels = np.repeat([0, 1, 2, 2, 3], [20, 10, 20, 25, 20])
    found = inherited_keys(
        ["n0", "n1", "n2", "n3"], vectors, labels, [(0,), (1,), (2,), (3,)], previous
    )
    keys, lineages = zip(*found, strict=True)
    assert keys == ("old0", "n1", "old2", "old3")
    assert lineages == ("split from old0", "split from old0", "merges old1, old2", "kept")


def test_a_topic_that_nobody_had_is_new():
    """Its texts were with another segment only because they had to be somewhere."""
    axes = np.eye(8)
    previous = model(axes[0], axes[1])
    vectors = np.repeat(np.stack([axes[0], axes[1], axes[0] * 0.1 + axes[5]]), [60, 60, 15], axis=0)
    labels = np.repeat([0, 1, 2], [60, 60, 15])
    assert inherited_keys(["a", "b", "c"], vectors, labels, [(0,), (1,), (2,)], previous) == [
        ("old0", "kept"),
        ("old1", "kept"),
        ("c", "new"),
    ]
