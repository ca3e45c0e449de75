"""k-means of many small sets at once."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from assets.segmentation.clustering import kmeans as module
from assets.segmentation.clustering.kmeans import kmeans, kmeans_batch


def sets(b: int, n: int, d: int, seed: int = 1) -> np.ndarray:
    """Normal clouds, a third of each moved."""
    drawn = np.random.default_rng(seed).normal(size=(b, n, d))
    drawn[:, : n // 3, 0] += 3.0
    return drawn


@pytest.mark.parametrize(
    ("n", "d", "k", "n_init"),
    [
        (40, 12, 2, 3),
        (150, 12, 7, 2),
        (150, 12, 30, 1),
        (701, 12, 5, 3),
        (9, 3, 9, 2),
        (9, 3, 1, 1),
        (3_000, 2, 8, 1),  # the last one's centres creep: it stops by the tolerance
    ],
)
def test_each_set_is_grouped_as_scikit_learn_groups_it_alone(n, d, k, n_init):
    many, seeds = sets(6, n, d), list(range(6))
    labels, centres = kmeans_batch(many, k, seeds, n_init)
    for one, seed, found, middles in zip(many, seeds, labels, centres, strict=True):
        wanted, there = kmeans(one, k, seed, n_init)
        np.testing.assert_array_equal(found, wanted)
        np.testing.assert_allclose(middles, there, atol=1e-12)


def test_how_many_are_taken_at_once_is_not_seen(monkeypatch):
    """Nor do the sets beside it matter to one."""
    many, seeds = sets(5, 80, 6), [3, 1, 4, 1, 5]
    together = kmeans_batch(many, 4, seeds, 2)
    for at_once in (2 * 80 * 6 * 2, 80 * 6 * 2):  # two, one
        monkeypatch.setattr(module, "BATCH_NUMBERS", at_once)
        for a, b in zip(together, kmeans_batch(many, 4, seeds, 2), strict=True):
            np.testing.assert_array_equal(a, b)


def test_sets_that_fill_a_batch_are_given_to_scikit_learn(monkeypatch):
    """And the answer is the same, centres but for rounding."""
    many, seeds = sets(3, 80, 6), [3, 1, 4]
    labels, centres = kmeans_batch(many, 4, seeds, 2)
    asked = []
    monkeypatch.setattr(module, "BATCH_NUMBERS", 80 * 6 * 2 - 1)
    monkeypatch.setattr(module, "kmeans", lambda *given: (asked.append(given), kmeans(*given))[1])
    found, there = kmeans_batch(many, 4, seeds, 2)
    assert len(asked) == 3
    np.testing.assert_array_equal(found, labels)
    np.testing.assert_allclose(there, centres, atol=1e-12)


def test_a_last_turn_labels_anew(monkeypatch):
    """Every point is with the centre that it is nearest to, whenever one stops."""
    monkeypatch.setattr(module, "MAX_ITERATIONS", 2)
    many = sets(6, 150, 5)
    labels, centres = kmeans_batch(many, 5, list(range(6)), 1)
    far = ((many[:, :, None] - centres[:, None]) ** 2).sum(axis=3)
    np.testing.assert_array_equal(labels, far.argmin(axis=2))


@pytest.mark.parametrize("wrong", ["fewer points than groups", "no number", "a seed too few"])
def test_what_cannot_be_grouped_is_refused(wrong):
    many, seeds = sets(2, 8, 3), [1, 2]
    if wrong == "no number":
        many[1, 4, 0] = np.nan
    if wrong == "a seed too few":
        seeds.pop()
    with pytest.raises(ValueError, match="cannot be"):
        kmeans_batch(many, 9 if wrong == "fewer points than groups" else 3, seeds, 1)


def test_more_groups_than_different_points():
    """Some run empty: points are still with their equals, and every centre is one of them."""
    truth = np.arange(30) % 3
    many = np.repeat(sets(1, 3, 2)[:, truth], 2, axis=0)
    labels, centres = kmeans_batch(many, 5, [0, 1], 1)
    for points, found, middles in zip(many, labels, centres, strict=True):
        assert adjusted_rand_score(truth, found) == 1.0
        far = ((middles[:, None] - points) ** 2).sum(axis=2).min(axis=1)
        np.testing.assert_allclose(far, 0.0, atol=1e-20)
