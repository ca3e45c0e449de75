"""Are there groups at all? A team's grouping against clouds that have none, and its occupations."""

from dataclasses import dataclass

import numpy as np

from assets.segmentation.clustering.kmeans import kmeans_each
from assets.segmentation.clustering.methods import SAMPLE, Clustering, strengths
from assets.segmentation.clustering.reduction import Points, directions, principal
from assets.segmentation.clustering.silhouette import Labels, silhouettes
from assets.segmentation.config import CLUSTERERS, SegmentationConfig
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.reference.occupation_head import OccupationHead

FEWEST = 20
"""Texts under which nothing is claimed."""
AXES = range(4, 11)


@dataclass(frozen=True, slots=True)
class Structure:
    """`silhouette` is the mean of the grouping's, `null` the same for each of the normal draws of
    the texts' covariance, grouped into as many; `strength` in [-1, 1] is by how much the groups of
    one half foretell those of the other better than in such draws; `occupations`, from 1 on, says
    as how many equal groups of occupations the texts differ (None where no head reads them)."""

    silhouette: float
    null: tuple[float, ...]
    strength: float
    occupations: float | None = None

    @property
    def excess(self) -> float:
        """By how much the texts are more grouped than a cloud of the same shape."""
        return self.silhouette - float(np.mean(self.null)) if self.null else 0.0


def axes_of(k: int) -> int:
    """Principal axes on which k groups are looked at. They differ along k - 1 directions; on more,
    sixty texts are too few to tell groups from noise."""
    return min(max(k - 1, AXES[0]), AXES[-1])


def structure(
    vectors: Vectors,
    groups: Clustering,
    config: SegmentationConfig,
    head: OccupationHead | None = None,
) -> Structure:
    """Compare the grouping of the first SAMPLE vectors (n, 384), a fair sample, with that of draws
    from a normal distribution of their covariance; fewer than FEWEST, or equal ones, have no
    structure."""
    some = vectors[:SAMPLE]
    kinds = None if head is None else occupations(some, head)
    points, labels = principal(some, config.axes), groups.labels[:SAMPLE]
    k = int(np.max(labels)) + 1 if len(labels) else 0
    if len(points) < FEWEST or k < 2 or not points.any():
        return Structure(0.0, (), 0.0, kinds)
    own = config.clusterer == CLUSTERERS[0]
    scores = groups.scores if own else strengths(points, config)
    chance = np.random.default_rng(config.seed)
    spread = points.std(axis=0)
    # The more texts, the less one draw differs from another.
    draws = int(np.clip(2_000 // len(points), 5, 10))
    clouds = [chance.normal(size=points.shape) * spread for _ in range(draws)]
    directed = np.stack([directions(cloud) for cloud in clouds])
    found, _ = kmeans_each(directed, k, [config.seed] * draws, starts=10)
    null = tuple(map(_mean, clouds, found))
    return Structure(_mean(points, labels), null, max(scores.values(), default=0.0), kinds)


def _mean(points: Points, labels: Labels) -> float:
    (values,) = silhouettes(points[:, : axes_of(int(labels.max()) + 1)], [labels], len(points))
    return float(values.mean())


def occupations(vectors: Vectors, head: OccupationHead) -> float:
    """Beta diversity (Jost 2007) of the texts' minor groups of occupations: e to the information
    that a text has about its group. 1 where each text says the same, of one occupation or many."""
    from scipy.special import entr

    shares = head.minor_shares(vectors).astype(np.float64)
    return float(np.exp(entr(shares.mean(axis=0)).sum() - entr(shares).sum(axis=1).mean()))
