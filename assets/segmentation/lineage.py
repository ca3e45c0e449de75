"""Names of segments that outlive a refit, and what became of the old ones."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.embedding import Vectors
from assets.segmentation.profiles import Profile
from assets.segmentation.segment_model import SegmentModel
from assets.segmentation.silhouette import Labels

SAME = 1 / 3
"""Jaccard likeness of members above which a new segment is the old one: two groups can share an
old one's members so far that neither passes, or one, never that one passes for two."""
PART = 0.25
"""Share of an old segment's members that makes a new one its heir."""


def first_key(profile: Profile, hashes: Mapping[str, str]) -> str:
    """A name by the content of the medoids: the same texts give it again under other ids."""
    content = sorted(hashes[key] for key in profile.medoids)
    return "seg-" + hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:10]


def named(
    fresh: Sequence[str], vectors: Vectors, labels: Labels, previous: SegmentModel | None
) -> list[tuple[str, str]]:
    """For each new group its key, and its lineage in words. `fresh` are keys of their own;
    `vectors` (n, 384) were put into `labels`, and before that into segments of `previous`."""
    if previous is None or previous.fit != "team" or not previous.segments:
        return [(key, "") for key in fresh]
    from scipy.optimize import linear_sum_assignment

    old = (vectors @ previous.centroids.T).argmax(axis=1)
    table = np.zeros((len(previous.segments), len(fresh)))
    np.add.at(table, (old, labels), 1)
    union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    likeness = np.divide(table, union, out=np.zeros_like(table), where=union > 0)
    keys, known = list(fresh), [s.cluster_key for s in previous.segments]
    for i, j in zip(*linear_sum_assignment(-likeness), strict=True):
        if likeness[i, j] > SAME:
            keys[j] = known[i]
    return [(keys[j], _words(table, j, known, keys)) for j in range(len(keys))]


def _words(table: NDArray[np.float64], j: int, known: Sequence[str], keys: Sequence[str]) -> str:
    share = np.divide(
        table, table.sum(axis=1, keepdims=True), out=np.zeros_like(table),
        where=table.sum(axis=1, keepdims=True) > 0,
    ) >= PART  # fmt: skip
    parents = np.flatnonzero(share[:, j])
    if len(parents) > 1:
        return f"merges {', '.join(known[int(i)] for i in parents)}"
    if len(parents) == 1 and share[parents[0]].sum() > 1:
        return f"split from {known[int(parents[0])]}"
    return "kept" if keys[j] in known else "new"
