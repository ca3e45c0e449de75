"""What the default way of grouping looks at, and what it does not."""

import numpy as np
from sklearn.metrics import adjusted_rand_score

from assets.segmentation.clustering import methods
from assets.segmentation.clustering.methods import neighbour_vote, pca_kmeans, reassign_to_centroids
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import unit
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.trust import stability

CONFIG = SegmentationConfig()


def head() -> OccupationHead:
    """Reads the first two axes as occupations of two minor groups, and is sure of itself."""
    basis = np.eye(384, 2, dtype=np.float32)
    return OccupationHead(
        ("29-114", "35-201"),
        (),
        basis,
        99.0 * np.eye(2, dtype=np.float32),
        np.zeros(2, np.float32),
        np.full(2, 0.5, np.float32),
    )


def noisy(centres: np.ndarray, n: int, seed: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    chance, truth = np.random.default_rng(seed), np.arange(n) % len(centres)
    return unit(centres[truth] + chance.normal(scale=scale, size=(n, 384))), truth


def test_occupations_part_what_vectors_alone_do_not():
    """Two occupations that vectors differ by less than by four other things: their first axis is
    one of those (chance agrees within 0.1 in ARI of 200 texts), and occupations beside them are."""
    centres = np.zeros((2, 384))
    centres[:, 20] = 0.5
    centres[0, 0] = centres[1, 1] = 0.05
    for seed in range(5):
        vectors, truth = noisy(centres, 200, seed, 0.001)
        vectors[:, 10:14] += np.random.default_rng(seed).normal(scale=0.15, size=(200, 4))
        blind, told = (
            adjusted_rand_score(truth, pca_kmeans(unit(vectors), CONFIG, h).space[:, 0] > 0)
            for h in (None, head())
        )
        assert blind < 0.1
        assert told > 0.9


def test_rounding_of_vectors_does_not_change_the_groups():
    """Another processor's vectors differ by a cosine of 0.00003; the groups are the same but for
    texts that lie between two."""
    chance = np.random.default_rng(7)
    for seed in range(3):
        vectors, _ = noisy(chance.normal(size=(5, 384)), 300, seed, 2.0)
        other = unit(vectors + chance.normal(scale=np.sqrt(6e-5 / 384), size=vectors.shape))
        first, second = (pca_kmeans(v, CONFIG).labels for v in (vectors, other))
        assert first.max() == second.max()
        assert adjusted_rand_score(first, second) > 0.95


def test_neighbours_say_which_group_a_text_is_of():
    """Twenty of one kind and twelve of another: two that were put with the others come back, each
    by eight of its eleven nearest at least; two that were said to be a third are none, and a text
    that nobody grouped goes where its neighbours are."""
    kinds = np.repeat([0, 1], [20, 12])
    vectors, _ = noisy(np.eye(2, 384), 2, 0, 0.0)
    vectors = unit(vectors[kinds] + np.random.default_rng(0).normal(scale=0.01, size=(32, 384)))
    wrong = kinds.copy()
    wrong[[3, 25]] = 1 - wrong[[3, 25]]
    assert neighbour_vote(vectors, wrong).tolist() == kinds.tolist()
    few = kinds.copy()
    few[:2] = 2
    assert neighbour_vote(vectors, few).tolist() == kinds.tolist()
    assert neighbour_vote(vectors, kinds[:28]).tolist() == kinds.tolist()


def test_a_text_is_of_the_group_that_it_is_nearest_to():
    """As a text that comes later is: the fourth was put with the second group."""
    vectors = unit(np.array([[1, 0, 0], [1, 0.1, 0], [0, 1, 0], [1, 0.2, 0], [0, 1, 0.1]]))
    labels, centres = reassign_to_centroids(vectors, np.array([0, 0, 1, 1, 1]))
    assert labels.tolist() == [0, 0, 1, 0, 1]
    assert (vectors @ centres.T).argmax(axis=1).tolist() == labels.tolist()


def test_a_group_that_is_too_small_is_dissolved():
    """Three texts between two groups, nearer to the second, go there; where three suffice they
    stay. Two groups of one centroid are one."""
    kinds = np.repeat([0, 1, 2], [8, 7, 3])
    middles = np.array([[1, 0, 0], [0, 1, 0], [0.4, 0.6, 0.7]])
    vectors = unit(middles[kinds] + np.random.default_rng(0).normal(scale=0.01, size=(18, 3)))
    assert reassign_to_centroids(vectors, kinds, least=3)[0].tolist() == kinds.tolist()
    labels, centres = reassign_to_centroids(vectors, kinds, least=4)
    assert labels.tolist() == np.minimum(kinds, 1).tolist()
    assert (vectors @ centres.T).argmax(axis=1).tolist() == labels.tolist()
    twins = unit(np.array([[1, 0], [0, 1], [1, 0], [0, 1]]))
    assert reassign_to_centroids(twins, np.array([0, 0, 1, 1]))[0].tolist() == [0, 0, 0, 0]


def test_of_many_k_that_are_as_good_the_middle_one_is_taken(monkeypatch):
    """Five and eight that come back as well call for six, their geometric mean, and a hair of
    strength changes nothing; where eight come back worse by far, for five."""
    vectors, _ = noisy(np.random.default_rng(0).normal(size=(4, 384)), 400, 0, 0.3)
    asked = []

    def agreed(points, k, seed):
        asked.append(k)
        return np.arange(len(points)) % 4

    monkeypatch.setattr(methods, "consensus", agreed)
    for scores in ({5: 0.4, 8: 0.4}, {5: 0.4, 8: 0.401}, {5: 0.4, 8: 0.1}, {5: 0.4}):
        monkeypatch.setattr(methods, "strength_by_k", lambda space, config, s=scores: s)
        pca_kmeans(vectors, CONFIG)
    assert asked == [6, 6, 5, 5]


def test_a_k_that_is_alone_with_its_strength_does_not_win(monkeypatch):
    """Twelve groups come back by luck, ten and fifteen do not; five, six and seven all do."""
    lucky = {4: 0.3, 5: 0.4, 6: 0.4, 7: 0.4, 8: 0.3, 10: 0.2, 12: 0.44, 15: 0.2}
    monkeypatch.setattr(
        methods,
        "excess_prediction_strength",
        lambda points, ks, seed: np.array([lucky.get(k, 0.1) for k in ks]),
    )
    vectors, _ = noisy(np.random.default_rng(0).normal(size=(4, 384)), 400, 0, 0.3)
    found = pca_kmeans(vectors, CONFIG).scores
    assert max(found, key=lambda k: found[k]) in (5, 6, 7)
    assert found[12] < 0.35


def test_a_cloud_has_no_strength_and_groups_have():
    """Of four groups far apart in each of three worlds four come back in full, and better than
    those of a normal draw of their covariance; that of such a draw itself is within 0.1 of none
    (five standard errors of a dozen halvings)."""
    for seed in range(3):
        chance = np.random.default_rng(seed)
        cloud = chance.normal(size=(200, 3))
        (none,) = stability.excess_prediction_strength(cloud, [4], seed=1)
        apart = cloud + 40.0 * np.eye(4)[np.arange(200) % 4][:, :3]
        (much,) = stability.excess_prediction_strength(apart, [4], seed=1)
        assert abs(none) < 0.1
        assert much > 0.2
