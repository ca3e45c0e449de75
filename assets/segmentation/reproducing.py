"""Does a grouping come back when it is made again from other texts of the same kind?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.silhouette import Labels

Points = NDArray[np.float64]


def kmeans(points: Points, k: int, seed: int, starts: int = 3) -> tuple[Labels, Points]:
    """Labels (n,) and centres (k, d) of k-means++ (Arthur & Vassilvitskii 2007)."""
    from sklearn.cluster import KMeans

    model = KMeans(k, init="k-means++", n_init=starts, random_state=seed).fit(points)
    return model.labels_.astype(np.int64), model.cluster_centers_


def nearest(points: Points, centres: Points) -> Labels:
    """The nearest of `centres` (k, d) for each point (n, d)."""
    far = (centres**2).sum(axis=1) - 2.0 * (points @ centres.T)
    return far.argmin(axis=1).astype(np.int64)


def excess_strength(points: Points, ks: Sequence[int], *, seed: int) -> NDArray[np.float64]:
    """For each k the prediction strength of the points less that of normal draws of the same
    covariance, which falls with k; (len(ks),) in [-1, 1]."""
    chance = np.random.default_rng(seed)
    spread = points.std(axis=0)
    turns = int(np.clip(4_000 // len(points), 6, 12))
    clouds = [
        prediction_strength(chance.normal(size=points.shape) * spread, ks, seed=seed, halvings=1)
        for _ in range(turns)  # another cloud each time: one may be grouped by chance
    ]
    found = prediction_strength(points, ks, seed=seed, halvings=turns)
    excess: NDArray[np.float64] = found - np.mean(clouds, axis=0)
    return excess


def prediction_strength(
    points: Points, ks: Sequence[int], *, seed: int, halvings: int
) -> NDArray[np.float64]:
    """For each k, how well one half of the points foretells the groups of the other (Tibshirani &
    Walther 2005): the share of a group's pairs that the other half's centres leave together, mean
    over the points (theirs is the worst group's) and over `halvings`; (len(ks),) in [0, 1]."""
    chance = np.random.default_rng(seed)
    found = np.zeros((halvings, len(ks)))
    for turn in range(halvings):
        order = chance.permutation(len(points))
        half, other = np.array_split(points[order], 2)
        for i, k in enumerate(ks):
            labels, _ = kmeans(other, k, seed + turn, starts=2)
            foretold = nearest(other, kmeans(half, k, seed + turn, starts=2)[1])
            found[turn, i] = _together(labels, foretold, k)
    strength: NDArray[np.float64] = found.mean(axis=0)
    return strength


def _together(labels: Labels, foretold: Labels, k: int) -> float:
    table = np.zeros((k, k))
    np.add.at(table, (labels, foretold), 1)
    sizes = table.sum(axis=1)
    pairs = sizes * (sizes - 1)
    share = np.divide((table * (table - 1)).sum(axis=1), pairs, out=np.zeros(k), where=pairs > 0)
    many = sizes > 1
    return float((share * sizes)[many].sum() / max(sizes[many].sum(), 1))


def stability(points: Points, labels: Labels, *, seed: int, draws: int = 20) -> NDArray[np.float64]:
    """For each group of `labels`, the mean Jaccard likeness of it to the most similar group that
    k-means finds when the points are drawn anew with replacement (Hennig 2007); (k,) in [0, 1].
    Below 0.6 a group dissolves."""
    k = int(np.max(labels)) + 1
    chance = np.random.default_rng(seed)
    best = np.zeros((draws, k))
    for turn in range(draws):
        drawn = np.unique(chance.integers(0, len(points), len(points)))
        if len(drawn) <= k:
            continue
        found, _ = kmeans(points[drawn], k, seed + turn, starts=1)
        table = np.zeros((k, k))
        np.add.at(table, (labels[drawn], found), 1)
        union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
        best[turn] = np.divide(table, union, out=np.zeros_like(table), where=union > 0).max(axis=1)
    mean: NDArray[np.float64] = best.mean(axis=0)
    return mean
