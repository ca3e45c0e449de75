"""How two versions of an ad differ, in words."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.ad_versions import Edition, changes
from domain.job_ad import JobAd
from domain.money import Money
from domain.platform import Network

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
AD = JobAd(
    id=uuid.UUID(int=1),
    team_id=uuid.UUID(int=2),
    title="Cook",
    description_short="Cooks.",
    description_long="Cooks all day.",
    target_url="https://a.example/1",
    platforms=frozenset({Network.META}),
    budget_daily=Money(4000, "EUR"),
    schedule_start=AT,
    location="",
    created_by_user_id=uuid.UUID(int=3),
    created_at=AT,
    updated_at=AT,
)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"budget_daily": Money(5000, "EUR")}, "budget 40.00 EUR → 50.00 EUR"),
        ({"schedule_end": datetime(2026, 4, 1, tzinfo=UTC)}, "end open → 2026-04-01 00:00Z"),
        ({"location": "Bonn"}, "place none → Bonn"),
        ({"title": "\x1b[31mChef\n"}, "title Cook → [31mChef"),
        ({"description_short": "Other."}, "short text changed"),
        ({}, ""),
    ],
)
def test_each_field_is_named_with_both_its_values(edit, said):
    assert changes(AD.content, replace(AD, **edit).content) == said


def test_every_field_of_the_content_is_compared():
    """A field that is added to an ad later is not forgotten here."""
    for name in AD.content:
        other = {
            **AD.content,
            name: {"budget_daily": [1, "EUR"], "platforms": ["x"]}.get(
                name, "2027-01-01T00:00:00+00:00"
            ),
        }
        assert changes(AD.content, other), name


def test_a_version_that_was_not_kept_differs_in_what_nobody_knows():
    assert "not known" in changes(None, AD.content)
    assert not Edition(Network.META, "d", "", changes(None, AD.content)).current
