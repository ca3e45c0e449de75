"""What runs is looked after where something may have changed, and not every hour throughout."""

from dataclasses import replace
from datetime import timedelta

import pytest

from assets.isolation import Isolation
from assets.performance.reports import pull
from assets.publishing import service
from assets.publishing.monitoring import extend_ends, read_reviews
from assets.publishing.posting import takedown
from assets.publishing.service import record
from domain.caps import Cap
from domain.errors import InputError, NotFound
from domain.lifecycle import AdStatus
from domain.networks import FACTS
from domain.platform import Network, Review
from resources.warehouse.tables import frame


def reviews(world):
    with Isolation(world.store, "review", world.settings) as guard:
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
            world.store.reviews.record(slot, state)
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
        with Isolation(world.store, "end", world.settings) as guard:
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


@pytest.mark.parametrize("how", ["archive", "stop"])
def test_the_end_of_an_ad_that_should_not_run_is_not_moved_on(world, monkeypatch, how):
    """Where nobody takes it off, the network's own end does."""
    due = world.posted("Sick")
    end = replace(FACTS[due.network], end=("adset", "end_time"))
    monkeypatch.setitem(FACTS, due.network, end)
    line = world.line("Sick")
    for adset in line.of("adset"):
        adset["end_time"] = "2026-01-01T00:00:00Z"
    if how == "archive":
        world.store.ads.set_status(world.team("Sick"), due.job_id, AdStatus.ARCHIVED)
    else:
        world.store.stops.add(None, actor="test", reason="test")
    with Isolation(world.store, "end", world.settings) as guard:
        assert extend_ends(world, guard) == []
    assert {adset["end_time"] for adset in line.of("adset")} == {"2026-01-01T00:00:00Z"}


def test_what_runs_on_an_older_account_is_reached_through_that_account(world):
    """A second account on a network takes nothing off the first one's hands: its ads are read,
    counted, reviewed and taken off there."""
    due = world.posted("Sick")
    world.lines["act_second"] = type(world.line("Sick"))()
    world.store.connections.connect(
        world.team("Sick"), due.network, "act_second", "EMU-token", platform_user_id="9"
    )
    today = world.now().date()
    with Isolation(world.store, "numbers", world.settings) as guard:
        assert pull(world, today, today, today, frame, guard) > 0
    assert [row["account_id"] for row in reviews(world)] == [due.account_id]
    world.store.ads.set_status(world.team("Sick"), due.job_id, AdStatus.PAUSED)
    assert [d.account_id for d in service.retire_stale(world).off] == [due.account_id]
    assert not world.line("Sick").delivering() and world.lines["act_second"].asked == 0


def test_an_ad_on_a_removed_account_is_posted_elsewhere_once_it_is_said_to_be_off(world):
    """A takedown cannot reach it and names the command; after a person's word its room under the
    cap is free, and the same ad runs on the new account."""
    due, team, meta = world.posted("Well"), world.team("Well"), Network.META
    world.store.caps.set(team, Cap("", "EUR", 3000))
    world.store.connections.disconnect(team, meta, due.account_id)
    world.store.connections.connect(team, meta, "act_New", "EMU-token", platform_user_id="9")
    world.lines["act_New"] = type(world.line("Well"))()
    ad = world.store.ads.get(team, due.job_id)
    moved = replace(world.store.plans.in_force(team, due.job_id, meta), account_id="act_New")
    with pytest.raises(InputError, match="cap"):
        world.store.plans.accept(moved, ad_version=ad.version, rule="test")
    world.store.ads.set_status(team, due.job_id, AdStatus.PAUSED)
    ((_, error),) = service.retire_stale(world).unconfirmed
    command = f"jobads ads confirm-off {due.job_id} --team {team} --account act_Well"
    assert isinstance(error, NotFound) and command in str(error)
    takedown.close_unreachable(
        (team, due.job_id, meta, due.account_id),
        who="ann",
        leases=world.store.leases,
        ledger=world.store.ledger,
    )
    assert not world.store.schedule.stale(world.now())
    world.store.plans.accept(moved, ad_version=ad.version, rule="test")
    world.store.ads.set_status(team, due.job_id, AdStatus.LIVE)
    assert service.post_job(due.job_id, world, lambda _: None)[0].live
    assert world.lines["act_New"].delivering()


def test_what_runs_without_a_known_object_is_not_confirmed_to_be_off(world):
    """Somebody deleted rows past jobads: nothing could be paused, at every further try either."""
    due = world.posted("Sick")
    world.sql("DELETE FROM postings")
    world.store.ads.set_status(due.team_id, due.job_id, AdStatus.PAUSED)
    for _ in range(2):
        taken = service.retire_stale(world)
        ((_, error),) = taken.unconfirmed
        assert taken.off == () and "not in the ledger any more" in str(error)
    assert world.line("Sick").delivering()


def test_an_ad_that_has_an_end_by_now_is_not_prolonged(world, monkeypatch):
    """It was open-ended when it was approved; an earlier end acts at once."""
    due = world.posted("Sick")
    end = replace(FACTS[due.network], end=("adset", "end_time"))
    monkeypatch.setitem(FACTS, due.network, end)
    tomorrow = world.now() + timedelta(days=1)
    world.store.ads.edit(world.team("Sick"), due.job_id, schedule_end=tomorrow)
    line = world.line("Sick")
    for adset in line.of("adset"):
        adset["end_time"] = "2026-01-01T00:00:00Z"
    with Isolation(world.store, "end", world.settings) as guard:
        assert extend_ends(world, guard) == [] and not guard.failures
    assert {adset["end_time"] for adset in line.of("adset")} == {"2026-01-01T00:00:00Z"}
