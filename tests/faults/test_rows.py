"""Impossible rows, written past jobads: each is its own ad's fault."""

from dataclasses import replace

import pytest

from assets.publishing import service
from domain.errors import InputError, Retryable
from domain.lifecycle import AdStatus

ROWS = {
    "platforms": ('["tiktok"]', "null", "7"),
    "budget_currency": ("XXX",),
    "target_url": ("https://a:b@example.com", "https://[x"),
    "location": ("a\x00b",),
}
impossible = pytest.mark.parametrize(
    ("column", "value"), [(c, v) for c, values in ROWS.items() for v in values]
)


def spoil(world, ad_id, column, value):
    world.sql(f"UPDATE job_ads SET {column} = :v WHERE id = :i", v=value, i=str(ad_id))


@impossible
def test_planning_leaves_the_row_out_and_says_so(world, column, value):
    """The team's other ad is planned; doctor's and the list's question finds the row."""
    bad, good = world.ad("Sick"), world.ad("Sick")
    spoil(world, bad.id, column, value)
    guard = world.plan("Sick")
    assert world.planned("Sick") == [str(good.id)]
    assert [str(bad.id) in str(failure) for failure in guard.failures] == [True]
    assert [job for job, _ in world.store.ads.unreadable(world.team("Sick"))] == [str(bad.id)]
    assert [n.subject.job_id for n in world.store.notes.read()] == [str(bad.id)]


@impossible
def test_a_row_that_becomes_impossible_loses_its_older_plan(world, column, value):
    """Nobody is asked to accept what was compiled from a row that is no more; the other ad's plan
    stays, and the mended row gets a plan again."""
    bad, good = world.ad("Sick"), world.ad("Sick")
    world.plan("Sick")
    assert sorted(world.planned("Sick")) == sorted([str(bad.id), str(good.id)])
    spoil(world, bad.id, column, value)
    for _ in range(2):
        world.plan("Sick")
        assert world.planned("Sick") == [str(good.id)]
    assert world.store.ads.save_drafts(world.team("Sick"), [bad]).changed == 1
    world.plan("Sick")
    assert sorted(world.planned("Sick")) == sorted([str(bad.id), str(good.id)])


@impossible
def test_what_is_due_of_others_is_still_listed_and_an_import_still_works(world, column, value):
    bad, due = world.ad("Sick"), world.due("Well")
    world.store.ads.set_status(world.team("Sick"), bad.id, AdStatus.SCHEDULED)
    spoil(world, bad.id, column, value)
    assert due in world.store.schedule.due(world.now())
    again = replace(bad, title="Nurse, mended")
    assert world.store.ads.save_drafts(world.team("Sick"), [again]).kept == (bad.id,)


def test_an_import_mends_a_draft_whose_row_is_impossible(world):
    bad = world.ad("Sick")
    spoil(world, bad.id, "platforms", "null")
    assert world.store.ads.save_drafts(world.team("Sick"), [bad]).changed == 1
    assert world.store.ads.unreadable(world.team("Sick")) == []


@impossible
def test_an_ad_that_cannot_be_read_any_more_can_still_be_paused_and_taken_off(world, column, value):
    """Safety does not depend on a readable row."""
    due = world.posted("Sick")
    spoil(world, due.job_id, column, value)
    world.store.ads.set_status(world.team("Sick"), due.job_id, AdStatus.PAUSED)
    assert [d.job_id for d in service.retire_stale(world).off] == [due.job_id]
    assert not world.line("Sick").delivering()


def test_a_plan_that_cannot_be_read_is_its_own_ads_failure(world):
    """The frozen payload is broken: that ad's posting fails, with a note."""
    due = world.due("Sick")
    trigger = "SELECT name FROM sqlite_master WHERE name LIKE 'guard_plan_frozen%'"
    import sqlalchemy as sa

    with sa.create_engine(world.settings.database_url).begin() as connection:
        name = connection.exec_driver_sql(trigger).scalar()
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE accepted_plans SET payload = '{}'")
    with pytest.raises(Exception, match="unexpected"):
        service.post_job(due.job_id, world, lambda _: None)
    assert [n.subject.stage for n in world.store.notes.read()] == ["posting"]


@pytest.mark.parametrize(
    "error",
    [
        InputError("HTTP 404"),
        InputError("larger than 67108864 bytes"),
        InputError("neither PNG, JPEG, GIF nor MP4"),
        Retryable("cannot be resolved"),
        UnicodeError("label too long"),
        FileNotFoundError("gone"),
    ],
    ids=["404", "large", "no picture", "no host", "label", "file"],
)
def test_a_picture_that_cannot_be_had_is_its_own_ads_refusal(world, error):
    """The other ad of the same account is planned: the picture's host is not the account."""
    bad, good = world.ad("Sick", creative_asset_url="https://bad.example/1.png"), world.ad("Sick")

    class Pictures:
        def fetch(self, url):
            if url:
                raise error
            return "0" * 64 + ".png"

    world.images = Pictures()
    world.plan("Sick")
    assert world.planned("Sick") == [str(good.id)]
    passes = isinstance(error, Retryable)  # then it is asked again, and no refusal is kept
    assert list(world.refused("Sick")) == ([] if passes else [str(bad.id)])
    (note,) = world.store.notes.read()
    assert (note.subject.job_id, note.subject.stage) == (str(bad.id), "planning")
