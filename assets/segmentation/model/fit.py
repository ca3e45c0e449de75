"""A fit of one team's texts: groups, what they are about, and whether they may be trusted."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering.hierarchy import finest, nested, parents
from assets.segmentation.clustering.methods import SAMPLE, Clustering, clusterer
from assets.segmentation.clustering.reduction import directions, principal
from assets.segmentation.clustering.silhouette import silhouettes
from assets.segmentation.config import CLUSTERERS, SegmentationConfig, below
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.model.lineage import first_keys, named
from assets.segmentation.model.profiles import Labeller, centroids, profiles
from assets.segmentation.model.segment_model import Fitted, Segment, SegmentModel
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.text.normalization import content_hash
from assets.segmentation.trust.clusterability import Structure, axes_of, structure
from assets.segmentation.trust.stability import stability


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
    many occupations there are. With one the model has, beside the groups that were found, coarser
    ones of them that may be trusted, for the texts of those that may not.

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
        directed, sampled = directions(found_in[:among]), groups.labels[:among]
        steady = stability(directed, sampled, seed=config.seed)
        shape = structure(rows, groups, config, head)
        found = finest(far, steady, groups.labels)
        if head is not None and config.clusterer == CLUSTERERS[0] and not doubt(shape, 1.0, config):
            found = nested(found, rows[:among], space[:among], directed, sampled, config, head)
        projected = _projected(groups, config, among)
    labels = groups.labels[back]
    parts = [group.parts for group in found]
    described = profiles(keys, texts, vectors, labels, labeller, parts, top=config.top_terms)
    centres = centroids(vectors, labels, parts)
    if groups.centroids is not None:  # of the texts as they were put to them
        centres[:k] = groups.centroids
    names = named(
        first_keys(described, parts, dict(zip(keys, hashes, strict=True))),
        vectors,
        labels,
        parts,
        previous,
    )
    segments = [
        Segment(
            key,
            p.cluster_id,
            group.silhouette,
            p,
            tuple((v.id, v.label, v.score) for v in p.labels),
            doubt=doubt(shape, group.stability, config),
            stability=group.stability,
            projected=None if projected is None or c >= k else float(projected[c]),
            lineage=lineage,
            parent="" if around is None else names[around][0],
            among=group.among,
        )
        for c, (p, group, (key, lineage), around) in enumerate(
            zip(described, found, names, parents(found), strict=True)
        )
    ]
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
    floor = config.structure_asked(shape.occupations)
    if shape.excess < floor:
        return (
            f"the texts are hardly more grouped than a cloud of their shape: "
            f"{below(shape.excess, floor)}"
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
