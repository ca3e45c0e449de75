"""The audience variants of an ad: segments that may be trusted, and always broad."""

from collections.abc import Sequence

from assets.segmentation.config import SegmentationConfig, below
from assets.segmentation.primitives import supported
from assets.segmentation.segment_model import Segment
from assets.segmentation.taxonomy import Taxonomy
from domain.primitives import BROAD, Arm, Primitives


def arms(
    own: Primitives,
    title: str,
    description: str,
    near: Sequence[tuple[Segment, float]],
    taxonomy: Taxonomy,
    config: SegmentationConfig,
    unread: str = "",
) -> tuple[Arm, ...]:
    """Up to `max_segments` arms ranked by similarity, then broad, which has the reason when it is
    alone. Shares sum to 1; every arm runs, so each propensity is 1.

    An ad whose own segment cannot be trusted, or not be shown, goes to broad alone: that its
    second-nearest can be does not make the ad one of those. `unread` says why the encoder cannot
    place the ad at all.
    """
    if unread:
        return (Arm(BROAD, 1, 0.0, 1.0, 1.0, own, unread),)
    trusted = [(s, c) for s, c in near if not why_not(s, config)][: config.max_segments]
    if not trusted or trusted[0][0] is not near[0][0]:
        why = why_not(near[0][0], config) if near else "no segment to compare with"
        return (Arm(BROAD, 1, 0.0, 1.0, 1.0, own, why),)
    positive = [max(c, 0.0) + 1e-6 for _, c in trusted]
    rest = 1.0 - config.broad_share
    shares = [round(rest * c / sum(positive), 6) for c in positive]
    found = [
        Arm(
            segment.cluster_key, rank, round(likeness, 4), share, 1.0,
            supported(
                own, title, description,
                terms=segment.profile.terms, industries=segment.industries, taxonomy=taxonomy,
            ),
            _why(segment, config),
            tuple(label for _, label, _ in segment.industries),
        )
        for rank, ((segment, likeness), share) in enumerate(zip(trusted, shares, strict=True), 1)
    ]  # fmt: skip
    broad = Arm(BROAD, len(found) + 1, 0.0, round(1.0 - sum(shares), 6), 1.0, own, "always runs")
    return (*found, broad)


def _why(segment: Segment, config: SegmentationConfig) -> str:
    trust = f"silhouette {segment.silhouette:.2f} >= {config.silhouette_floor:.2f}"
    if segment.stability is None:
        return trust
    return f"{trust}, found again in redrawn texts by {segment.stability:.2f}"


def why_not(segment: Segment, config: SegmentationConfig) -> str:
    """Why a segment may not be shown or trusted; "" when it may."""
    if segment.hidden or segment.doubt:
        return f"{segment.hidden or segment.doubt} ({segment.cluster_key})"
    if segment.silhouette >= config.silhouette_floor:
        return ""
    return (
        f"silhouette {below(segment.silhouette, config.silhouette_floor)} ({segment.cluster_key})"
    )
