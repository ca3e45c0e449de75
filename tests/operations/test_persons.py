"""One person in the store, on both databases: found, erased in steps, known by a digest alone."""

from datetime import timedelta

import pytest

from domain.errors import NotFound, Retryable

TEXT = "Maria cooked at the Ritz"


@pytest.fixture
def maria(world):
    world.store.resumes.save(world.team.id, [("r1", TEXT), ("r2", "Jo welds")])
    return world


def test_a_resume_is_found_with_its_dates(maria):
    """Opened for its team alone."""
    held = maria.store.resumes.get(maria.team.id, "r1")
    assert (held.text, held.created_at, held.erasing_since) == (TEXT, maria.clock.at, None)
    assert TEXT not in repr(held)
    other = maria.store.teams.add("Other", "other.example", "EUR")
    assert maria.store.resumes.get(other.id, "r1") is None


def test_an_erasure_hides_the_text_at_once_and_removes_it_last(maria):
    """In between it is on the list of those to finish; the graph sees each step."""
    team, seen = maria.team.id, {maria.store.projections.fingerprint()}
    maria.store.erasures.begin(team, "r1", {"ads": ["j1"]})
    seen.add(maria.store.projections.fingerprint())
    assert [key for key, _ in maria.store.resumes.texts(team)] == ["r2"]
    assert maria.store.resumes.all_keys() == {(str(team), "r2")}
    assert maria.store.erasures.pending() == [(str(team), "r1")]
    assert maria.store.resumes.get(team, "r1").found == {"ads": ["j1"]}
    maria.store.erasures.end(team, "r1", {"ads": ["j1"]}, "ann")
    assert maria.store.resumes.get(team, "r1") is None and maria.store.erasures.pending() == []
    assert len(seen) == 2


def test_what_an_erasure_found_first_is_kept_when_it_begins_again(maria):
    """The second beginning no longer sees what the first one deleted."""
    maria.store.erasures.begin(maria.team.id, "r1", {"ads": ["j1"]})
    maria.store.erasures.begin(maria.team.id, "r1", {"ads": []})
    assert maria.store.resumes.get(maria.team.id, "r1").found == {"ads": ["j1"]}


def test_the_log_knows_a_forgotten_person_by_a_digest_alone(maria):
    """Also after a rotation of the key; another team's digest of the same key differs."""
    team = maria.team.id
    for _ in range(2):
        maria.store.erasures.begin(team, "r1", {})
        maria.store.erasures.end(team, "r1", {}, "ann")
    entries = [e for e in maria.store.audit.entries(team) if e["action"] == "subject.forgotten"]
    assert len(entries) == 1 and entries[0]["subject"].startswith("person:")
    maria.store.keys.vault.ring.rotate()
    maria.clock.at += timedelta(days=1)
    assert maria.store.erasures.erased_at(team, "r1") == entries[0]["at"]
    assert maria.store.erasures.erased_at(team, "r2") is None
    other = maria.store.teams.add("Other", "other.example", "EUR")
    assert maria.store.erasures.erased_at(other.id, "r1") is None


def test_who_is_being_erased_cannot_be_imported_and_who_was_can(maria):
    """Nothing of that import is stored; once it is over, a new application is a new one."""
    team = maria.team.id
    maria.store.erasures.begin(team, "r1", {})
    with pytest.raises(Retryable, match="being erased"):
        maria.store.resumes.save(team, [("r3", "Ann flies"), ("r1", TEXT)])
    assert maria.store.resumes.get(team, "r3") is None
    maria.store.erasures.end(team, "r1", {}, "ann")
    assert maria.store.resumes.save(team, [("r1", TEXT)]).new == 1


def test_compacting_keeps_every_row(maria):
    """The file is rewritten under an open store."""
    maria.store.erasures.begin(maria.team.id, "r1", {})
    maria.store.erasures.end(maria.team.id, "r1", {}, "ann")
    maria.store.erasures.compact()
    assert maria.store.resumes.texts(maria.team.id) == [("r2", "Jo welds")]
    with pytest.raises(NotFound):
        maria.store.teams.get("nobody")


def test_old_resumes_are_those_not_imported_anew(maria):
    """A changed text counts from its change."""
    maria.clock.at += timedelta(days=10)
    maria.store.resumes.save(maria.team.id, [("r2", "Jo welds and paints")])
    assert maria.store.resumes.unseen_since(maria.clock.at) == [(str(maria.team.id), "r1")]
