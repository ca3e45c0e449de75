import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import polars as pl

from assets.segmentation.reference.taxonomy_files import load_taxonomy
from resources.files.job_ads import read_job_ads
from resources.operations.records import Team

DATA = Path(__file__).resolve().parents[2] / "data"
ADS = DATA / "sample" / "job_ads.csv"


def test_every_sample_ad_is_one_that_the_workbench_accepts():
    """At least 400 ads of at least 12 occupations, no row refused, no key twice."""
    team = Team(uuid4(), "Magneto", "magneto.example", "USD")
    read = read_job_ads(ADS, team, user_id=uuid4(), now=datetime.now(UTC))
    assert not read.faults
    assert len(read.good) >= 400
    with ADS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["occupation"] for row in rows}) >= 12
    assert len({row["job_key"] for row in rows}) == len(rows)


def test_resumes_say_that_they_are_synthetic():
    """Each is marked, and its contact data can belong to nobody."""
    lines = (DATA / "sample" / "resumes.jsonl").read_text("utf-8").splitlines()
    for person in map(json.loads, lines):
        assert person["synthetic"] is True
        assert "SYNTHETIC" in person["text"]
        assert set(re.findall(r"@([\w.]+)", person["text"])) == {"example.org"}
        assert re.search(r"\(202\) 555-01\d\d", person["text"])
    assert len(lines) >= 100


def test_reference_vectors_are_unit_rows_of_known_industries():
    """Each occupation's industries exist, and its vector has 384 numbers and length one."""
    frame = pl.read_parquet(DATA / "reference" / "occupations.parquet")
    vectors = np.array(frame["vector"].to_list())
    assert vectors.shape == (len(frame), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    known = set(load_taxonomy().industries)
    assert {i for ids in frame["industry_ids"] for i in ids} <= known
