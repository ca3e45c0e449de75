"""One team's segmentation as tables: what the graph's partition writes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np

from assets.progress import Bar, silent
from assets.segmentation.audiences import JobText, audiences
from assets.segmentation.cells import judged
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.embedding import EmbeddingStore, Vectors
from assets.segmentation.fitting import fit
from assets.segmentation.profiles import Labeller
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
from assets.segmentation.segment_model import Fitted, SegmentModel
from assets.segmentation.standing import Hashes, Reader, Standing, standing, why_refit
from assets.segmentation.swapping import swapped
from assets.segmentation.taxonomy import Taxonomy
from assets.segmentation.text import ad_text


class World(Protocol):
    """What segmentation needs of the outside."""

    @property
    def warehouse(self) -> Reader: ...
    @property
    def labeller(self) -> Labeller: ...
    @property
    def encode(self) -> Callable[[Sequence[str]], Vectors]: ...
    @property
    def vectors(self) -> EmbeddingStore: ...
    @property
    def encoder_id(self) -> str: ...
    @property
    def taxonomy(self) -> Taxonomy: ...
    @property
    def reference(self) -> SegmentModel: ...
    def now(self) -> datetime: ...


@dataclass(frozen=True)
class Texts:
    """A team's ads and résumés in the order of their keys; `vectors` has the ads' rows first.
    `without` says which résumés are not among them, and why."""

    jobs: list[JobText]
    ads: dict[str, str]
    people: dict[str, str]
    words: list[str]
    vectors: Vectors
    without: str = ""

    @property
    def all(self) -> Hashes:
        people = {("resume", key): content for key, content in self.people.items()}
        return {("ad", key): content for key, content in self.ads.items()} | people

    @property
    def ad_vectors(self) -> Vectors:
        return self.vectors[: len(self.ads)]

    @property
    def person_vectors(self) -> Vectors:
        return self.vectors[len(self.ads) :]


def segment_team(
    team_id: str,
    world: World,
    say: Callable[[str], None],
    config: SegmentationConfig | None = None,
    bar: Bar = silent,
) -> tuple[dict[str, list[Row]], str]:
    """Rows by table for one team, and a map of its segments as markdown ("" without a new fit).

    A fit that still serves is kept: its tables are not in the answer, and what is new since is
    assigned to it. A team of few texts is assigned to the reference model."""
    config = config or SegmentationConfig()
    texts = read_texts(world.warehouse, team_id, config.minimum_cell)
    if texts.without:
        say(texts.without)
    if len(texts.all) < config.minimum_texts:
        say(f"{len(texts.all)} texts: assigned to the reference model")
        return _referred(team_id, texts, world, config), ""
    stands = standing(world.warehouse, team_id)
    if stands and stands.encoder not in ("", world.encoder_id):
        say("the vectors are another encoder's than the fit's: nothing of it can be kept")
        stands = None
    why = why_refit(stands, texts.all, texts.vectors, world.now(), config)
    if stands and not why:
        say("the fit serves; what is new is assigned to it")
        return _assigned(team_id, texts, stands, world, config), ""
    say(f"fitting {len(texts.all)} texts: {why}")
    fitted = fit(
        [*texts.ads, *texts.people], texts.words, texts.vectors, config, world.labeller,
        stands.model if stands else None,
    )  # fmt: skip
    people = texts.words[len(texts.ads) :]
    fitted = swapped(
        judged(fitted, len(texts.ads), config.minimum_cell), people, world.encode, world.vectors,
        config, bar,
    )  # fmt: skip
    for line in told(fitted.model):
        say(line)
    from assets.segmentation.plots import as_markdown, segment_map

    picture = as_markdown(segment_map(fitted, len(texts.ads))) if texts.ads else ""
    return _fresh(team_id, texts, fitted, why, world, config), picture


def told(model: SegmentModel) -> list[str]:
    """What became of the segments of the fit before, and why some may not be trusted."""
    lines = [
        f"{s.cluster_key}: {s.lineage}" for s in model.segments if s.lineage not in ("", "kept")
    ]
    doubts = {s.doubt for s in model.segments if s.doubt}
    return [*lines, *sorted(doubts)]


def _fresh(
    team_id: str, texts: Texts, fitted: Fitted, why: str, world: World, config: SegmentationConfig
) -> dict[str, list[Row]]:
    model, n = fitted.model, len(texts.ads)
    used = {s.cluster_key for s in model.segments}
    reason = "; ".join(part for part in (why, texts.without) if part)
    return {
        "segment_model": segment_rows(
            team_id, model, texts.vectors, world.now(), len(texts.people), reason, world.encoder_id
        ),
        "profiles": profile_rows(team_id, model, used, set(texts.ads)),
        "reduced_vectors": point_rows(team_id, texts.ads, fitted),
        "resume_reduced_vectors": point_rows(team_id, texts.people, fitted, n),
        "clusters": member_rows(team_id, texts.ads, fitted),
        "resume_clusters": member_rows(team_id, texts.people, fitted, n),
        "audience_primitives": _arms(team_id, texts, model, world, config),
    }


def _assigned(
    team_id: str, texts: Texts, stands: Standing, world: World, config: SegmentationConfig
) -> dict[str, list[Row]]:
    """Members keep their rows; a text that is gone or changed loses its own."""
    tables: dict[str, list[Row]] = {}
    for kind, prefix, group, vectors in (
        ("ad", "", texts.ads, texts.ad_vectors),
        ("resume", "resume_", texts.people, texts.person_vectors),
    ):
        known = {k for k, content in group.items() if stands.members.get((kind, k)) == content}
        for name in (f"{prefix}reduced_vectors", f"{prefix}clusters"):
            stored = _rows(world.warehouse, name, team_id)
            tables[name] = [row for row in stored if row["key"] in known]
        new = [i for i, key in enumerate(group) if key not in known]
        later = {key: content for key, content in group.items() if key not in known}
        tables[f"{prefix}clusters"] += assigned_rows(team_id, later, vectors[new], stands.model)
    arms = _arms(team_id, texts, stands.model, world, config)
    return {**tables, "audience_primitives": arms}


def _referred(
    team_id: str, texts: Texts, world: World, config: SegmentationConfig
) -> dict[str, list[Row]]:
    """The reference model knows no person: résumés of a small team are in no segment."""
    model = world.reference
    members = assigned_rows(team_id, texts.ads, texts.ad_vectors, model)
    used = {row["cluster_key"] for row in members}
    return {
        "segment_model": [],
        "profiles": profile_rows(team_id, model, used, set()),
        "reduced_vectors": [],
        "resume_reduced_vectors": [],
        "clusters": members,
        "resume_clusters": [],
        "audience_primitives": _arms(team_id, texts, model, world, config),
    }


def _arms(
    team_id: str, texts: Texts, model: SegmentModel, world: World, config: SegmentationConfig
) -> list[Row]:
    found = audiences(texts.jobs, texts.ad_vectors, model, world.taxonomy, config)
    return arm_rows(team_id, found)


def read_texts(warehouse: Reader, team_id: str, minimum: int) -> Texts:
    """The team's texts that have a vector; no résumé without a lawful basis, and none at all when
    there are fewer than `minimum`, which no segment could show."""
    ads, ad_vectors = _texts(warehouse, "job_ads", "embeddings", team_id)
    people, person_vectors = _texts(warehouse, "resumes", "resume_embeddings", team_id)
    without = _barred(warehouse, team_id)
    if 0 < len(people) < minimum:
        people, person_vectors = [], person_vectors[:0]
        without = f"résumés stay out: with a lawful basis there are fewer than {minimum}"
    jobs = [job_text(row) for row in ads]
    some = [v for v in (ad_vectors, person_vectors) if len(v)]
    return Texts(
        jobs,
        {row["job_id"]: row["content_hash"] for row in ads},
        {row["resume_key"]: row["content_hash"] for row in people},
        [ad_text(j.title, j.description) for j in jobs] + [p["text"] for p in people],
        np.concatenate(some) if some else np.zeros((0, 0), np.float32),
        without,
    )


def _barred(warehouse: Reader, team_id: str) -> str:
    count = warehouse.sql(
        "SELECT count(*) AS n FROM resumes WHERE team_id = ? AND basis IS NULL", [team_id]
    ).item()
    return f"{count} résumés stay out: no lawful basis holds (jobads basis set)" if count else ""


def _rows(warehouse: Reader, table: str, team_id: str) -> list[Row]:
    return warehouse.sql(f"SELECT * FROM {table} WHERE team_id = ?", [team_id]).to_dicts()


def _texts(warehouse: Reader, texts: str, vectors: str, team_id: str) -> tuple[list[Row], Vectors]:
    """Rows of a team's texts in the order of their keys, and their vectors."""
    key = "job_id" if texts == "job_ads" else "resume_key"
    lawful = "" if texts == "job_ads" else "AND t.basis IS NOT NULL "
    frame = warehouse.sql(
        f"SELECT t.*, v.vector FROM {texts} AS t JOIN {vectors} AS v USING (content_hash) "
        f"WHERE t.team_id = ? {lawful}ORDER BY t.{key}",
        [team_id],
    )
    rows = frame.drop("vector").to_dicts()
    if not rows:
        return [], np.zeros((0, 0), np.float32)
    return rows, np.array(frame["vector"].to_list(), dtype=np.float32)
