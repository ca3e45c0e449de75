"""Segments of a fit, and the assignment of texts to them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.model.embedding import Vectors
from assets.segmentation.model.profiles import Profile
from assets.segmentation.trust.clusterability import Structure

Fit = Literal["team", "reference"]


@dataclass(frozen=True)
class Segment:
    """One group. `silhouette` in [-1, 1], on principal axes, is how far it lies from the others;
    `projected` the same after UMAP, where that is used; `stability` in [0, 1] how surely it is
    found again; both are measured among so many groups as `among` says. `doubt` says why it may not
    be trusted, `hidden` why nothing of it may be shown ("": it may); `lineage` what it was in the
    fit before; `parent` is the key of the next coarser segment that holds it ("": none does)."""

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
    parent: str = ""
    among: int | None = None


@dataclass(frozen=True)
class SegmentModel:
    """`centroids` (s, 384) unit rows in the order of `segments`, of which the `finest` come first;
    `structure` tells whether there are groups at all (None: the reference model, or a fit from
    before this was asked)."""

    fit: Fit
    segments: tuple[Segment, ...]
    centroids: Vectors
    structure: Structure | None = None

    @property
    def finest(self) -> int:
        """How many segments hold no other. Each text is in one of these."""
        return len(self.segments) - len({s.parent for s in self.segments} - {""})

    @cached_property
    def lines(self) -> tuple[tuple[int, ...], ...]:
        """For each of the finest its number and those of the segments that hold it, from the next
        to the coarsest."""
        numbers = {s.cluster_key: i for i, s in enumerate(self.segments)}
        lines = [[number] for number in range(self.finest)]
        for line in lines:
            while parent := self.segments[line[-1]].parent:
                line.append(numbers[parent])
        return tuple(map(tuple, lines))

    @property
    def holding(self) -> NDArray[np.int64]:
        """(f, s): 1 where a segment is, or holds, one of the f finest."""
        held = np.zeros((self.finest, len(self.segments)), np.int64)
        for number, line in enumerate(self.lines):
            held[number, line] = 1
        return held


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves: the model, the reduced vectors (n, d), labels, which are of the finest
    segments, and silhouettes among those (n,)."""

    model: SegmentModel
    reduced: NDArray[np.float32]
    labels: NDArray[np.int64]
    point_silhouettes: NDArray[np.float64]


Path = tuple[tuple[Segment, float], ...]
"""A segment and those that hold it, from the finest to the coarsest, each with a text's cosine."""


def assign(vectors: Vectors, model: SegmentModel, *, most: int) -> list[list[Path]]:
    """For each row the `most` nearest of the finest segments, nearest first, each with those that
    hold it.

    Nearest centroid in embedding space: a live ad's segment does not move under it, as it would
    with a new projection.
    """
    if not len(vectors):
        return []
    likeness = vectors @ model.centroids.T
    order = np.argsort(-likeness[:, : model.finest], axis=1, kind="stable")[:, :most]
    return [
        [tuple((model.segments[i], float(row[i])) for i in model.lines[j]) for j in best]
        for row, best in zip(likeness, order, strict=True)
    ]
