"""A version of an ad is what a person wrote, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from domain.job_ad import JobAd
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.platform import Network

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
AD = JobAd(
    id=UUID(int=1),
    team_id=UUID(int=2),
    title="Nurse",
    description_short="Care for people.",
    description_long="Care for people at night.",
    target_url="https://example.org/1",
    platforms=frozenset({Network.META, Network.X}),
    budget_daily=Money(4000, "EUR"),
    schedule_start=START,
    location="Graz",
    created_by_user_id=UUID(int=3),
    created_at=START,
    updated_at=START,
)


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "Night nurse"},
        {"description_short": "Care."},
        {"description_long": "Care at day."},
        {"target_url": "https://example.org/2"},
        {"platforms": frozenset({Network.META})},
        {"budget_daily": Money(4001, "EUR")},
        {"budget_daily": Money(4000, "USD")},
        {"schedule_start": START + timedelta(hours=1)},
        {"schedule_end": START + timedelta(days=9)},
        {"location": "Linz"},
        {"creative_asset_url": "https://example.org/1.png"},
    ],
)
def test_each_edit_makes_another_version(edit: dict[str, Any]) -> None:
    assert replace(AD, **edit).version != AD.version


@pytest.mark.parametrize(
    "same",
    [
        {"status": AdStatus.LIVE},
        {"updated_at": START + timedelta(days=1)},
        {"schedule_start": START.astimezone(timezone(timedelta(hours=2)))},
        {"platforms": frozenset({Network.X, Network.META})},
    ],
)
def test_what_nobody_wrote_makes_none(same: dict[str, Any]) -> None:
    assert replace(AD, **same).version == AD.version
