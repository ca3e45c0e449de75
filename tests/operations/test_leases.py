"""Fencing: who lost the place can write nothing, whatever it still believes."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from domain.errors import IllegalMove, LeaseLost, Retryable
from domain.ledger import Lease, Posted
from domain.lifecycle import SlotState
from domain.plan import SHARED
from domain.platform import Mode, Network
from resources.operations import lease_rows


def place(plan):
    return plan.team_id, plan.job_id, plan.network, plan.account_id


@pytest.fixture
def overtaken(world):
    """A slot and the lease of a process that slept too long, and the lease of who took over."""
    plan = world.accepted()
    with world.store.leases.acquire(*place(plan), ttl_s=60) as old:
        slot = world.store.ledger.open_slot(plan, "broad", Mode.SANDBOX, old)
        world.clock.at += timedelta(seconds=60)
        with world.store.leases.acquire(*place(plan), ttl_s=60) as new:
            yield world, plan, slot, old, new


def test_every_take_has_a_higher_epoch(world):
    """One more each time, ended or run out; a place of its own counts for itself."""
    plan = world.accepted()
    for epoch in (1, 2, 3):
        with world.store.leases.acquire(*place(plan), ttl_s=60) as lease:
            assert lease.epoch == epoch
    with world.store.leases.acquire(*place(plan)[:3], "act_2", ttl_s=60) as other:
        assert other.epoch == 1


def test_a_lease_names_its_place_and_its_end(world):
    """What the holder needs to know, in one record."""
    plan = world.accepted()
    with world.store.leases.acquire(*place(plan), ttl_s=60) as lease:
        assert (lease.team_id, lease.job_id, lease.network, lease.account_id) == place(plan)
        assert lease.expires_at == world.clock() + timedelta(seconds=60)


def test_who_was_overtaken_can_write_nothing(overtaken):
    """Not a slot, a move, an object, nor the ad's status: each says that the lease is lost."""
    world, plan, slot, old, _ = overtaken
    before = world.store.projections.fingerprint()
    for attempt in (
        lambda: world.store.ledger.open_slot(plan, SHARED, Mode.SANDBOX, old),
        lambda: world.store.ledger.move(slot, SlotState.SENDING),
        lambda: world.store.ledger.record(slot, Posted("ad", "1", "k")),
        lambda: world.store.ledger.rest(slot),
        lambda: world.store.ledger.adopt(old),
        lambda: world.store.ledger.settle(old),
        lambda: world.store.leases.renew(old, 60),
        lambda: world.store.leases.holds(old),
    ):
        with pytest.raises(LeaseLost, match="taken by another"):
            attempt()
    assert world.store.projections.fingerprint() == before


def test_who_took_over_goes_on_with_the_same_slot(overtaken):
    """Opening or adopting brings the row under the new epoch."""
    world, plan, slot, _, new = overtaken
    (adopted,) = world.store.ledger.adopt(new)
    assert adopted == replace(slot, epoch=new.epoch)
    assert world.store.ledger.open_slot(plan, "broad", Mode.SANDBOX, new) == adopted
    assert world.store.ledger.move(adopted, SlotState.SENDING).state is SlotState.SENDING


def test_the_overtaken_holder_does_not_give_the_place_back(overtaken):
    """Its block ends, and the other still holds."""
    world, _, _, old, new = overtaken
    world.store.leases.release(old)
    assert world.store.leases.renew(new, ttl_s=60).epoch == new.epoch
    with pytest.raises(LeaseLost, match="taken by another"):
        world.store.leases.holds(old)


def test_a_lease_that_ended_writes_nothing_even_if_nobody_took_it(world):
    """At its very end it is over, for moves and for renewing alike."""
    plan = world.accepted()
    with world.store.leases.acquire(*place(plan), ttl_s=60) as lease:
        slot = world.store.ledger.open_slot(plan, "broad", Mode.SANDBOX, lease)
        world.clock.at += timedelta(seconds=60)
        for attempt in (
            lambda: world.store.ledger.move(slot, SlotState.SENDING),
            lambda: world.store.leases.renew(lease, 60),
        ):
            with pytest.raises(LeaseLost, match="ends at"):
                attempt()


def test_a_lease_that_was_given_back_writes_nothing(world):
    """Nothing is written after the block."""
    plan = world.accepted()
    with world.store.leases.acquire(*place(plan), ttl_s=60) as lease:
        slot = world.store.ledger.open_slot(plan, "broad", Mode.SANDBOX, lease)
    with pytest.raises(LeaseLost, match="given back"):
        world.store.ledger.move(slot, SlotState.SENDING)


