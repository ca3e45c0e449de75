"""What one account, one token or one bug does to everybody else's work: nothing."""

import errno
import logging
import threading
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from assets.isolation import Isolation
from assets.performance.reports import pull
from assets.publishing import service
from assets.publishing.monitoring import keep_caps, read_reviews
from assets.publishing.planning import planner
from domain.caps import Cap
from domain.errors import (
    HouseBroken,
    HouseBusy,
    NeedsReauth,
    Refused,
    Retryable,
    SetupError,
    Throttled,
    Unanswered,
    Unreachable,
)
from domain.ledger import DueAd
from domain.lifecycle import AdStatus
from domain.platform import Network
from jobads.cli.stop import AT_ONCE
from jobads.effects import retire_patiently
from resources import platforms
from resources.networks import Connector
from resources.oauth.flow import Grant
from resources.oauth.token_renewal import fresh
from resources.operations.engine import refused
from resources.warehouse.tables import frame
from tests.faults.conftest import Line

FAULTS = [
    NeedsReauth("the token is dead"),
    Unreachable("no answer (ReadTimeout)"),
    Unanswered("no answer (ReadTimeout)"),
    Retryable("HTTP 500"),
    Throttled("too many calls", wait_s=60),
    Refused("the account is closed"),
    SetupError("key 7 is missing", where="vault"),
    UnicodeError("label too long"),
    ValueError("Port out of range 0-65535"),
    ZeroDivisionError("a bug"),
]
NAMES = [type(fault).__name__ for fault in FAULTS]
HOUSE = [HouseBroken("no space left"), HouseBusy("locked"), OSError(28, "No space left on device")]
fault = pytest.mark.parametrize("error", FAULTS, ids=NAMES)


@fault
def test_planning_goes_on_for_the_others(world, error):
    """The sick team's account is told with the reason, the other's ads are planned."""
    for name in world.teams:
        world.ad(name)
    world.line("Sick").error = error
    guard = world.plan()
    assert len(world.planned("Well")) == 1 and world.refused("Well") == {}
    assert world.planned("Sick") == []
    assert len(guard.failures) == 1 and "Sick meta act_Sick" in str(guard.failures[0])


@fault
def test_posting_goes_on_for_the_others(world, error):
    """Whoever posts ad after ad keeps each failure apart, and the ledger lists the ad again."""
    dues = [world.due("Sick"), world.due("Well")]
    world.line("Sick").error = error
    with Isolation(world.store, "posting", world.settings) as guard:
        done = [
            guard.attempt(lambda d=d: service.post_due(d, world, print), **service.place_of(d))
            for d in dues
        ]
    assert done[0] is None or not done[0].live  # a refusal is the slot's own end
    assert done[1].live


@fault
def test_taking_off_goes_on_for_the_others(world, error):
    """Both were paused; the sick one is not confirmed, the other is off."""
    jobs = {name: world.posted(name) for name in world.teams}
    for name, due in jobs.items():
        world.store.ads.set_status(world.team(name), due.job_id, AdStatus.PAUSED)
    world.line("Sick").error = error
    taken = service.retire_stale(world)
    assert [d.job_id for d in taken.off] == [jobs["Well"].job_id]
    assert [d.job_id for d, _ in taken.unconfirmed] == [jobs["Sick"].job_id]


@fault
def test_numbers_and_reviews_and_caps_go_on_for_the_others(world, column, error):
    """What one account does not tell is missing; a cap of the other team still pauses its ad."""
    for name in world.teams:
        due = world.posted(name)
        world.store.caps.set(world.team(name), Cap(due.job_id, "EUR", None, 100))
    world.line("Sick").error = error
    today = world.now().date()
    with Isolation(world.store, "numbers", world.settings) as asked:
        assert pull(world, today, today, today, frame, asked) == 1
        rows = read_reviews(world, asked)
        said = keep_caps(world, asked)
    assert set(column("performance_log", "account_id")) == {"act_Well"}
    assert {row["account_id"] for row in rows} >= {"act_Well"}
    assert any(due.job_id in line for line in said)
    assert {f.whose.split()[0] for f in asked.failures} == {"Sick"}


