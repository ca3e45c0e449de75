"""The audience variants of an ad: segments that may be trusted, and always broad."""

from collections.abc import Sequence

from assets.segmentation.config import SegmentationConfig, below
from assets.segmentation.model.segment_model import Path, Segment
from assets.segmentation.primitives.extraction import supported
from assets.segmentation.reference.taxonomy import Taxonomy
from domain.primitives import BROAD, Arm, Primitives


def arms(
    own: Primitives,
    title: str,
    description: str,
    near: Sequence[Path],
    taxonomy: Taxonomy,
    config: SegmentationConfig,
    unread: str = "",
) -> tuple[Arm, ...]:
    """Up to `max_segments` arms, of the nearest segments on, then broad, which has the reason when
    it is alone. Shares sum to 1; every arm runs, so each propensity is 1.

    Where a segment cannot be trusted, or not be shown, the finest that holds it and can be stands
    for it. An ad whose own segment is in none goes to broad alone: that its second-nearest can be
    trusted does not make the ad one of those. `unread` says why the encoder cannot place the ad at
    all.
    """
    if unread:
        return (Arm(BROAD, 1, 0.0, 1.0, 1.0, own, unread),)
    if not near or not standing_for(near[0], config):
        why = why_not(near[0][0][0], config) if near else "no segment to compare with"
        return (Arm(BROAD, 1, 0.0, 1.0, 1.0, own, why),)
    trusted = _apart(near, config)
    taken = [path[-1] for path in trusted]
    positive = [max(c, 0.0) + 1e-6 for _, c in taken]
    rest = 1.0 - config.broad_share
    shares = [round(rest * c / sum(positive), 6) for c in positive]
    found = [
        Arm(
            segment.cluster_key,
            rank,
            round(likeness, 4),
            share,
            1.0,
            supported(
                own,
                title,
                description,
                terms=segment.profile.terms,
                industries=segment.industries,
                taxonomy=taxonomy,
            ),
            _why(segment, config, why_not(path[0][0], config)),
            tuple(label for _, label, _ in segment.industries),
        )
        for rank, (path, (segment, likeness), share) in enumerate(
            zip(trusted, taken, shares, strict=True), 1
        )
    ]
    broad = Arm(BROAD, len(found) + 1, 0.0, round(1.0 - sum(shares), 6), 1.0, own, "always runs")
    return (*found, broad)


def standing_for(path: Path, config: SegmentationConfig) -> Path:
    """The path as far as its finest segment that may be trusted; () where none may."""
    ends = (i for i, (segment, _) in enumerate(path, 1) if not why_not(segment, config))
    return path[: next(ends, 0)]


def _apart(near: Sequence[Path], config: SegmentationConfig) -> list[Path]:
    """The nearest paths that a segment stands for; of two segments that hold each other, that of
    the nearer path."""
    found: dict[str, Path] = {}
    holding: set[str] = set()
    for whole in near:
        if path := standing_for(whole, config):
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


def why_not(segment: Segment, config: SegmentationConfig) -> str:
    """Why a segment may not be shown or trusted; "" when it may."""
    if segment.hidden or segment.doubt:
        return f"{segment.hidden or segment.doubt} ({segment.cluster_key})"
    if segment.silhouette >= config.silhouette_floor:
        return ""
    return (
        f"silhouette {below(segment.silhouette, config.silhouette_floor)} ({segment.cluster_key})"
    )
