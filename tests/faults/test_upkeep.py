"""What runs is looked after where something may have changed, and not every hour throughout."""

from dataclasses import replace
from datetime import timedelta

from assets.isolation import Isolation
from assets.publishing.monitoring import extend_ends, read_reviews
from assets.publishing.service import record
from domain.networks import FACTS
from domain.platform import Review
from resources.warehouse.tables import frame


def reviews(world):
    with Isolation(world, "review") as guard:
        return read_reviews(world, guard)


def test_a_review_under_way_is_read_each_hour_and_a_settled_one_once_a_day(world, monkeypatch):
    """24 hourly looks ask once; its row says all day what was said last."""
    due = world.posted("Sick")
    line, start = world.line("Sick"), world.now()
    asked = []
    real, state = line.read, Review.PENDING

    def read(kind, object_id):
        asked.append(kind)
        return replace(real(kind, object_id), review=state)

    line.read = read
    for state, times in ((Review.PENDING, 24), (Review.APPROVED, 1)):
        for slot in world.store.ledger.slots(due.team_id, due.job_id):
            world.store.reviews.note_review(slot, state)
        asked.clear()
        for hour in range(24):
            monkeypatch.setattr(type(world), "now", lambda _, h=hour: start + timedelta(hours=h))
            assert [row["review"] for row in reviews(world)] == [str(state)]
        assert len(asked) == times


def test_an_end_that_was_moved_on_today_is_not_asked_about_again(world, monkeypatch):
    """An open-ended ad's end is 30 days ahead: the next hour asks nothing, the next day once."""
    network = world.posted("Sick").network
    monkeypatch.setitem(FACTS, network, replace(FACTS[network], end=("adset", "end_time")))
    line = world.line("Sick")
    for adset in line.of("adset"):
        adset["end_time"] = "2026-01-01T00:00:00Z"
    start = world.now().replace(hour=0, minute=10)

    def look(at):
        monkeypatch.setattr(type(world), "now", lambda _: at)
        line.asked = 0
        with Isolation(world, "end") as guard:
            rows = extend_ends(world, guard)
        assert not guard.failures, guard.failures
        world.warehouse.merge("open_ends", frame(rows, "open_ends"))
        return line.asked, rows

    first, rows = look(start + timedelta(days=1))
    assert first > 0 and len(rows) == 1
    assert look(start + timedelta(days=1, hours=1)) == (0, rows)
    assert look(start + timedelta(days=2))[0] > 0


def test_posting_writes_the_rows_of_its_own_ad(world):
    """Another ad's rows keep the moment at which they were read."""
    first = world.posted("Sick")
    before = world.warehouse.table("posted_campaigns").filter(job_id=first.job_id)
    world.posted("Sick")
    after = world.warehouse.table("posted_campaigns")
    assert after.filter(job_id=first.job_id).sort("arm").equals(before.sort("arm"))
    assert after["job_id"].n_unique() == 2
    record([], world)
    assert world.warehouse.table("posted_campaigns").height == after.height
