"""Is a grouping found again in other texts of the same kind?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering.kmeans import kmeans, kmeans_batch, nearest_centre
from assets.segmentation.clustering.reduction import Points, unit_directions
from assets.segmentation.clustering.silhouette import Labels

Halves = tuple[Points, Points, int]
N_HALVINGS = 12
"""Of a dozen the mean strength of one k is known to 0.02."""
TOTAL_STARTS = 24
"""Starts of k-means, shared by the k groups: with one or two of few groups it stops short of the
best so often that half of what halvings differ by is that. Many groups even it out."""


def excess_prediction_strength(
    points: Points, ks: Sequence[int], *, seed: int
) -> NDArray[np.float64]:
    """Prediction strength of the directions of points (n, d) less that of null samples, normal
    draws of the same covariance, for each k: (len(ks),) in [-1, 1].
    """
    spread = points.std(axis=0)
    halved: list[Halves] = []
    for turn in range(N_HALVINGS):  # a new null sample each time: one may be grouped by chance
        chance = np.random.default_rng((seed, turn))
        halved.append(split_halves(unit_directions(points), chance))
        null_sample = chance.normal(size=points.shape) * spread
        halved.append(split_halves(unit_directions(null_sample), chance))
    found = prediction_strength(halved, ks)
    mean: NDArray[np.float64] = (found[::2] - found[1::2]).mean(axis=0)
    return mean


def split_halves(points: Points, chance: np.random.Generator) -> Halves:
    """Points (n, d) drawn into two halves, and a seed for their k-means."""
    one, two = (points[part] for part in np.array_split(chance.permutation(len(points)), 2))
    return one, two, int(chance.integers(2**31))


def prediction_strength(halved: Sequence[Halves], ks: Sequence[int]) -> NDArray[np.float64]:
    """How well either half predicts the groups of the other, for each halving and each k.

    It is the share of a group's pairs that the other half's centres keep together; the mean over
    the points here, the worst group in the source.

    Args:
        halved: halves of as many points each, from `split_halves`.

    Returns:
        (len(halved), len(ks)) in [0, 1].

    Source: Tibshirani and Walther 2005.
    """
    ones, twos = (np.stack([half[i] for half in halved]) for i in (0, 1))
    seeds = [seed for *_, seed in halved]
    found = np.zeros((len(halved), len(ks)))
    for i, k in enumerate(ks):
        here, there = (kmeans_batch(half, k, seeds, _n_init(k)) for half in (ones, twos))
        told = zip(
            here[0],
            nearest_centre(ones, there[1]),
            there[0],
            nearest_centre(twos, here[1]),
            strict=True,
        )
        for turn, (one, one_told, two, two_told) in enumerate(told):
            found[turn, i] = (_pairs_kept(two, two_told, k) + _pairs_kept(one, one_told, k)) / 2
    return found


def _n_init(k: int) -> int:
    return int(np.clip(TOTAL_STARTS // k, 1, 3))


def _pairs_kept(labels: Labels, predicted: Labels, k: int) -> float:
    table = np.zeros((k, k))
    np.add.at(table, (labels, predicted), 1)
    sizes = table.sum(axis=1)
    pairs = sizes * (sizes - 1)
    share = np.divide((table * (table - 1)).sum(axis=1), pairs, out=np.zeros(k), where=pairs > 0)
    many = sizes > 1
    return float((share * sizes)[many].sum() / max(sizes[many].sum(), 1))


def stability(points: Points, labels: Labels, *, seed: int, draws: int = 20) -> NDArray[np.float64]:
    """Mean Jaccard similarity of each group to its most similar group in redrawn points.

    Args:
        points: (n, d) float64.
        labels: (n,) from 0 on.
        seed: of the draws, with replacement, and of k-means.
        draws: how many times points are redrawn.

    Returns:
        (k,) in [0, 1]; a group below 0.6 dissolves.

    Source: Hennig 2007.

    >>> points = np.repeat([[0.0, 0.0], [9.0, 9.0]], 10, axis=0)
    >>> stability(points, np.repeat([0, 1], 10), seed=1).tolist()
    [1.0, 1.0]
    """
    k = int(np.max(labels)) + 1
    chance = np.random.default_rng(seed)
    best = np.zeros((draws, k))
    for turn in range(draws):
        drawn = np.unique(chance.integers(0, len(points), len(points)))
        if len(drawn) <= k:
            continue
        found, _ = kmeans(points[drawn], k, seed + turn, _n_init(k))
        table = np.zeros((k, k))
        np.add.at(table, (labels[drawn], found), 1)
        union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
        best[turn] = np.divide(table, union, out=np.zeros_like(table), where=union > 0).max(axis=1)
    mean: NDArray[np.float64] = best.mean(axis=0)
    return mean
