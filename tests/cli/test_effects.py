"""What a pause, an edit or a withdrawal does to what runs: at once, or said who will stop it."""

import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.job_ad import JobAd
from domain.lifecycle import AdStatus, SlotState
from domain.money import Money
from domain.plan import SHARED, Plan, PlannedArm
from domain.platform import Mode, Network
from jobads import effects
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
    team = store.teams.add_team("Acme", "acme.example", "EUR")
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
    store.plans.accept_plan(plan, ad_version=job.version, rule="test")
    with store.leases.lease(plan.team_id, plan.job_id, META, "act_1", ttl_s=60) as lease:
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
    store.ads.edit_job_ad(team.id, job.id, budget_daily=Money(1000, "EUR"))
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
    edited = store.ads.edit_job_ad(team.id, job.id, title="Chef")
    (line,) = effects.version_lines(store, team, edited)
    assert f"version {job.version[:8]} of the ad; changed since: title Cook → Chef" in line
