"""The arms of an ad: segments that may be trusted, and always broad."""

from collections.abc import Sequence

from assets.segmentation.config import SegmentationConfig, below
from assets.segmentation.model.segment_model import Segment, SegmentPath
from assets.segmentation.primitives.extraction import with_segment_terms
from assets.segmentation.reference.taxonomy import Taxonomy
from domain.primitives import BROAD, Arm, Primitives


def arms(
    own: Primitives,
    title: str,
    description: str,
    near: Sequence[SegmentPath],
    taxonomy: Taxonomy,
    config: SegmentationConfig,
    unread: str = "",
) -> tuple[Arm, ...]:
    """Up to `max_segments` arms of the nearest segments, then broad, which has the reason when it
    is alone.

    Where a segment cannot be trusted, or not be shown, the finest trusted one that contains it
    takes its place. An ad whose nearest segment has none goes to broad alone: that its
    second-nearest can be trusted does not make the ad one of those. Shares sum to 1; every arm
    runs, so each propensity is 1.

    Args:
        own: the ad's own primitives.
        near: the nearest segments, each with those that contain it (see `assign`).
        unread: why the encoder cannot place the ad at all; "" when it can.
    """
    if unread:
        return (Arm(BROAD, 1, 0.0, 1.0, 1.0, own, unread),)
    if not near or not trusted_path(near[0], config):
        why = untrusted_reason(near[0][0][0], config) if near else "no segment to compare with"
        return (Arm(BROAD, 1, 0.0, 1.0, 1.0, own, why),)
    trusted = _distinct_paths(near, config)
    taken = [path[-1] for path in trusted]
    positive = [max(c, 0.0) + 1e-6 for _, c in taken]
    rest = 1.0 - config.broad_share
    shares = [round(rest * c / sum(positive), 6) for c in positive]
    found = [
        Arm(
            segment.cluster_key,
            rank,
            round(cosine, 4),
            share,
            1.0,
            with_segment_terms(
                own,
                title,
                description,
                terms=segment.profile.terms,
                industries=segment.industries,
                taxonomy=taxonomy,
            ),
            _why(segment, config, untrusted_reason(path[0][0], config)),
            tuple(label for _, label, _ in segment.industries),
        )
        for rank, (path, (segment, cosine), share) in enumerate(
            zip(trusted, taken, shares, strict=True), 1
        )
    ]
    broad = Arm(BROAD, len(found) + 1, 0.0, round(1.0 - sum(shares), 6), 1.0, own, "always runs")
    return (*found, broad)


def trusted_path(path: SegmentPath, config: SegmentationConfig) -> SegmentPath:
    """The path as far as its finest segment that may be trusted; () where none may."""
    ends = (i for i, (segment, _) in enumerate(path, 1) if not untrusted_reason(segment, config))
    return path[: next(ends, 0)]


def _distinct_paths(near: Sequence[SegmentPath], config: SegmentationConfig) -> list[SegmentPath]:
    """The nearest trusted paths; of two segments of which one contains the other, that of the
    nearer path."""
    found: dict[str, SegmentPath] = {}
    holding: set[str] = set()
    for whole in near:
        if path := trusted_path(whole, config):
            keys = [segment.cluster_key for segment, _ in whole[len(path) - 1 :]]
            if keys[0] not in holding and not found.keys() & keys:
                found[keys[0]] = path
                holding.update(keys)
    return [*found.values()][: config.max_segments]


def _why(segment: Segment, config: SegmentationConfig, finer: str) -> str:
    trust = f"silhouette {segment.silhouette:.2f} >= {config.silhouette_floor:.2f}"
    if segment.stability is None:
        return trust
    again = f"{trust}, found again in redrawn texts by {segment.stability:.2f}"
    if segment.among is not None:
        again += f", among {segment.among} groups"
    return f"{again}; not its own, finer one: {finer}" if finer else again


def untrusted_reason(segment: Segment, config: SegmentationConfig) -> str:
    """Why a segment may not be shown or trusted; "" when it may.

    >>> from assets.segmentation.model.profiles import Profile
    >>> segment = Segment("seg-1", 0, 0.2, Profile(0, 40, ("care",), (), ()), ())
    >>> untrusted_reason(segment, SegmentationConfig())
    'silhouette 0.20 < 0.25 (seg-1)'
    """
    if segment.hidden or segment.rejection_reason:
        return f"{segment.hidden or segment.rejection_reason} ({segment.cluster_key})"
    if segment.silhouette >= config.silhouette_floor:
        return ""
    return (
        f"silhouette {below(segment.silhouette, config.silhouette_floor)} ({segment.cluster_key})"
    )
