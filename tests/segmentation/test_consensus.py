"""Groups that many groupings agree on."""

from collections.abc import Callable

import numpy as np
from sklearn.metrics import adjusted_rand_score

from assets.segmentation.clustering.consensus import consensus
from assets.segmentation.clustering.kmeans import kmeans


def world(seed: int, groups: int, n: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Normal groups on eight axes; their centres are standard normal draws."""
    chance, truth = np.random.default_rng(seed), np.arange(n) % groups
    centres = chance.normal(size=(groups, 8))
    return centres[truth] + chance.normal(scale=spread, size=(n, 8)), truth


def test_groups_that_lie_apart_are_found_whatever_the_order():
    points, truth = world(1, 4, 120, 0.05)
    order = np.random.default_rng(2).permutation(120)
    assert adjusted_rand_score(truth, consensus(points, 4, 0)) == 1.0
    assert adjusted_rand_score(truth[order], consensus(points[order], 4, 0)) == 1.0


def test_chance_decides_less_than_in_one_grouping():
    """Of twenty worlds whose groups overlap: two seeds agree more on what sixty groupings agree on
    than on one, in fifteen at least (by chance once in fifty: a sign test), and it is nearer to the
    truth in the mean."""

    def one(points: np.ndarray, k: int, seed: int) -> np.ndarray:
        return kmeans(points, k, seed, n_init=1)[0]

    def seen(way: Callable[..., np.ndarray], seed: int) -> tuple[float, float]:
        points, truth = world(seed, 8, 240, 0.7)
        first, second = (way(points, 8, s) for s in (10, 11))
        return adjusted_rand_score(first, second), adjusted_rand_score(truth, first)

    many, single = (np.array([seen(way, seed) for seed in range(20)]) for way in (consensus, one))
    assert (many[:, 0] > single[:, 0]).sum() >= 15
    assert many[:, 1].mean() > single[:, 1].mean()


def test_few_or_equal_points_are_grouped_too():
    """As many groups as are asked for at most: of equal points there is one."""
    assert len(set(consensus(np.eye(8), 2, 0))) <= 2
    assert set(consensus(np.ones((9, 3)), 3, 0)) == {0}
