"""Does a grouping come back when it is made again from other texts of the same kind?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.reduction import Points, directions
from assets.segmentation.silhouette import Labels

HALVINGS = 12
"""Of a dozen the mean strength of one k is known to 0.02."""
STARTS = 24
"""Starts of k-means, shared by the k groups: with one or two of few groups it stops short of the
best so often that half of what halvings differ by is that. Many groups even it out."""


def kmeans(points: Points, k: int, seed: int, starts: int) -> tuple[Labels, Points]:
    """Labels (n,) and centres (k, d) of k-means++ (Arthur & Vassilvitskii 2007)."""
    from sklearn.cluster import KMeans

    model = KMeans(k, init="k-means++", n_init=starts, random_state=seed).fit(points)
    return model.labels_.astype(np.int64), model.cluster_centers_


def nearest(points: Points, centres: Points) -> Labels:
    """The nearest of `centres` (k, d) for each point (n, d)."""
    far = (centres**2).sum(axis=1) - 2.0 * (points @ centres.T)
    return far.argmin(axis=1).astype(np.int64)


def excess_strength(points: Points, ks: Sequence[int], *, seed: int) -> NDArray[np.float64]:
    """For each k the prediction strength of the points' directions less that of normal draws of the
    same covariance, which falls with k; (len(ks),) in [-1, 1]."""
    spread = points.std(axis=0)
    found = np.zeros((HALVINGS, len(ks)))
    for turn in range(HALVINGS):  # another cloud each time: one may be grouped by chance
        chance = np.random.default_rng((seed, turn))
        real = prediction_strength(directions(points), ks, chance)
        cloud = chance.normal(size=points.shape) * spread
        found[turn] = real - prediction_strength(directions(cloud), ks, chance)
    mean: NDArray[np.float64] = found.mean(axis=0)
    return mean


def prediction_strength(
    points: Points, ks: Sequence[int], chance: np.random.Generator
) -> NDArray[np.float64]:
    """For each k, how well either half of the points foretells the groups of the other (Tibshirani
    & Walther 2005): the share of a group's pairs that the other half's centres leave together, mean
    over the points (theirs is the worst group's); (len(ks),) in [0, 1]."""
    order = chance.permutation(len(points))
    one, two = (points[part] for part in np.array_split(order, 2))
    start = int(chance.integers(2**31))
    found = np.zeros(len(ks))
    for i, k in enumerate(ks):
        here, there = (kmeans(half, k, start, _starts(k)) for half in (one, two))
        found[i] = (
            _together(there[0], nearest(two, here[1]), k)
            + _together(here[0], nearest(one, there[1]), k)
        ) / 2
    return found


def _starts(k: int) -> int:
    return int(np.clip(STARTS // k, 1, 3))


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
        found, _ = kmeans(points[drawn], k, seed + turn, _starts(k))
        table = np.zeros((k, k))
        np.add.at(table, (labels[drawn], found), 1)
        union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
        best[turn] = np.divide(table, union, out=np.zeros_like(table), where=union > 0).max(axis=1)
    mean: NDArray[np.float64] = best.mean(axis=0)
    return mean
