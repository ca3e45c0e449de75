"""What a pause, an edit or a withdrawal does to what runs: at once, or said who will stop it."""

import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from domain.errors import InputError, NotFound
from domain.job_ad import JobAd
from domain.lifecycle import AdStatus, SlotState
from domain.money import Money
from domain.plan import SHARED, Plan, PlannedArm
from domain.platform import Mode, Network
from jobads import effects
from jobads.cli import ads, caps, connections
from resources.operations.store import OperationsStore
from resources.settings import Settings

META = Network.META
WAY = (SlotState.SENDING, SlotState.CREATED, SlotState.VERIFIED, SlotState.ACTIVE)


@pytest.fixture
def running(tmp_path, monkeypatch):
    """A store with one ad that runs on Meta, as far as the ledger knows."""
    monkeypatch.setenv("JOBADS_HOME", str(tmp_path))
    store = OperationsStore.open(Settings.from_env())
    store.schema.migrate()
    team = store.teams.add("Acme", "acme.example", "EUR")
    now = datetime.now(UTC)
    job = JobAd(
        id=uuid4(),
        team_id=team.id,
        title="Cook",
        description_short="Cooks.",
        description_long="Cooks.",
        target_url="https://acme.example/1",
        platforms=frozenset({META}),
        budget_daily=Money(1500, "EUR"),
        schedule_start=now - timedelta(days=1),
        location="",
        created_by_user_id=store.teams.system_user(team.id),
        created_at=now,
        updated_at=now,
    )
    store.ads.save_drafts(team.id, [job])
    store.ads.set_status(team.id, job.id, AdStatus.SCHEDULED)
    arm = PlannedArm("broad", 1.0, 1.0, {"adset": {"daily_budget": 1500}})
    plan = Plan(str(team.id), str(job.id), META, "act_1", "Cook", {"campaign": {}}, (arm,))
    store.plans.accept(plan, ad_version=job.version, rule="test")
    with store.leases.acquire(plan.team_id, plan.job_id, META, "act_1", ttl_s=60) as lease:
        for name in (SHARED, "broad"):
            slot = store.ledger.open_slot(plan, name, Mode.SANDBOX, lease)
            for state in WAY:
                slot = store.ledger.move(slot, state)
        store.ledger.settle(lease)
    yield store, team, job
    store.close()


def test_where_nothing_runs_wrongly_nothing_is_started_or_said(running, capsys, monkeypatch):
    """Not even the module that reaches the networks is imported."""
    _, team, job = running
    monkeypatch.setitem(sys.modules, "jobads.twins", None)
    assert effects.take_off(team, {str(job.id)}, later=False) is True
    assert capsys.readouterr().out == ""


def test_later_says_what_runs_and_who_stops_it(running, capsys):
    """The ad, the network, the account and its arms; and nobody is asked."""
    store, team, job = running
    store.ads.edit(team.id, job.id, budget_daily=Money(1000, "EUR"))
    assert effects.take_off(team, {str(job.id)}, later=True) is False
    said = capsys.readouterr().out
    assert f"{job.id} on meta act_1 (broad, campaign): still runs" in said
    assert "posting_sensor" in said and "jobads publish --due" in said


def test_a_network_that_cannot_be_reached_is_said_to_run_on(running, capsys, monkeypatch):
    """The team has no account there any more: not confirmed, and who will stop it."""
    store, team, job = running
    store.ads.set_status(team.id, job.id, AdStatus.PAUSED)
    for name in (
        "JOBADS_META_URL",
        "JOBADS_X_URL",
        "JOBADS_GOOGLE_ADDR",
        "JOBADS_GOOGLE_OAUTH_URL",
    ):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert effects.take_off(team, {str(job.id)}, later=False) is False
    said = capsys.readouterr().out
    assert "NOT CONFIRMED, may still run" in said and "jobads publish --due" in said


def test_an_ad_says_which_version_runs(running):
    """The one that was approved, and what differs by now."""
    store, team, job = running
    (line,) = effects.version_lines(store, team, job)
    assert line.startswith("meta: approved is plan") and "changed since" not in line
    edited = store.ads.edit(team.id, job.id, title="Chef")
    (line,) = effects.version_lines(store, team, edited)
    assert f"version {job.version[:8]} of the ad; changed since: title Cook → Chef" in line


def test_an_account_that_ads_run_on_is_not_forgotten(running):
    """Nothing here could take them off afterwards; whoever wants it all the same says so."""
    store, team, job = running
    store.connections.connect(team.id, META, "act_1", "EMU-token", platform_user_id="9")
    with pytest.raises(InputError, match=f"1 ads run on meta act_1: {str(job.id)[:8]}"):
        connections.remove(META, "act_1", "Acme", yes=True, running=False)
    assert store.connections.of_team(team.id)
    connections.remove(META, "act_1", "Acme", yes=True, running=True)
    assert store.connections.of_team(team.id) == []


def test_an_ad_on_a_removed_account_is_off_once_somebody_says_so(running, capsys):
    """Its room under the caps is free then, and the log keeps who said it; while the account is
    connected jobads takes it off itself."""
    store, team, job = running
    store.teams.add_member(team.id, "ed@acme.example", "Ed", "editor")
    store.teams.add_member(team.id, "vi@acme.example", "Vi", "viewer")
    say = partial(ads.confirm_off, str(job.id)[:8], "Acme", "act_1", None, yes=True)
    store.connections.connect(team.id, META, "act_1", "EMU-token", platform_user_id="9")
    with pytest.raises(InputError, match="jobads itself takes off"):
        say(as_="ed@acme.example")
    connections.remove(META, "act_1", "Acme", yes=True, running=True)
    said = capsys.readouterr().out
    assert f"jobads ads confirm-off {job.id} --team {team.id} --account act_1" in said
    store.ads.set_status(team.id, job.id, AdStatus.ARCHIVED)
    assert store.caps.budgets(team.id, datetime.now(UTC))
    for who, error in (("", "say who you are"), ("vi@acme.example", "viewer and may not say")):
        with pytest.raises(InputError, match=error):
            say(as_=who)
    say(as_="ed@acme.example")
    said = capsys.readouterr().out
    assert f"{job.id} meta act_1 broad: active" in said and "2 closed" in said
    assert not store.caps.budgets(team.id, datetime.now(UTC))
    assert not store.schedule.stale(datetime.now(UTC))
    logged = [
        e["detail"]["reason"] for e in store.audit.entries(team.id) if "closed" in e["action"]
    ]
    assert logged == ["ed@acme.example says that it is off; the network was not asked"] * 2
    with pytest.raises(NotFound, match="nothing of ad"):
        say(as_="ed@acme.example")


def test_an_amount_of_a_cap_that_is_not_named_stays(running):
    """Whoever sets a daily cap does not lose the total one unseen."""
    store, team, job = running
    caps.set_("Acme", ad=str(job.id), total="900.00", daily="", later=True)
    caps.set_("Acme", ad=str(job.id), daily="40.00", total="", later=True)
    (cap,) = store.caps.of_team(team.id)
    assert (cap.daily_minor, cap.total_minor) == (4_000, 90_000)
