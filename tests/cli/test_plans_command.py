"""`jobads plans`, `caps` and `teams members`, as people type them."""

import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import polars as pl
import pytest
import typer

from assets.publishing.planning import stored_plans
from assets.publishing.planning.stored_plans import arm_rows, plan_row
from domain.errors import InputError
from domain.lifecycle import AdStatus
from domain.plan import Plan, PlannedArm
from domain.platform import Network
from jobads.cli import _register, app, plans
from resources.files.job_ads import read_job_ads
from resources.operations.store import OperationsStore
from resources.security.vault import Vault
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse

AD = (
    "title,description_short,target_url,platforms,budget_daily,schedule_start,location\n"
    "Cook,Cooks food.,https://acme.com/1,meta,15.50,2026-03-01T09:00:00Z,Berlin\n"
)


@pytest.fixture
def home(tmp_path):
    """A team with one ad and its compiled plan, and no member but the workbench."""
    home = tmp_path / "home"
    store = OperationsStore(f"sqlite:///{home / 'operations.db'}", vault=Vault(home / "vault.key"))
    store.schema.migrate()
    team = store.teams.add("Acme", "acme.com", "EUR")
    (tmp_path / "ads.csv").write_text(AD)
    user = store.teams.system_user(team.id)
    ads = read_job_ads(tmp_path / "ads.csv", team, user_id=user, now=datetime.now(UTC))
    store.ads.save_drafts(team.id, ads.good)
    job = store.ads.of_team(team.id)[0]
    arm = PlannedArm("broad", 1.0, 1.0, {"adset": {"daily_budget": 1550}})
    plan = Plan(str(team.id), str(job.id), Network.META, "act_1", "Cook", {"campaign": {}}, (arm,))
    warehouse = Warehouse(home)
    row = plan_row(
        plan, ad_version=job.version, fingerprint="", currency="EUR", compiled_at=datetime.now(UTC)
    )
    warehouse.merge("audience_plans", pl.DataFrame([row]))
    warehouse.merge("audience_plan_arms", pl.DataFrame(arm_rows(plan)))
    warehouse.close()
    store.close()
    return home, plan


@pytest.fixture
def jobads(home, tmp_path):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("JOBADS_")}
    env = kept | {"JOBADS_HOME": str(home[0]), "COLUMNS": "200", "NO_COLOR": "1"}

    def run(*words):
        code = "from jobads.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_a_plan_is_accepted_by_one_person_and_approved_by_another(home, jobads):
    """Compiled, waiting, approved; the editor cannot do the second step."""
    plan, team = home[1], ("--team", "Acme")
    jobads("teams", "members", "add", "Acme", "ed@acme.com", "--role", "editor")
    jobads("teams", "members", "add", "Acme", "ap@acme.com", "--role", "approver")
    assert f"{plan.digest}" in jobads("plans", "list", *team)[1]
    code, said = jobads("plans", "accept", plan.job_id[:8], *team)
    assert code == 2 and "say who you are" in said
    said = jobads("plans", "accept", plan.job_id[:8], *team, "--as", "ed@acme.com")[1]
    assert "waits for an approval" in said
    approve = ("plans", "approve", plan.digest[:6], *team, "--as")
    code, said = jobads(*approve, "ed@acme.com")
    assert code == 2 and "may not decide" in said and "Traceback" not in said
    assert jobads(*approve, "ap@acme.com")[0] == 0
    said = jobads("plans", "list", *team)[1]
    assert "approved" in said and "15.50 EUR" in said


def test_a_rejected_plan_shows_who_refused_it_and_why(home, jobads):
    """In `show`, beside the bodies."""
    plan, team = home[1], ("--team", "Acme")
    for who, role in (("ed@acme.com", "editor"), ("ap@acme.com", "approver")):
        jobads("teams", "members", "add", "Acme", who, "--role", role)
    jobads("plans", "accept", "--all", *team, "--as", "ed@acme.com")
    jobads("plans", "reject", plan.digest, *team, "--as", "ap@acme.com", "--reason", "too dear")
    said = jobads("plans", "show", plan.job_id, *team)[1]
    assert "rejected" in said and "too dear" in said and '"daily_budget": 1550' in said


def test_a_team_of_nobody_accepts_as_the_workbench(home, jobads):
    """A single person at one machine needs no address, and the rule says so."""
    said = jobads("plans", "accept", "--all", "--team", "Acme")[1]
    assert "approved" in said and "1 accepted" in said


def test_the_plan_that_was_looked_at_is_accepted_by_its_digest(home, jobads):
    """Another that was compiled meanwhile has another digest, and is not accepted for it."""
    plan, team = home[1], ("--team", "Acme")
    code, said = jobads("plans", "accept", "0123456789ab", *team)
    assert code == 3 and "no plan is compiled for '0123456789ab'" in said
    said = jobads("plans", "accept", plan.digest[:10], *team)[1]
    assert f"{plan.digest} {plan.job_id} meta: approved" in said


