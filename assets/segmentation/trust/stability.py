"""Does a grouping come back when it is made again from other texts of the same kind?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering.kmeans import kmeans, kmeans_each, nearest
from assets.segmentation.clustering.reduction import Points, directions
from assets.segmentation.clustering.silhouette import Labels

Halves = tuple[Points, Points, int]
HALVINGS = 12
"""Of a dozen the mean strength of one k is known to 0.02."""
STARTS = 24
"""Starts of k-means, shared by the k groups: with one or two of few groups it stops short of the
best so often that half of what halvings differ by is that. Many groups even it out."""


def excess_strength(points: Points, ks: Sequence[int], *, seed: int) -> NDArray[np.float64]:
    """For each k the prediction strength of the points' directions less that of normal draws of the
    same covariance, which falls with k; (len(ks),) in [-1, 1]."""
    spread = points.std(axis=0)
    halved: list[Halves] = []
    for turn in range(HALVINGS):  # another cloud each time: one may be grouped by chance
        chance = np.random.default_rng((seed, turn))
        halved.append(halves(directions(points), chance))
        cloud = chance.normal(size=points.shape) * spread
        halved.append(halves(directions(cloud), chance))
    found = prediction_strength(halved, ks)
    mean: NDArray[np.float64] = (found[::2] - found[1::2]).mean(axis=0)
    return mean


def halves(points: Points, chance: np.random.Generator) -> Halves:
    """Points (n, d) by lot in two parts, and a seed."""
    one, two = (points[part] for part in np.array_split(chance.permutation(len(points)), 2))
    return one, two, int(chance.integers(2**31))


def prediction_strength(halved: Sequence[Halves], ks: Sequence[int]) -> NDArray[np.float64]:
    """For each halving of as many points and each k, how well either half foretells the groups of
    the other (Tibshirani & Walther 2005): the share of a group's pairs that the other half's
    centres leave together, mean over the points (theirs is the worst group's);
    (len(halved), len(ks)) in [0, 1]."""
    ones, twos = (np.stack([half[i] for half in halved]) for i in (0, 1))
    seeds = [seed for *_, seed in halved]
    found = np.zeros((len(halved), len(ks)))
    for i, k in enumerate(ks):
        here, there = (kmeans_each(half, k, seeds, _starts(k)) for half in (ones, twos))
        told = zip(here[0], nearest(ones, there[1]), there[0], nearest(twos, here[1]), strict=True)
        for turn, (one, one_told, two, two_told) in enumerate(told):
            found[turn, i] = (_together(two, two_told, k) + _together(one, one_told, k)) / 2
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
