"""Forgetting a person leaves nothing of them on the disk, wherever it is killed."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from assets.persons.erasure import finish, forget
from assets.persons.export import export
from assets.persons.sweep import sweep
from assets.segmentation.table_rows import resume_row
from domain.errors import NotFound, Retryable
from tests.persons.conftest import (
    EMAIL,
    KEY,
    OTHERS,
    PERSON,
    PHRASE,
    WHEN,
    Home,
    rows_of,
    the_vector,
)
from tests.persons.killing import killed_at
from tests.persons.searching import left

TOUCHED = ("job-carer", "job-nurse")
"""Ads of the person's segment, and of the coarser one that holds it."""


def log(home: Home, text: str) -> Path:
    """A step's output, and an event, such as a library's error would leave."""
    import sqlite3
    from contextlib import closing

    folder = home.path / "dagster" / "storage" / "run" / "compute_logs"
    folder.mkdir(parents=True)
    (folder / "step.err").write_text(f"ValueError: cannot read {text!r}\n")
    runs = home.path / "dagster" / "history" / "runs"
    runs.mkdir(parents=True)
    with closing(sqlite3.connect(runs / "run.db")) as database, database:
        database.execute("CREATE TABLE event_logs (id INTEGER PRIMARY KEY, event TEXT)")
        database.execute("INSERT INTO event_logs (event) VALUES (?)", [f'{{"m": "{PHRASE}"}}'])
        database.execute('INSERT INTO event_logs (event) VALUES (\'{"m": "kept"}\')')
    return folder / "step.err"


def test_everything_is_there_before(home):
    """The search finds what it has to find the absence of."""
    log(home, PHRASE)
    found = "\n".join(left(home, the_vector(home)))
    for place in (
        "phrase in lake/persons",
        "hash in cache",
        "vector in cache",
        "phrase in dagster",
        "spelled vector in lake/persons",
        "key in operations.db",
    ):
        assert place in found, found


def test_nothing_of_a_person_is_left_in_any_file(home):
    """Rows, Parquet files, free pages and logs of every store, and the catalogue's statistics."""
    vector = the_vector(home)
    error = log(home, PHRASE)
    done = forget(home, home.team, KEY, "ann")
    assert left(home, vector) == []
    assert error.read_text() == "ValueError: cannot read '[erased]'\n"
    assert done.logs == 2 and done.removed["resume_clusters"] == 1


def test_the_others_keep_all_that_is_theirs(home):
    """Twelve persons' texts, rows and vectors are as they were."""
    before = {k: t for k, t in home.store.resumes.texts(home.team) if k != KEY}
    forget(home, home.team, KEY, "ann")
    assert dict(home.store.resumes.texts(home.team)) == OTHERS == before
    for table in ("resumes", "resume_embeddings", "resume_clusters", "resume_reduced_vectors"):
        assert len(rows_of(home, table)) == len(OTHERS)
    hashes = rows_of(home, "resumes")["content_hash"].to_list()
    assert len(home.vectors.load(hashes)) == len(OTHERS)


def test_the_ads_fits_and_copies_that_saw_the_person_are_named(home):
    """Also in the log, which holds none of the person's words nor the key."""
    (home.path / "backups").mkdir()
    (home.path / "backups" / "monday.tar").write_text("x")
    team = home.team
    done = forget(home, team, KEY, "ann")
    assert done.found.ads == TOUCHED
    assert done.found.fits == (f"{team} {WHEN.isoformat()}",)
    assert done.history_until == (WHEN + timedelta(days=30)).date()
    entry = home.store.audit.entries(team)[-1]
    assert (entry["action"], entry["actor"]) == ("subject.forgotten", "ann")
    assert entry["detail"]["ads"] == [*TOUCHED]
    assert not any(word in str(entry) for word in (KEY, EMAIL, PHRASE))


def test_earlier_fits_that_the_lake_still_keeps_are_named(home):
    """Those made since the person came; an older one cannot have seen them."""
    came = home.store.resumes.get(home.team, KEY).created_at
    model = rows_of(home, "segment_model").to_dicts()
    for days in (1, 2):
        at = came + timedelta(days=days)
        home.write("segment_model", [{**row, "fitted_at": at} for row in model])
    found = forget(home, home.team, KEY, "ann").found
    assert found.fits == (f"{home.team} {(came + timedelta(days=2)).isoformat()}",)
    assert found.earlier == (f"{home.team} {(came + timedelta(days=1)).isoformat()}",)


def test_forgetting_twice_finds_nothing_and_says_when(home):
    """Idempotent: no second entry in the log."""
    team = home.team
    forget(home, team, KEY, "ann")
    entries = len(home.store.audit.entries(team))
    again = forget(home, team, KEY, "ann")
    assert again.before is not None and again.removed == {}
    assert len(home.store.audit.entries(team)) == entries


