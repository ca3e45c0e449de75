"""Teams, users, roles."""

import pytest

from domain.errors import InputError, NotFound


def test_a_team_is_found_by_id_and_by_name_in_any_case(world):
    """The command line takes either."""
    for wanted in (world.team.id, str(world.team.id), "acme", " ACME "):
        assert world.store.teams.get(wanted) == world.team


def test_two_teams_cannot_share_a_name(world):
    """Not even in another case."""
    with pytest.raises(InputError, match="exists"):
        world.store.teams.add("ACME", "other.example", "EUR")
    assert len(world.store.teams.all()) == 1


def test_no_new_team_is_named_like_an_id(world):
    """`--team` takes a name or an id: one could be taken for the other."""
    for name in (str(world.team.id), str(world.team.id).upper(), world.team.id.hex):
        with pytest.raises(InputError, match="could be taken for a team's id"):
            world.store.teams.add(name, "other.example", "EUR")
    assert world.store.teams.all() == [world.team]


def test_a_team_that_was_named_like_anothers_id_gets_none_of_its_changes(world):
    """Earlier versions took such a name. By id comes first, whichever row was stored last."""
    store, mine = world.store, world.team
    other = store.teams.add("Other", "other.example", "EUR")
    world.sql("UPDATE teams SET name = :n WHERE id = :i", n=str(mine.id), i=str(other.id))
    for _ in range(2):
        store.teams.update(mine.id, dsa_payer="Acme Ltd")
        assert store.teams.get(str(mine.id)).domain == "acme.example"
    assert {t.domain: t.dsa_payer for t in store.teams.all()} == {
        "acme.example": "Acme Ltd",
        "other.example": None,
    }


@pytest.mark.parametrize(
    ("name", "currency"), [("", "EUR"), ("x" * 101, "EUR"), ("B", "DOGE"), ("B\x00", "EUR")]
)
def test_a_broken_team_is_refused(store, name, currency):
    """Names have a length and currencies are ISO."""
    with pytest.raises(InputError):
        store.teams.add(name, "b.example", currency)
    assert store.teams.all() == []


def test_the_workbench_itself_is_an_admin_of_every_team(world):
    """Imports need an author before any person has an account."""
    user = world.store.teams.system_user(world.team.id)
    assert world.store.teams.role(world.team.id, user) == "admin"


def test_a_role_belongs_to_one_team(world):
    """A person of one team is nobody in another."""
    ann = world.store.teams.add_member(world.team.id, "Ann@acme.example", "Ann", "viewer")
    assert world.store.teams.add_member(world.team.id, "ann@acme.example", "Ann", "approver") == ann
    assert world.store.teams.role(world.team.id, ann) == "approver"
    other = world.store.teams.add("Other", "other.example", "EUR")
    with pytest.raises(NotFound, match="not a member"):
        world.store.teams.role(other.id, ann)


def test_an_unknown_role_is_refused(world):
    """viewer, editor, approver, admin."""
    with pytest.raises(InputError, match="approver"):
        world.store.teams.add_member(world.team.id, "a@b.example", "A", "king")
