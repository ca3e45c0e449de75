"""The stop switch, and what the network's review says."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from domain.errors import InputError, LeaseLost, Retryable
from domain.ledger import Posted
from domain.lifecycle import SlotState
from domain.plan import SHARED
from domain.platform import Mode, Review


@pytest.fixture(params=["team", "everything"])
def whom(request, world):
    return world.team.id if request.param == "team" else None


def test_while_stopped_nothing_is_due_and_all_that_runs_is_stale(world, whom):
    """Releasing turns it round."""
    plan = world.accepted()
    world.post(plan)
    world.store.stops.add(whom, "ann", "wrong pay in every ad")
    assert world.store.schedule.due(world.clock()) == []
    assert [s.digest for s in world.store.schedule.stale(world.clock())] == [plan.digest]
    world.store.stops.release(whom, "ann")
    assert world.store.schedule.stale(world.clock()) == []


def test_an_unposted_ad_is_not_due_while_stopped_and_due_after(world, whom):
    """A stop loses nothing."""
    plan = world.accepted()
    world.store.stops.add(whom, "ann", "wait")
    assert world.store.schedule.due(world.clock()) == []
    world.store.stops.release(whom, "ann")
    assert [d.digest for d in world.store.schedule.due(world.clock())] == [plan.digest]


def test_a_stop_ends_the_lease_of_who_posts_at_this_moment(world, whom):
    """Its next write and its next request are refused, and the place stays taken meanwhile."""
    plan = world.accepted()
    slot, lease = world.run(plan, "broad", until=SlotState.VERIFIED), world.lease(plan)
    world.store.stops.add(whom, "ann", "wait")
    for attempt in (
        lambda: world.store.ledger.move(slot, SlotState.ACTIVE),
        lambda: world.store.ledger.record(slot, Posted("ad", "1", "k")),
        lambda: world.store.leases.holds(lease),
        lambda: world.store.leases.renew(lease, 60),
    ):
        with pytest.raises(LeaseLost, match="revoked by a stop"):
            attempt()
    place = (plan.team_id, plan.job_id, plan.network, plan.account_id)
    with pytest.raises(Retryable), world.store.leases.acquire(*place, ttl_s=60):
        pass


def test_what_may_have_been_switched_on_is_stale(world):
    """VERIFIED is followed by switching on, whose answer may be lost."""
    plan = world.accepted()
    world.run(plan, "broad", until=SlotState.VERIFIED)
    world.store.stops.add(None, "ann", "wait")
    assert len(world.store.schedule.stale(world.clock())) == 1


def test_who_takes_off_under_a_stop_adopts_rests_and_is_done(world):
    """Opening is refused, adopting is not; what was confirmed paused is no longer stale."""
    plan = world.accepted()
    world.run(plan, "broad", until=SlotState.VERIFIED)
    world.let_go()
    world.store.stops.add(None, "ann", "wait")
    with pytest.raises(Retryable, match="is stopped"):
        world.store.ledger.open_slot(plan, SHARED, Mode.SANDBOX, world.lease(plan))
    (slot,) = world.store.ledger.adopt(world.lease(plan))
    world.store.ledger.rest(slot)
    assert world.store.schedule.stale(world.clock()) == []


def test_raw_sql_cannot_activate_a_slot_of_a_stopped_team(world, whom):
    """The database refuses it as well."""
    world.run(world.accepted(), "broad", until=SlotState.VERIFIED)
    world.store.stops.add(whom, "ann", "wait")
    with pytest.raises(sa.exc.IntegrityError, match="stopped"):
        world.sql("UPDATE slots SET state = 'active'")


def test_one_teams_stop_leaves_others_alone(world):
    """And a stop of everything is told in each team's log."""
    plan = world.accepted()
    other = world.store.teams.add("Other", "other.example", "EUR")
    world.store.stops.add(other.id, "ann", "theirs")
    assert [d.digest for d in world.store.schedule.due(world.clock())] == [plan.digest]
    world.store.stops.add(None, "ann", "all")
    assert world.store.audit.entries(world.team.id)[-1]["action"] == "team.stopped"
    assert [s.team_id for s in world.store.stops.active()] == [None, str(other.id)] or [
        s.team_id for s in world.store.stops.active()
    ] == [str(other.id), None]


def test_stopping_twice_and_releasing_twice_change_nothing(world, whom):
    """The first stop's reason stays."""
    assert world.store.stops.add(whom, "ann", "first") and not world.store.stops.add(
        whom, "bob", "second"
    )
    assert [s.reason for s in world.store.stops.active()] == ["first"]
    assert world.store.stops.release(whom, "ann") and not world.store.stops.release(whom, "ann")
    with pytest.raises(InputError, match="reason"):
        world.store.stops.add(whom, "ann", "")


def test_a_verdict_of_the_network_is_kept_in_its_own_words(world):
    """With the time, and an audit entry for each change only."""
    slot = world.run(world.accepted(), "broad")
    world.clock.at += timedelta(hours=1)
    world.store.reviews.record(slot, Review.DISAPPROVED, ["Discriminatory", "See policy 4.3"])
    seen = world.store.reviews.record(
        slot, Review.DISAPPROVED, ["Discriminatory", "See policy 4.3"]
    )
    assert (seen.review, seen.review_reason) == ("disapproved", "Discriminatory; See policy 4.3")
    assert seen.reviewed_at == world.clock() and seen == world.store.ledger.slots(world.team.id)[0]
    told = [
        e["detail"]
        for e in world.store.audit.entries(world.team.id)
        if e["action"] == "slot.reviewed"
    ]
    assert [(d["from"], d["to"]) for d in told] == [("unknown", "disapproved")]


def test_a_verdict_needs_no_lease_and_stops_no_posting(world):
    """Who asks for reviews does not compete with who posts."""
    slot = world.run(world.accepted(), "broad", until=SlotState.VERIFIED)
    world.store.reviews.record(slot, Review.PENDING)
    assert world.store.ledger.move(slot, SlotState.ACTIVE).state is SlotState.ACTIVE
