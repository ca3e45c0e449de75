"""k-means of many small sets at once."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from assets.segmentation import kmeans as module
from assets.segmentation.kmeans import kmeans, kmeans_each


def sets(b: int, n: int, d: int, seed: int = 1) -> np.ndarray:
    """Normal clouds, a third of each moved."""
    drawn = np.random.default_rng(seed).normal(size=(b, n, d))
    drawn[:, : n // 3, 0] += 3.0
    return drawn


@pytest.mark.parametrize(("n", "k", "starts"), [(40, 2, 3), (150, 7, 2), (150, 30, 1), (701, 5, 3)])
def test_each_set_is_grouped_as_scikit_learn_groups_it_alone(n, k, starts):
    many, seeds = sets(6, n, 12), list(range(6))
    labels, centres = kmeans_each(many, k, seeds, starts)
    for one, seed, found, middles in zip(many, seeds, labels, centres, strict=True):
        wanted, there = kmeans(one, k, seed, starts)
        np.testing.assert_array_equal(found, wanted)
        np.testing.assert_allclose(middles, there, atol=1e-12)


def test_how_many_are_taken_at_once_is_not_seen(monkeypatch):
    """Nor do the sets beside it matter to one."""
    many, seeds = sets(5, 80, 6), [3, 1, 4, 1, 5]
    together = kmeans_each(many, 4, seeds, 2)
    monkeypatch.setattr(module, "AT_ONCE", 1)
    for a, b in zip(together, kmeans_each(many, 4, seeds, 2), strict=True):
        np.testing.assert_array_equal(a, b)


def test_more_groups_than_different_points():
    """Some run empty: every point is still with its equals, and no centre is lost to a division."""
    truth = np.arange(30) % 3
    many = np.repeat(sets(1, 3, 2)[:, truth], 2, axis=0)
    labels, centres = kmeans_each(many, 5, [0, 1], 1)
    assert np.isfinite(centres).all()
    for found in labels:
        assert adjusted_rand_score(truth, found) == 1.0
