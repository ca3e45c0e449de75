"""Each ad's audience: its arms, and the line that says which template they call for and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from assets.segmentation.audiences.arms import arms
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import Vectors
from assets.segmentation.model.segment_model import Fit, Segment, SegmentModel, assign
from assets.segmentation.primitives.extraction import extract
from assets.segmentation.reference.taxonomy import Taxonomy
from assets.segmentation.text.job_text import JobText
from assets.segmentation.text.languages import unread
from domain.primitives import BROAD, Arm


@dataclass(frozen=True, slots=True)
class Audience:
    """`arms` rank from the nearest trusted segment to broad; `cluster_key` and `silhouette` are
    the top arm's segment's or, if that is broad, the nearest one's."""

    job_key: str
    fit: Fit
    cluster_key: str
    silhouette: float
    arms: tuple[Arm, ...]

    @property
    def template(self) -> Literal["segment", "broad"]:
        return "broad" if self.arms[0].arm == BROAD else "segment"

    def as_dict(self) -> dict[str, Any]:
        """The line of audiences.jsonl; primitives are the top arm's."""
        return {
            "job_key": self.job_key,
            "template": self.template,
            "reason": self.arms[0].reason,
            "fit": self.fit,
            "cluster_key": self.cluster_key,
            "silhouette": round(self.silhouette, 4),
            "primitives": self.arms[0].primitives.as_dict(),
        }


def audiences(
    jobs: Sequence[JobText],
    vectors: Vectors,
    model: SegmentModel,
    taxonomy: Taxonomy,
    config: SegmentationConfig,
) -> list[Audience]:
    """One Audience for each job; `vectors` are unit rows (n, d) float32 in the order of `jobs`."""
    found = []
    for job, near in zip(jobs, assign(vectors, model, limit=config.max_segments), strict=True):
        language = taxonomy.languages.detect(f"{job.title}\n{job.description}")
        own = extract(job.title, job.description, job.location, taxonomy, language)
        why = unread(language, config.languages, taxonomy.languages.labels)
        variants = arms(own, job.title, job.description, near, taxonomy, config, why)
        own_line = {segment.cluster_key: segment for segment, _ in near[0]}
        best = own_line.get(variants[0].arm, near[0][0][0])
        found.append(Audience(job.job_key, model.fit, best.cluster_key, best.silhouette, variants))
    return found


def segment_dicts(model: SegmentModel) -> list[dict[str, Any]]:
    """The segments of a model as segments.json holds them; of a hidden one only its names."""
    return [_shown(s) for s in model.segments]


def _shown(s: Segment) -> dict[str, Any]:
    named = {"cluster_key": s.cluster_key, "cluster_id": s.cluster_id}
    if s.hidden:
        empty: dict[str, Any] = {"terms": [], "labels": [], "medoids": []}
        return {**named, "size": None, "silhouette": None, **empty, "hidden": s.hidden}
    measured = {} if s.stability is None else {"stability": round(s.stability, 4)}
    measured |= {} if s.among is None else {"among": s.among}
    return {
        **named,
        "size": s.profile.size,
        "silhouette": round(s.silhouette, 4),
        **measured,
        **({"rejection_reason": s.rejection_reason} if s.rejection_reason else {}),
        **({"parent": s.parent} if s.parent else {}),
        "terms": list(s.profile.terms),
        "labels": [
            {"id": v.id, "label": v.label, "score": round(v.score, 4), "labeller": v.labeller}
            for v in s.profile.labels
        ],
        "medoids": list(s.profile.medoids),
    }
