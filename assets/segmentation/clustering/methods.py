"""Ways of grouping texts, behind one protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering.consensus import consensus
from assets.segmentation.clustering.kmeans import kmeans, nearest
from assets.segmentation.clustering.reduction import Points, directions, principal, projected
from assets.segmentation.clustering.silhouette import Labels, silhouettes
from assets.segmentation.config import CLUSTERERS, SegmentationConfig
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.model.profiles import centroids
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.trust.stability import excess_strength

SAMPLE = 2_000
"""Texts by which k is chosen and trust is measured: distances of all to all are quadratic. The
grouping itself takes all."""
NEIGHBOURS = 11
"""Texts of the sample, a text of it itself among its own, that say which group one is of: an odd
number about the smallest cell."""
OCCUPATIONS = 0.25
"""Weight of what two texts' occupations have in common against the cosine of their vectors."""
EQUAL = 0.02
"""Strengths this near to each other say the same, since they come from a dozen halvings; a k that
lies so far behind another counts e times less."""
ALIKE = 0.2
"""Standard deviation, in the logarithm of k, of the weights with which a k's strength is averaged
with its neighbours': what five groups are worth, six nearly are, and the rest is chance."""
TRIED = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50)


@dataclass(frozen=True, slots=True)
class Clustering:
    """`labels` (n,) from 0 on without gaps; `space` (n, d), where they were found; `scores` of the
    k among which was chosen, in the clusterer's own terms; `centroids` (k, 384) unit rows, if each
    text was put to the nearest of them."""

    labels: Labels
    space: Points
    scores: Mapping[int, float]
    centroids: Vectors | None = None


class Clusterer(Protocol):
    """Groups vectors (n, 384), which are distinct and in a random order; the same vectors give the
    same groups. `head` reads occupations off them."""

    def __call__(
        self, vectors: Vectors, config: SegmentationConfig, head: OccupationHead | None = None
    ) -> Clustering: ...


def pca_kmeans(
    vectors: Vectors, config: SegmentationConfig, head: OccupationHead | None = None
) -> Clustering:
    """k-means++ of the texts' directions, many times over, with about as many groups as come back
    best in other texts; then what most of them agree on."""
    space = with_occupations(vectors, config, head)
    scores = strengths(space, config)
    if not scores:
        return Clustering(np.zeros(len(space), np.int64), space, {})
    k = _middle(scores)
    found = consensus(directions(space[:SAMPLE]), k, config.seed)
    least = min(config.minimum_cell, len(vectors) // (2 * k))
    labels, centres = settled(vectors, voted(vectors, found), least)
    return Clustering(labels, space, scores, centres)


def with_occupations(
    vectors: Vectors, config: SegmentationConfig, head: OccupationHead | None
) -> Points:
    """Principal axes of vectors (n, 384) with their occupations beside them, where a head reads
    any: (n, `axes`). Before the cut to few axes the product of two rows is the cosine of the texts
    and, OCCUPATIONS as heavy, the Bhattacharyya coefficient of their occupations' shares."""
    if head is not None:
        shares = np.sqrt(OCCUPATIONS * head.minor_shares(vectors))
        vectors = np.hstack([vectors, shares])
    return principal(vectors, config.axes)


def voted(vectors: Vectors, labels: Labels) -> Labels:
    """Each vector (n, 384) to the group that most of its nearest texts are of, among the first
    min(n, SAMPLE), a fair sample, of which `labels` are. On few axes k-means draws borders through
    what lies together on all. A group that no text's neighbours are mostly of is none."""
    from sklearn.neighbors import NearestNeighbors

    among = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(labels)), algorithm="brute")
    near = among.fit(vectors[: len(labels)]).kneighbors(vectors, return_distance=False)
    votes = (labels[near][:, :, None] == np.arange(int(labels.max()) + 1)).sum(axis=1)
    return np.unique(votes.argmax(axis=1), return_inverse=True)[1].astype(np.int64)


