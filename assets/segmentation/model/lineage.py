"""Keys of segments that outlive a refit, and what became of the old segments."""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering.silhouette import Labels
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.model.profiles import Profile
from assets.segmentation.model.segment_model import SegmentModel

SAME_SEGMENT = 1 / 3
"""Jaccard similarity of members above which a new segment is the old one. Where several are so
similar, the best one-to-one match of all decides."""
HEIR_SHARE = 0.25
"""Share of an old segment's members that makes a new one its heir."""


def content_keys(
    described: Sequence[Profile], parts: Sequence[Sequence[int]], hashes: Mapping[str, str]
) -> list[str]:
    """Keys from the content of each segment's medoids: the same texts give them again under other
    ids.

    Args:
        described: profiles, the finest first.
        parts: for each profile the numbers of the finest that it unites.
        hashes: content hashes by the texts' keys.
    """
    medoids = [sorted(hashes[key] for key in p.medoids) for p in described]
    return [_key(sorted(chain(*(medoids[part] for part in own)))) for own in parts]


def _key(content: Sequence[str]) -> str:
    return "seg-" + hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:10]


def inherited_keys(
    fresh: Sequence[str],
    vectors: Vectors,
    labels: Labels,
    parts: Sequence[Sequence[int]],
    previous: SegmentModel | None,
) -> list[tuple[str, str]]:
    """For each new group its key, and its lineage in words.

    A group whose members have a Jaccard similarity above SAME_SEGMENT with those of a segment of
    `previous` inherits its key; of several the best one-to-one assignment (Kuhn 1955) decides.

    Args:
        fresh: keys for groups that inherit none.
        vectors: unit rows (n, d) of the texts.
        labels: (n,) numbers of the finest new groups.
        parts: for each new group the numbers of the finest that it unites.
    """
    if previous is None or previous.fit != "team" or not previous.segments:
        return [(key, "") for key in fresh]
    from scipy.optimize import linear_sum_assignment

    was = (vectors @ previous.centroids[: previous.n_finest].T).argmax(axis=1)
    table = np.zeros((previous.n_finest, int(np.max(labels)) + 1))
    np.add.at(table, (was, labels), 1)
    before, now = (
        previous.containment,
        np.stack([np.isin(range(table.shape[1]), p) for p in parts]).T,
    )
    shared = before.T @ table @ now
    union = (before.T @ table.sum(axis=1))[:, None] + table.sum(axis=0) @ now - shared
    jaccard = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    known = [s.cluster_key for s in previous.segments]
    kept = {
        int(j): known[i]
        for i, j in zip(
            *linear_sum_assignment(-np.where(jaccard > SAME_SEGMENT, jaccard, 0.0)), strict=True
        )
        if jaccard[i, j] > SAME_SEGMENT
    }
    keys: list[str] = []
    for j, key in enumerate(fresh):
        while j not in kept and (key in keys or key in kept.values()):
            key = _key([key])  # the same texts are nearest to the middle of another
        keys.append(kept.get(j, key))
    names = []
    for j, (key, own) in enumerate(zip(keys, parts, strict=True)):
        same = "kept" if j in kept else "new"
        names.append((key, _words(table, j, known, same) if len(own) == 1 else same))
    return names


def _words(table: NDArray[np.float64], j: int, known: Sequence[str], same: str) -> str:
    """What one of the finest groups was, from `table` (f, k) of the texts in old ones and new."""
    share = (
        np.divide(
            table,
            table.sum(axis=1, keepdims=True),
            out=np.zeros_like(table),
            where=table.sum(axis=1, keepdims=True) > 0,
        )
        >= HEIR_SHARE
    )
    old = np.flatnonzero(share[:, j])
    if len(old) > 1:
        return f"merges {', '.join(known[int(i)] for i in old)}"
    if len(old) == 1 and share[old[0]].sum() > 1:
        return f"split from {known[int(old[0])]}"
    return same
