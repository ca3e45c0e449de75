"""A fit of one team's texts, and the assignment of ads to it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering import cluster
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.embedding import Vectors
from assets.segmentation.profiles import Labeller, Profile, centroids, profiles
from assets.segmentation.reduction import reduce

Fit = Literal["team", "reference"]
SAME = 0.8
"""Cosine from which a new centroid is taken to be the old segment, so that it keeps its key."""


@dataclass(frozen=True)
class Segment:
    """One group: `silhouette` in [-1, 1] is how sure we are that it is one; `hidden` says why
    nothing of it may be shown ("": it may)."""

    cluster_key: str
    cluster_id: int
    silhouette: float
    profile: Profile
    industries: tuple[tuple[str, str, float], ...]
    hidden: str = ""


@dataclass(frozen=True)
class SegmentModel:
    """`centroids` (k, 384) unit rows in the order of `segments`."""

    fit: Fit
    segments: tuple[Segment, ...]
    centroids: Vectors


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves: the model, the reduced vectors (n, d), labels and silhouettes (n,)."""

    model: SegmentModel
    reduced: NDArray[np.float32]
    labels: NDArray[np.int64]
    point_silhouettes: NDArray[np.float64]


def fit(
    keys: Sequence[str],
    texts: Sequence[str],
    vectors: Vectors,
    config: SegmentationConfig,
    labeller: Labeller,
    previous: SegmentModel | None = None,
) -> Fitted:
    """Reduce, cluster and describe a team's texts; segments of `previous` keep their keys."""
    reduced = reduce(
        vectors, seed=config.seed, dimensions=config.dimensions, neighbours=config.neighbours
    )
    groups = cluster(reduced, seed=config.seed, k_min=config.k_min, k_max=config.k_max)
    described = profiles(keys, texts, vectors, groups.labels, labeller, top=config.top_terms)
    centres = centroids(vectors, groups.labels)
    names = _names(centres, described, previous)
    segments = tuple(
        Segment(
            names[p.cluster_id],
            p.cluster_id,
            float(groups.cluster_silhouettes[p.cluster_id]),
            p,
            tuple((label.id, label.label, label.score) for label in p.labels),
        )
        for p in described
    )
    model = SegmentModel("team", segments, centres)
    return Fitted(model, reduced, groups.labels, groups.point_silhouettes)


def _names(
    centres: Vectors, described: Sequence[Profile], previous: SegmentModel | None
) -> list[str]:
    """Stable keys: the best one-to-one match with the previous fit, else a name by the medoids."""
    names = [
        "seg-" + hashlib.sha256("\x1f".join(sorted(p.medoids)).encode()).hexdigest()[:10]
        for p in described
    ]
    if previous is not None and previous.fit == "team" and len(previous.segments):
        from scipy.optimize import linear_sum_assignment

        likeness = centres @ previous.centroids.T
        for new, old in zip(*linear_sum_assignment(-likeness), strict=True):
            if likeness[new, old] >= SAME:
                names[new] = previous.segments[old].cluster_key
    return names


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
