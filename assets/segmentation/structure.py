"""Are there groups at all? The silhouette against that of a cloud which has none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.embedding import Vectors
from assets.segmentation.reduction import principal
from assets.segmentation.reproducing import Points, kmeans
from assets.segmentation.silhouette import silhouettes

AXES = 5
"""Principal axes that are looked at: on more, sixty texts are too few to tell groups from noise."""
GROUPS = range(2, 9)
"""k of the groupings that are compared. Their mean is steadier than the one that looks best."""


@dataclass(frozen=True, slots=True)
class Structure:
    """`silhouette` is the mean over GROUPS of k-means on the first AXES principal axes; `null` the
    same for each of the Gaussian draws of the same covariance, which have no groups."""

    silhouette: float
    null: tuple[float, ...]

    @property
    def excess(self) -> float:
        """By how much the texts are more grouped than a cloud of the same shape."""
        return self.silhouette - float(np.mean(self.null)) if self.null else 0.0


def structure(vectors: Vectors, *, seed: int, most: int = 2_000) -> Structure:
    """Compare the first `most` of the vectors (n, 384), a fair sample, with draws from a normal
    distribution of their covariance; too few vectors (fewer than 20) have no structure."""
    points = principal(vectors[:most], AXES)
    if len(points) < 20 or not points.any():
        return Structure(0.0, ())
    chance = np.random.default_rng(seed)
    spread = points.std(axis=0)
    # The more texts, the less one draw differs from another.
    draws = int(np.clip(2_000 // len(points), 5, 20))
    null = tuple(
        _mean(chance.normal(size=points.shape) * spread, seed, starts=1) for _ in range(draws)
    )
    return Structure(_mean(points, seed, starts=3), null)


def _mean(points: Points, seed: int, starts: int) -> float:
    ks = [k for k in GROUPS if k < len(np.unique(points, axis=0))]
    found: list[NDArray[np.float64]] = silhouettes(
        points, [kmeans(points, k, seed, starts)[0] for k in ks]
    )
    return float(np.mean([values.mean() for values in found])) if found else 0.0
