"""One team's segmentation as tables: warehouse rows in, rows of the graph's partition out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import polars as pl

from assets.progress import Bar, silent
from assets.resources import Clock
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.current_fit import CurrentFit, Reader, current_fit, refit_reason
from assets.segmentation.model.fit_inputs import FitInputs
from assets.segmentation.model.segment_model import Fitted, SegmentModel
from assets.segmentation.model.stored_inputs import stored_ads, stored_inputs, stored_words
from assets.segmentation.pipeline import Models, ad_audiences, team_model
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
from resources.fingerprints import of, of_files
from resources.warehouse.tables import frame

# The code and tables that an ad's arms are made by.
MADE_FROM = ("domain", "assets/segmentation", "taxonomy", "data/reference")


class Lake(Protocol):
    def replace(self, name: str, frame: pl.DataFrame, scope: Mapping[str, Any]) -> int: ...
    def exchange(self, frames: Mapping[str, pl.DataFrame], keys: pl.DataFrame) -> None: ...


class TeamModels(Models, Protocol):
    @property
    def encoder_id(self) -> str: ...


@dataclass(frozen=True)
class World:
    """What segmentation needs of the outside."""

    warehouse: Reader
    models: TeamModels
    clock: Clock


@dataclass(frozen=True)
class TeamTables:
    """A team's new rows.

    Attributes:
        tables: by table. They replace all rows that the team has there, except in the tables of
            `removed`: there they are added to the stored rows.
        removed: keys whose stored rows go, by table.
        picture: a map of the segments as Markdown; "" without a new fit.
    """

    tables: Mapping[str, list[Row]]
    removed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    picture: str = ""


def write(table: str, found: TeamTables, warehouse: Lake, team_id: str) -> None:
    """Store the rows of one table of `found`."""
    rows = frame(found.tables[table], table)
    if table not in found.removed:
        warehouse.replace(table, rows, {"team_id": team_id})
        return
    column = "job_id" if "job_id" in rows.columns else "key"
    keys = list(dict.fromkeys([*rows[column], *found.removed[table]]))
    if keys:
        named = pl.DataFrame({"team_id": [team_id] * len(keys), column: keys})
        warehouse.exchange({table: rows}, named)


def segment_team(
    team_id: str,
    world: World,
    say: Callable[[str], None],
    config: SegmentationConfig | None = None,
    bar: Bar = silent,
) -> TeamTables:
    """What is new of one team.

    A fit that still serves is kept: its tables are not in the answer, and what is new since is
    assigned to it. A team of few texts is assigned to the reference model. Either way an ad is read
    again only when its words, the fit or the taxonomy are others."""
    config = config or SegmentationConfig()
    reads = reader(world.models.taxonomy.languages, config.languages)
    inputs = stored_inputs(world.warehouse, team_id, config.minimum_cell, reads)
    for line in inputs.exclusions:
        say(line)
    small = len(inputs) < config.minimum_texts
    current = None if small else current_fit(world.warehouse, team_id)
    if current and current.encoder not in ("", world.models.encoder_id):
        say("the vectors are another encoder's than the fit's: nothing of it can be kept")
        current = None
    refit = refit_reason(current, inputs.hashes, inputs.vectors, world.clock.now(), config)
    found = team_model(
        inputs,
        lambda: stored_words(world.warehouse, team_id, inputs),
        world.models,
        config,
        previous=current.model if current else None,
        refit=refit,
        log=say,
        bar=bar,
    )
    if found.fitted is not None:
        for line in fit_notes(found.model):
            say(line)
        return _fit_tables(team_id, inputs, found.fitted, refit, world, config)
    if current is None:
        return _reference_tables(team_id, inputs, found.model, world, config)
    return _assignment_tables(team_id, inputs, current, world, config)


def fit_notes(model: SegmentModel) -> list[str]:
    """What became of the segments of the fit before, and why some may not be trusted."""
    lines = [
        f"{s.cluster_key}: {s.lineage}" for s in model.segments if s.lineage not in ("", "kept")
    ]
    rejection_reasons = {s.rejection_reason for s in model.segments if s.rejection_reason}
    return [*lines, *sorted(rejection_reasons)]


def _fit_tables(
    team_id: str,
    inputs: FitInputs,
    fitted: Fitted,
    refit: str,
    world: World,
    config: SegmentationConfig,
) -> TeamTables:
    from assets.segmentation.plots import as_markdown, segment_map

    model, ads, now = fitted.model, inputs.ads.hashes, world.clock.now()
    n, resumes, unread = len(ads), inputs.resumes.hashes, inputs.unread_ads
    picture = as_markdown(segment_map(fitted, n)) if n else ""
    used = {s.cluster_key for s in model.segments}
    reason = "; ".join([refit, *inputs.exclusions])
    arms, removed = _arms(team_id, inputs, model, _identity(model, now), world, config)
    tables = {
        "segment_model": segment_rows(
            team_id, model, inputs.vectors, now, len(resumes), reason, world.models.encoder_id
        ),
        "profiles": profile_rows(team_id, model, used, set(ads)),
        "reduced_vectors": point_rows(team_id, ads, fitted),
        "resume_reduced_vectors": point_rows(team_id, resumes, fitted, n),
        "clusters": member_rows(team_id, ads, fitted)
        + assigned_rows(team_id, unread.hashes, unread.vectors, model),
        "resume_clusters": member_rows(team_id, resumes, fitted, n),
        "audience_primitives": arms,
    }
    return TeamTables(tables, {"audience_primitives": removed}, picture)


def _assignment_tables(
    team_id: str, inputs: FitInputs, current: CurrentFit, world: World, config: SegmentationConfig
) -> TeamTables:
    """Rows of texts that are as they were stay; a text that is gone or changed loses its own."""
    tables: dict[str, list[Row]] = {}
    left: dict[str, list[str]] = {}
    hashes = inputs.hashes
    for kind, prefix, texts in (("ad", "", inputs.all_ads), ("resume", "resume_", inputs.resumes)):
        stored = _contents(world.warehouse, f"{prefix}clusters", team_id)
        removed = [key for key, content in stored.items() if texts.hashes.get(key) != content]
        new = texts.subset([k for k, content in texts.hashes.items() if stored.get(k) != content])
        rows = assigned_rows(team_id, new.hashes, new.vectors, current.model)
        tables[f"{prefix}clusters"], left[f"{prefix}clusters"] = rows, removed
        moved = [
            key
            for (what, key), content in current.members.items()
            if what == kind and hashes.get((what, key)) != content
        ]
        tables[f"{prefix}reduced_vectors"], left[f"{prefix}reduced_vectors"] = [], moved
    identity = _identity(current.model, current.fitted_at)
    arms, old = _arms(team_id, inputs, current.model, identity, world, config)
    tables["audience_primitives"], left["audience_primitives"] = arms, old
    return TeamTables(tables, left)


def _reference_tables(
    team_id: str, inputs: FitInputs, model: SegmentModel, world: World, config: SegmentationConfig
) -> TeamTables:
    """The reference model knows no person: résumés of a small team are in no segment."""
    ads = inputs.all_ads
    members = assigned_rows(team_id, ads.hashes, ads.vectors, model)
    used = {row["cluster_key"] for row in members}
    arms, removed = _arms(team_id, inputs, model, _identity(model, None), world, config)
    tables = {
        "segment_model": [],
        "profiles": profile_rows(team_id, model, used, set()),
        "reduced_vectors": [],
        "resume_reduced_vectors": [],
        "clusters": members,
        "resume_clusters": [],
        "audience_primitives": arms,
    }
    return TeamTables(tables, {"audience_primitives": removed})


def _identity(model: SegmentModel, fitted_at: datetime | None) -> str:
    """Names a fit: a team's by its moment, the reference model by its segments (its files are
    among what every row is made from)."""
    moment = fitted_at.astimezone(UTC).isoformat() if fitted_at else ""
    return of(model.fit, moment, sorted(s.cluster_key for s in model.segments))


def _arms(
    team_id: str,
    inputs: FitInputs,
    model: SegmentModel,
    identity: str,
    world: World,
    config: SegmentationConfig,
) -> tuple[list[Row], list[str]]:
    """Rows of the ads whose arms are made from something new, and the ads whose rows go."""
    ads = inputs.all_ads
    common = of(of_files(*MADE_FROM), identity, config, world.models.encoder_id)
    heads = _contents(world.warehouse, "job_ads", team_id)
    wanted = {key: of(common, heads[key]) for key in ads.hashes}
    stored = _contents(world.warehouse, "audience_primitives", team_id)
    new = [key for key in ads.hashes if stored.get(key) != wanted[key]]
    jobs = stored_ads(world.warehouse, team_id, new)
    found = ad_audiences(jobs, ads, model, world.models, config)
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
