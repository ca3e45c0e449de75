"""The silhouette (Rousseeuw 1987) of many partitions in one pass over the distances."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
CHUNK = 1_024
"""Rows whose distances to the others are held at once: 1,024 x 2,000 doubles are 16 MB."""


def silhouettes(
    points: NDArray[np.floating], partitions: Sequence[Labels], among: int | None = None
) -> list[NDArray[np.float64]]:
    """For each partition of `points` (n, d), labels (n,) from 0 on without gaps, the silhouette of
    every point (n,) in [-1, 1]; 0 where a point is alone in its group or there is one group.

    `among` measures every point against the first so many only, which must be a fair sample: the
    cost is then linear in n. Distances are computed once, a chunk of rows at a time, and summed
    into the groups of all partitions by one product: a further partition costs little."""
    rows = np.ascontiguousarray(points, np.float64)
    sample = rows[:among]
    counts = [
        np.bincount(labels[:among], minlength=int(np.max(labels)) + 1) for labels in partitions
    ]
    starts = np.cumsum([0, *map(len, counts)])
    member = np.zeros((len(sample), int(starts[-1])))
    for labels, start in zip(partitions, starts, strict=False):
        member[np.arange(len(sample)), start + labels[:among]] = 1.0
    squares = (rows**2).sum(axis=1)
    found = [np.zeros(len(rows)) for _ in partitions]
    for begin in range(0, len(rows), CHUNK):
        end = min(begin + CHUNK, len(rows))
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
