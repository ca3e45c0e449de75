"""Ways of grouping texts, behind one protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering.consensus import consensus
from assets.segmentation.clustering.kmeans import kmeans, nearest_centre
from assets.segmentation.clustering.reduction import (
    Points,
    principal_components,
    umap_projection,
    unit_directions,
)
from assets.segmentation.clustering.silhouette import Labels, silhouettes
from assets.segmentation.config import CLUSTERERS, SegmentationConfig
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.model.profiles import centroids
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.trust.stability import excess_prediction_strength

MAX_SAMPLE = 2_000
"""Texts by which k is chosen and trust is measured: distances of all to all are quadratic. The
grouping itself takes all."""
N_NEIGHBOURS = 11
"""Texts of the sample, a text of it itself among its own, that say which group one is of: an odd
number about the smallest cell."""
OCCUPATION_WEIGHT = 0.25
"""Weight of what two texts' occupations have in common against the cosine of their vectors."""
STRENGTH_SCALE = 0.02
"""Strengths this near to each other say the same, since they come from a dozen halvings; a k that
lies so far behind another counts e times less."""
LOG_K_BANDWIDTH = 0.2
"""Standard deviation, in the logarithm of k, of the weights with which a k's strength is averaged
with its neighbours': what five groups are worth, six nearly are, and the rest is chance."""
CANDIDATE_KS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50)


@dataclass(frozen=True, slots=True)
class Clustering:
    """A grouping of n texts.

    Attributes:
        labels: (n,) from 0 on without gaps.
        space: (n, d) float64, in which groups were found.
        scores: of the k among which was chosen, in the clusterer's own unit.
        centroids: unit rows (k, d), if each text was assigned to the nearest of them.
    """

    labels: Labels
    space: Points
    scores: Mapping[int, float]
    centroids: Vectors | None = None


class Clusterer(Protocol):
    """Groups distinct unit vectors (n, d) in a random order; the same vectors give the same groups.
    `head` reads occupations off them.
    """

    def __call__(
        self, vectors: Vectors, config: SegmentationConfig, head: OccupationHead | None = None
    ) -> Clustering: ...


def pca_kmeans(
    vectors: Vectors, config: SegmentationConfig, head: OccupationHead | None = None
) -> Clustering:
    """Consensus of many k-means on principal components, with the number of groups that redrawn
    texts predict best.

    Steps: `with_occupations`, `strength_by_k`, `consensus`, `neighbour_vote`,
        `reassign_to_centroids`.

    Args:
        vectors: distinct unit rows (n, d) float32 in a random order; of the first MAX_SAMPLE of
            them k and the groups are found.
        head: reads occupations off the vectors; None leaves them out.

    >>> import numpy as np
    >>> from assets.segmentation.model.embedding import unit
    >>> draws = np.random.default_rng(1)
    >>> vectors = unit(np.eye(3)[np.arange(60) % 3] + draws.normal(scale=0.05, size=(60, 3)))
    >>> sorted(np.bincount(pca_kmeans(vectors, SegmentationConfig()).labels).tolist())
    [20, 20, 20]
    """
    space = with_occupations(vectors, config, head)
    scores = strength_by_k(space, config)
    if not scores:
        return Clustering(np.zeros(len(space), np.int64), space, {})
    k = _average_k(scores)
    found = consensus(unit_directions(space[:MAX_SAMPLE]), k, config.seed)
    least = min(config.minimum_cell, len(vectors) // (2 * k))
    labels, centres = reassign_to_centroids(vectors, neighbour_vote(vectors, found), least)
    return Clustering(labels, space, scores, centres)


def with_occupations(
    vectors: Vectors, config: SegmentationConfig, head: OccupationHead | None
) -> Points:
    """Principal components (n, `axes`) of vectors (n, d) float32 with their occupations beside
    them.

    Before the reduction the product of two rows is the cosine of the texts plus OCCUPATION_WEIGHT
    times the Bhattacharyya coefficient of their occupations' shares.
    """
    if head is not None:
        shares = np.sqrt(OCCUPATION_WEIGHT * head.minor_shares(vectors))
        vectors = np.hstack([vectors, shares])
    return principal_components(vectors, config.axes)


def neighbour_vote(vectors: Vectors, labels: Labels) -> Labels:
    """Move each text to the group of most of its nearest neighbours among the first len(labels)
    vectors.

    On few components k-means draws borders through what lies together on all. A group that wins
    nowhere disappears.

    Args:
        vectors: unit rows (n, d).
        labels: of the first min(n, MAX_SAMPLE) of them.

    Returns:
        Labels (n,) without gaps.
    """
    from sklearn.neighbors import NearestNeighbors

    among = NearestNeighbors(n_neighbors=min(N_NEIGHBOURS, len(labels)), algorithm="brute")
    near = among.fit(vectors[: len(labels)]).kneighbors(vectors, return_distance=False)
    votes = (labels[near][:, :, None] == np.arange(int(labels.max()) + 1)).sum(axis=1)
    return np.unique(votes.argmax(axis=1), return_inverse=True)[1].astype(np.int64)


def reassign_to_centroids(
    vectors: Vectors, labels: Labels, least: int = 1
) -> tuple[Labels, Vectors]:
    """Move each vector (n, d) to the group of the nearest centroid, as a text that comes later will
    be.

    The smallest group of fewer than `least` texts is dissolved, until there is none.

    Returns:
        Labels (n,), and the centroids (k, d) by which they were assigned.
    """
    while True:
        centres = centroids(vectors, labels)
        labels = (vectors @ centres.T).argmax(axis=1)
        sizes = np.bincount(labels, minlength=len(centres))
        if sizes.min() >= least or len(centres) == 1:
            return labels, centres
        others = np.delete(centres, sizes.argmin(), axis=0)
        labels = (vectors @ others.T).argmax(axis=1)
        labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)


