"""Groups of texts, and how sure we are of each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Clustering:
    """`labels` (n,) int; `point_silhouettes` (n,) in [-1, 1]; `cluster_silhouettes` (k,) their
    means; `scores` the mean silhouette of each k that was tried."""

    labels: NDArray[np.int64]
    point_silhouettes: NDArray[np.float64]
    cluster_silhouettes: NDArray[np.float64]
    scores: Mapping[int, float]

    @property
    def k(self) -> int:
        return len(self.cluster_silhouettes)


SAMPLE = 4_000
"""Points used to choose k: the full silhouette is quadratic (11,000 points would be 6 × 2 s)."""


def cluster(
    reduced: NDArray[np.float32], *, seed: int, k_min: int = 2, k_max: int = 6
) -> Clustering:
    """Partition reduced vectors (n, d) by k-means++ with the k of the best mean silhouette
    (Rousseeuw 1987). Fewer than three points, or points that are all alike, are one cluster of
    silhouette 0: nothing separates them."""
    distinct = len(np.unique(reduced, axis=0))
    top = min(k_max, distinct - 1)
    if top < k_min:
        n = len(reduced)
        return Clustering(np.zeros(n, np.int64), np.zeros(n), np.zeros(min(n, 1)), {})
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_samples, silhouette_score

    fits = {
        k: KMeans(k, init="k-means++", n_init=10, random_state=seed).fit_predict(reduced)
        for k in range(k_min, top + 1)
    }
    size = SAMPLE if len(reduced) > SAMPLE else None
    scores = {
        k: float(silhouette_score(reduced, labels, sample_size=size, random_state=seed))
        for k, labels in fits.items()
    }
    best = max(scores, key=lambda k: (scores[k], -k))
    labels = fits[best].astype(np.int64)
    points = silhouette_samples(reduced, labels)
    means = np.array([points[labels == c].mean() for c in range(best)])
    return Clustering(labels, points, means, scores)
