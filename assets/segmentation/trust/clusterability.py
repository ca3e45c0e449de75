"""Are there groups at all? A team's grouping against null samples, and its occupations."""

from dataclasses import dataclass

import numpy as np

from assets.segmentation.clustering.kmeans import kmeans_batch
from assets.segmentation.clustering.methods import MAX_SAMPLE, Clustering, strength_by_k
from assets.segmentation.clustering.reduction import Points, principal_components, unit_directions
from assets.segmentation.clustering.silhouette import Labels, silhouettes
from assets.segmentation.config import CLUSTERERS, SegmentationConfig
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.reference.occupation_head import OccupationHead

MIN_TEXTS = 20
"""Texts under which nothing is claimed."""
AXES_RANGE = range(4, 11)


@dataclass(frozen=True, slots=True)
class Clusterability:
    """How much more grouped a team's texts are than null samples, which are draws from a normal
    distribution of their covariance.

    Attributes:
        silhouette: mean of the grouping, in [-1, 1].
        null_silhouettes: the same of each null sample, grouped into as many.
        strength: prediction strength less that of null samples, in [-1, 1].
        occupations: as how many equal groups of occupations the texts differ, from 1 on; None where
            no head reads them.
    """

    silhouette: float
    null_silhouettes: tuple[float, ...]
    strength: float
    occupations: float | None = None

    @property
    def excess(self) -> float:
        """Silhouette less the mean of the null samples."""
        return (
            self.silhouette - float(np.mean(self.null_silhouettes))
            if self.null_silhouettes
            else 0.0
        )


def silhouette_axes(k: int) -> int:
    """Number of principal components on which silhouettes of k groups are measured. Groups differ
    along k - 1 directions; on more, sixty texts are too few to tell groups from noise.
    """
    return min(max(k - 1, AXES_RANGE[0]), AXES_RANGE[-1])


def clusterability(
    vectors: Vectors,
    groups: Clustering,
    config: SegmentationConfig,
    head: OccupationHead | None = None,
) -> Clusterability:
    """Compare a grouping with groupings of null samples: normal draws of the texts' covariance.

    Args:
        vectors: unit rows (n, d) float32, of which the first MAX_SAMPLE, a fair sample, are
            measured. Fewer than MIN_TEXTS, or equal ones, have a silhouette and strength of 0.
        groups: the grouping of all rows.
        head: reads occupations off the vectors; None leaves `occupations` out.

    >>> from assets.segmentation.clustering.methods import pca_kmeans
    >>> from assets.segmentation.model.embedding import unit
    >>> draws = np.random.default_rng(1)
    >>> vectors = unit(np.eye(6)[np.arange(60) % 3] + draws.normal(scale=0.05, size=(60, 6)))
    >>> config = SegmentationConfig()
    >>> measured = clusterability(vectors, pca_kmeans(vectors, config), config)
    >>> measured.excess > config.structure_floor, measured.strength > config.strength_floor
    (True, True)
    """
    some = vectors[:MAX_SAMPLE]
    kinds = None if head is None else occupation_diversity(some, head)
    points, labels = principal_components(some, config.axes), groups.labels[:MAX_SAMPLE]
    k = int(np.max(labels)) + 1 if len(labels) else 0
    if len(points) < MIN_TEXTS or k < 2 or not points.any():
        return Clusterability(0.0, (), 0.0, kinds)
    own = config.clusterer == CLUSTERERS[0]
    scores = groups.scores if own else strength_by_k(points, config)
    chance = np.random.default_rng(config.seed)
    spread = points.std(axis=0)
    # The more texts, the less one draw differs from another.
    draws = int(np.clip(2_000 // len(points), 5, 10))
    null_samples = [chance.normal(size=points.shape) * spread for _ in range(draws)]
    directed = np.stack([unit_directions(null_sample) for null_sample in null_samples])
    found, _ = kmeans_batch(directed, k, [config.seed] * draws, n_init=10)
    null_silhouettes = tuple(map(_mean, null_samples, found))
    return Clusterability(
        _mean(points, labels), null_silhouettes, max(scores.values(), default=0.0), kinds
    )


def _mean(points: Points, labels: Labels) -> float:
    (values,) = silhouettes(
        points[:, : silhouette_axes(int(labels.max()) + 1)], [labels], len(points)
    )
    return float(values.mean())


def occupation_diversity(vectors: Vectors, head: OccupationHead) -> float:
    """As how many equally large minor groups of occupations texts differ, from 1 on.

    Beta diversity (Jost 2007): e to the information that a text has about its group. 1 where each
    text says the same, of one occupation or many. `vectors` are unit rows (n, d).
    """
    from scipy.special import entr

    shares = head.minor_shares(vectors).astype(np.float64)
    return float(np.exp(entr(shares.mean(axis=0)).sum() - entr(shares).sum(axis=1).mean()))
