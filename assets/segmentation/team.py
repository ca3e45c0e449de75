"""One team's segmentation as tables: what the graph's partition writes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import polars as pl

from assets.segmentation.audiences import audiences
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.embedding import Vectors
from assets.segmentation.profiles import Labeller, Profile
from assets.segmentation.rows import (
    Row,
    arm_rows,
    assigned_rows,
    job_text,
    member_rows,
    point_rows,
    profile_rows,
    segment_rows,
)
from assets.segmentation.segment_model import Fitted, Segment, SegmentModel, fit
from assets.segmentation.taxonomy import Taxonomy
from assets.segmentation.text import ad_text


class Reader(Protocol):
    def sql(self, query: str, parameters: list[Any] | None = None) -> pl.DataFrame: ...


class World(Protocol):
    """What segmentation needs of the outside."""

    @property
    def warehouse(self) -> Reader: ...
    @property
    def labeller(self) -> Labeller: ...
    @property
    def taxonomy(self) -> Taxonomy: ...
    @property
    def reference(self) -> SegmentModel: ...
    def now(self) -> datetime: ...


def segment_team(
    team_id: str,
    world: World,
    say: Callable[[str], None],
    config: SegmentationConfig | None = None,
) -> tuple[dict[str, list[Row]], str]:
    """Rows by table for one team, and a map of its segments as markdown ("" without a fit)."""
    config = config or SegmentationConfig()
    ads, ad_vectors = _texts(world.warehouse, "job_ads", "embeddings", team_id)
    people, person_vectors = _texts(world.warehouse, "resumes", "resume_embeddings", team_id)
    jobs = [job_text(row) for row in ads]
    n = len(ads) + len(people)
    fitted: Fitted | None = None
    if n >= config.minimum_texts:
        say(f"fitting {n} texts")
        words = [ad_text(j.title, j.description) for j in jobs] + [p["text"] for p in people]
        keys = [j.job_key for j in jobs] + [p["resume_key"] for p in people]
        vectors = np.concatenate([v for v in (ad_vectors, person_vectors) if len(v)])
        fitted = fit(
            keys, words, vectors, config, world.labeller, previous(world.warehouse, team_id)
        )
    model = fitted.model if fitted else world.reference
    found = audiences(jobs, ad_vectors, model, world.taxonomy, config)
    used = {s.cluster_key for s in model.segments} if fitted else {a.cluster_key for a in found}
    public = {j.job_key for j in jobs}
    names = [j.job_key for j in jobs]
    persons = [p["resume_key"] for p in people]
    tables: dict[str, list[Row]] = {
        "segment_model": segment_rows(team_id, model, n, world.now()) if fitted else [],
        "profiles": profile_rows(team_id, model, used, public),
        "audience_primitives": arm_rows(team_id, found),
        "reduced_vectors": point_rows(team_id, names, fitted) if fitted else [],
        "clusters": member_rows(team_id, names, fitted)
        if fitted
        else assigned_rows(team_id, model, found),
        "resume_reduced_vectors": point_rows(team_id, persons, fitted, len(names))
        if fitted
        else [],
        "resume_clusters": member_rows(team_id, persons, fitted, len(names)) if fitted else [],
    }
    if fitted is None:
        return tables, ""
    from assets.segmentation.plots import as_markdown, segment_map

    return tables, as_markdown(segment_map(fitted))


def _texts(warehouse: Reader, texts: str, vectors: str, team_id: str) -> tuple[list[Row], Vectors]:
    """Rows of a team's texts in the order of their keys, and their vectors."""
    key = "job_id" if texts == "job_ads" else "resume_key"
    frame = warehouse.sql(
        f"SELECT t.*, v.vector FROM {texts} AS t JOIN {vectors} AS v USING (content_hash) "
        f"WHERE t.team_id = ? ORDER BY t.{key}",
        [team_id],
    )
    rows = frame.drop("vector").to_dicts()
    if not rows:
        return [], np.zeros((0, 0), np.float32)
    return rows, np.array(frame["vector"].to_list(), dtype=np.float32)


def previous(warehouse: Reader, team_id: str) -> SegmentModel | None:
    """The team's last fit, so far as names need it: keys and centroids."""
    frame = warehouse.sql(
        "SELECT * FROM segment_model WHERE team_id = ? AND fit = 'team' ORDER BY cluster_id",
        [team_id],
    )
    if frame.is_empty():
        return None
    segments = tuple(
        Segment(
            row["cluster_key"], row["cluster_id"], row["silhouette"],
            Profile(row["cluster_id"], 0, (), (), ()), (),
        )
        for row in frame.iter_rows(named=True)
    )  # fmt: skip
    return SegmentModel("team", segments, np.array(frame["centroid"].to_list(), np.float32))
