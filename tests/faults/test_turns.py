"""One ad at a time is posted to an account, whoever starts it; a wait for it is bounded."""

import pytest

from assets.publishing import service
from domain.errors import AccountBusy
from domain.platform import Network


def place(due):
    return due.team_id, due.job_id, Network.META, due.account_id


def test_posting_waits_for_the_other_ad_of_its_account_and_then_goes_on(world):
    one, other = world.due("Sick"), world.due("Sick")
    with world.store.leases.acquire(*place(one), ttl_s=60) as lease:
        world.sleep = lambda _: world.store.leases.release(lease)
        assert service.post_due(other, world, print).live


def test_the_wait_is_bounded_and_nothing_was_begun(world):
    one, other = world.due("Sick"), world.due("Sick")
    with (
        world.store.leases.acquire(*place(one), ttl_s=600),
        pytest.raises(AccountBusy, match="posted to"),
    ):
        service.post_due(other, world, print)
    assert 30 < sum(world.waited) <= 60
    assert world.store.ledger.slots(other.team_id, other.job_id) == []


def test_another_account_waits_for_nobody(world):
    one, other = world.due("Sick"), world.due("Well")
    with world.store.leases.acquire(*place(one), ttl_s=60):
        assert service.post_due(other, world, print).live
    assert world.waited == []


def test_after_a_stop_no_pause_waits_for_what_is_being_posted(world):
    """The stop revoked that posting's lease: it is at its last request."""
    running, posting = world.posted("Sick"), world.due("Sick")
    with world.store.leases.acquire(*place(posting), ttl_s=600):
        world.store.stops.add(None, "test", "a drill")
        assert running.job_id in [d.job_id for d in service.retire_stale(world).off]
    assert world.waited == []
