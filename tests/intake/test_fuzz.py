"""Whatever a file holds, the answer is rows and faults, or one error for a person."""

import contextlib
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.errors import InputError
from domain.job_ad import JobAd
from resources.files.job_ads import OPTIONAL, REQUIRED, parse
from resources.files.table import read_table
from resources.operations.records import Team

TEAM = Team(uuid.UUID(int=7), "Acme", "acme.example", "EUR")
NEAR = st.sampled_from(
    [
        "",
        "1",
        "1.00",
        "-0",
        "1e5",
        "٣",
        "1_000",
        "NaN EUR",
        "5  eur",
        "meta;x",
        "<p>",
        "a\x00",
        "https://a.example/ b",
        "https://a.example:99999",
        "https://\u2100.example",
        "file:///x",
        "2026-01-01",
        "2026-01-01T00:00Z",
        "9999-12-31T23:59:59-14:00",
    ]
)
GOOD = {
    "title": "Cook",
    "description_short": "Cooks",
    "target_url": "https://a.example",
    "platforms": "meta",
    "budget_daily": "5",
    "schedule_start": "2026-01-01T00:00Z",
    "location": "Berlin",
}
ROW = st.fixed_dictionaries(
    {
        name: st.one_of(st.just(GOOD.get(name, "")), st.just(GOOD.get(name, "")), NEAR, st.text())
        for name in (*REQUIRED, *OPTIONAL)
    }
)


@given(row=ROW)
@example(
    row={**dict.fromkeys(OPTIONAL, ""), **GOOD, "creative_asset_url": "https://\u2100.example"}
)
@settings(max_examples=1000, deadline=None)
def test_any_row_becomes_an_ad_or_named_faults(row):
    """No text makes the parser raise."""
    parsed = parse(row, TEAM, user_id=uuid.UUID(int=1), now=datetime(2026, 3, 1, tzinfo=UTC))
    if not isinstance(parsed, JobAd):
        assert parsed and all(field in row and rule for field, rule in parsed)


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl", "parquet"])
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text(alphabet='ab",\n\r;[]{}:1e\x00 ', max_size=80).map(str.encode),
    )
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_are_read_or_refused(tmp_path, ending, content):
    """Only InputError comes out, and every good row has its columns."""
    path = tmp_path / f"t.{ending}"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        rows = read_table(path, required=("a",), optional=("b",))
        assert all(set(row) == {"a", "b"} for _, row in rows.good)
        assert rows.good or rows.faults