def test_a_key_that_never_was_is_not_forgotten(home):
    """A typo is no success."""
    with pytest.raises(NotFound, match="canary-kex"):
        forget(home, home.team, "canary-kex", "ann")


def test_a_killed_erasure_is_finished_by_the_next(new_home):
    """After every second call of the stores; the report loses nothing by it."""
    call, died = 1, True
    while died:
        home = new_home()
        vector, team = the_vector(home), home.team
        log(home, PHRASE)
        died = killed_at(home, call)
        again = forget(home, team, KEY, "ann")
        assert left(home, vector) == [], call
        assert again.before or again.found.ads == TOUCHED, call
        entries = [e for e in home.store.audit.entries(team) if e["action"] == "subject.forgotten"]
        assert len(entries) == 1 and entries[0]["detail"]["ads"] == [*TOUCHED], call
        home.close()
        call += 2
    assert call > 15


def test_the_nightly_run_finishes_what_was_killed(home):
    """Nobody has to remember."""
    vector = the_vector(home)
    assert killed_at(home, 12)
    assert home.store.erasures.pending() == [(home.team, KEY)]
    assert finish(home, "system") == 1
    assert left(home, vector) == []


def test_a_person_whom_no_run_has_read_yet_is_forgotten(home):
    """Only the sealed text is there, and nothing was touched."""
    home.store.resumes.save(home.team, [("fresh", "Ann Onym flies\n")])
    done = forget(home, home.team, "fresh", "ann")
    assert done.found.ads == () and done.found.fits == () and done.removed == {}
    assert home.store.resumes.get(home.team, "fresh") is None


def test_a_person_whose_text_no_longer_opens_is_forgotten_too(home):
    """The vault's key was lost: that is no reason to keep rows and vectors."""
    vector, team = the_vector(home), home.team
    home.store.close()
    home.__dict__.pop("store")
    (home.path / "vault.key").unlink()
    done = forget(home, team, KEY, "ann")
    assert not done.opened and left(home, vector) == []


def test_logs_that_dagster_keeps_elsewhere_are_named_as_not_searched(home):
    """Silence would say that they had been."""
    (home.path / "dagster").mkdir()
    (home.path / "dagster" / "dagster.yaml").write_text("storage:\n  postgres: {}\nnux: {}\n")
    assert forget(home, home.team, KEY, "ann").unsearched == ("storage",)


def test_a_person_being_erased_is_read_by_nobody_and_not_imported(home):
    """A run that starts now does not see them; an import waits for the end."""
    home.store.erasures.begin(home.team, KEY, {})
    assert KEY not in dict(home.store.resumes.texts(home.team))
    with pytest.raises(Retryable, match="being erased"):
        home.store.resumes.save(home.team, [(KEY, PERSON)])


def test_a_run_that_read_the_text_before_leaves_nothing_behind(home):
    """It writes rows and a vector after the erasure, and sweeps."""
    vector, team = the_vector(home), home.team
    row = resume_row(team, KEY, PERSON, 1)
    forget(home, team, KEY, "ann")
    home.vectors.save({row["content_hash"]: vector})
    late = {"content_hash": row["content_hash"], "model": "m", "vector": vector.tolist()}
    home.write("resumes", [row])
    home.write("resume_embeddings", [late])
    assert sweep(home.store, home.warehouse, home) == {
        "resumes": 1,
        "resume_embeddings": 1,
        "cache": 1,
    }
    assert left(home, vector) == []
    assert sweep(home.store, home.warehouse, home) == {}


def test_a_text_that_another_person_has_too_keeps_its_vector(home):
    """Two keys of one text: forgetting one leaves the other's row and vector."""
    team = home.team
    home.store.resumes.save(team, [("twin", PERSON)])
    home.write("resumes", [resume_row(team, "twin", PERSON, 1)])
    forget(home, team, KEY, "ann")
    hashed = resume_row(team, KEY, PERSON, 1)["content_hash"]
    assert hashed in rows_of(home, "resume_embeddings")["content_hash"].to_list()
    assert home.vectors.of_text(hashed)


def test_an_export_holds_everything_of_one_person_and_of_no_other(home):
    """Text, rows of every table, vectors, segment, fit, ads and where logs show them."""
    log(home, PHRASE)
    data = export(home, home.team, KEY)
    assert data["text"] == PERSON and data["lawful_basis"]["purpose"] == "consent"
    assert {table: len(rows) for table, rows in data["tables"].items()} == {
        "resumes": 1,
        "resume_embeddings": 1,
        "resume_reduced_vectors": 1,
        "resume_clusters": 1,
    }
    (vector,) = data["cached_vectors"].values()
    assert np.allclose(vector, the_vector(home))
    assert data["ads_touched"] == [*TOUCHED] and len(data["fits"]) == 1
    assert len(data["dagster"]) == 2
    assert "ward" not in str(data)
