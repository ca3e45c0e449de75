"""Teams, users, roles."""

import pytest

from domain.errors import InputError, NotFound


def test_a_team_is_found_by_id_and_by_name_in_any_case(world):
    """The command line takes either."""
    for wanted in (world.team.id, str(world.team.id), "acme", " ACME "):
        assert world.store.teams.team(wanted) == world.team


def test_two_teams_cannot_share_a_name(world):
    """Not even in another case."""
    with pytest.raises(InputError, match="exists"):
        world.store.teams.add_team("ACME", "other.example", "EUR")
    assert len(world.store.teams.teams()) == 1


@pytest.mark.parametrize(
    ("name", "currency"), [("", "EUR"), ("x" * 101, "EUR"), ("B", "DOGE"), ("B\x00", "EUR")]
)
def test_a_broken_team_is_refused(store, name, currency):
    """Names have a length and currencies are ISO."""
    with pytest.raises(InputError):
        store.teams.add_team(name, "b.example", currency)
    assert store.teams.teams() == []


def test_the_workbench_itself_is_an_admin_of_every_team(world):
    """Imports need an author before any person has an account."""
    user = world.store.teams.system_user(world.team.id)
    assert world.store.teams.role(world.team.id, user) == "admin"


def test_a_role_belongs_to_one_team(world):
    """A person of one team is nobody in another."""
    ann = world.store.teams.add_member(world.team.id, "Ann@acme.example", "Ann", "viewer")
    assert world.store.teams.add_member(world.team.id, "ann@acme.example", "Ann", "approver") == ann
    assert world.store.teams.role(world.team.id, ann) == "approver"
    other = world.store.teams.add_team("Other", "other.example", "EUR")
    with pytest.raises(NotFound, match="not a member"):
        world.store.teams.role(other.id, ann)


def test_an_unknown_role_is_refused(world):
    """viewer, editor, approver, admin."""
    with pytest.raises(InputError, match="approver"):
        world.store.teams.add_member(world.team.id, "a@b.example", "A", "king")
