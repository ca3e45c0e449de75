"""k-means++ of one set of points by scikit-learn, and of many small sets at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering.reduction import Points
from assets.segmentation.clustering.silhouette import Labels

MAX_ITERATIONS = 300
TOLERANCE = 1e-4
"""Of a set's mean variance: centres that move less have arrived. Both as in scikit-learn."""
BATCH_NUMBERS = 2**17
"""Numbers in the largest array of a batch: a megabyte stays in a core's cache."""


def kmeans(points: Points, k: int, seed: int, n_init: int) -> tuple[Labels, Points]:
    """The best of `n_init` k-means of points (n, d) by its inertia (scikit-learn).

    Returns:
        Labels (n,) and centres (k, d).
    """
    from sklearn.cluster import KMeans

    model = KMeans(k, init="k-means++", n_init=n_init, random_state=seed).fit(points)
    return model.labels_.astype(np.int64), model.cluster_centers_


def kmeans_batch(sets: Points, k: int, seeds: Sequence[int], n_init: int) -> tuple[Labels, Points]:
    """k-means++ of many small sets at once: what `kmeans` finds in each, many times faster.

    Draws and order of arithmetic are scikit-learn's, so the groups are, too, with two exceptions: a
    group that runs empty keeps its centre (there it gets the worst point), and points may be so
    alike that rounding decides. Larger sets are passed to scikit-learn.

    Args:
        sets: (b, n, d) float64.
        seeds: one for each set.
        n_init: starts for each set, of which the best by inertia counts.

    Returns:
        Labels (b, n) and centres (b, k, d).

    Raises:
        ValueError: there are fewer points than groups, or numbers are not finite.

    Source: Arthur and Vassilvitskii 2007.

    >>> import numpy as np
    >>> sets = np.array([[[0.0], [0.1], [9.0]], [[5.0], [0.0], [0.2]]])
    >>> labels, centres = kmeans_batch(sets, 2, [1, 2], n_init=3)
    >>> labels.shape, centres.shape
    ((2, 3), (2, 2, 1))
    >>> [bool(row[0] == row[1]) for row in labels]
    [True, False]
    """
    b, n, d = sets.shape
    if len(seeds) != b or k > n or not np.isfinite(sets).all():
        raise ValueError(f"{b} sets of {n} numbers cannot be {k} groups by {len(seeds)} seeds")
    step = BATCH_NUMBERS // (n * max(k, d) * n_init)
    if step:
        parts = [
            _batch(sets[i : i + step], k, seeds[i : i + step], n_init) for i in range(0, b, step)
        ]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    alone = [kmeans(points, k, seed, n_init) for points, seed in zip(sets, seeds, strict=True)]
    return np.stack([found[0] for found in alone]), np.stack([found[1] for found in alone])


def nearest_centre(points: Points, centres: Points) -> Labels:
    """Index (..., n) of the nearest of `centres` (..., k, d) for each point (..., n, d)."""
    far = points @ centres.swapaxes(-1, -2)
    far *= -2.0
    far += (centres**2).sum(axis=-1)[..., None, :]
    return far.argmin(axis=-1).astype(np.int64)


def _batch(sets: Points, k: int, seeds: Sequence[int], n_init: int) -> tuple[Labels, Points]:
    """As `kmeans_batch`; each set is repeated `n_init` times in `points`."""
    middle = sets.mean(axis=1, keepdims=True)
    points = np.repeat(sets - middle, n_init, axis=0)
    arrived = TOLERANCE * points.var(axis=1).mean(axis=1)
    labels, centres = _lloyd(points, _initial_centres(points, k, seeds, n_init), arrived)
    own = np.take_along_axis(centres, labels[:, :, None], axis=1)
    inertia = ((points - own) ** 2).sum(axis=(1, 2)).reshape(len(sets), n_init)
    best = np.arange(len(sets)) * n_init + inertia.argmin(axis=1)
    return labels[best], centres[best] + middle


def _initial_centres(points: Points, k: int, seeds: Sequence[int], n_init: int) -> Points:
    """Centres (b, k, d) by greedy k-means++: of a few candidates, drawn by squared distance to the
    centres before, the one that leaves least inertia.
    """
    tries = 2 + int(np.log(k))
    b, n, d = points.shape
    first, drawn = np.empty(b), np.empty((b, k - 1, tries))
    for i, seed in enumerate(seeds):
        chance = np.random.RandomState(seed)
        for row in range(i * n_init, (i + 1) * n_init):
            first[row], drawn[row] = chance.random_sample(), chance.random_sample((k - 1, tries))
    rows, every = np.arange(b), np.ones((n, 1))
    squares = np.einsum("bnd,bnd->bn", points, points)
    chosen = np.searchsorted(np.arange(1, n + 1) / n, first, side="right")
    centres = np.empty((b, k, d))
    centres[:, 0] = points[rows, chosen]
    left = _squared_distances(points, squares, chosen[:, None])
    total = left @ every
    left, total = left[:, 0], total[:, 0]
    for j in range(1, k):
        wanted = drawn[:, j - 1] * total
        ids = (left.cumsum(axis=1)[:, None] < wanted[:, :, None]).sum(axis=2)
        ids = np.minimum(ids, n - 1)
        leaves = np.minimum(_squared_distances(points, squares, ids), left[:, None])
        totals = leaves @ every
        best = totals[:, :, 0].argmin(axis=1)
        left, total = leaves[rows, best], totals[rows, best]
        centres[:, j] = points[rows, ids[rows, best]]
    return centres


def _squared_distances(
    points: Points, squares: NDArray[np.float64], ids: Labels
) -> NDArray[np.float64]:
    """Squared distances (b, m, n) of the points `ids` (b, m) to all n of their own set."""
    rows = np.arange(len(points))[:, None]
    far = points[rows, ids] @ points.swapaxes(1, 2)
    far *= -2.0
    far += squares[rows, ids][:, :, None]
    far += squares[:, None]
    return np.maximum(far, 0.0, out=far)


def _lloyd(points: Points, centres: Points, arrived: NDArray[np.float64]) -> tuple[Labels, Points]:
    """Labels (b, n) and centres (b, k, d) after Lloyd's iterations, until each set has
    converged."""
    numbers = np.arange(centres.shape[1])[:, None]
    going = np.arange(len(points))
    for _ in range(MAX_ITERATIONS):
        some, old = points[going], centres[going]
        member = (nearest_centre(some, old)[:, None] == numbers).astype(np.float64)
        sizes = member.sum(axis=2)[:, :, None]
        new = np.where(sizes > 0, member @ some / np.maximum(sizes, 1.0), old)
        centres[going] = new
        going = going[((new - old) ** 2).sum(axis=(1, 2)) > arrived[going]]
        if not len(going):
            break
    return nearest_centre(points, centres), centres