@pytest.mark.parametrize(
    "undone", [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure]
)
def test_a_deadlock_in_one_takedown_stops_no_other_and_is_tried_again(world, undone):
    """PostgreSQL undid one transaction: the others are taken off at once, that one after a wait."""
    for _ in range(3):
        world.posted("Well")
    world.store.stops.add(None, "ann", "wrong pay in every ad")
    adopt, asked = world.store.ledger.adopt, []

    def meeting_another(lease):
        asked.append(lease.job_id)
        if len(asked) == 1:
            raise refused(sa.exc.OperationalError("", {}, undone("met another")))
        return adopt(lease)

    world.store.ledger.adopt = meeting_another
    taken = retire_patiently(world)
    assert (len(taken.off), taken.unconfirmed, len(asked)) == (3, (), 4)
    assert asked[-1] == asked[0] and not world.line("Well").delivering()


def test_a_stop_asks_the_accounts_side_by_side(world, monkeypatch):
    """Each answers only once the other is asked too: one after the other would wait for ever."""
    for name in ("Sick", "Well"):
        world.posted(name)
    world.store.stops.add(None, "ann", "wrong pay in every ad")
    both, met = threading.Barrier(2, timeout=20), set()
    for name in ("Sick", "Well"):
        read = world.line(name).read

        def met_by(kind, object_id, name=name, read=read):
            if name not in met:
                met.add(name)
                both.wait()
            return read(kind, object_id)

        monkeypatch.setattr(world.line(name), "read", met_by)
    taken = retire_patiently(world, patience_s=(), at_once=AT_ONCE)
    assert (len(taken.off), taken.unconfirmed) == (2, ())


def test_one_networks_silence_delays_no_takedown_on_another(world, monkeypatch):
    """More of Meta's accounts are silent than are asked side by side; X's is off meanwhile."""
    team, off_x = world.team("Well"), threading.Event()
    places = [(Network.META, f"act_{n}") for n in range(3)] + [(Network.X, "x1")]
    listed = [DueAd(team, str(uuid4()), *place, "", 0) for place in places]

    def retire(d, _):
        if d.network is Network.META and not off_x.wait(5):
            raise Unreachable("no answer (ReadTimeout)")
        off_x.set()
        return True

    monkeypatch.setattr(world.store.schedule, "stale", lambda _: listed)
    monkeypatch.setattr(service, "_retire", retire)
    taken = service.retire_stale(world, at_once=2)
    assert (len(taken.off), taken.unconfirmed) == (4, ())


@pytest.mark.parametrize("error", [*HOUSE, OSError(errno.EACCES, "Permission denied")], ids=str)
def test_a_fault_of_the_house_loses_no_takedown(world, error):
    """All other accounts are asked, what was confirmed is told and recorded, what was not reached
    is unconfirmed; the caller raises the fault last."""
    for name in ("Sick", "Sick", "Well", "Well"):
        world.posted(name)
    world.store.stops.add(None, "ann", "wrong pay in every ad")
    first = world.store.schedule.stale(world.now())[0].account_id
    world.lines[first].error = error
    taken = retire_patiently(world, patience_s=())
    assert {d.account_id for d in taken.off} == set(world.lines) - {first}
    assert [d.account_id for d, _ in taken.unconfirmed] == [first] * 2
    rows = world.warehouse.table("posted_campaigns").select("account_id", "state").rows()
    assert {account for account, state in rows if state == "paused"} == set(world.lines) - {first}
    with pytest.raises(type(error)):
        taken.raise_fault()


def test_a_takedown_that_waited_for_the_database_is_tried_again(world):
    """The database was locked for one account: after a wait it is taken off, too."""
    world.posted("Sick"), world.posted("Well")
    world.store.stops.add(None, "ann", "wrong pay in every ad")
    line = world.line("Sick")
    line.error = HouseBusy("locked")
    world.sleep = lambda _: setattr(line, "error", None)
    taken = retire_patiently(world, patience_s=(5.0,))
    assert (len(taken.off), taken.unconfirmed, taken.fault) == (2, (), None)


