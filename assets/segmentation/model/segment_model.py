"""Segments of a fit, and the assignment of texts to them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.model.embedding import Vectors
from assets.segmentation.model.profiles import Profile
from assets.segmentation.trust.clusterability import Clusterability

Fit = Literal["team", "reference"]


@dataclass(frozen=True)
class Segment:
    """One group of a model.

    Attributes:
        silhouette: mean on principal components, in [-1, 1]: how far it lies from the others.
        hidden: why nothing of it may be shown; "" where it may.
        rejection_reason: why it may not be trusted, beside its silhouette; "" where it may.
        stability: mean Jaccard similarity in redrawn texts, in [0, 1].
        projected_silhouette: mean after UMAP, where that is used.
        lineage: what it was in the fit before.
        parent: key of the next coarser segment that contains it; "" where none does.
        among: number of groups among which silhouette and stability were measured.
    """

    cluster_key: str
    cluster_id: int
    silhouette: float
    profile: Profile
    industries: tuple[tuple[str, str, float], ...]
    hidden: str = ""
    rejection_reason: str = ""
    stability: float | None = None
    projected_silhouette: float | None = None
    lineage: str = ""
    parent: str = ""
    among: int | None = None


@dataclass(frozen=True)
class SegmentModel:
    """Segments with their centroids.

    Attributes:
        fit: "team" for a fit of the team's own texts, "reference" for occupations of O*NET.
        segments: the finest come first, then those that contain others.
        centroids: unit rows (s, d) float32 in the order of `segments`.
        clusterability: whether the texts have groups at all; None for the reference model, and for
            a fit from before this was measured.
    """

    fit: Fit
    segments: tuple[Segment, ...]
    centroids: Vectors
    clusterability: Clusterability | None = None

    @property
    def n_finest(self) -> int:
        """How many segments contain no other. Each text is in one of these."""
        return len(self.segments) - len({s.parent for s in self.segments} - {""})

    @cached_property
    def ancestries(self) -> tuple[tuple[int, ...], ...]:
        """For each of the finest its number and those of the segments that contain it, the next
        first."""
        numbers = {s.cluster_key: i for i, s in enumerate(self.segments)}
        ancestries = [[number] for number in range(self.n_finest)]
        for ancestry in ancestries:
            while parent := self.segments[ancestry[-1]].parent:
                ancestry.append(numbers[parent])
        return tuple(map(tuple, ancestries))

    @property
    def containment(self) -> NDArray[np.int64]:
        """(f, s): 1 where a segment is, or contains, one of the f finest."""
        contained = np.zeros((self.n_finest, len(self.segments)), np.int64)
        for number, ancestry in enumerate(self.ancestries):
            contained[number, ancestry] = 1
        return contained


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves: the model, the reduced vectors (n, d), labels, which are of the finest
    segments, and silhouettes among those (n,)."""

    model: SegmentModel
    reduced: NDArray[np.float32]
    labels: NDArray[np.int64]
    point_silhouettes: NDArray[np.float64]


SegmentPath = tuple[tuple[Segment, float], ...]
"""A segment and those that contain it, from the finest on, each with a text's cosine to it."""


def assign(vectors: Vectors, model: SegmentModel, *, limit: int) -> list[list[SegmentPath]]:
    """Assign texts to the segments of the nearest centroids.

    In embedding space, not in a projection of it: a live ad's segment does not move under it.

    Args:
        vectors: unit rows (n, d) float32.
        limit: how many of the finest segments to name for each text.

    Returns:
        For each row the nearest of the finest segments, nearest first, each with those that contain
        it.
    """
    if not len(vectors):
        return []
    cosines = vectors @ model.centroids.T
    order = np.argsort(-cosines[:, : model.n_finest], axis=1, kind="stable")[:, :limit]
    return [
        [tuple((model.segments[i], float(row[i])) for i in model.ancestries[j]) for j in best]
        for row, best in zip(cosines, order, strict=True)
    ]
