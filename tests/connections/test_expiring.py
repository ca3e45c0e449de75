"""A person is warned a week before a connection ends."""

from datetime import UTC, datetime, timedelta

from assets.publishing.expiring_logins import expiring
from domain.platform import Network
from resources.operations.records import Connected

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def held(account="act_1", status="active", days=None, renews=False):
    ends = None if days is None else NOW + timedelta(days=days)
    return Connected(Network.META, account, "", status, (), ends, renews, NOW)


def test_what_ends_within_a_week_is_named_with_its_day_soonest_first():
    said = expiring("Acme", [held("a", days=6.9), held("b", days=-1), held("c", days=3)], NOW)
    assert [line.split(":")[1].strip() for line in said] == [
        "meta b ended on 2026-02-28",
        "meta c ends on 2026-03-04",
        "meta a ends on 2026-03-07",
    ]
    assert all(line.endswith("run jobads connect") for line in said)


def test_what_lasts_or_renews_itself_is_not():
    lasting = [held(days=8), held(), held(days=0.01, renews=True)]
    assert expiring("Acme", lasting, NOW) == []


def test_a_dead_connection_is_named_whatever_its_end():
    said = expiring("Acme", [held(status="needs_reauth", renews=True)], NOW)
    assert said == ["Acme: meta act_1 needs a new login: run jobads connect"]