@pytest.mark.parametrize("error", HOUSE, ids=["broken", "busy", "full disk"])
def test_a_fault_of_the_house_stops_the_run(world, error):
    """Nobody's work can go on without a disk or a database."""
    world.ad("Sick")
    world.line("Sick").error = error
    with pytest.raises(type(error)):
        world.plan()


def test_a_hung_network_costs_one_time_for_each_account_and_not_for_each_ad(world):
    """After the first ad's silence the account rests for the run; another account is asked."""
    dues = [world.due("Sick") for _ in range(3)] + [world.due("Well")]
    line = world.line("Sick")
    line.error, line.asked = Unreachable("no answer (ReadTimeout)"), 0
    counts = []
    with Isolation(world.store, "posting", world.settings) as guard:
        for d in dues:
            guard.attempt(lambda d=d: service.post_due(d, world, print), **service.place_of(d))
            counts.append(line.asked)
    assert counts[0] > 0 and counts == [counts[0]] * 4
    assert ["rests" in str(f) for f in guard.failures] == [False, True, True]


def test_a_dead_token_is_noted_at_its_connection_whoever_meets_it(world):
    """Planning, too, says needs_reauth; planning after that does not ask the account."""
    world.ad("Sick")
    world.line("Sick").error = NeedsReauth("the token is dead")
    world.plan()
    assert [c.status for c in world.store.connections.of_team(world.team("Sick"))] == [
        "needs_reauth"
    ]
    asked = world.line("Sick").asked
    world.plan()
    assert world.line("Sick").asked == asked


def test_an_account_that_is_connected_again_meanwhile_is_not_called_dead(world):
    """The old token's refusal says nothing of the new one; the work may be tried again."""
    team = world.team("Sick")
    world.ad("Sick")

    def connected_again():
        world.store.connections.connect(team, Network.META, "act_Sick", "EMU-new")
        raise NeedsReauth("the token is dead")

    with Isolation(world.store, "posting", world.settings) as guard:
        place = {"team_id": team, "network": "meta", "account_id": "act_Sick"}
        assert guard.attempt(connected_again, **place) is None
    assert isinstance(guard.failures[0].error, Retryable)
    assert [c.status for c in world.store.connections.of_team(team)] == ["active"]


@pytest.mark.parametrize(
    ("refusal", "status", "ended"),
    [
        (NeedsReauth("authentication_error"), "needs_reauth", NeedsReauth),
        (None, "active", Retryable),
        (Unreachable("no answer (ReadTimeout)"), "active", Retryable),
    ],
    ids=["refused", "taken", "silent"],
)
def test_a_token_that_renews_but_is_refused_is_called_dead(
    world, monkeypatch, refusal, status, ended
):
    """The work renews the hourly token itself, and the API refuses the new one: the network is
    asked of it before it counts as good."""
    team, line = world.team("Well"), Line(network=Network.GOOGLE, error=refusal)
    hour = timedelta(hours=1)
    by = Connector(lambda *_: line, pytest.fail, lambda *_: pytest.fail("the token is new"))
    monkeypatch.setattr(platforms, "CONNECTORS", {Network.GOOGLE: lambda: by})
    connections = world.store.connections
    connections.connect(
        team, Network.GOOGLE, "700", "EMU-a", refresh_token="EMU-r", token_expires_at=world.now()
    )

    def refused_after_renewal():
        fresh(
            connections,
            connections.get(team, Network.GOOGLE, "700"),
            lambda _: Grant("EMU-new", expires_at=world.now() + hour),
            now=world.now,
            sleep=world.sleep,
        )
        raise NeedsReauth("authentication_error")

    with Isolation(world.store, "numbers", world.settings) as guard:
        guard.attempt(refused_after_renewal, team_id=team, network="google", account_id="700")
    assert type(guard.failures[0].error) is ended
    assert connections.get(team, Network.GOOGLE, "700").status == status


