"""A team whose groups are too near to each other two by two, from its texts to its arms."""

from pathlib import Path

import numpy as np
import pytest

from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.current_fit import current_fit
from assets.segmentation.model.segment_model import assign
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.team_tables import World, segment_team, write
from resources.warehouse.ducklake import Warehouse
from tests.segmentation.test_team import TOPICS, Company

SIX = SegmentationConfig(k_min=6, k_max=6, structure_floor=-1.0, strength_floor=-1.0)
"""Six groups of three topics, whatever the texts say of it."""


class Known(Company):
    """Its topics are three occupations, which a head reads."""

    def __post_init__(self) -> None:
        super().__post_init__()
        names = ("11-1011.00", "13-1011.00", "15-1011.00")
        even = np.full(3, 1 / 3, np.float32)
        basis = self.centres[:3].T.astype(np.float32)
        self.head = OccupationHead(
            tuple(n[:6] for n in names),
            names,
            basis,
            50.0 * np.eye(3, dtype=np.float32),
            0.0 * even,
            even,
        )

    def fit(self) -> dict[str, list[dict]]:
        self.said.clear()
        found = segment_team("a", World(self.warehouse, self, self), self.said.append, SIX)
        for table in found.tables:
            write(table, found, self.warehouse, "a")
        return dict(found.tables)

    def replace(self, table: str, rows: list[dict]) -> None:
        from resources.warehouse.tables import frame

        self.warehouse.replace(table, frame(rows, table), {"team_id": "a"})


@pytest.fixture
def company(tmp_path: Path) -> Known:
    known = Known(Warehouse(tmp_path / "home"))
    known.write("a", "ad", {f"j{i}": i % 3 for i in range(120)})
    return known


def coarser(company: Known) -> dict[str, dict]:
    """Each coarser segment's model row and profile."""
    rows = company.warehouse.sql(
        "SELECT * FROM segment_model JOIN profiles USING (team_id, cluster_key) WHERE cluster_key "
        "IN (SELECT parent FROM segment_model WHERE team_id = 'a') AND team_id = 'a'"
    )
    return {row["cluster_key"]: row for row in rows.to_dicts()}


def test_a_topic_cut_in_two_is_one_segment_again(company):
    """Every ad gets an arm of its whole topic, though at least two of the three were cut; a coarser
    segment's size and terms are of all of it, and its key outlives a kept fit and a refit."""
    company.fit()
    held = coarser(company)
    assert len(held) >= 2 and {row["among"] for row in held.values()} <= {3, 4, 5}
    arms = company.warehouse.sql(
        "SELECT job_id, arm, cluster_key, reason FROM audience_primitives WHERE rank = 1"
    ).to_dicts()
    topics = {row["arm"]: int(row["job_id"][1:]) % 3 for row in arms}
    assert topics.keys() >= held.keys() and sorted(topics.values()) == [0, 1, 2]
    for row in arms:
        assert topics[row["arm"]] == int(row["job_id"][1:]) % 3
        assert row["cluster_key"] == row["arm"]
        assert ("not its own, finer one" in row["reason"]) == (row["arm"] in held)
    for key, row in held.items():
        assert row["size"] == 40
        assert set(" ".join(row["terms"]).split()) <= set(TOPICS[topics[key]].split())
    stored = current_fit(company.warehouse, "a")
    assert stored is not None and stored.model.n_finest == 3 + len(held)
    for segment, centre in zip(stored.model.segments, stored.model.centroids, strict=True):
        if segment.cluster_key in held:
            assert centre @ company.centres[topics[segment.cluster_key]] > 0.99

    company.write("a", "ad", {"new": 1})
    assert "segment_model" not in company.fit()
    (new,) = company.warehouse.sql(
        "SELECT arm FROM audience_primitives WHERE job_id = 'new' AND rank = 1"
    ).to_dicts()
    assert topics[new["arm"]] == 1

    company.write("a", "ad", {f"more{i}": i % 3 for i in range(60)})
    assert "segment_model" in company.fit()
    again = {
        row["arm"]
        for row in company.warehouse.sql(
            "SELECT arm FROM audience_primitives WHERE rank = 1"
        ).to_dicts()
    }
    assert again == topics.keys()


def test_nobody_is_assigned_to_a_coarser_segment(company):
    """Rows of ads hold finest segments alone, as does whatever is assigned later."""
    company.fit()
    held = coarser(company).keys()
    stored = current_fit(company.warehouse, "a")
    rows = company.warehouse.table("clusters")
    assert not held & set(rows["cluster_key"]) and stored is not None
    for paths in assign(company.centres[:3].astype(np.float32), stored.model, limit=9):
        assert len(paths) == stored.model.n_finest
        assert not held & {path[0][0].cluster_key for path in paths}
