"""Groups within groups: a text of none that may be trusted may be of a coarser one that may."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering.reduction import Points
from assets.segmentation.clustering.silhouette import Labels, silhouettes
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.trust.clusterability import axes_of, occupations
from assets.segmentation.trust.stability import stability

Parts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`parts` are the numbers of the finest groups in it, in order; `silhouette` and `stability`
    are its own where all texts are in `among` groups."""

    parts: Parts
    silhouette: float
    stability: float
    among: int

    def passes(self, config: SegmentationConfig) -> bool:
        apart = self.silhouette >= config.silhouette_floor
        return apart and self.stability >= config.stability_floor


def finest(own: NDArray[np.float64], steady: NDArray[np.float64], labels: Labels) -> list[Group]:
    """The groups of `labels` (n,), from silhouettes (n,) and stabilities (at most k,)."""
    k = int(np.max(labels)) + 1
    return [Group((c,), float(own[labels == c].mean()), _at(steady, c), k) for c in range(k)]


def nested(
    groups: Sequence[Group],
    vectors: Vectors,
    space: Points,
    found_in: Points,
    labels: Labels,
    config: SegmentationConfig,
    head: OccupationHead,
) -> list[Group]:
    """The finest groups, of which `labels` (n,) are, and after them coarser ones that pass, for
    those that do not.

    Groups are merged two by two, down to two. One that lies too near to others, or is not found
    again beside so many, is measured anew among fewer, until it passes. Only what is of about one
    kind of occupation, fewer than a team's texts must be of to be grouped, is given that chance:
    all the rest of the texts together lies apart from one outlying group, and says nothing.
    Occupations are read off `vectors` (n, 384), silhouettes taken in `space`, stabilities in
    `found_in`, both (n, d)."""
    known = {group.parts: group for group in groups}
    for level in merged(found_in, labels, len(groups)):
        served = {part for g in known.values() if g.passes(config) for part in g.parts}
        waiting = [parts for parts in level if not served.issuperset(parts)]
        if not waiting:
            break
        number = {part: i for i, parts in enumerate(level) for part in parts}
        coarse = np.array([number.get(part, 0) for part in range(len(groups))])[labels]
        (far,) = silhouettes(space[:, : axes_of(len(level))], [coarse])
        own = {parts: float(far[coarse == number[parts[0]]].mean()) for parts in waiting}
        apart = [
            parts
            for parts, silhouette in own.items()
            if silhouette >= config.silhouette_floor
            and occupations(vectors[coarse == number[parts[0]]], head) < config.occupations_floor
        ]
        if not apart:
            continue  # how surely they are found again takes longest to know
        steady = stability(found_in, coarse, seed=config.seed)
        for parts in apart:
            group = Group(parts, own[parts], _at(steady, number[parts[0]]), len(level))
            if group.passes(config):
                known[parts] = group
    return list(known.values())


def parents(groups: Sequence[Group]) -> list[int | None]:
    """For each group the number of the smallest other that holds it."""
    found: list[int | None] = []
    for group in groups:
        around = [i for i, other in enumerate(groups) if set(group.parts) < set(other.parts)]
        found.append(min(around, key=lambda i: len(groups[i].parts), default=None))
    return found


def merged(points: Points, labels: Labels, k: int) -> Iterator[list[Parts]]:
    """Partitions of the k groups of `labels` (n,) into k - 1 to two, without those of which there
    is no point: those two are joined whose joining moves points (n, d) least from their group's
    middle (Ward 1963)."""
    # scipy's and scikit-learn's linkages start from single points, not from groups of some size.
    sizes = np.bincount(labels, minlength=k).astype(np.float64)
    measured = np.flatnonzero(sizes)
    groups: list[Parts] = [(int(c),) for c in measured]
    sizes = sizes[measured]
    centres = (labels == measured[:, None]) @ points / sizes[:, None]
    while len(groups) > 2:
        far = ((centres[:, None] - centres) ** 2).sum(axis=2)
        cost = far * np.outer(sizes, sizes) / np.add.outer(sizes, sizes)
        cost[np.tril_indices(len(groups))] = np.inf
        i, j = (int(x) for x in np.unravel_index(cost.argmin(), cost.shape))
        centres[i] = (sizes[i] * centres[i] + sizes[j] * centres[j]) / (sizes[i] + sizes[j])
        sizes[i] += sizes[j]
        groups[i] = tuple(sorted(groups[i] + groups.pop(j)))
        centres, sizes = np.delete(centres, j, axis=0), np.delete(sizes, j)
        yield list(groups)


def _at(values: NDArray[np.float64], c: int) -> float:
    """A group of which no text is in the sample was not measured, and not found again."""
    return float(values[c]) if c < len(values) else 0.0
