"""A total cap that is used up lets nothing start, and whatever runs can be paused."""

import pytest

from assets.isolation import Isolation
from assets.performance.reports import pull
from assets.publishing import service
from assets.publishing.monitoring import keep_caps
from assets.publishing.total_caps import due
from domain.caps import Cap
from domain.lifecycle import AdStatus
from resources.warehouse.tables import frame


class Killed(BaseException):
    """The process ends here."""


def sync(world):
    """Pull today's numbers (5.00 EUR for each arm that runs) and keep the caps."""
    today = world.now().date()
    with Isolation(world, "numbers") as guard:
        pull(world, today, today, today, frame, guard)
    with Isolation(world, "caps") as guard:
        return keep_caps(world, guard)


def killed_before_settling(world, name, monkeypatch):
    """An ad whose arms all run, and which is still called scheduled."""
    listed = world.due(name)

    def die(_):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(world.store.ledger, "settle", die)
        service.post_job(listed.job_id, world, lambda _: None)
    service.record([listed], world)
    assert status(world, name, listed) is AdStatus.SCHEDULED and world.line(name).delivering()
    return listed


def status(world, name, listed):
    return world.store.ads.job_ad(world.team(name), listed.job_id).status


def test_a_used_up_cap_starts_neither_a_new_ad_nor_one_that_it_paused(world):
    """Each would run until the next numbers come. With more room they start."""
    team = world.team("Well")
    first = world.posted("Well")
    world.store.caps.set_cap(team, Cap("", "EUR", None, 400))
    assert "paused: 5.00 EUR spent" in sync(world)[0]
    service.retire_stale(world)
    second = world.due("Well")
    world.store.ads.set_status(team, first.job_id, AdStatus.LIVE)
    said: list[str] = []
    for job in (first.job_id, second.job_id):
        assert service.post_job(job, world, said.append) == []
    assert not world.line("Well").delivering()
    assert len(said) == 2 and all("no room under the total cap of 4.00 EUR" in s for s in said)
    assert len([n for n in world.notes("Well") if "no room under the total cap" in n]) == 2
    world.store.caps.set_cap(team, Cap("", "EUR", None, 10**7))
    assert len(due(world).ready) == 2 and not world.notes("Well")
    assert service.post_job(second.job_id, world, said.append)[0].live


def test_one_teams_used_up_cap_holds_no_other_team(world):
    world.posted("Sick")
    world.store.caps.set_cap(world.team("Sick"), Cap("", "EUR", None, 400))
    sync(world)
    world.due("Sick")
    listed = world.due("Well")
    found = due(world)
    assert [d.job_id for d in found.ready] == [listed.job_id] and len(found.held) == 1


def test_an_ad_whose_posting_died_before_it_was_called_live_is_mended(world, monkeypatch):
    """It is due once more; nothing is made twice."""
    listed = killed_before_settling(world, "Well", monkeypatch)
    objects = len(world.line("Well").objects)
    assert [d.job_id for d in world.store.schedule.due(world.now())] == [listed.job_id]
    service.post_job(listed.job_id, world, lambda _: None)
    assert status(world, "Well", listed) is AdStatus.LIVE
    assert len(world.line("Well").objects) == objects
    assert world.store.schedule.due(world.now()) == []


def test_it_can_be_paused_before_it_is_mended(world, monkeypatch):
    listed = killed_before_settling(world, "Well", monkeypatch)
    world.store.ads.set_status(world.team("Well"), listed.job_id, AdStatus.PAUSED)
    assert [d.job_id for d in service.retire_stale(world).off] == [listed.job_id]
    assert not world.line("Well").delivering()


def test_a_total_cap_pauses_it_too(world, monkeypatch):
    listed = killed_before_settling(world, "Well", monkeypatch)
    world.store.caps.set_cap(world.team("Well"), Cap(listed.job_id, "EUR", None, 100))
    assert sync(world)
    assert status(world, "Well", listed) is AdStatus.PAUSED


def test_a_scheduled_ad_of_which_nothing_runs_is_not_paused(world):
    """The lifecycle is as it was: it goes back to a draft."""
    listed = world.due("Well")
    with pytest.raises(Exception, match="cannot become paused"):
        world.store.ads.set_status(world.team("Well"), listed.job_id, AdStatus.PAUSED)
