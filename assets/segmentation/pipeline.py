"""One team's segmentation as tables: what the graph's partition writes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import polars as pl

from assets.progress import Bar, silent
from assets.segmentation.audiences.audience import audiences
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.current_fit import Reader, Standing, standing, why_refit
from assets.segmentation.model.embedding import EmbeddingStore, Vectors
from assets.segmentation.model.fit import fit
from assets.segmentation.model.fit_inputs import EMPTY, Texts, ads_of, read_texts, words_of
from assets.segmentation.model.profiles import Labeller
from assets.segmentation.model.segment_model import Fitted, SegmentModel
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.reference.taxonomy import Taxonomy
from assets.segmentation.table_rows import (
    Row,
    arm_rows,
    assigned_rows,
    member_rows,
    point_rows,
    profile_rows,
    segment_rows,
)
from assets.segmentation.text.languages import reader
from assets.segmentation.trust.gender_swap_test import swapped
from assets.segmentation.trust.minimum_cell import judged
from resources.fingerprints import of, of_files
from resources.warehouse.tables import frame

# The code and tables that an ad's arms are made by.
MADE_FROM = ("domain", "assets/segmentation", "taxonomy", "data/reference")


class Lake(Protocol):
    def replace(self, name: str, frame: pl.DataFrame, scope: Mapping[str, Any]) -> int: ...
    def exchange(self, frames: Mapping[str, pl.DataFrame], keys: pl.DataFrame) -> None: ...


class World(Protocol):
    """What segmentation needs of the outside."""

    @property
    def warehouse(self) -> Reader: ...
    @property
    def labeller(self) -> Labeller: ...
    @property
    def head(self) -> OccupationHead | None: ...
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
class Segmented:
    """A team's new rows by table. They are all that the team has there, except in the tables of
    `gone`: there they stand beside the rows that are stored, but for those of the keys named.
    `picture` is a map of the segments as markdown ("" without a new fit)."""

    tables: Mapping[str, list[Row]]
    gone: Mapping[str, Sequence[str]] = field(default_factory=dict)
    picture: str = ""


def write(table: str, found: Segmented, warehouse: Lake, team_id: str) -> None:
    """Store the rows of one table of `found`."""
    rows = frame(found.tables[table], table)
    if table not in found.gone:
        warehouse.replace(table, rows, {"team_id": team_id})
        return
    column = "job_id" if "job_id" in rows.columns else "key"
    keys = list(dict.fromkeys([*rows[column], *found.gone[table]]))
    if keys:
        named = pl.DataFrame({"team_id": [team_id] * len(keys), column: keys})
        warehouse.exchange({table: rows}, named)


def segment_team(
    team_id: str,
    world: World,
    say: Callable[[str], None],
    config: SegmentationConfig | None = None,
    bar: Bar = silent,
) -> Segmented:
    """What is new of one team.

    A fit that still serves is kept: its tables are not in the answer, and what is new since is
    assigned to it. A team of few texts is assigned to the reference model. Either way an ad is read
    again only when its words, the fit or the taxonomy are others."""
    config = config or SegmentationConfig()
    reads = reader(world.taxonomy.languages, config.languages)
    texts = read_texts(world.warehouse, team_id, config.minimum_cell, reads)
    for line in texts.without:
        say(line)
    if len(texts.all) < config.minimum_texts:
        say(f"{len(texts.all)} texts: assigned to the reference model")
        return _referred(team_id, texts, world, config)
    stands = standing(world.warehouse, team_id)
    if stands and stands.encoder not in ("", world.encoder_id):
        say("the vectors are another encoder's than the fit's: nothing of it can be kept")
        stands = None
    why = why_refit(stands, texts.all, texts.vectors, world.now(), config)
    if stands and not why:
        say("the fit serves; what is new is assigned to it")
        return _assigned(team_id, texts, stands, world, config)
    say(f"fitting {len(texts.all)} texts: {why}")
    words = words_of(world.warehouse, team_id, texts)
    fitted = fit(
        [*texts.ads.hashes, *texts.people],
        words,
        texts.vectors,
        config,
        world.labeller,
        stands.model if stands else None,
        world.head,
    )
    n = len(texts.ads.hashes)
    fitted = swapped(
        judged(fitted, n, config.minimum_cell), words[n:], world.encode, world.vectors, config, bar
    )
    for line in told(fitted.model):
        say(line)
    from assets.segmentation.plots import as_markdown, segment_map

    picture = as_markdown(segment_map(fitted, n)) if n else ""
    return _fresh(team_id, texts, fitted, why, world, config, picture)


def told(model: SegmentModel) -> list[str]:
    """What became of the segments of the fit before, and why some may not be trusted."""
    lines = [
        f"{s.cluster_key}: {s.lineage}" for s in model.segments if s.lineage not in ("", "kept")
    ]
    doubts = {s.doubt for s in model.segments if s.doubt}
    return [*lines, *sorted(doubts)]


def _fresh(
    team_id: str,
    texts: Texts,
    fitted: Fitted,
    why: str,
    world: World,
    config: SegmentationConfig,
    picture: str,
) -> Segmented:
    model, ads, now = fitted.model, texts.ads.hashes, world.now()
    n = len(ads)
    used = {s.cluster_key for s in model.segments}
    reason = "; ".join([why, *texts.without])
    arms, gone = _arms(team_id, texts, model, _identity(model, now), world, config)
    tables = {
        "segment_model": segment_rows(
            team_id, model, texts.vectors, now, len(texts.people), reason, world.encoder_id
        ),
        "profiles": profile_rows(team_id, model, used, set(ads)),
        "reduced_vectors": point_rows(team_id, ads, fitted),
        "resume_reduced_vectors": point_rows(team_id, texts.people, fitted, n),
        "clusters": member_rows(team_id, ads, fitted)
        + assigned_rows(team_id, texts.unread.hashes, texts.unread.vectors, model),
        "resume_clusters": member_rows(team_id, texts.people, fitted, n),
        "audience_primitives": arms,
    }
    return Segmented(tables, {"audience_primitives": gone}, picture)


def _assigned(
    team_id: str, texts: Texts, stands: Standing, world: World, config: SegmentationConfig
) -> Segmented:
    """Rows of texts that are as they were stay; a text that is gone or changed loses its own."""
    tables: dict[str, list[Row]] = {}
    left: dict[str, list[str]] = {}
    ads, current = texts.every_ad, texts.all
    for kind, prefix, group, vectors in (
        ("ad", "", ads.hashes, ads.vectors),
        ("resume", "resume_", texts.people, texts.person_vectors),
    ):
        stored = _contents(world.warehouse, f"{prefix}clusters", team_id)
        gone = [key for key, content in stored.items() if group.get(key) != content]
        new = [i for i, (key, content) in enumerate(group.items()) if stored.get(key) != content]
        later = {key: content for key, content in group.items() if stored.get(key) != content}
        rows = assigned_rows(team_id, later, vectors[new], stands.model)
        tables[f"{prefix}clusters"], left[f"{prefix}clusters"] = rows, gone
        moved = [
            key
            for (what, key), content in stands.members.items()
            if what == kind and current.get((what, key)) != content
        ]
        tables[f"{prefix}reduced_vectors"], left[f"{prefix}reduced_vectors"] = [], moved
    identity = _identity(stands.model, stands.fitted_at)
    arms, old = _arms(team_id, texts, stands.model, identity, world, config)
    tables["audience_primitives"], left["audience_primitives"] = arms, old
    return Segmented(tables, left)


def _referred(team_id: str, texts: Texts, world: World, config: SegmentationConfig) -> Segmented:
    """The reference model knows no person: résumés of a small team are in no segment."""
    model = world.reference
    ads = texts.every_ad
    members = assigned_rows(team_id, ads.hashes, ads.vectors, model)
    used = {row["cluster_key"] for row in members}
    arms, gone = _arms(team_id, texts, model, _identity(model, None), world, config)
    tables = {
        "segment_model": [],
        "profiles": profile_rows(team_id, model, used, set()),
        "reduced_vectors": [],
        "resume_reduced_vectors": [],
        "clusters": members,
        "resume_clusters": [],
        "audience_primitives": arms,
    }
    return Segmented(tables, {"audience_primitives": gone})


def _identity(model: SegmentModel, fitted_at: datetime | None) -> str:
    """Names a fit: a team's by its moment, the reference model by its segments (its files are
    among what every row is made from)."""
    moment = fitted_at.astimezone(UTC).isoformat() if fitted_at else ""
    return of(model.fit, moment, sorted(s.cluster_key for s in model.segments))


def _arms(
    team_id: str,
    texts: Texts,
    model: SegmentModel,
    identity: str,
    world: World,
    config: SegmentationConfig,
) -> tuple[list[Row], list[str]]:
    """Rows of the ads whose arms are made from something new, and the ads whose rows go."""
    ads = texts.every_ad
    common = of(of_files(*MADE_FROM), identity, config, world.encoder_id)
    heads = _contents(world.warehouse, "job_ads", team_id)
    wanted = {key: of(common, heads[key]) for key in ads.hashes}
    stored = _contents(world.warehouse, "audience_primitives", team_id)
    new = [key for key in ads.hashes if stored.get(key) != wanted[key]]
    jobs = ads_of(world.warehouse, team_id, new)
    rows = {key: row for row, key in enumerate(ads.hashes)}
    vectors = ads.vectors[[rows[job.job_key] for job in jobs]] if jobs else EMPTY
    found = audiences(jobs, vectors, model, world.taxonomy, config)
    return arm_rows(team_id, found, wanted), [key for key in stored if key not in wanted]


# What tells that a row of a table is of the same text as before, and whose row it is.
_CONTENT = {
    "job_ads": ("job_id", "md5(concat_ws('|', content_hash, title, location))"),
    "clusters": ("key", "content_hash"),
    "resume_clusters": ("key", "content_hash"),
    "audience_primitives": ("job_id", "fingerprint"),
}


def _contents(warehouse: Reader, table: str, team_id: str) -> dict[str, str]:
    key, content = _CONTENT[table]
    query = f"SELECT DISTINCT {key}, {content} FROM {table} WHERE team_id = ?"
    return dict(warehouse.sql(query, [team_id]).iter_rows())
