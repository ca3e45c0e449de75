"""Files that people really bring."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resources.files.faults import Rows
from resources.files.job_ads import read_job_ads
from resources.operations.records import Team

COLUMNS = (
    "title",
    "description_short",
    "target_url",
    "platforms",
    "budget_daily",
    "schedule_start",
    "location",
)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEAM = Team(uuid.UUID(int=7), "Acme", "acme.example", "EUR")


@pytest.fixture
def good_row() -> dict[str, str]:
    return {
        "title": "Cook",
        "description_short": "Cooks food.",
        "target_url": "https://jobs.acme.example/1",
        "platforms": "meta",
        "budget_daily": "15.50",
        "schedule_start": "2026-03-01T09:00:00Z",
        "location": "Berlin",
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """write(rows, name, encoding) makes a CSV with every column that a row has."""
    import csv
    import io

    def write_(rows: list[dict[str, str]], name: str = "ads.csv", encoding: str = "utf-8") -> Path:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        path = tmp_path / name
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write_


@pytest.fixture
def read() -> Callable[..., Rows]:
    return lambda path, **kw: read_job_ads(path, TEAM, user_id=uuid.UUID(int=1), now=NOW, **kw)