@pytest.mark.parametrize(
    "words",
    [
        ("plans", "accept", " "),
        ("plans", "show", " "),
        ("plans", "approve", " "),
        ("plans", "withdraw", " "),
        ("ads", "archive", " ", "--later"),
        ("ads", "confirm-off", " ", "--account", "act_1", "--yes"),
        ("caps", "set", "--daily", "20.00", "--ad", " "),
    ],
    ids=" ".join,
)
def test_blanks_alone_are_the_beginning_of_nothing(home, monkeypatch, words):
    """A variable of a script that is empty accepts, withdraws and ends nothing."""
    plan = home[1]
    monkeypatch.setenv("JOBADS_HOME", str(home[0]))
    with closing(OperationsStore.open(Settings.from_env())) as store:
        store.ads.set_status(plan.team_id, plan.job_id, AdStatus.SCHEDULED)
        ad = store.ads.get(plan.team_id, plan.job_id)
        if words[1] != "accept":
            store.plans.accept(plan, ad_version=ad.version, rule="test")
        _register()
        with pytest.raises(InputError):
            app([*words, "--team", "Acme"], standalone_mode=False)
        assert store.ads.get(plan.team_id, plan.job_id).status is AdStatus.SCHEDULED
        accepted = [a.state for a in store.plans.accepted(plan.team_id)]
        assert accepted == ([] if words[1] == "accept" else ["approved"])
        assert store.caps.of_team(plan.team_id) == []


def test_a_plan_that_is_compiled_while_plans_are_accepted_is_its_own_refusal(
    home, monkeypatch, capsys
):
    """The graph stores it after its version was read: it is accepted at the next call."""
    monkeypatch.setenv("JOBADS_HOME", str(home[0]))
    with monkeypatch.context() as patch, pytest.raises(typer.Exit):
        patch.setattr(stored_plans, "listed_plans", lambda *_: [])
        plans.accept("Acme", every=True)
    assert "not accepted" in capsys.readouterr().out
    plans.accept("Acme", every=True)
    assert "1 accepted" in capsys.readouterr().out


def test_caps_are_typed_in_major_units_and_tell_their_worst_case(home, jobads):
    """15.50 on Meta may become 27.13 on a day: 7.13 over a cap of 20.00."""
    jobads("plans", "accept", "--all", "--team", "Acme")
    code, said = jobads("caps", "set", "--team", "Acme", "--daily", "20.00", "--total", "500")
    assert code == 0 and "at worst 7.13 EUR over" in said and "500.00 EUR in total" in said
    assert "20.00 EUR a day" in jobads("caps", "list", "--team", "Acme")[1]
    assert "removed" in jobads("caps", "clear", "--team", "Acme")[1]
    assert jobads("caps", "set", "--team", "Acme", "--daily", "20.001")[0] == 2


def test_an_edit_voids_a_plan_and_every_door_says_so(home, jobads):
    """The list names the difference, scheduling says so, publishing refuses."""
    plan, team = home[1], ("--team", "Acme")
    jobads("plans", "accept", "--all", *team)
    code, said = jobads(
        "ads", "edit", plan.job_id[:8], *team, "--set", "budget_daily=20.00", "--set", "title=Chef"
    )
    assert code == 0 and "budget 15.50 EUR → 20.00 EUR, title Cook → Chef" in said
    assert "meta: no approved plan; plan" in said
    said = jobads("plans", "list", *team)[1]
    assert "void: the ad changed (" in said and "out of date: the ad changed since" in said
    said = jobads("ads", "schedule", plan.job_id[:8], *team)[1]
    assert "no approved plan" in said and "void: the ad changed (budget 15.50 EUR" in said
    code, said = jobads("publish", plan.job_id)
    assert code == 2 and "is in force" in said and "void" in said
    assert jobads("ads", "edit", plan.job_id[:8], *team, "--set", "colour=red")[0] == 2


def test_a_plan_is_withdrawn_by_who_may(home, jobads):
    """Nothing runs, so nobody is asked; another person's is left to an approver."""
    plan, team = home[1], ("--team", "Acme")
    for who in ("ed", "al"):
        jobads("teams", "members", "add", "Acme", f"{who}@acme.com", "--role", "editor")
    jobads("plans", "accept", "--all", *team, "--as", "ed@acme.com")
    withdraw = ("plans", "withdraw", plan.digest[:6], *team, "--reason", "wrong pay", "--as")
    assert jobads(*withdraw, "al@acme.com")[0] == 2
    assert "withdrew" in jobads(*withdraw, "ed@acme.com")[1]
    assert "withdrawn by ed@acme.com: wrong pay" in jobads("plans", "list", *team)[1]
    assert jobads(*withdraw, "ed@acme.com")[0] == 3


def test_a_daily_cap_below_what_is_accepted_names_the_commands(home, jobads):
    """By how much, which ad, and what to type."""
    jobads("plans", "accept", "--all", "--team", "Acme")
    code, said = jobads("caps", "set", "--team", "Acme", "--daily", "10.00")
    assert code == 0 and "5.50 EUR a day over it is accepted" in said
    assert f"jobads ads pause {home[1].job_id[:8]} --team 'Acme'" in said


def test_a_teams_threshold_and_payer_are_set(home, jobads):
    """And the answer says what holds now."""
    said = jobads("teams", "set", "Acme", "--approval-threshold", "50.00", "--dsa-payer", "P")[1]
    assert "no approval up to 50.00 EUR a day; DSA payer P, beneficiary -" in said


def test_no_plan_says_what_is_missing(home, jobads):
    """A team without an account is told to connect one, whatever it asks."""
    jobads("teams", "add", "Bare", "--domain", "bare.org", "--currency", "EUR")
    wanted = "jobads connect meta|x|google --team"
    for words in (("plans", "list"), ("connections", "check")):
        code, said = jobads(*words, "--team", "Bare")
        assert code == 0 and wanted in said, said
    code, said = jobads("compile")
    assert (
        code == 3
        and f"Bare: the team has no account on any network - connect one: {wanted}" in said
    )
