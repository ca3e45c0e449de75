"""Records as rows of the warehouse's tables."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from assets.segmentation.audiences.audience import Audience
from assets.segmentation.model.current_fit import cohesion
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.model.profiles import Label
from assets.segmentation.model.segment_model import Fit, Fitted, Segment, SegmentModel, assign
from assets.segmentation.text.job_text import job_text
from assets.segmentation.text.languages import Languages
from assets.segmentation.text.normalization import content_hash, plain
from assets.segmentation.text.redaction import redact

Row = dict[str, Any]
_SAME = (
    "team_id",
    "title",
    "description_short",
    "location",
    "budget_daily_minor",
    "budget_currency",
    "schedule_start",
    "schedule_end",
    "status",
    "updated_at",
)


def job_ad_row(row: Mapping[str, Any], languages: Languages) -> Row:
    """An ad of the operations store with its redacted text, and that text's hash and language."""
    job = job_text(str(row["id"]), row["title"], row["description_long"])
    text = job.text
    return {
        **{name: row[name] for name in _SAME},
        "job_id": job.job_key,
        "text": job.description,
        "content_hash": content_hash(text),
        "platforms": list(row["platforms"]),
        "language": languages.detect(text),
    }


def resume_row(team_id: str, key: str, text: str, basis: int | None) -> Row:
    """A résumé redacted; `basis` numbers the lawful basis on which it may be used, if any."""
    masked = redact(plain(text)).text
    return {
        "team_id": team_id,
        "resume_key": key,
        "text": masked,
        "content_hash": content_hash(masked),
        "basis": basis,
    }


def segment_rows(
    team_id: str,
    model: SegmentModel,
    vectors: Vectors,
    fitted_at: datetime,
    n_resumes: int,
    reason: str,
    encoder: str,
) -> list[Row]:
    """`n_resumes` of the texts are résumés; `reason` says why the fit is new, and without whom;
    `encoder` names the weights that the vectors are of."""
    closeness, tendency = cohesion(vectors, model), model.clusterability
    return [
        {
            "team_id": team_id,
            "cluster_key": s.cluster_key,
            "cluster_id": s.cluster_id,
            "fit": model.fit,
            "silhouette": s.silhouette,
            "n_texts": len(vectors),
            "cohesion": closeness,
            "centroid": model.centroids[i].tolist(),
            "fitted_at": fitted_at,
            "n_resumes": n_resumes,
            "hidden": s.hidden,
            "reason": reason,
            "structure": tendency.silhouette if tendency else None,
            "structure_null": list(tendency.null_silhouettes) if tendency else None,
            "strength": tendency.strength if tendency else None,
            "occupations": tendency.occupations if tendency else None,
            "stability": s.stability,
            "projected_silhouette": s.projected_silhouette,
            "rejection_reason": s.rejection_reason,
            "lineage": s.lineage,
            "parent": s.parent,
            "among": s.among,
            "encoder": encoder,
        }
        for i, s in enumerate(model.segments)
    ]


def profile_rows(team_id: str, model: SegmentModel, used: set[str], public: set[str]) -> list[Row]:
    """Profiles of the segments in `used`; of medoids only the keys in `public`: no résumé's. A
    hidden segment has a row without content."""
    return [
        _profile(team_id, model.fit, s, public) for s in model.segments if s.cluster_key in used
    ]


def _profile(team_id: str, fit: Fit, s: Segment, public: set[str]) -> Row:
    label = Label("unknown", "unknown", 0.0, s.hidden) if s.hidden else s.profile.labels[0]
    medoids = [m for m in s.profile.medoids if m in public or fit == "reference"]
    return {
        "team_id": team_id,
        "cluster_key": s.cluster_key,
        "cluster_id": s.cluster_id,
        "fit": fit,
        "size": None if s.hidden else s.profile.size,
        "silhouette": s.silhouette,
        "terms": [] if s.hidden else list(s.profile.terms),
        "medoids": [] if s.hidden else medoids,
        "industry_id": label.id,
        "industry": label.label,
        "score": label.score,
        "labeller": label.labeller,
    }


def point_rows(team_id: str, keys: Iterable[str], fitted: Fitted, offset: int = 0) -> list[Row]:
    """Reduced vectors of the texts from `offset` on."""
    return [
        {"team_id": team_id, "key": key, "vector": fitted.reduced[offset + i].tolist()}
        for i, key in enumerate(keys)
    ]


def member_rows(
    team_id: str, texts: Mapping[str, str], fitted: Fitted, offset: int = 0
) -> list[Row]:
    """Each text's (key → content hash) segment in the fit, from row `offset` of it on, with its own
    silhouette and its segment's."""
    rows = []
    for i, (key, content) in enumerate(texts.items(), offset):
        segment = fitted.model.segments[int(fitted.labels[i])]
        own = float(fitted.point_silhouettes[i])
        rows.append(_member(team_id, key, content, "team", segment, own))
    return rows


def assigned_rows(
    team_id: str, texts: Mapping[str, str], vectors: Vectors, model: SegmentModel
) -> list[Row]:
    """Each text's nearest segment of a model that it had no part in: no silhouette of its own."""
    return [
        _member(team_id, key, content, model.fit, path[0][0], None)
        for (key, content), [path] in zip(
            texts.items(), assign(vectors, model, limit=1), strict=True
        )
    ]


def _member(
    team_id: str, key: str, content: str, fit: Fit, segment: Segment, own: float | None
) -> Row:
    return {
        "team_id": team_id,
        "key": key,
        "content_hash": content,
        "fit": fit,
        "cluster_key": segment.cluster_key,
        "cluster_id": segment.cluster_id,
        "silhouette": own,
        "cluster_silhouette": segment.silhouette,
    }


def arm_rows(team_id: str, found: Sequence[Audience], prints: Mapping[str, str]) -> list[Row]:
    """`prints` are the fingerprints of what each ad's arms are made from, by ad."""
    return [
        {
            "team_id": team_id,
            "job_id": a.job_key,
            "arm": arm.arm,
            "rank": arm.rank,
            "score": arm.score,
            "budget_share": arm.budget_share,
            "propensity": arm.propensity,
            "template": a.template,
            "reason": arm.reason,
            "fit": a.fit,
            "cluster_key": a.cluster_key,
            "silhouette": a.silhouette,
            "labels": list(arm.labels),
            "primitives": json.dumps(arm.primitives.as_dict(), ensure_ascii=False),
            "fingerprint": prints[a.job_key],
        }
        for a in found
        for arm in a.arms
    ]
