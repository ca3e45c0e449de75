"""k-means++ (Arthur & Vassilvitskii 2007) of one set of points by scikit-learn, and of many small
ones at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering.reduction import Points
from assets.segmentation.clustering.silhouette import Labels

TURNS = 300
TOLERANCE = 1e-4
"""Of a set's mean variance: centres that move less have arrived. Both as in scikit-learn."""
AT_ONCE = 2**17
"""Numbers in the largest array of a batch: a megabyte stays in a core's cache."""


def kmeans(points: Points, k: int, seed: int, starts: int) -> tuple[Labels, Points]:
    """Labels (n,) and centres (k, d) of points (n, d): the best of `starts`."""
    from sklearn.cluster import KMeans

    model = KMeans(k, init="k-means++", n_init=starts, random_state=seed).fit(points)
    return model.labels_.astype(np.int64), model.cluster_centers_


def kmeans_each(sets: Points, k: int, seeds: Sequence[int], starts: int) -> tuple[Labels, Points]:
    """What `kmeans` finds in each of `sets` (b, n, d), of which each has its seed: labels (b, n)
    and centres (b, k, d). ValueError for fewer points than groups, or what is no number.

    Trust asks for hundreds of groupings of some hundred points each, where scikit-learn spends more
    on checks than on grouping. Draws and order of arithmetic are its own, so the groups are, too,
    but for a group that runs empty (its centre stays, there it goes to the point that lies worst)
    and for points so alike that rounding decides. Sets that would fill a batch alone are its."""
    b, n, d = sets.shape
    if len(seeds) != b or k > n or not np.isfinite(sets).all():
        raise ValueError(f"{b} sets of {n} numbers cannot be {k} groups by {len(seeds)} seeds")
    step = AT_ONCE // (n * max(k, d) * starts)
    if step:
        parts = [
            _batch(sets[i : i + step], k, seeds[i : i + step], starts) for i in range(0, b, step)
        ]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    alone = [kmeans(points, k, seed, starts) for points, seed in zip(sets, seeds, strict=True)]
    return np.stack([found[0] for found in alone]), np.stack([found[1] for found in alone])


def nearest(points: Points, centres: Points) -> Labels:
    """The nearest of `centres` (..., k, d) for each point (..., n, d): (..., n)."""
    far = points @ centres.swapaxes(-1, -2)
    far *= -2.0
    far += (centres**2).sum(axis=-1)[..., None, :]
    return far.argmin(axis=-1).astype(np.int64)


def _batch(sets: Points, k: int, seeds: Sequence[int], starts: int) -> tuple[Labels, Points]:
    """Each set stands `starts` times in `points`, one beside the other."""
    middle = sets.mean(axis=1, keepdims=True)
    points = np.repeat(sets - middle, starts, axis=0)
    arrived = TOLERANCE * points.var(axis=1).mean(axis=1)
    labels, centres = _moved(points, _begun(points, k, seeds, starts), arrived)
    own = np.take_along_axis(centres, labels[:, :, None], axis=1)
    inertia = ((points - own) ** 2).sum(axis=(1, 2)).reshape(len(sets), starts)
    best = np.arange(len(sets)) * starts + inertia.argmin(axis=1)
    return labels[best], centres[best] + middle


def _begun(points: Points, k: int, seeds: Sequence[int], starts: int) -> Points:
    """Centres (b, k, d) to begin with: each, of a few points drawn by their squared distance from
    those before, the one that leaves least."""
    tries = 2 + int(np.log(k))
    b, n, d = points.shape
    first, drawn = np.empty(b), np.empty((b, k - 1, tries))
    for i, seed in enumerate(seeds):
        chance = np.random.RandomState(seed)
        for row in range(i * starts, (i + 1) * starts):
            first[row], drawn[row] = chance.random_sample(), chance.random_sample((k - 1, tries))
    rows, every = np.arange(b), np.ones((n, 1))
    squares = np.einsum("bnd,bnd->bn", points, points)
    chosen = np.searchsorted(np.arange(1, n + 1) / n, first, side="right")
    centres = np.empty((b, k, d))
    centres[:, 0] = points[rows, chosen]
    left = _squared(points, squares, chosen[:, None])
    total = left @ every
    left, total = left[:, 0], total[:, 0]
    for j in range(1, k):
        wanted = drawn[:, j - 1] * total
        ids = (left.cumsum(axis=1)[:, None] < wanted[:, :, None]).sum(axis=2)
        ids = np.minimum(ids, n - 1)
        leaves = np.minimum(_squared(points, squares, ids), left[:, None])
        totals = leaves @ every
        best = totals[:, :, 0].argmin(axis=1)
        left, total = leaves[rows, best], totals[rows, best]
        centres[:, j] = points[rows, ids[rows, best]]
    return centres


def _squared(points: Points, squares: NDArray[np.float64], ids: Labels) -> NDArray[np.float64]:
    """Squared distances (b, m, n) of the points `ids` (b, m) to all n of their own set."""
    rows = np.arange(len(points))[:, None]
    far = points[rows, ids] @ points.swapaxes(1, 2)
    far *= -2.0
    far += squares[rows, ids][:, :, None]
    far += squares[:, None]
    return np.maximum(far, 0.0, out=far)


def _moved(points: Points, centres: Points, arrived: NDArray[np.float64]) -> tuple[Labels, Points]:
    """Labels (b, n) and centres (b, k, d) after as many turns of Lloyd's as each set needs."""
    numbers = np.arange(centres.shape[1])[:, None]
    going = np.arange(len(points))
    for _ in range(TURNS):
        some, old = points[going], centres[going]
        member = (nearest(some, old)[:, None] == numbers).astype(np.float64)
        sizes = member.sum(axis=2)[:, :, None]
        new = np.where(sizes > 0, member @ some / np.maximum(sizes, 1.0), old)
        centres[going] = new
        going = going[((new - old) ** 2).sum(axis=(1, 2)) > arrived[going]]
        if not len(going):
            break
    return nearest(points, centres), centres