def test_a_heartbeat_keeps_the_place(world):
    """Renewed in time it lasts on, under the same epoch, and slots stay writable."""
    plan = world.accepted()
    with world.store.leases.acquire(*place(plan), ttl_s=60) as lease:
        slot = world.store.ledger.open_slot(plan, "broad", Mode.SANDBOX, lease)
        for _ in range(3):
            world.clock.at += timedelta(seconds=50)
            lease = world.store.leases.renew(lease, 60)
        assert lease.epoch == 1 and lease.expires_at == world.clock() + timedelta(seconds=60)
        world.store.ledger.move(slot, SlotState.SENDING)
        with pytest.raises(Retryable), world.store.leases.acquire(*place(plan), ttl_s=60):
            pass


def test_no_request_starts_that_may_outlive_the_lease(world):
    """The margin is the time that the request may take."""
    plan = world.accepted()
    with world.store.leases.acquire(*place(plan), ttl_s=60) as lease:
        world.store.leases.holds(lease, 59)
        with pytest.raises(LeaseLost):
            world.store.leases.holds(lease, 60)


def test_a_lease_of_one_place_opens_no_slot_in_another(world):
    """Equal epochs of two places are not the same right."""
    plan = world.accepted()
    with (
        world.store.leases.acquire(*place(plan)[:3], "act_2", ttl_s=60) as lease,
        pytest.raises(LeaseLost),
    ):
        world.store.ledger.open_slot(plan, "broad", Mode.SANDBOX, lease)


def test_a_place_leased_under_the_older_schema_is_taken_over(world):
    """Its row has epoch 0 and no holder of ours; the first take makes it 1."""
    plan = world.accepted()
    world.sql(
        "INSERT INTO leases (team_id, job_id, network, account_id, holder, expires_at, tries) "
        "VALUES (:t, :j, 'meta', 'act_1', 'old', '2026-01-01 00:00:00+00', 4)",
        t=plan.team_id,
        j=plan.job_id,
    )
    with world.store.leases.acquire(*place(plan), ttl_s=60) as lease:
        assert lease.epoch == 1
        assert world.store.schedule.due(world.clock())[0].attempt == 5


def test_nobody_takes_the_place_between_check_and_commit(world, open_store):
    """A take that comes while a fenced write is under way waits for it, and then sees it."""
    plan, other = world.accepted(), open_store()
    with world.store.leases.acquire(*place(plan), ttl_s=60) as old:
        slot, took = (
            world.store.ledger.open_slot(plan, "broad", Mode.SANDBOX, old),
            threading.Event(),
        )

        def take():
            late = old.expires_at  # the other's clock says that the lease is over
            other.database.now = lambda: late
            with other.leases.acquire(*place(plan), ttl_s=60):
                took.set()

        thread = threading.Thread(target=take)
        with world.store.database.write() as connection:
            lease_rows.fence(connection, slot, world.clock)
            thread.start()
            assert not took.wait(0.2)
        thread.join(60)
    assert took.is_set()


@pytest.mark.parametrize(
    ("change", "why"),
    [("epoch = epoch - 1", "epoch"), ("holder = 'me'", "epoch"), (None, "never deleted")],
)
def test_raw_sql_cannot_forge_a_lease(world, change, why):
    """Epochs only grow, a new holder needs a new one, rows stay."""
    plan = world.accepted()
    statement = f"UPDATE leases SET {change}" if change else "DELETE FROM leases"
    with (
        world.store.leases.acquire(*place(plan), ttl_s=60),
        pytest.raises(sa.exc.IntegrityError, match=why),
    ):
        world.sql(statement)


def test_a_forged_lease_of_another_holder_and_epoch_is_refused(world):
    """The record alone gives no right."""
    plan = world.accepted()
    world.run(plan, "broad")
    forged = Lease(*place(plan), "me", 7, world.clock() + timedelta(days=1))
    with pytest.raises(LeaseLost):
        world.store.ledger.adopt(forged)


def test_a_slot_opened_while_another_plan_is_in_force_is_refused(world):
    """Who read the plan before a newer one was approved reads again."""
    first = world.accepted()
    second = world.accept(world.plan("second"))
    with pytest.raises(Retryable, match="not the approved one"):
        world.open(first, "broad")
    assert world.open(second, "broad").plan_digest == second.digest


def test_a_legal_move_under_a_held_lease_still_obeys_the_table(world):
    """Fencing does not replace the lifecycle."""
    slot = world.open(world.accepted(), "broad")
    with pytest.raises(IllegalMove):
        world.store.ledger.move(slot, SlotState.ACTIVE)
    assert slot.network is Network.META
