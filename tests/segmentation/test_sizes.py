import numpy as np
import pytest

from assets.segmentation.clustering import cluster
from assets.segmentation.embedding import unit
from assets.segmentation.reduction import reduce


def vectors(n: int) -> np.ndarray:
    return unit(np.random.default_rng(n).normal(size=(n, 384)))


@pytest.mark.parametrize("n", [1, 2, 3, 51, 52, 60])
def test_any_number_of_texts_can_be_reduced_and_clustered(n):
    """Dimensions are min(50, n - 2), at least one; every text gets a cluster and a silhouette."""
    reduced = reduce(vectors(n), seed=1)
    assert reduced.shape == (n, max(1, min(50, n - 2)))
    found = cluster(reduced, seed=1)
    assert found.labels.shape == (n,)
    assert set(found.labels) == set(range(found.k))
    assert np.all(np.abs(found.point_silhouettes) <= 1)


def test_texts_that_are_all_alike_are_one_cluster_that_nothing_separates():
    """Without a difference there is no second group, and the gate sends the ads to broad."""
    found = cluster(np.ones((20, 5), np.float32), seed=1)
    assert found.k == 1
    assert found.cluster_silhouettes.tolist() == [0.0]


def test_separate_topics_are_found_again():
    """Three topics far apart come back as three clusters, each pure and surely separate."""
    chance = np.random.default_rng(3)
    centres = chance.normal(size=(3, 384))
    truth = np.repeat([0, 1, 2], 40)
    noisy = unit(centres[truth] + chance.normal(scale=0.3, size=(120, 384)))
    found = cluster(reduce(noisy, seed=1), seed=1)
    assert found.k == 3
    assert all(len(set(truth[found.labels == c])) == 1 for c in range(3))
    assert found.cluster_silhouettes.min() > 0.25
