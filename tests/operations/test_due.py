"""What is due, and what must be taken down, after each state."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Retryable
from domain.lifecycle import AdStatus, SlotState
from domain.money import Money
from domain.plan import SHARED, Plan
from domain.platform import Network


def digests(world, now=None):
    return [due.digest for due in world.store.schedule.due(now or world.clock())]


def test_a_draft_is_never_due(world):
    """A plan accepted for a draft waits until somebody schedules the ad."""
    world.accept()
    assert digests(world) == []


def test_a_scheduled_ad_without_a_plan_is_not_due(world):
    """Nothing is posted that nobody accepted."""
    world.status(AdStatus.SCHEDULED)
    assert digests(world) == []


def test_a_scheduled_and_accepted_ad_is_due(world):
    """Scheduled, accepted and inside its schedule: due, with the plan's digest."""
    plan = world.accepted()
    assert digests(world) == [plan.digest]


def test_due_keeps_to_the_schedule(world):
    """Before its start and from its end on an ad is not due."""
    end = world.clock() + timedelta(days=7)
    world.store.ads.edit(world.team.id, world.job.id, schedule_end=end)
    plan = world.accepted()
    assert digests(world, world.job.schedule_start - timedelta(seconds=1)) == []
    assert digests(world, end - timedelta(seconds=1)) == [plan.digest]
    assert digests(world, end) == []


@pytest.mark.parametrize(
    "state", [s for s in SlotState if s in ("planned", "sending", "created", "verified")]
)
def test_an_ad_on_its_way_stays_due(world, state):
    """A crash at any point before ACTIVE leaves the ad due."""
    plan = world.accepted()
    world.run(plan, SHARED)
    world.run(plan, "broad")
    world.run(plan, "cooks", until=state)
    assert digests(world) == [plan.digest]


def test_a_posted_ad_is_not_due(world):
    """Once every arm and the campaign are active at the plan's revision nothing is left to do."""
    world.post(world.accepted())
    assert digests(world) == []
    assert world.now_status() is AdStatus.LIVE


def test_an_active_arm_without_its_campaign_is_due(world):
    """The shared slot counts as well: arms alone are not posted."""
    plan = world.accepted()
    world.run(plan, "broad")
    world.run(plan, "cooks")
    assert digests(world) == [plan.digest]


def test_a_new_accepted_plan_makes_a_live_ad_due_again(world):
    """The newest acceptance is the work, under its own digest."""
    world.post(world.accepted())
    second = world.accept(world.plan("second"))
    assert digests(world) == [second.digest]


def test_an_arm_that_the_new_plan_drops_keeps_the_ad_due_until_it_is_closed(world):
    """An arm outside the plan would go on spending, so it is work too."""
    world.post(world.accepted())
    smaller = world.accept(world.plan(arms=("broad",)))
    assert digests(world) == [smaller.digest]
    world.store.ledger.move(world.adopted(smaller, "cooks"), SlotState.CLOSED)
    assert digests(world) == []


def test_a_closed_arm_that_a_later_plan_brings_back_is_due(world):
    """CLOSED under an older plan does not bar the same content under a newer one."""
    world.post(world.accepted())
    smaller = world.accept(world.plan(arms=("broad",)))
    world.store.ledger.move(world.adopted(smaller, "cooks"), SlotState.CLOSED)
    again = world.accept(world.plan())
    assert digests(world) == [again.digest]
    assert world.open(again, "cooks").state is SlotState.PLANNED


def test_a_refused_arm_does_not_stay_due(world):
    """An arm that failed at the accepted revision would be refused again."""
    plan = world.accepted()
    world.run(plan, SHARED)
    world.run(plan, "broad")
    world.store.ledger.move(
        world.run(plan, "cooks", until=SlotState.SENDING), SlotState.FAILED, "no"
    )
    world.settle()
    assert digests(world) == []
    assert world.open(plan, "cooks").state is SlotState.FAILED


def test_an_ad_whose_campaign_was_refused_fails_and_can_be_scheduled_again(world):
    """Failed is not the end: a person who schedules it anew lets it be tried anew."""
    plan = world.accepted()
    world.store.ledger.move(
        world.run(plan, SHARED, until=SlotState.SENDING), SlotState.FAILED, "no"
    )
    world.settle()
    assert (world.now_status(), digests(world)) == (AdStatus.FAILED, [])
    world.status(AdStatus.SCHEDULED)
    assert digests(world) == [plan.digest]
    fresh = world.open(plan, SHARED)
    assert (fresh.state, fresh.attempt) == (SlotState.PLANNED, 1)


def test_one_failed_arm_does_not_fail_the_ad(world):
    """Failed only if all failed; live if any is active."""
    plan = world.accepted()
    world.run(plan, SHARED)
    world.store.ledger.move(
        world.run(plan, "cooks", until=SlotState.SENDING), SlotState.FAILED, "no"
    )
    world.settle()
    assert world.now_status() is AdStatus.SCHEDULED
    world.run(plan, "broad")
    world.settle()
    assert world.now_status() is AdStatus.LIVE


