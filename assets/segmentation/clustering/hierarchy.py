"""Coarser groups: where a group may not be trusted, one that contains it may."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering.reduction import Points
from assets.segmentation.clustering.silhouette import Labels, silhouettes
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.trust.clusterability import occupation_diversity, silhouette_axes
from assets.segmentation.trust.stability import stability

Parts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A union of the finest groups.

    Attributes:
        parts: numbers of the finest groups in it, in order.
        silhouette: its mean, in [-1, 1], where all texts are in `among` groups.
        stability: mean Jaccard similarity in redrawn texts, in [0, 1], among as many.
        among: number of groups among which both were measured.
    """

    parts: Parts
    silhouette: float
    stability: float
    among: int

    def passes(self, config: SegmentationConfig) -> bool:
        """Whether silhouette and stability reach their floors."""
        apart = self.silhouette >= config.silhouette_floor
        return apart and self.stability >= config.stability_floor


def finest_groups(
    own: NDArray[np.float64], stabilities: NDArray[np.float64], labels: Labels
) -> list[Group]:
    """The groups of `labels` (n,), with silhouettes (n,) and stabilities (at most k,)."""
    k = int(np.max(labels)) + 1
    return [Group((c,), float(own[labels == c].mean()), _at(stabilities, c), k) for c in range(k)]


def build_hierarchy(
    groups: Sequence[Group],
    vectors: Vectors,
    space: Points,
    found_in: Points,
    labels: Labels,
    config: SegmentationConfig,
    head: OccupationHead,
) -> list[Group]:
    """Add to the finest groups the coarser ones that pass, for those that do not pass themselves.

    Groups are merged pairwise, down to two (Ward 1963). A merged group is measured among the groups
    of its level. It must be of about one kind of occupation, less diverse than the texts of a team
    must be to be grouped: otherwise "all the rest" would lie apart from one outlying group, and say
    nothing.

    Args:
        groups: the finest groups, in the order of `labels`.
        vectors: unit rows (n, d) float32, from which occupations are read.
        space: (n, d) principal components, on which silhouettes are measured.
        found_in: (n, d), in which the groups were found and stabilities are measured.
        labels: (n,) numbers of the finest groups.

    Returns:
        The finest groups, and after them the coarser ones.
    """
    known = {group.parts: group for group in groups}
    for level in ward_merges(found_in, labels, len(groups)):
        served = {part for g in known.values() if g.passes(config) for part in g.parts}
        waiting = [parts for parts in level if not served.issuperset(parts)]
        if not waiting:
            break
        number = {part: i for i, parts in enumerate(level) for part in parts}
        coarse = np.array([number.get(part, 0) for part in range(len(groups))])[labels]
        (far,) = silhouettes(space[:, : silhouette_axes(len(level))], [coarse])
        own = {parts: float(far[coarse == number[parts[0]]].mean()) for parts in waiting}
        apart = [
            parts
            for parts, silhouette in own.items()
            if silhouette >= config.silhouette_floor
            and occupation_diversity(vectors[coarse == number[parts[0]]], head)
            < config.occupations_floor
        ]
        if not apart:
            continue  # how surely they are found again takes longest to know
        stabilities = stability(found_in, coarse, seed=config.seed)
        for parts in apart:
            group = Group(parts, own[parts], _at(stabilities, number[parts[0]]), len(level))
            if group.passes(config):
                known[parts] = group
    return list(known.values())


def parent_indices(groups: Sequence[Group]) -> list[int | None]:
    """For each group the index of the smallest other that contains it; None where there is none.

    >>> parts = ((0,), (1,), (0, 1))
    >>> parent_indices([Group(p, silhouette=0.3, stability=0.7, among=2) for p in parts])
    [2, 2, None]
    """
    found: list[int | None] = []
    for group in groups:
        around = [i for i, other in enumerate(groups) if set(group.parts) < set(other.parts)]
        found.append(min(around, key=lambda i: len(groups[i].parts), default=None))
    return found


def ward_merges(points: Points, labels: Labels, k: int) -> Iterator[list[Parts]]:
    """Merge groups pairwise by Ward's criterion (1963), which moves points least from their group's
    mean.

    Args:
        points: (n, d) float64.
        labels: (n,) numbers of k groups; a group without points is left out.

    Yields:
        The partition into k - 1 groups, then the next, down to two.

    >>> import numpy as np
    >>> points, labels = np.array([[0.0], [1.0], [9.0]]), np.array([0, 1, 2])
    >>> list(ward_merges(points, labels, 3))
    [[(0, 1), (2,)]]
    """
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
