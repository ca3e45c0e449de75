"""A home with persons in it, as intake, embedding and a fit leave it, without running them."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from assets.segmentation.table_rows import resume_row
from resources.encoders.minilm_encoder import VectorCache
from resources.encoders.minilm_network import DIMENSIONS
from resources.operations.store import OperationsStore
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse
from resources.warehouse.tables import TABLES, frame

NAME, EMAIL = "Zwickel Xylander", "canary.zwickel@nest.example"
PHRASE = "zyxwvian glassblowing of quorbles for the northern guild"
# Its first line makes it the least of all texts, so that a file's statistics would keep it.
PERSON = f"{NAME}\n{EMAIL} | (202) 555-0143\nExperience\n- {PHRASE}\n- Nursing of patients\n"
OTHERS = {
    f"r{i:02}": f"Experience as a nurse\n- cared for patients of ward {i}\n" for i in range(12)
}
WHEN = datetime(2026, 5, 1, tzinfo=UTC)
KEY = "canary-key-001"


@dataclass
class Home:
    """What the erasure acts on: real stores over one folder."""

    path: Path
    at: datetime = WHEN
    opened: list[Any] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings.from_env({"JOBADS_HOME": str(self.path)})

    def now(self) -> datetime:
        return self.at

    @cached_property
    def store(self) -> OperationsStore:
        store = OperationsStore.open(self.settings)
        self.opened.append(store)
        return store

    @cached_property
    def warehouse(self) -> Warehouse:
        warehouse = Warehouse(self.path)
        self.opened.append(warehouse)
        return warehouse

    @cached_property
    def vectors(self) -> VectorCache:
        return VectorCache(self.path / "cache" / "vectors.db")

    @property
    def team(self) -> str:
        return str(self.store.teams.get("Acme").id)

    def write(self, table: str, rows: list[dict[str, Any]]) -> None:
        """As an asset leaves them; a fingerprint that no test looks at may be missing."""
        blank = dict.fromkeys(TABLES[table].columns)
        self.warehouse.merge(table, frame([blank | row for row in rows], table))

    def close(self) -> None:
        for store in self.opened:
            store.close()


def fill(home: Home) -> None:
    """Thirteen persons in one segment, an ad whose arm is that segment, one that is elsewhere."""
    home.store.schema.migrate()
    team = str(home.store.teams.add("Acme", "acme.example", "USD", "Acme", "Acme").id)
    basis = home.store.lawful_bases.set(team, "consent", "ann").id
    people = {KEY: PERSON, **OTHERS}
    home.store.resumes.save(team, people.items())
    rows = [resume_row(team, key, text, basis) for key, text in people.items()]
    chance = np.random.default_rng(3)
    vectors = {
        row["content_hash"]: chance.normal(size=DIMENSIONS).astype(np.float32) for row in rows
    }
    home.vectors.save(vectors)
    home.write("resumes", rows)
    home.write(
        "resume_embeddings",
        [{"content_hash": h, "model": "m", "vector": v.tolist()} for h, v in vectors.items()],
    )
    member = {
        "team_id": team,
        "fit": "team",
        "cluster_key": "seg-nurses",
        "cluster_id": 0,
        "silhouette": 0.5,
        "cluster_silhouette": 0.5,
    }
    home.write(
        "resume_clusters",
        [{**member, "key": row["resume_key"], "content_hash": row["content_hash"]} for row in rows],
    )
    home.write(
        "resume_reduced_vectors",
        [
            {"team_id": team, "key": row["resume_key"], "vector": [float(i), 0.625]}
            for i, row in enumerate(rows)
        ],
    )
    model = dict.fromkeys(
        [
            "silhouette",
            "cohesion",
            "structure",
            "strength",
            "occupations",
            "stability",
            "projected_silhouette",
        ],
        0.5,
    )
    home.write(
        "segment_model",
        [
            {
                **model,
                "team_id": team,
                "cluster_key": name,
                "cluster_id": i,
                "fit": "team",
                "n_texts": 60,
                "centroid": [0.0],
                "fitted_at": WHEN,
                "n_resumes": 13,
                "hidden": "",
                "reason": "",
                "structure_null": [0.1],
                "rejection_reason": "",
                "lineage": "",
                "encoder": "",
                "parent": parent,
                "among": 2,
            }
            for i, (name, parent) in enumerate({"seg-nurses": "seg-care", "seg-care": ""}.items())
        ],
    )
    arm = {
        "team_id": team,
        "rank": 1,
        "score": 0.5,
        "budget_share": 1.0,
        "propensity": 1.0,
        "template": "segment",
        "reason": "",
        "fit": "team",
        "silhouette": 0.5,
        "labels": ["x"],
        "primitives": json.dumps({}),
    }
    home.write(
        "audience_primitives",
        [
            {**arm, "job_id": "job-nurse", "arm": "seg-nurses", "cluster_key": "seg-nurses"},
            {**arm, "job_id": "job-carer", "arm": "seg-care", "cluster_key": "seg-care"},
            {**arm, "job_id": "job-cook", "arm": "broad", "cluster_key": "seg-cooks"},
        ],
    )


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Home(tmp_path_factory.mktemp("filled") / "home")
    fill(home)
    home.close()
    return home.path


@pytest.fixture
def new_home(filled: Path, tmp_path: Path) -> Iterator[Callable[[], Home]]:
    """Another copy of the filled home each time."""
    made: list[Home] = []

    def copy() -> Home:
        home = Home(tmp_path / f"home{len(made)}")
        shutil.copytree(filled, home.path)
        made.append(home)
        return home

    yield copy
    for home in made:
        home.close()


@pytest.fixture
def home(new_home: Callable[[], Home]) -> Home:
    return new_home()


def traces(home: Path, vector: np.ndarray) -> dict[str, bytes]:
    """What must be nowhere: the person's words, key and hashes, and the vector as stored."""
    words = {"name": NAME, "e-mail": EMAIL, "phrase": PHRASE, "key": KEY}
    hashed = resume_row("t", KEY, PERSON, 1)["content_hash"]
    found = {what: word.encode() for what, word in words.items()}
    return found | {
        "hash": hashed.encode(),
        "vector": vector.tobytes()[:64],
        "spelled vector": vector_in_words(vector),
    }


def vector_in_words(vector: np.ndarray) -> bytes:
    """As DuckLake writes a small list into its catalogue, and as a decoded Parquet cell reads."""
    return ", ".join(str(float(v)) for v in vector[:3]).encode()


def the_vector(home: Home) -> np.ndarray:
    hashed = resume_row("t", KEY, PERSON, 1)["content_hash"]
    (vector,) = home.vectors.of_text(hashed).values()
    return vector


def rows_of(home: Home, table: str) -> pl.DataFrame:
    return home.warehouse.table(table)
