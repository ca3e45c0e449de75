"""A full disk and a locked database: clear words, nothing lost, and the way on from there."""

import sqlite3

import pytest
import sqlalchemy as sa

from domain.errors import Retryable, SetupError
from domain.ledger import Posted
from domain.lifecycle import SlotState
from domain.plan import SHARED
from domain.platform import Mode, Review
from resources.operations.engine import open_engine, refused
from resources.operations.store import OperationsStore


@pytest.fixture
def database_url(tmp_path):
    """SQLite with small pages, so that nearly every step needs a new one."""
    file = sqlite3.connect(tmp_path / "operations.db")
    file.execute("PRAGMA page_size = 512")
    file.execute("VACUUM")
    file.close()
    return f"sqlite:///{tmp_path / 'operations.db'}"


@pytest.fixture
def disk(world):
    """`disk(extra)` leaves room for so many more pages; None for as many as wanted."""
    room = {"pages": 2**30}

    def limit(connection, *_):
        connection.execute(f"PRAGMA max_page_count = {room['pages']}")

    sa.event.listen(world.store.database.engine, "checkout", limit)

    def set_(extra):
        used = world.sql("PRAGMA page_count")[0][0]
        room["pages"] = 2**30 if extra is None else used + extra

    return set_


def steps(world, plan):
    """A whole posting as (name, step), each step one commit; it can be begun again anywhere."""
    store, lease = world.store, world.lease(plan)

    def of(arm):
        return next(s for s in store.ledger.slots(plan.team_id) if s.arm == arm)

    for arm in (SHARED, "broad", "cooks"):
        yield f"open {arm}", lambda a=arm: store.ledger.open_slot(plan, a, Mode.SANDBOX, lease)
        yield f"send {arm}", lambda a=arm: store.ledger.move(of(a), SlotState.SENDING)
        for kind in ("campaign", "adset", "ad"):
            posted = Posted(kind, kind * 20, f"aa-{arm}")
            yield f"record {kind}", lambda a=arm, p=posted: store.ledger.record(of(a), p)
        for state in (SlotState.CREATED, SlotState.VERIFIED, SlotState.ACTIVE):
            yield f"{state} {arm}", lambda a=arm, s=state: store.ledger.move(of(a), s)
        yield (
            f"review {arm}",
            lambda a=arm: store.reviews.record(of(a), Review.PENDING, ["x" * 400]),
        )
    yield "settle", world.settle
    yield "accept", lambda: world.accept(world.plan("second"))
    yield "pause", lambda: world.status("paused")


def seen(world):
    """All that the ledger says."""
    slots = world.store.ledger.slots(world.team.id)
    return (
        slots,
        [world.store.ledger.posted(s) for s in slots],
        world.store.projections.fingerprint(),
    )


def test_a_full_disk_at_any_step_changes_nothing_and_the_step_works_once_there_is_space(
    world, disk
):
    """Each step that finds no space says so, leaves all rows as they were, and succeeds after."""
    plan, failed = world.accepted(), []
    for name, step in steps(world, plan):
        before = seen(world)
        disk(0)
        try:
            step()
        except SetupError as error:
            assert "no space left" in str(error) and "run it again" in str(error)
            assert seen(world) == before
            assert world.sql("PRAGMA integrity_check") == [("ok",)]
            failed.append(name)
            disk(None)
            step()
    assert {n.split()[0] for n in failed} >= {"open", "send", "record", "created", "accept"}
    assert len(failed) >= 20
    assert {s.state for s in world.store.ledger.slots(world.team.id)} == {SlotState.ACTIVE}


def test_a_database_that_another_keeps_locked_is_busy_not_broken(world, monkeypatch):
    """After the wait it says what to do; as soon as the lock is gone the same call works."""
    from resources.operations import engine

    monkeypatch.setattr(engine, "BUSY_S", 0.05)
    hasty = OperationsStore(world.url, now=world.clock)
    other = open_engine(world.url)
    with other.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(Retryable, match="is busy"):
            hasty.ads.set_status(world.team.id, world.job.id, "scheduled")
        assert [ad.title for ad in hasty.ads.of_team(world.team.id)] == ["Cook"]
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("BEGIN")
    hasty.ads.set_status(world.team.id, world.job.id, "scheduled")
    hasty.close()
    other.dispose()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("disk I/O error", "cannot write"),
        ("could not extend file: No space left", "no space left"),
        ("database is locked", "busy"),
    ],
)
def test_what_the_database_refuses_is_told_with_its_mend(words, said):
    """One line, without statement and parameters."""
    raised = sqlite3.OperationalError(words)
    told = refused(sa.exc.OperationalError("INSERT secret", {"token": "s3cret"}, raised))
    assert isinstance(told, SetupError | Retryable) and said in str(told)
    assert "s3cret" not in str(told) and told.mend