def settled(vectors: Vectors, labels: Labels, least: int = 1) -> tuple[Labels, Vectors]:
    """Each vector (n, 384) to the group whose centroid it is nearest to, as a text that comes later
    is, and those centroids. The smallest group of fewer than `least` is dissolved, until there is
    none."""
    while True:
        centres = centroids(vectors, labels)
        labels = (vectors @ centres.T).argmax(axis=1)
        sizes = np.bincount(labels, minlength=len(centres))
        if sizes.min() >= least or len(centres) == 1:
            return labels, centres
        others = np.delete(centres, sizes.argmin(), axis=0)
        labels = (vectors @ others.T).argmax(axis=1)
        labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)


def strengths(space: Points, config: SegmentationConfig) -> dict[int, float]:
    """How much better the groups of points (n, d) come back in others than a cloud's do, for each k
    that is tried, averaged with the k beside it (ALIKE)."""
    ks = tried(space, config)
    if not ks:
        return {}
    raw = excess_strength(space[:SAMPLE], ks, seed=config.seed)
    apart = np.subtract.outer(np.log(ks), np.log(ks)) / ALIKE
    weights = np.exp(-0.5 * apart**2)
    return dict(zip(ks, (weights @ raw / weights.sum(axis=1)).tolist(), strict=True))


def umap_kmeans(
    vectors: Vectors, config: SegmentationConfig, head: OccupationHead | None = None
) -> Clustering:
    """As first specified: k-means++ after UMAP, with the k of the best mean silhouette there."""
    space = projected(
        vectors, seed=config.seed, wanted=config.dimensions, neighbours=config.neighbours
    )
    ks = tried(vectors, config)
    if not ks:
        return Clustering(np.zeros(len(space), np.int64), space, {})
    found = {k: kmeans(space, k, config.seed, starts=10)[0] for k in ks}
    among = min(SAMPLE, len(space))
    values = silhouettes(space, list(found.values()), among)
    scores = {k: float(v[:among].mean()) for k, v in zip(ks, values, strict=True)}
    return Clustering(found[max(scores, key=lambda k: scores[k])], space, scores)


def pca_hdbscan(
    vectors: Vectors, config: SegmentationConfig, head: OccupationHead | None = None
) -> Clustering:
    """Dense regions (Campello et al. 2013) on principal axes; what lies between them goes to the
    nearest."""
    from sklearn.cluster import HDBSCAN

    space = principal(vectors, config.axes)
    size = max(2, config.minimum_cell)
    labels = np.zeros(len(space), np.int64)
    if len(space) > 2 * size:
        found = HDBSCAN(min_cluster_size=size, copy=True).fit_predict(space)
        if (k := int(found.max()) + 1) > 1:
            labels = nearest(space, np.stack([space[found == c].mean(axis=0) for c in range(k)]))
            labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return Clustering(labels, space, {})


def clusterer(name: str) -> Clusterer:
    """The way of grouping of that name, one of `config.CLUSTERERS`."""
    known: tuple[Clusterer, ...] = (pca_kmeans, umap_kmeans, pca_hdbscan)
    return dict(zip(CLUSTERERS, known, strict=True))[name]


def tried(vectors: NDArray[np.floating], config: SegmentationConfig) -> Sequence[int]:
    """The k that are tried: from k_min to k_max, with groups of at least a cell in the mean; k_min
    alone while its groups would be of four or more; none for fewer vectors."""
    distinct = len(np.unique(vectors, axis=0))
    least = config.k_min if distinct >= 4 * config.k_min else 0
    top = min(config.k_max, max(distinct // max(config.minimum_cell, 2), least))
    return sorted({k for k in (*TRIED, config.k_min, top) if config.k_min <= k <= top})


def _middle(scores: Mapping[int, float]) -> int:
    """Where many k are as good none is the answer, and the next text would choose another: their
    geometric mean, each weighted by its strength and by the ratios of k that it stands for."""
    ratios, strength = np.log([*scores]), np.array([*scores.values()])
    stands = np.gradient(ratios) if len(ratios) > 1 else np.ones(1)
    weights = stands * np.exp((strength - strength.max()) / EQUAL)
    return round(float(np.exp(np.average(ratios, weights=weights))))
