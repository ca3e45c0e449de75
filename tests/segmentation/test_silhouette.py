import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from assets.segmentation.clustering.silhouette import silhouettes


@pytest.mark.parametrize("n", [7, 300, 2_500])
def test_it_is_scikit_learns(n):
    """Of each point, for several partitions at once, over more rows than one chunk holds."""
    chance = np.random.default_rng(n)
    points = chance.normal(size=(n, 6))
    partitions = [np.arange(n) % k for k in (2, 3, 5)]
    for labels, found in zip(partitions, silhouettes(points, partitions), strict=True):
        assert found == pytest.approx(silhouette_samples(points, labels), abs=1e-9)


def test_against_a_sample_it_is_that_of_the_sample_with_the_point():
    """A point outside the sample is measured as if it were the sample's last."""
    chance = np.random.default_rng(4)
    points, labels = chance.normal(size=(90, 4)), np.arange(90) % 3
    (found,) = silhouettes(points, [labels], n_sample=60)
    assert found[:60] == pytest.approx(silhouette_samples(points[:60], labels[:60]), abs=1e-9)
    for i in (60, 75, 89):
        with_it = [*range(60), i]
        alone = silhouette_samples(points[with_it], labels[with_it])[-1]
        assert found[i] == pytest.approx(alone, abs=1e-9)


def test_one_group_a_lonely_point_and_equal_points_have_none():
    """Nothing separates them."""
    points = np.array([[0.0], [0.0], [5.0]])
    one, two = silhouettes(points, [np.array([0, 0, 0]), np.array([0, 0, 1])])
    assert one.tolist() == [0, 0, 0]
    assert two.tolist() == [1, 1, 0]
    (equal,) = silhouettes(np.zeros((4, 2)), [np.array([0, 0, 1, 1])])
    assert equal.tolist() == [0, 0, 0, 0]