def strength_by_k(space: Points, config: SegmentationConfig) -> dict[int, float]:
    """Prediction strength of points (n, d) in excess of null samples, for each candidate k;
    smoothed over neighbouring k with a Gaussian in log k of width LOG_K_BANDWIDTH.
    """
    ks = candidate_ks(space, config)
    if not ks:
        return {}
    raw = excess_prediction_strength(space[:MAX_SAMPLE], ks, seed=config.seed)
    apart = np.subtract.outer(np.log(ks), np.log(ks)) / LOG_K_BANDWIDTH
    weights = np.exp(-0.5 * apart**2)
    return dict(zip(ks, (weights @ raw / weights.sum(axis=1)).tolist(), strict=True))


def umap_kmeans(
    vectors: Vectors, config: SegmentationConfig, head: OccupationHead | None = None
) -> Clustering:
    """k-means++ after UMAP, with the k of the best mean silhouette there: the pipeline as first
    specified."""
    space = umap_projection(
        vectors, seed=config.seed, n_components=config.dimensions, neighbours=config.neighbours
    )
    ks = candidate_ks(vectors, config)
    if not ks:
        return Clustering(np.zeros(len(space), np.int64), space, {})
    found = {k: kmeans(space, k, config.seed, n_init=10)[0] for k in ks}
    among = min(MAX_SAMPLE, len(space))
    values = silhouettes(space, list(found.values()), among)
    scores = {k: float(v[:among].mean()) for k, v in zip(ks, values, strict=True)}
    return Clustering(found[max(scores, key=lambda k: scores[k])], space, scores)


def pca_hdbscan(
    vectors: Vectors, config: SegmentationConfig, head: OccupationHead | None = None
) -> Clustering:
    """Dense regions (HDBSCAN, Campello et al. 2013) on principal components; a text between them
    goes to the nearest.
    """
    from sklearn.cluster import HDBSCAN

    space = principal_components(vectors, config.axes)
    size = max(2, config.minimum_cell)
    labels = np.zeros(len(space), np.int64)
    if len(space) > 2 * size:
        found = HDBSCAN(min_cluster_size=size, copy=True).fit_predict(space)
        if (k := int(found.max()) + 1) > 1:
            labels = nearest_centre(
                space, np.stack([space[found == c].mean(axis=0) for c in range(k)])
            )
            labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return Clustering(labels, space, {})


def clusterer(name: str) -> Clusterer:
    """The clusterer of that name, one of `config.CLUSTERERS`."""
    known: tuple[Clusterer, ...] = (pca_kmeans, umap_kmeans, pca_hdbscan)
    return dict(zip(CLUSTERERS, known, strict=True))[name]


def candidate_ks(vectors: NDArray[np.floating], config: SegmentationConfig) -> Sequence[int]:
    """The k to compare: from k_min to k_max, with at least a minimum cell of texts in the mean
    group; k_min alone while its groups would be of four or more; none for fewer vectors.
    """
    distinct = len(np.unique(vectors, axis=0))
    least = config.k_min if distinct >= 4 * config.k_min else 0
    top = min(config.k_max, max(distinct // max(config.minimum_cell, 2), least))
    return sorted({k for k in (*CANDIDATE_KS, config.k_min, top) if config.k_min <= k <= top})


def _average_k(scores: Mapping[int, float]) -> int:
    """Geometric mean of the k, weighted by exp(-gap / STRENGTH_SCALE) and by the range of log k
    that each stands for, where gap is the distance to the best strength.
    """
    ratios, strength = np.log([*scores]), np.array([*scores.values()])
    log_widths = np.gradient(ratios) if len(ratios) > 1 else np.ones(1)
    weights = log_widths * np.exp((strength - strength.max()) / STRENGTH_SCALE)
    return round(float(np.exp(np.average(ratios, weights=weights))))