def test_an_account_that_gives_no_answer_has_a_note_until_it_answers(world):
    """With text and time; `since` stays the first failure's."""
    world.ad("Sick")
    world.line("Sick").error = Unreachable("no answer (ReadTimeout)", where="Meta account")
    world.plan()
    (note,) = world.store.notes.read(world.team("Sick"))
    assert (note.subject.stage, note.subject.account_id) == ("account", "act_Sick")
    assert "no answer" in note.text and note.passes
    world.line("Sick").error = None
    world.plan()
    assert world.store.notes.read() == []


def test_a_missing_key_names_the_team_and_the_others_go_on(world):
    """One team's sealed token opens with no key of the ring."""
    for name in world.teams:
        world.ad(name)
    world.sql(
        "UPDATE social_platform_connections SET access_token_sealed = :s WHERE team_id = :t",
        s=b"\x01\x03gone" + b"0" * 40,
        t=world.team("Sick"),
    )
    guard = world.plan()
    assert len(world.planned("Well")) == 1
    assert str(guard.failures[0]).startswith("Sick meta act_Sick")
    assert [n.subject.stage for n in world.store.notes.read(world.team("Sick"))] == ["account"]


def test_a_bug_in_one_ads_compiling_is_its_own_and_is_logged(world, monkeypatch, caplog):
    """Its traceback is in the log, its reason at the ad; the team's other ad is planned."""
    bad, good = world.ad("Sick", title="Bad"), world.ad("Sick", title="Good")
    real = planner.plan

    def plan(ad, *args, **given):
        return {}["missing"] if ad.title == "Bad" else real(ad, *args, **given)

    monkeypatch.setattr(planner, "plan", plan)
    with caplog.at_level(logging.ERROR):
        guard = world.plan()
    assert world.planned("Sick") == [str(good.id)]
    assert "unexpected KeyError" in world.refused("Sick")[str(bad.id)]
    assert guard.unexpected == 1 and "KeyError" in caplog.text and "missing" in caplog.text
    (note,) = world.store.notes.read()
    assert note.subject.job_id == str(bad.id) and "unexpected KeyError" in note.text


def test_a_network_that_reports_ads_it_was_not_asked_about_loses_nobodys_numbers(world, column):
    """An answer with a foreign ad's row."""
    world.posted("Sick")
    line, real = world.line("Sick"), world.line("Sick").report
    line.report = lambda a, ids, s, u: real(a, [*ids, "ad-of-others"], s, u)
    today = world.now().date()
    with Isolation(world.store, "numbers", world.settings) as guard:
        assert pull(world, today, today, today, frame, guard) == 1
    assert not guard.failures and "ad-of-others" not in column("performance_log", "ad_id")


def test_one_network_of_an_ad_that_meets_a_bug_does_not_stop_the_next(world):
    """`post_job` posts on every network, and then raises what failed."""
    due = world.due("Sick")
    assert due.network is Network.META
    world.line("Sick").error = ZeroDivisionError("a bug")
    said = []
    with pytest.raises(Exception, match="unexpected ZeroDivisionError"):
        service.post_job(due.job_id, world, said.append)
    assert said[-1].startswith("meta: unexpected ZeroDivisionError - a fault of jobads")


def test_a_lake_that_cannot_be_written_stops_no_takedown(world, monkeypatch):
    """What runs is taken off first; the table of campaigns is only a copy."""
    due = world.posted("Well")
    world.store.ads.set_status(world.team("Well"), due.job_id, AdStatus.PAUSED)

    def broken(*_):
        raise HouseBroken("the lake cannot be read or written", where="lake")

    monkeypatch.setattr(world.warehouse, "exchange", broken)
    taken = retire_patiently(world, [due.job_id])
    assert [d.job_id for d in taken.off] == [due.job_id] and not taken.unconfirmed
    assert not world.store.schedule.stale(world.now())
