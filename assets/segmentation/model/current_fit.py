"""The fit that stands: whether it still serves, and where it puts texts that came after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import numpy as np
import polars as pl

from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.model.profiles import Label, Profile
from assets.segmentation.model.segment_model import Segment, SegmentModel

# The content hash of each text by what it is ("ad" or "resume") and its key.
Hashes = Mapping[tuple[str, str], str]


class Reader(Protocol):
    def sql(self, query: str, parameters: list[Any] | None = None) -> pl.DataFrame: ...


@dataclass(frozen=True)
class Standing:
    """A team's fit as its tables hold it. `members` are the texts it was made of and that are still
    there; `cohesion` is their median cosine to the nearest centroid; `persons` is how many résumés
    it was made of (None: it was made before they were counted); `encoder` names the weights of its
    vectors ("": it was made before that was noted). It is not `whole` where a writing was cut off
    before its last profiles."""

    model: SegmentModel
    members: Hashes
    cohesion: float
    fitted_at: datetime
    persons: int | None = None
    encoder: str = ""
    whole: bool = True


def standing(warehouse: Reader, team_id: str) -> Standing | None:
    """The team's fit; None before the first."""
    rows = warehouse.sql(
        "SELECT m.*, p.size, p.terms, p.medoids, p.industry_id, p.industry, p.score, p.labeller "
        "FROM segment_model AS m JOIN profiles AS p USING (team_id, cluster_key) "
        "WHERE m.team_id = ? AND m.fit = 'team' ORDER BY m.cluster_id",
        [team_id],
    )
    if rows.is_empty():
        return None
    members = warehouse.sql(
        "SELECT 'ad', key, content_hash FROM clusters "
        "WHERE team_id = ? AND silhouette IS NOT NULL "
        "UNION ALL SELECT 'resume', key, content_hash FROM resume_clusters "
        "WHERE team_id = ? AND silhouette IS NOT NULL",
        [team_id, team_id],
    )
    there = set(rows["cluster_key"])
    segments = tuple(_segment(row, there) for row in rows.iter_rows(named=True))
    written = warehouse.sql(
        "SELECT count(*) FROM segment_model WHERE team_id = ? AND fit = 'team'", [team_id]
    )
    centroids = np.array(rows["centroid"].to_list(), np.float32)
    return Standing(
        SegmentModel("team", segments, centroids),
        {(kind, key): content for kind, key, content in members.iter_rows()},
        rows["cohesion"][0],
        rows["fitted_at"][0],
        rows["n_resumes"][0],
        rows["encoder"][0] or "",
        whole=written.item() == len(rows),
    )


def _segment(row: Mapping[str, Any], there: set[str]) -> Segment:
    """`there` are the keys of all that were read: a parent of none of them holds nothing."""
    label = Label(row["industry_id"], row["industry"], row["score"], row["labeller"])
    profile = Profile(
        row["cluster_id"], row["size"] or 0, tuple(row["terms"]), tuple(row["medoids"]), (label,)
    )
    named = ((label.id, label.label, label.score),)
    return Segment(
        row["cluster_key"],
        row["cluster_id"],
        row["silhouette"],
        profile,
        named,
        row["hidden"] or "",
        row["doubt"] or "",
        row["stability"],
        row["projected_silhouette"],
        parent=row["parent"] if row["parent"] in there else "",
        among=row["among"],
    )


def cohesion(vectors: Vectors, model: SegmentModel) -> float:
    """Median cosine of unit rows (n, 384) to the centroid of their segment, of the finest."""
    finest = model.centroids[: model.finest]
    return float(np.median((vectors @ finest.T).max(axis=1)))


def why_refit(
    stands: Standing | None,
    texts: Hashes,
    vectors: Vectors,
    now: datetime,
    config: SegmentationConfig,
) -> str:
    """Why these texts, with their vectors, want a new fit; "" when they do not."""
    if stands is None:
        return "no fit yet"
    new = sum(stands.members.get(key) != content for key, content in texts.items())
    gone = sum(key not in texts for key in stands.members)
    if new + gone > config.refit_change * len(stands.members):
        return f"{new} new and {gone} gone of {len(stands.members)} texts"
    if any(s.stability is None for s in stands.model.segments):
        return "fitted before its segments' stability was measured"
    if any(s.among is None for s in stands.model.segments):
        return "fitted before coarser segments were looked for"
    if not stands.whole:
        return "not all of the fit was written"
    if without := _without(stands, texts):
        return without
    if now - stands.fitted_at > timedelta(days=config.refit_days):
        return f"fitted {stands.fitted_at.date()}"
    fall = stands.cohesion - cohesion(vectors, stands.model)
    if fall > config.refit_drift:
        return f"texts are {fall:.3f} further from their segments than at the fit"
    return ""


def _without(stands: Standing, texts: Hashes) -> str:
    """A fit lets go of a person at once: who was forgotten, whose résumé was changed, or whose
    lawful basis has ended."""
    if stands.persons is None:
        return "fitted before its résumés were counted"
    left = sum(
        kind == "resume" and texts.get((kind, key)) == content
        for (kind, key), content in stands.members.items()
    )
    return "a résumé that it was made of is gone or changed" if left != stands.persons else ""
