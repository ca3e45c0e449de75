import numpy as np
import pytest

from assets.segmentation.clustering.methods import clusterer
from assets.segmentation.config import CLUSTERERS, SegmentationConfig
from assets.segmentation.model.embedding import unit

SPECIFIED = SegmentationConfig(clusterer="umap-kmeans", k_max=6)


def vectors(n: int) -> np.ndarray:
    return unit(np.random.default_rng(n).normal(size=(n, 384)))


@pytest.mark.parametrize("name", CLUSTERERS)
@pytest.mark.parametrize("n", [1, 2, 3, 51, 52, 60])
def test_any_number_of_texts_can_be_reduced_and_grouped(n, name):
    """Every text gets a group, groups are numbered without gaps, and dimensions are at most n - 2
    but at least one."""
    config = SegmentationConfig(clusterer=name)
    found = clusterer(name)(vectors(n), config)
    wanted = config.dimensions if name == "umap-kmeans" else config.axes
    assert found.space.shape == (n, max(1, min(wanted, n - 2)))
    assert set(found.labels) == set(range(found.labels.max() + 1))


@pytest.mark.parametrize("name", CLUSTERERS)
def test_texts_that_are_all_alike_are_one_group(name):
    """Without a difference there is no second group."""
    found = clusterer(name)(np.ones((40, 384), np.float32) / 384**0.5, SegmentationConfig())
    assert set(found.labels) == {0}


@pytest.mark.parametrize("name", CLUSTERERS)
def test_separate_topics_are_found_again(name):
    """Three topics far apart come back as three groups, each pure."""
    chance = np.random.default_rng(3)
    centres = chance.normal(size=(3, 384))
    truth = np.repeat([0, 1, 2], 40)
    noisy = unit(centres[truth] + chance.normal(scale=0.3, size=(120, 384)))
    found = clusterer(name)(noisy, SegmentationConfig(clusterer=name))
    assert found.labels.max() == 2
    assert all(len(set(truth[found.labels == c])) == 1 for c in range(3))


def test_the_specified_pipeline_stays_available():
    """UMAP to 50 dimensions, k of 2 to 6 by the silhouette there."""
    found = clusterer(SPECIFIED.clusterer)(vectors(80), SPECIFIED)
    assert found.space.shape == (80, 50)
    assert set(found.scores) == {2, 3, 4, 5, 6}
    chosen = found.scores[int(found.labels.max()) + 1]
    assert chosen == max(found.scores.values())
