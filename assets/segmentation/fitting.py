"""A fit of one team's texts: groups, what they are about, and whether they may be trusted."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering import SAMPLE, Clustering, clusterer
from assets.segmentation.config import CLUSTERERS, SegmentationConfig, below
from assets.segmentation.embedding import Vectors
from assets.segmentation.lineage import first_key, named
from assets.segmentation.occupation_head import OccupationHead
from assets.segmentation.profiles import Labeller, centroids, profiles
from assets.segmentation.reduction import directions, principal
from assets.segmentation.reproducing import stability
from assets.segmentation.segment_model import Fitted, Segment, SegmentModel
from assets.segmentation.silhouette import silhouettes
from assets.segmentation.structure import Structure, axes_of, structure
from assets.segmentation.text import content_hash


def fit(
    keys: Sequence[str],
    texts: Sequence[str],
    vectors: Vectors,
    config: SegmentationConfig,
    labeller: Labeller,
    previous: SegmentModel | None = None,
    head: OccupationHead | None = None,
) -> Fitted:
    """Group, measure and describe a team's texts; segments of `previous` keep their keys. `head`
    reads occupations off the vectors; without one groups are of vectors alone, and nobody asks how
    many occupations there are.

    Texts are taken once each, in the order of their content's hash, on one thread: neither their
    order, nor their ids, nor the machine's number of cores is seen in the answer."""
    hashes = [content_hash(text) for text in texts]
    distinct, first, back = np.unique(hashes, return_index=True, return_inverse=True)
    with one_thread():
        rows = vectors[first]
        groups = clusterer(config.clusterer)(rows, config, head)
        among = min(SAMPLE, len(distinct))
        k = int(np.max(groups.labels)) + 1
        space = principal(rows, config.axes)
        (far,) = silhouettes(space[:, : axes_of(k)], [groups.labels], among)
        found_in = groups.space if config.clusterer == CLUSTERERS[0] else space
        steady = stability(directions(found_in[:among]), groups.labels[:among], seed=config.seed)
        shape = structure(rows, groups, config, head)
        projected = _projected(groups, config, among)
    labels = groups.labels[back]
    described = profiles(keys, texts, vectors, labels, labeller, top=config.top_terms)
    centres = centroids(vectors, labels) if groups.centroids is None else groups.centroids
    fresh = [first_key(p, dict(zip(keys, hashes, strict=True))) for p in described]
    names = named(fresh, vectors, labels, previous)
    segments = []
    for p, (key, lineage) in zip(described, names, strict=True):
        c = p.cluster_id
        own, again = float(far[groups.labels == c].mean()), _at(steady, c)
        segments.append(
            Segment(
                key, c, own, p, tuple((v.id, v.label, v.score) for v in p.labels),
                doubt=doubt(shape, again, config), stability=again,
                projected=None if projected is None else _at(projected, c), lineage=lineage,
            )
        )  # fmt: skip
    model = SegmentModel("team", tuple(segments), centres, shape)
    return Fitted(model, groups.space[back].astype(np.float32), labels, far[back])


def one_thread() -> AbstractContextManager[object]:
    """Keep arithmetic on one thread: with several, sums differ in their last bits from machine to
    machine, and threads that wait for a busy core cost k-means fifty times its work."""
    import sklearn.cluster  # noqa: F401  # only a library that is loaded can be limited
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def doubt(shape: Structure, steady: float, config: SegmentationConfig) -> str:
    """Why a segment may not be trusted, beside its silhouette; "" when it may."""
    if shape.excess < config.structure_floor:
        return (
            f"the texts are hardly more grouped than a cloud of their shape: "
            f"{below(shape.excess, config.structure_floor)}"
        )
    if shape.strength < config.strength_floor:
        return (
            f"the texts' groups come back in other texts hardly better than a cloud's: "
            f"{below(shape.strength, config.strength_floor)}"
        )
    if shape.occupations is not None and shape.occupations < config.occupations_floor:
        return (
            f"the texts differ too little in occupation, as "
            f"{below(shape.occupations, config.occupations_floor)} groups of occupations would"
        )
    if steady < config.stability_floor:
        return f"found again in redrawn texts by {below(steady, config.stability_floor)}"
    return ""


def _projected(
    groups: Clustering, config: SegmentationConfig, among: int
) -> NDArray[np.float64] | None:
    """Silhouettes (k,) after UMAP; None where the clusterer does without."""
    if config.clusterer != "umap-kmeans":
        return None
    (values,) = silhouettes(groups.space, [groups.labels], among)
    return np.array(
        [values[groups.labels == c].mean() for c in range(int(np.max(groups.labels)) + 1)]
    )


def _at(values: NDArray[np.float64], c: int) -> float:
    """A group of which no text is in the sample was not measured, and not found again."""
    return float(values[c]) if c < len(values) else 0.0
