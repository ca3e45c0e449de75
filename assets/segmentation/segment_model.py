"""Segments of a fit, and the assignment of texts to them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.embedding import Vectors
from assets.segmentation.profiles import Profile
from assets.segmentation.structure import Structure

Fit = Literal["team", "reference"]


@dataclass(frozen=True)
class Segment:
    """One group. `silhouette` in [-1, 1], on principal axes, is how far it lies from the others;
    `projected` the same after UMAP, where that is used; `stability` in [0, 1]
    how surely it is found again. `doubt` says why it may not be trusted, `hidden` why nothing of it
    may be shown ("": it may); `lineage` what it was in the fit before."""

    cluster_key: str
    cluster_id: int
    silhouette: float
    profile: Profile
    industries: tuple[tuple[str, str, float], ...]
    hidden: str = ""
    doubt: str = ""
    stability: float | None = None
    projected: float | None = None
    lineage: str = ""


@dataclass(frozen=True)
class SegmentModel:
    """`centroids` (k, 384) unit rows in the order of `segments`; `structure` tells whether there
    are groups at all (None: the reference model, or a fit from before this was asked)."""

    fit: Fit
    segments: tuple[Segment, ...]
    centroids: Vectors
    structure: Structure | None = None


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves: the model, the reduced vectors (n, d), labels and silhouettes (n,)."""

    model: SegmentModel
    reduced: NDArray[np.float32]
    labels: NDArray[np.int64]
    point_silhouettes: NDArray[np.float64]


def assign(
    vectors: Vectors, model: SegmentModel, *, most: int
) -> list[list[tuple[Segment, float]]]:
    """For each row the `most` nearest segments with cosine similarity, nearest first.

    Nearest centroid in embedding space: a live ad's segment does not move under it, as it would
    with a new projection.
    """
    if not len(vectors):
        return []
    likeness = vectors @ model.centroids.T
    order = np.argsort(-likeness, axis=1, kind="stable")[:, :most]
    return [
        [(model.segments[j], float(row[j])) for j in best]
        for row, best in zip(likeness, order, strict=True)
    ]
