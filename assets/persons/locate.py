"""Where a person is: rows, vectors, segments, the ads that these touched and the fits they made."""

import re
from collections.abc import Sequence, Set
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assets.segmentation.text.normalization import content_hash, plain
from assets.segmentation.text.redaction import personal_words, redact
from domain.errors import SetupError
from resources.operations.records import StoredResume
from resources.operations.store import OperationsStore
from resources.settings import Settings
from resources.warehouse.tables import Catalogue

LINE, SPAN, KEY = 16, 5, 8
"""Characters from which a sentence, a personal word and a key are telling; shorter ones stand in
many texts by chance."""

_PIECES = re.compile(r"[\n|;•·]|(?<=[.!?])\s")


class Lake(Protocol):
    def sql(self, query: str, parameters: list[Any] | None = None) -> pl.DataFrame: ...
    def remove(self, name: str, rows: pl.DataFrame) -> int: ...
    def maintain(self, catalogues: Sequence[Catalogue]) -> None: ...


class Cache(Protocol):
    def forget(self, hashes: Sequence[str]) -> int: ...
    def of_text(self, key: str) -> dict[str, NDArray[np.float32]]: ...
    def prune(self, stored: Set[str], before: date, today: date) -> int: ...


class Vectors(Protocol):
    """Whose cache is opened when it is asked for."""

    @property
    def vectors(self) -> Cache: ...


class World(Vectors, Protocol):
    """What is searched and erased from."""

    @property
    def settings(self) -> Settings: ...
    @property
    def store(self) -> OperationsStore: ...
    @property
    def warehouse(self) -> Lake: ...
    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Found:
    """What a person's text had reached, by ids alone: `ads` whose arms come from a segment that the
    person was in, the team's present `fits` made with the person, as team and moment, `earlier`
    ones in the lake's history that were made since the person came, and the text's hashes."""

    ads: tuple[str, ...]
    segments: tuple[str, ...]
    fits: tuple[str, ...]
    earlier: tuple[str, ...]
    hashes: tuple[str, ...]

    def as_dict(self) -> dict[str, list[str]]:
        return {name: list(value) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: Any) -> "Found":
        return cls(*(tuple(data.get(name, ())) for name in cls.__slots__))


def dagster_home(settings: Settings) -> Path:
    return settings.home / "dagster"


def look(world: World, team_id: str, held: StoredResume) -> Found:
    """Follow one résumé through the lake."""
    key, text = held.key, held.text
    mine = [team_id, key]
    member = world.warehouse.sql(
        "SELECT cluster_key, content_hash, silhouette FROM resume_clusters "
        "WHERE team_id = ? AND key = ?",
        mine,
    )
    kept = world.warehouse.sql(
        "SELECT content_hash FROM resumes WHERE team_id = ? AND resume_key = ?", mine
    )
    segments = sorted(_holding(world, team_id, set(member["cluster_key"])))
    hashes = {content_hash(redact(plain(text)).text)} if text else set()
    hashes |= {*member["content_hash"], *kept["content_hash"]}
    fitted = member["silhouette"].count() > 0  # assigned later, a text has none of its own
    present = _fits(world, team_id, "segment_model") if fitted else []
    past = [at for at in _fits(world, team_id, _history(world)) if at >= held.created_at]
    return Found(
        tuple(_ads(world, team_id, segments)),
        tuple(segments),
        tuple(f"{team_id} {at.isoformat()}" for at in present),
        tuple(f"{team_id} {at.isoformat()}" for at in past if at not in present),
        tuple(sorted(hashes)),
    )


def _holding(world: World, team_id: str, segments: set[str]) -> set[str]:
    """The segments and the coarser ones that hold them."""
    rows = world.warehouse.sql(
        "SELECT cluster_key, parent FROM segment_model WHERE team_id = ?", [team_id]
    )
    around = dict(rows.iter_rows())
    found, new = set(segments), set(segments)
    while new := {around.get(key) or "" for key in new} - {""}:
        found |= new
    return found


def _ads(world: World, team_id: str, segments: list[str]) -> list[str]:
    touched: set[str] = set()
    for table in ("audience_primitives", "posted_campaigns"):
        rows = world.warehouse.sql(
            f"SELECT DISTINCT job_id FROM {table} WHERE team_id = ? "
            "AND (arm IN (SELECT unnest(?)) OR cluster_key IN (SELECT unnest(?)))",
            [team_id, segments, segments],
        )
        touched |= set(rows["job_id"])
    return sorted(touched)


def _fits(world: World, team_id: str, source: str) -> list[datetime]:
    rows = world.warehouse.sql(
        f"SELECT DISTINCT fitted_at FROM {source} WHERE team_id = ? AND fit = 'team'", [team_id]
    )
    return sorted(rows["fitted_at"])


def _history(world: World) -> str:
    """Every row of `segment_model` in the history that the lake keeps, as a source of rows."""
    world.warehouse.sql("SELECT 1 FROM segment_model LIMIT 0")  # where it was never made, it is now
    first, last = world.warehouse.sql(
        "SELECT min(snapshot_id), max(snapshot_id) FROM ducklake_snapshots('lake')"
    ).row(0)
    return f"ducklake_table_insertions('lake', 'main', 'segment_model', {first}, {last})"


def words(world: World, team_id: str, key: str, text: str, hashes: Sequence[str]) -> list[str]:
    """What gives this person away in a log: hashes, long sentences, personal words, a long key,
    without what an ad or another résumé of the team says as well."""
    sources = (text, redact(plain(text)).text)
    pieces = {piece.strip(" \t-*–") for source in sources for piece in _PIECES.split(source)}
    telling = {piece for piece in pieces if len(piece) >= LINE}
    telling |= {span.strip() for span in personal_words(plain(text)) if len(span.strip()) >= SPAN}
    telling |= {key} if len(key) >= KEY else set()
    ads = (
        f"{row['title']}\n{row['description_long']}"
        for row in world.store.projections.job_ads(team_id)
    )
    common = "\n".join([*ads, *_others(world, team_id, key)])
    return [*hashes, *sorted(word for word in telling if word not in common)]


def _others(world: World, team_id: str, key: str) -> list[str]:
    try:
        return [f"{k}\n{text}" for k, text in world.store.resumes.texts(team_id) if k != key]
    except SetupError:  # one no longer opens: then more of this person's words are telling
        return []
