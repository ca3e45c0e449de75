"""The fit that a team's new texts are assigned to: read from its tables, and when to renew it."""

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
class CurrentFit:
    """A team's fit as its tables hold it.

    Attributes:
        members: the texts that it was made of and that are still there.
        cohesion: their median cosine to the nearest centroid, in [-1, 1].
        n_resumes: how many résumés it was made of; None where they were not counted yet.
        encoder: the weights of its vectors; "" where that was not noted yet.
        complete: False where the writing of its profiles was interrupted.
    """

    model: SegmentModel
    members: Hashes
    cohesion: float
    fitted_at: datetime
    n_resumes: int | None = None
    encoder: str = ""
    complete: bool = True


def current_fit(warehouse: Reader, team_id: str) -> CurrentFit | None:
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
    known_keys = set(rows["cluster_key"])
    segments = tuple(_segment(row, known_keys) for row in rows.iter_rows(named=True))
    written = warehouse.sql(
        "SELECT count(*) FROM segment_model WHERE team_id = ? AND fit = 'team'", [team_id]
    )
    centroids = np.array(rows["centroid"].to_list(), np.float32)
    return CurrentFit(
        SegmentModel("team", segments, centroids),
        {(kind, key): content for kind, key, content in members.iter_rows()},
        rows["cohesion"][0],
        rows["fitted_at"][0],
        rows["n_resumes"][0],
        rows["encoder"][0] or "",
        complete=written.item() == len(rows),
    )


def _segment(row: Mapping[str, Any], known_keys: set[str]) -> Segment:
    """`known_keys` are the keys of all that were read: a parent of none of them holds nothing."""
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
        row["rejection_reason"] or "",
        row["stability"],
        row["projected_silhouette"],
        parent=row["parent"] if row["parent"] in known_keys else "",
        among=row["among"],
    )


def cohesion(vectors: Vectors, model: SegmentModel) -> float:
    """Median cosine of unit rows (n, d) to the centroid of their segment, of the finest."""
    finest = model.centroids[: model.n_finest]
    return float(np.median((vectors @ finest.T).max(axis=1)))


def refit_reason(
    current: CurrentFit | None,
    texts: Hashes,
    vectors: Vectors,
    now: datetime,
    config: SegmentationConfig,
) -> str:
    """Why these texts, with unit rows (n, d), want a new fit; "" when the current one serves."""
    if current is None:
        return "no fit yet"
    new = sum(current.members.get(key) != content for key, content in texts.items())
    gone = sum(key not in texts for key in current.members)
    if new + gone > config.refit_change * len(current.members):
        return f"{new} new and {gone} gone of {len(current.members)} texts"
    if any(s.stability is None for s in current.model.segments):
        return "fitted before its segments' stability was measured"
    if any(s.among is None for s in current.model.segments):
        return "fitted before coarser segments were looked for"
    if not current.complete:
        return "not all of the fit was written"
    if without := _lost_resume(current, texts):
        return without
    if now - current.fitted_at > timedelta(days=config.refit_days):
        return f"fitted {current.fitted_at.date()}"
    fall = current.cohesion - cohesion(vectors, current.model)
    if fall > config.refit_drift:
        return f"texts are {fall:.3f} further from their segments than at the fit"
    return ""


def _lost_resume(current: CurrentFit, texts: Hashes) -> str:
    """A fit lets go of a person at once: who was forgotten, whose résumé was changed, or whose
    lawful basis has ended."""
    if current.n_resumes is None:
        return "fitted before its résumés were counted"
    left = sum(
        kind == "resume" and texts.get((kind, key)) == content
        for (kind, key), content in current.members.items()
    )
    return "a résumé that it was made of is gone or changed" if left != current.n_resumes else ""
