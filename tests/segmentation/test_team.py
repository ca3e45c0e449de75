"""A team's segmentation over days, on a real warehouse with texts of known topics."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from assets.segmentation.model.embedding import unit
from assets.segmentation.model.profiles import Label
from assets.segmentation.reference.reference_model import load_reference
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from assets.segmentation.team_tables import World, segment_team, write
from resources.warehouse.ducklake import Warehouse
from resources.warehouse.tables import TABLES

TOPICS = ("patients nursing xyloward", "menus kitchen xylocook", "contracts court xylolaw")
WHEN = datetime(2026, 5, 1, tzinfo=UTC)


class Same:
    name = "same"

    def label(self, text: str, vector: object = None) -> Label:
        return Label("naics:54", "Professional", 0.9, self.name)


@dataclass
class Company:
    """Teams with texts of three topics, or of a fourth; `segment` is what the graph does."""

    warehouse: Warehouse
    day: datetime = WHEN
    labeller: Any = field(default_factory=Same)
    taxonomy: Any = field(default_factory=load_taxonomy)
    head: Any = None
    reference: Any = field(default_factory=load_reference)
    encoder_id: str = "m"
    encode: Any = None
    vectors: Any = None
    said: list[str] = field(default_factory=list)
    chance: Any = field(default_factory=lambda: np.random.default_rng(8))

    def __post_init__(self) -> None:
        self.centres = unit(self.chance.normal(size=(4, 384)))

    def now(self) -> datetime:
        return self.day

    def write(self, team: str, kind: str, topics: dict[str, int], words: str = "") -> None:
        """Add texts, key → topic, as intake and embedding leave them."""
        vectors = unit(
            self.centres[list(topics.values())]
            + self.chance.normal(scale=0.02, size=(len(topics), 384))
        )
        key, texts, store = ("job_id", "job_ads", "embeddings")
        if kind == "resume":
            key, texts, store = ("resume_key", "resumes", "resume_embeddings")
        rows, known = [], []
        for (name, topic), vector in zip(topics.items(), vectors, strict=True):
            content = f"{team}-{name}-{topic}"
            text = words or f"{TOPICS[topic % 3]} {name}"
            row = dict.fromkeys(TABLES[texts].columns) | {
                "team_id": team,
                key: name,
                "text": text,
                "content_hash": content,
                "language": self.taxonomy.languages.detect(text),
            }
            if kind == "resume":
                row["basis"] = 1
            if kind == "ad":
                row |= {"title": text, "location": "", "platforms": ["meta"]}
            rows.append(row)
            known.append({"content_hash": content, "model": "m", "vector": vector.tolist()})
        self.warehouse.merge(texts, pl.DataFrame(rows))
        self.warehouse.merge(store, pl.DataFrame(known))

    def segment(self, team: str) -> dict[str, list[dict[str, Any]]]:
        self.said.clear()
        found = segment_team(team, World(self.warehouse, self, self), self.said.append)
        for table in found.tables:
            write(table, found, self.warehouse, team)
        return dict(found.tables)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(Warehouse(tmp_path))


@pytest.fixture
def fitted(company: Company) -> Company:
    """Team "a" with 60 ads and 30 résumés, fitted."""
    company.write("a", "ad", {f"j{i}": i % 3 for i in range(60)})
    company.write("a", "resume", {f"r{i}": i % 3 for i in range(30)})
    assert "segment_model" in company.segment("a")
    return company


def members(company: Company) -> dict[str, str]:
    rows = company.warehouse.sql("SELECT key, cluster_key FROM clusters WHERE team_id = 'a'")
    return dict(rows.iter_rows())


def test_what_is_new_is_assigned_to_the_fit_that_stands(fitted):
    """A few new texts join their topic's segment; nobody else moves and nothing is fitted."""
    before = members(fitted)
    fitted.write("a", "ad", {"new0": 0, "new1": 1, "new2": 2})
    tables = fitted.segment("a")
    assert "segment_model" not in tables and "profiles" not in tables
    after = members(fitted)
    assert {k: after[k] for k in before} == before
    assert [after[f"new{t}"] for t in range(3)] == [before[f"j{t}"] for t in range(3)]
    arms = {r["job_id"]: r["cluster_key"] for r in tables["audience_primitives"]}
    assert arms["new1"] == before["j1"]
    again = fitted.segment("a")
    assert again["clusters"] == again["audience_primitives"] == []
    assert members(fitted) == after


