"""`jobads publish` and `jobads sync`: what should not run is taken off, whatever else fails."""

from contextlib import nullcontext

import pytest
import typer

from assets.publishing import service
from domain.caps import Cap
from domain.errors import HouseBroken, Unreachable
from domain.lifecycle import AdStatus
from jobads.cli.publish import publish, sync


@pytest.fixture
def by_hand(world, monkeypatch):
    """The commands over this world in memory."""
    monkeypatch.setattr("assets.outside.Outside.from_env", lambda: world)
    monkeypatch.setattr("jobads.twins.twins", lambda settings: nullcontext())
    return world


def test_what_is_over_is_taken_off_before_anything_is_posted(by_hand, monkeypatch):
    """A disk that is full while another ad is posted leaves no paused ad running."""
    paused = by_hand.posted("Sick")
    by_hand.store.ads.set_status(by_hand.team("Sick"), paused.job_id, AdStatus.PAUSED)
    by_hand.due("Well")

    def full(*_):
        raise HouseBroken("has no space left", where="operations store")

    monkeypatch.setattr(service, "post_due", full)
    with pytest.raises(HouseBroken):
        publish(due=True)
    assert not by_hand.line("Sick").delivering()


def test_sync_takes_off_what_it_pauses_for_a_total_cap(by_hand, capsys):
    """Nobody has to look after it: the sensor that would is off until somebody switches it on."""
    running = by_hand.posted("Well")
    by_hand.store.caps.set(by_hand.team("Well"), Cap(running.job_id, "EUR", None, 100))
    sync(days=1)
    assert "paused: 5.00 EUR spent" in capsys.readouterr().out
    assert not by_hand.line("Well").delivering()


def test_sync_says_what_may_still_run_and_fails(by_hand, capsys, monkeypatch):
    running = by_hand.posted("Well")
    by_hand.store.caps.set(by_hand.team("Well"), Cap(running.job_id, "EUR", None, 100))

    def cut(*_, **__):
        raise Unreachable("Meta: no answer", where="meta")

    monkeypatch.setattr(service, "retire", cut)
    with pytest.raises(typer.Exit) as end:
        sync(days=1)
    assert end.value.exit_code == 7
    said = capsys.readouterr().out
    assert "NOT CONFIRMED, may still run" in said and "jobads publish --due" in said


def test_publish_asks_the_caps_again_before_each_ad(by_hand, monkeypatch, capsys):
    """A cap that is set while the first ad is posted holds the second."""
    first, second = by_hand.due("Sick"), by_hand.due("Well")
    post, posted = service.post_due, []

    def capped(due, *rest):
        posted.append(due.job_id)
        for name, other in (("Sick", first), ("Well", second)):
            if other.job_id != due.job_id:
                by_hand.store.caps.set(by_hand.team(name), Cap("", "EUR", None, 100))
        return post(due, *rest)

    monkeypatch.setattr(service, "post_due", capped)
    with pytest.raises(typer.Exit):
        publish(due=True)
    assert len(posted) == 1 and "no room under the total cap" in capsys.readouterr().out
