"""A fit of one team's texts: groups, what they are about, and whether they may be trusted."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.clustering.hierarchy import build_hierarchy, finest_groups, parent_indices
from assets.segmentation.clustering.methods import MAX_SAMPLE, Clustering, clusterer
from assets.segmentation.clustering.reduction import principal_components, unit_directions
from assets.segmentation.clustering.silhouette import silhouettes
from assets.segmentation.config import CLUSTERERS, SegmentationConfig, below
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.model.lineage import content_keys, inherited_keys
from assets.segmentation.model.profiles import Labeller, centroids, profiles
from assets.segmentation.model.segment_model import Fitted, Segment, SegmentModel
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.text.normalization import content_hash
from assets.segmentation.trust.clusterability import Clusterability, clusterability, silhouette_axes
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
    """Group, measure and describe a team's texts.

    Texts are taken in the order of their content hash, distinct ones for grouping, on one thread:
    neither their order, nor their keys, nor the number of cores is seen in the answer.

    Args:
        keys: names of the texts, for medoids.
        texts: their words, for terms.
        vectors: unit rows (n, d) float32.
        previous: the model before; segments that share most members with one of its keep its key.
        head: reads occupations off the vectors. Without one, groups are found by vectors alone, the
            occupations gate is left out, and there are no coarser segments.

    Returns:
        The model, with labels and silhouettes (n,) in the order given.
    """
    hashes = [content_hash(text) for text in texts]
    order = np.argsort(hashes, kind="stable")
    keys, texts, hashes = ([column[i] for i in order] for column in (keys, texts, hashes))
    vectors, given = vectors[order], np.argsort(order)
    distinct, first, back = np.unique(hashes, return_index=True, return_inverse=True)
    with single_thread():
        rows = vectors[first]
        groups = clusterer(config.clusterer)(rows, config, head)
        among = min(MAX_SAMPLE, len(distinct))
        k = int(np.max(groups.labels)) + 1
        space = principal_components(rows, config.axes)
        (far,) = silhouettes(space[:, : silhouette_axes(k)], [groups.labels], among)
        found_in = groups.space if config.clusterer == CLUSTERERS[0] else space
        directed, sampled = unit_directions(found_in[:among]), groups.labels[:among]
        steady = stability(directed, sampled, seed=config.seed)
        tendency = clusterability(rows, groups, config, head)
        found = finest_groups(far, steady, groups.labels)
        if (
            head is not None
            and config.clusterer == CLUSTERERS[0]
            and not rejection_reason(tendency, 1.0, config)
        ):
            found = build_hierarchy(
                found, rows[:among], space[:among], directed, sampled, config, head
            )
        projected_silhouette = _projected_silhouettes(groups, config, among)
    labels = groups.labels[back]
    parts = [group.parts for group in found]
    described = profiles(keys, texts, vectors, labels, labeller, parts, top=config.top_terms)
    centres = centroids(vectors, labels, parts)
    if groups.centroids is not None:  # of the texts as they were put to them
        centres[:k] = groups.centroids
    names = inherited_keys(
        content_keys(described, parts, dict(zip(keys, hashes, strict=True))),
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
            rejection_reason=rejection_reason(tendency, group.stability, config),
            stability=group.stability,
            projected_silhouette=None
            if projected_silhouette is None or c >= k
            else float(projected_silhouette[c]),
            lineage=lineage,
            parent="" if around is None else names[around][0],
            among=group.among,
        )
        for c, (p, group, (key, lineage), around) in enumerate(
            zip(described, found, names, parent_indices(found), strict=True)
        )
    ]
    model = SegmentModel("team", tuple(segments), centres, tendency)
    return Fitted(
        model, groups.space[back[given]].astype(np.float32), labels[given], far[back[given]]
    )


def single_thread() -> AbstractContextManager[object]:
    """Keep arithmetic on one thread: with several, sums differ in their last bits from machine to
    machine, and threads that wait for a busy core cost k-means fifty times its work.
    """
    import sklearn.cluster  # noqa: F401  # only a library that is loaded can be limited
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def rejection_reason(tendency: Clusterability, steady: float, config: SegmentationConfig) -> str:
    """Why a segment may not be trusted, beside its silhouette; "" when it may. `steady` is its
    stability."""
    floor = config.structure_asked(tendency.occupations)
    if tendency.excess < floor:
        return (
            f"the texts are hardly more grouped than random draws of the same covariance: "
            f"{below(tendency.excess, floor)}"
        )
    if tendency.strength < config.strength_floor:
        return (
            f"the groups of one half of the texts predict those of the other hardly better than in "
            f"random draws: "
            f"{below(tendency.strength, config.strength_floor)}"
        )
    if tendency.occupations is not None and tendency.occupations < config.occupations_floor:
        return (
            f"the texts differ too little in occupation, as "
            f"{below(tendency.occupations, config.occupations_floor)} groups of occupations would"
        )
    if steady < config.stability_floor:
        return f"found again in redrawn texts by {below(steady, config.stability_floor)}"
    return ""


def _projected_silhouettes(
    groups: Clustering, config: SegmentationConfig, among: int
) -> NDArray[np.float64] | None:
    """Silhouettes (k,) after UMAP; None where the clusterer does without."""
    if config.clusterer != "umap-kmeans":
        return None
    (values,) = silhouettes(groups.space, [groups.labels], among)
    return np.array(
        [values[groups.labels == c].mean() for c in range(int(np.max(groups.labels)) + 1)]
    )
