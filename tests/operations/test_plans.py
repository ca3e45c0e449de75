"""Accepted plans: frozen, newest wins, unchanged by storage."""

from dataclasses import replace

import pytest

from domain.errors import InputError, JobadsError, NotFound
from domain.plan import Plan, ProofLine
from domain.platform import Network


def test_accepting_the_newest_plan_again_changes_nothing(world):
    """Idempotent by digest."""
    plan = world.accept()
    assert world.accepts(plan, rule="again") is False
    assert [(a.digest, a.rule) for a in world.store.plans.accepted(world.team.id)] == [
        (plan.digest, "test")
    ]


def test_going_back_to_an_older_plan_is_a_new_acceptance(world):
    """First, second, first again: the first is the newest."""
    first, _, third = world.accept(), world.accept(world.plan("second")), world.accept()
    found = world.store.plans.in_force(str(world.team.id), str(world.job.id), Network.META)
    assert found.digest == first.digest == third.digest
    assert len(world.store.plans.accepted(world.team.id)) == 3


def test_a_plan_comes_back_equal_with_its_proof(world):
    """Floats, nested bodies, umlauts and proof lines survive."""
    line = ProofLine("skills", "cook", "Köchin", "keep", "ad.text", "meta.1", "a source", "allowed")
    plan = world.plan("ü")
    plan = replace(plan, arms=(replace(plan.arms[0], propensity=0.1, proof=(line,)),))
    world.accept(plan)
    found = world.store.plans.in_force(str(world.team.id), str(world.job.id), Network.META)
    assert found == plan and isinstance(found, Plan)


def test_nobody_accepted_anything(world):
    """NotFound, not an empty plan."""
    with pytest.raises(NotFound, match="no approved plan"):
        world.store.plans.in_force(str(world.team.id), str(world.job.id), Network.META)


@pytest.mark.parametrize("shared", [{"campaign": {"x": float("nan")}}, {"campaign": {"x": {1, 2}}}])
def test_a_plan_that_json_would_change_is_refused(world, shared):
    """What is posted must be what was accepted, to the letter."""
    with pytest.raises(InputError, match="not JSON"):
        world.accept(replace(world.plan(), shared=shared))
    assert world.store.plans.accepted(world.team.id) == []


def test_a_plan_needs_distinct_arms(world):
    """Two arms of one name would share one slot; `campaign` is taken."""
    for arms in (("a", "a"), ("campaign", "b")):
        with pytest.raises(InputError, match="distinct"):
            world.accept(world.plan(arms=arms))


def test_a_plan_for_a_network_that_the_ad_does_not_name_is_refused(world):
    """The ad says where it may run."""
    with pytest.raises(InputError, match="does not name x"):
        world.accept(replace(world.plan(), network=Network.X))


def test_a_plan_that_was_altered_in_the_database_is_not_posted(world):
    """The digest is checked whenever a plan is read."""
    world.accept()
    if world.url.startswith("sqlite"):
        names = world.sql("SELECT name FROM sqlite_master WHERE name LIKE 'guard_plan_frozen%'")
        world.sql(f"DROP TRIGGER {names[0][0]}")
    else:
        world.sql("ALTER TABLE accepted_plans DISABLE TRIGGER USER")
    world.sql("UPDATE accepted_plans SET payload = replace(payload, 'first', 'other')")
    with pytest.raises(JobadsError, match="not what was accepted"):
        world.store.plans.in_force(str(world.team.id), str(world.job.id), Network.META)