def later(company: Company) -> None:
    company.day += timedelta(days=29)


def grown(company: Company) -> None:
    company.write("a", "ad", {f"more{i}": i % 3 for i in range(19)})


def reworded(company: Company) -> None:
    company.write("a", "ad", {f"j{i}": (i + 1) % 3 for i in range(20)})


def shrunk(company: Company) -> None:
    company.warehouse.replace("resumes", company.warehouse.table("resumes").head(10), {})


@pytest.mark.parametrize("change", [later, grown, reworded, shrunk])
def test_a_fit_is_renewed_when_it_is_old_or_its_texts_have_changed(fitted, change):
    """Age and more than a fifth of texts new, changed or gone each renew the fit; names stay."""
    names = set(members(fitted).values())
    change(fitted)
    assert "segment_model" in fitted.segment("a")
    assert set(members(fitted).values()) == names


def test_another_encoder_renews_the_fit_and_nothing_of_it_is_kept(fitted):
    """Its centroids are in another space: even of the same width they would only look alike."""
    names = set(members(fitted).values())
    fitted.encoder_id = "other"
    tables = fitted.segment("a")
    assert {row["encoder"] for row in tables["segment_model"]} == {"other"}
    assert {row["lineage"] for row in tables["segment_model"]} == {""}
    assert any("another encoder" in line for line in fitted.said)
    assert set(members(fitted).values()) == names  # by the content of their medoids alone


def test_texts_that_drift_away_renew_the_fit(company):
    """Few new texts do not; the same few do when they pull the median away from the segments."""
    company.write("a", "ad", {f"j{i}": i % 3 for i in range(60)})
    company.segment("a")
    model = company.warehouse.table("segment_model")
    dearer = model.with_columns(pl.col("cohesion") + 0.051)
    company.warehouse.replace("segment_model", dearer, {})
    assert "segment_model" in company.segment("a")
    assert "further from their segments" in company.said[0]


def test_a_text_that_was_changed_leaves_its_old_place(fitted):
    """The new words are assigned; the old point in the projection is gone."""
    fitted.write("a", "ad", {"j0": 1})
    assert "segment_model" not in fitted.segment("a")
    assert members(fitted)["j0"] == members(fitted)["j1"]
    points = set(fitted.warehouse.table("reduced_vectors")["key"])
    assert "j0" not in points and "j1" in points


@pytest.mark.parametrize("texts", [3, 59, 60])
def test_nothing_of_a_team_shows_in_anothers_tables(fitted, texts):
    """Words, keys and segments of one team never reach the rows of another, fitted or not."""
    secret = "zanzibar quicksilver programme"
    fitted.write("b", "ad", {f"s{i}": i % 3 for i in range(texts)}, words=secret)
    theirs = fitted.segment("b")
    assert bool(theirs["segment_model"]) == (texts == 60)
    later(fitted)
    fitted.segment("a")
    ours = [
        str(fitted.warehouse.sql(f"SELECT * FROM {name} WHERE team_id = 'a'").to_dicts())
        for name in ("clusters", "profiles", "audience_primitives")
    ]
    assert all("zanzibar" not in rows and "quicksilver" not in rows for rows in ours)
    assert "xylo" in ours[1] and "xylo" not in str(theirs)


def test_ads_that_the_encoder_cannot_read_take_no_part_in_the_fit(company):
    """The groups would be the languages: forty Swedish ads make no segment, go to broad with the
    reason, and do not call for another fit."""
    company.write("a", "ad", {f"j{i:03}": i % 3 for i in range(60)})
    swedish = "Vi söker en kock som är van att laga mat för många gäster och som har arbetat i kök."
    company.write("a", "ad", {f"s{i:03}": 3 for i in range(40)}, words=swedish)
    tables = company.segment("a")
    assert "40 ads stay out: the encoder reads another language" in company.said
    assert {row["n_texts"] for row in tables["segment_model"]} == {60}
    own = {row["key"]: row["silhouette"] for row in tables["clusters"]}
    assert len(own) == 100 and all((own[key] is None) == key.startswith("s") for key in own)
    arms = [row for row in tables["audience_primitives"] if row["job_id"].startswith("s")]
    assert {(row["arm"], row["template"]) for row in arms} == {("broad", "broad")}
    assert {row["reason"] for row in arms} == {"language sv: the encoder reads English"}
    company.segment("a")
    assert "the fit serves; what is new is assigned to it" in company.said
