"""One team's segmentation as tables: what the graph's partition writes."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from assets.progress import Bar, silent
from assets.segmentation.audiences import audiences
from assets.segmentation.cells import judged
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.embedding import EmbeddingStore, Vectors
from assets.segmentation.fitting import fit
from assets.segmentation.languages import reader
from assets.segmentation.occupation_head import OccupationHead
from assets.segmentation.profiles import Labeller
from assets.segmentation.rows import (
    Row,
    arm_rows,
    assigned_rows,
    member_rows,
    point_rows,
    profile_rows,
    segment_rows,
)
from assets.segmentation.segment_model import Fitted, SegmentModel
from assets.segmentation.standing import Reader, Standing, standing, why_refit
from assets.segmentation.swapping import swapped
from assets.segmentation.taxonomy import Taxonomy
from assets.segmentation.team_texts import Texts, read_texts


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
    reads = reader(world.taxonomy.languages, config.languages)
    texts = read_texts(world.warehouse, team_id, config.minimum_cell, reads)
    for line in texts.without:
        say(line)
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
        [*texts.ads.hashes, *texts.people], texts.words, texts.vectors, config, world.labeller,
        stands.model if stands else None, world.head,
    )  # fmt: skip
    n = len(texts.ads.jobs)
    fitted = swapped(
        judged(fitted, n, config.minimum_cell), texts.words[n:], world.encode, world.vectors,
        config, bar,
    )  # fmt: skip
    for line in told(fitted.model):
        say(line)
    from assets.segmentation.plots import as_markdown, segment_map

    picture = as_markdown(segment_map(fitted, n)) if n else ""
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
    model, ads = fitted.model, texts.ads.hashes
    n = len(ads)
    used = {s.cluster_key for s in model.segments}
    reason = "; ".join([why, *texts.without])
    return {
        "segment_model": segment_rows(
            team_id, model, texts.vectors, world.now(), len(texts.people), reason, world.encoder_id
        ),
        "profiles": profile_rows(team_id, model, used, set(ads)),
        "reduced_vectors": point_rows(team_id, ads, fitted),
        "resume_reduced_vectors": point_rows(team_id, texts.people, fitted, n),
        "clusters": member_rows(team_id, ads, fitted) + _unread_rows(team_id, texts, model),
        "resume_clusters": member_rows(team_id, texts.people, fitted, n),
        "audience_primitives": _arms(team_id, texts, model, world, config),
    }


def _assigned(
    team_id: str, texts: Texts, stands: Standing, world: World, config: SegmentationConfig
) -> dict[str, list[Row]]:
    """Members keep their rows; a text that is gone or changed loses its own."""
    tables: dict[str, list[Row]] = {}
    for kind, prefix, group, vectors in (
        ("ad", "", texts.ads.hashes, texts.ads.vectors),
        ("resume", "resume_", texts.people, texts.person_vectors),
    ):
        known = {k for k, content in group.items() if stands.members.get((kind, k)) == content}
        for name in (f"{prefix}reduced_vectors", f"{prefix}clusters"):
            stored = _rows(world.warehouse, name, team_id)
            tables[name] = [row for row in stored if row["key"] in known]
        new = [i for i, key in enumerate(group) if key not in known]
        later = {key: content for key, content in group.items() if key not in known}
        tables[f"{prefix}clusters"] += assigned_rows(team_id, later, vectors[new], stands.model)
    tables["clusters"] += _unread_rows(team_id, texts, stands.model)
    arms = _arms(team_id, texts, stands.model, world, config)
    return {**tables, "audience_primitives": arms}


def _referred(
    team_id: str, texts: Texts, world: World, config: SegmentationConfig
) -> dict[str, list[Row]]:
    """The reference model knows no person: résumés of a small team are in no segment."""
    model = world.reference
    ads = texts.every_ad
    members = assigned_rows(team_id, ads.hashes, ads.vectors, model)
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
    ads = texts.every_ad
    found = audiences(ads.jobs, ads.vectors, model, world.taxonomy, config)
    return arm_rows(team_id, found)


def _unread_rows(team_id: str, texts: Texts, model: SegmentModel) -> list[Row]:
    """An ad that had no part in the fit has a row all the same, and goes to broad."""
    return assigned_rows(team_id, texts.unread.hashes, texts.unread.vectors, model)


def _rows(warehouse: Reader, table: str, team_id: str) -> list[Row]:
    return warehouse.sql(f"SELECT * FROM {table} WHERE team_id = ?", [team_id]).to_dicts()