def test_a_paused_ad_is_stale_until_its_slots_are_paused_and_due_when_resumed(world):
    """Pausing and resuming pass through the same rows, without a cursor."""
    plan = world.accepted()
    world.post(plan)
    world.status(AdStatus.PAUSED)
    assert digests(world) == []
    assert [s.digest for s in world.store.schedule.stale(world.clock())] == [plan.digest]
    world.let_go()  # the pause has ended the lease of who posted
    for slot in world.store.ledger.adopt(world.lease(plan)):
        world.store.ledger.move(slot, SlotState.PAUSED)
    world.settle()
    assert world.store.schedule.stale(world.clock()) == []
    world.status(AdStatus.LIVE)
    assert digests(world) == [plan.digest]


def test_a_pause_is_not_undone_by_settling(world):
    """A person paused the ad; active slots do not make it live behind their back."""
    world.post(world.accepted())
    world.status(AdStatus.PAUSED)
    world.let_go()
    world.settle()
    assert world.now_status() is AdStatus.PAUSED


def test_an_ad_over_its_end_is_stale(world):
    """The end of the schedule takes the ad down even if nobody archives it."""
    world.post(world.accepted())
    end = world.clock() + timedelta(days=1)
    world.store.ads.edit(world.team.id, world.job.id, schedule_end=end)
    assert world.store.schedule.stale(world.clock()) == []
    assert len(world.store.schedule.stale(end)) == 1


def test_an_archived_ad_in_the_middle_of_a_change_is_stale(world):
    """Going back to SENDING with a new revision does not hide objects that still run."""
    world.post(world.accepted())
    second = world.accept(world.plan("second"))
    assert world.open(second, "broad").state is SlotState.SENDING
    for slot in world.store.ledger.adopt(world.lease(second)):
        if slot.arm != "broad":
            world.store.ledger.move(slot, SlotState.CLOSED)
    world.status(AdStatus.ARCHIVED)
    assert len(world.store.schedule.stale(world.clock())) == 1


def test_a_plan_for_another_account_leaves_the_old_account_stale(world):
    """The same ad may not spend on two accounts of one network."""
    world.post(world.accepted())
    world.accept(replace(world.plan(), account_id="act_2"))
    assert [s.account_id for s in world.store.schedule.stale(world.clock())] == ["act_1"]
    assert [d.account_id for d in world.store.schedule.due(world.clock())] == ["act_2"]


def test_a_network_taken_off_the_ad_is_stale(world):
    """Editing the networks is enough to take the ad down there."""
    world.post(world.accepted())
    world.store.ads.edit(world.team.id, world.job.id, platforms=frozenset({Network.X}))
    assert [s.network for s in world.store.schedule.stale(world.clock())] == [Network.META]


def test_every_ended_lease_is_a_new_attempt(world):
    """A run key of digest and attempt is new after each try, and the same while one runs."""
    plan = world.accepted()
    place = (plan.team_id, plan.job_id, plan.network, plan.account_id)
    with world.store.leases.acquire(*place, ttl_s=60):
        assert world.store.schedule.due(world.clock())[0].attempt == 0
    assert world.store.schedule.due(world.clock())[0].attempt == 1
    with pytest.raises(Retryable), world.store.leases.acquire(*place, ttl_s=60):
        raise Retryable("the network is down")
    assert world.store.schedule.due(world.clock())[0].attempt == 2


def test_an_account_that_asked_for_silence_is_left_out_until_then(world):
    """Throttled ads come back by themselves."""
    plan = world.accepted()
    until = world.clock() + timedelta(minutes=10)
    world.store.rate_limits.extend(Network.META, "act_1", until)
    world.store.rate_limits.extend(Network.META, "act_1", until - timedelta(minutes=5))
    assert world.store.rate_limits.ends_at(Network.META, "act_1") == until
    assert (digests(world), digests(world, until)) == ([], [plan.digest])


def test_losing_the_process_loses_nothing(world, open_store):
    """Another process that opens the same rows finds the same work."""
    plan = world.accepted()
    world.run(plan, SHARED, until=SlotState.CREATED)
    other = open_store()
    assert [d.digest for d in other.schedule.due(world.clock())] == [plan.digest]


def test_a_budget_edit_alone_posts_nothing(world):
    """What is posted is what was accepted; an edit becomes due only by a newly accepted plan."""
    world.post(world.accepted())
    world.store.ads.edit(world.team.id, world.job.id, budget_daily=Money(9900, "EUR"))
    assert digests(world) == []
    assert isinstance(world.store.plans.in_force(world.team.id, world.job.id, Network.META), Plan)
