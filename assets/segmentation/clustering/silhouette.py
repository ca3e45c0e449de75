"""The silhouette (Rousseeuw 1987) of many partitions in one pass over the distances."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
CHUNK_ROWS = 1_024
"""Rows whose distances to the others are held at once: 1,024 x 2,000 doubles are 16 MB."""


def silhouettes(
    points: NDArray[np.floating], partitions: Sequence[Labels], n_sample: int | None = None
) -> list[NDArray[np.float64]]:
    """Silhouettes of every point in each of several partitions, in one pass over the distances.

    Args:
        points: (n, d).
        partitions: labels (n,) from 0 on without gaps, each.
        n_sample: measure against the first so many points only, a fair sample: linear in n then.

    Returns:
        For each partition (n,) in [-1, 1]; 0 for a point alone in its group, or for one group.

    Source: Rousseeuw 1987.

    >>> import numpy as np
    >>> (far,) = silhouettes(np.array([[0.0], [0.0], [5.0], [5.0]]), [np.array([0, 0, 1, 1])])
    >>> far.tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    rows = np.ascontiguousarray(points, np.float64)
    sample = rows[:n_sample]
    counts = [
        np.bincount(labels[:n_sample], minlength=int(np.max(labels)) + 1) for labels in partitions
    ]
    starts = np.cumsum([0, *map(len, counts)])
    member = np.zeros((len(sample), int(starts[-1])))
    for labels, start in zip(partitions, starts, strict=False):
        member[np.arange(len(sample)), start + labels[:n_sample]] = 1.0
    squares = (rows**2).sum(axis=1)
    found = [np.zeros(len(rows)) for _ in partitions]
    for begin in range(0, len(rows), CHUNK_ROWS):
        end = min(begin + CHUNK_ROWS, len(rows))
        squared = squares[begin:end, None] + squares[None, : len(sample)]
        squared -= 2.0 * (rows[begin:end] @ sample.T)
        # Rounding leaves a point some 1e-8 from itself, which is no distance.
        known = np.arange(begin, min(end, len(sample)))
        squared[known - begin, known] = 0.0
        sums = np.sqrt(np.maximum(squared, 0.0)) @ member
        inside = np.arange(begin, end) < len(sample)
        for i, labels in enumerate(partitions):
            own = sums[:, starts[i] : starts[i + 1]]
            found[i][begin:end] = _values(own, labels[begin:end], counts[i], inside)
    return found


def _values(
    sums: NDArray[np.float64], labels: Labels, sizes: Labels, inside: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """`sums` (m, k): each row's distances to the sampled members of each group; a row that is
    `inside` the sample is one of its own group's."""
    if len(sizes) < 2:
        return np.zeros(len(labels))
    here = np.arange(len(labels))
    others = sizes[labels] - inside
    within = sums[here, labels] / np.maximum(others, 1)
    means = np.divide(sums, sizes, out=np.full_like(sums, np.inf), where=sizes > 0)
    means[here, labels] = np.inf
    beside = means.min(axis=1)
    widest = np.maximum(within, beside)
    value = np.divide(beside - within, widest, out=np.zeros_like(widest), where=widest > 0)
    return np.where((others > 0) & np.isfinite(beside), value, 0.0)
