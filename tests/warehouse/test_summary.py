"""What arms cost, called by what their segments are about."""

from datetime import date
from pathlib import Path

import polars as pl

from jobads.summary import by_arm
from resources.warehouse.ducklake import Warehouse
from resources.warehouse.tables import TABLES


def test_two_segments_of_the_same_terms_are_two_lines(tmp_path: Path):
    """A coarser segment may speak as one that it holds: their costs are not one cost."""
    warehouse = Warehouse(tmp_path)
    terms = {"seg-a": ["data", "science"], "seg-b": ["data", "science"], "seg-c": ["nurse"]}
    nothing = dict.fromkeys(TABLES["profiles"].columns)
    profiles = [
        nothing | {"team_id": "t", "cluster_key": k, "terms": v, "medoids": [""]}
        for k, v in terms.items()
    ]
    warehouse.merge("profiles", pl.DataFrame(profiles))
    day = {
        "team_id": "t",
        "network": "x",
        "account_id": "1",
        "day": date(2026, 5, 1),
        "attribution_window": "7d",
        "origin": "report",
        "as_of": date(2026, 5, 2),
        "job_id": "j",
        "cluster_key": "",
        "mode": "sandbox",
        "impressions": 10,
        "clicks": 5,
        "applies": 1,
        "currency": "USD",
    }
    spent = {"seg-a": 1, "seg-b": 2, "seg-c": 3, "broad": 4}
    warehouse.merge(
        "performance_log",
        pl.DataFrame(
            [
                day | {"arm": arm, "ad_id": arm, "spend_micros": n * 1_000_000}
                for arm, n in spent.items()
            ]
        ),
    )
    assert [(c.name, c.spend) for c in by_arm(warehouse, "t")] == [
        ("data, science (seg-a)", 1.0),
        ("data, science (seg-b)", 2.0),
        ("nurse", 3.0),
        ("broad", 4.0),
    ]
