"""Why résumés may be used: dated rows, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from domain.errors import InputError

PURPOSE = "consent given with the application"


def test_a_basis_holds_from_its_statement_to_its_end(world):
    """Nothing holds before; at its end, to the moment, it no longer does."""
    team, start = world.team.id, world.clock.at
    assert world.store.lawful_bases.in_force(team) is None
    made = world.store.lawful_bases.set(team, PURPOSE, "ann@acme.com", start + timedelta(days=30))
    assert world.store.lawful_bases.in_force(team) == made
    assert (made.purpose, made.author, made.set_at) == (PURPOSE, "ann@acme.com", start)
    world.clock.at = start + timedelta(days=30)
    assert world.store.lawful_bases.in_force(team) is None


def test_a_new_basis_takes_the_place_of_the_old(world):
    """At most one holds, and both stay to be read."""
    world.store.lawful_bases.set(world.team.id, "first", "ann")
    world.clock.at += timedelta(days=1)
    second = world.store.lawful_bases.set(world.team.id, "second", "bea")
    assert world.store.lawful_bases.in_force(world.team.id) == second
    first, _ = world.store.lawful_bases.of_team(world.team.id)
    assert (first.revoked_at, first.revoked_by) == (world.clock.at, "bea")


def test_a_basis_is_revoked_once_and_the_log_says_by_whom(world):
    """A second revocation finds nothing."""
    world.store.lawful_bases.set(world.team.id, PURPOSE, "ann")
    assert world.store.lawful_bases.revoke(world.team.id, "bea")
    assert not world.store.lawful_bases.revoke(world.team.id, "bea")
    log = [(e["action"], e["actor"]) for e in world.store.audit.entries(world.team.id)]
    assert log[-2:] == [("basis.set", "ann"), ("basis.revoked", "bea")]


def test_the_graph_sees_that_a_basis_came_went_or_ran_out(world):
    """Each changes the store's fingerprint, so that the next look reads résumés anew."""
    seen = {world.store.projections.fingerprint()}
    world.store.lawful_bases.set(world.team.id, PURPOSE, "ann", world.clock.at + timedelta(days=2))
    seen.add(world.store.projections.fingerprint())
    world.clock.at += timedelta(days=3)
    seen.add(world.store.projections.fingerprint())
    world.store.lawful_bases.set(world.team.id, PURPOSE, "ann")
    seen.add(world.store.projections.fingerprint())
    world.store.lawful_bases.revoke(world.team.id, "ann")
    seen.add(world.store.projections.fingerprint())
    assert len(seen) == 5


@pytest.mark.parametrize("purpose", ["", "  ", "x" * 1001])
def test_a_basis_needs_a_purpose(world, purpose):
    """An empty statement states nothing."""
    with pytest.raises(InputError, match="purpose"):
        world.store.lawful_bases.set(world.team.id, purpose, "ann")


def test_a_basis_that_is_over_before_it_begins_is_refused(world):
    """Its last day has to come."""
    with pytest.raises(InputError, match="not after"):
        world.store.lawful_bases.set(world.team.id, PURPOSE, "ann", world.clock.at)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE lawful_bases SET purpose = 'another'",
        "UPDATE lawful_bases SET until = NULL",
        "UPDATE lawful_bases SET revoked_at = NULL, revoked_by = ''",
        "DELETE FROM lawful_bases",
    ],
)
def test_what_was_stated_cannot_be_rewritten(world, change):
    """Whoever writes the SQL: a basis is evidence."""
    world.store.lawful_bases.set(world.team.id, PURPOSE, "ann", world.clock.at + timedelta(days=9))
    world.store.lawful_bases.revoke(world.team.id, "ann")
    with pytest.raises(sa.exc.IntegrityError):
        world.sql(change)
