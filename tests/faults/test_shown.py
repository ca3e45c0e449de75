"""Where people see what was left out, and why."""

import importlib

import dagster as dg
import pytest
from typer.testing import CliRunner

from assets import checks
from domain.errors import JobadsError, Unreachable
from jobads.graph import Graph


@pytest.fixture
def say(world, monkeypatch):
    monkeypatch.setenv("JOBADS_HOME", str(world.settings.home))
    monkeypatch.setenv("COLUMNS", "300")

    def run(group, *arguments):
        commands = importlib.import_module(f"jobads.cli.{group}").app
        return CliRunner().invoke(commands, list(arguments)).output

    return run


@pytest.fixture
def failing(world):
    """An account without an answer, an ad with a foreign currency, an impossible row."""
    world.ad("Sick")
    world.line("Sick").error = Unreachable("no answer (ReadTimeout)")
    odd, dollars = world.ad("Well"), world.ad("Well")
    for ad, column, value in ((odd, "platforms", "null"), (dollars, "budget_currency", "USD")):
        world.sql(f"UPDATE job_ads SET {column} = :v WHERE id = :i", v=value, i=str(ad.id))
    world.plan()
    return odd, dollars


def test_the_lists_and_doctor_show_what_failed_and_why(failing, say):
    odd, dollars = failing
    assert "no answer (ReadTimeout)" in say("connections", "list")
    listed = say("ads", "list", "--team", "Well")
    assert str(odd.id)[:8] in listed and "stored row is impossible" in listed
    assert "budget_daily is in USD" in listed
    assert "budget_daily is in USD" in say("ads", "show", str(dollars.id), "--team", "Well")
    assert "budget_daily is in USD" in say("plans", "list", "--team", "Well")
    examined = say("doctor")
    for words in ("no answer (ReadTimeout)", "budget_daily is in USD", "stored row is impossible"):
        assert words in examined


def test_the_check_of_connections_warns_of_an_account_that_fails(failing, world):
    said = checks.connections_last.op.compute_fn.decorated_fn(world.store, world)
    assert not said.passed and said.severity is dg.AssetCheckSeverity.WARN
    assert "act_Sick" in str(said.metadata["failing"].value)


def test_one_ads_failed_run_does_not_end_a_tick(monkeypatch):
    """The other ads of the tick are posted, and then the tick says what failed."""
    ran = []

    class Ticking(Graph):
        def __init__(self):
            self.instance, self.defs = None, None

        def run(self, job, partition=None, tags=None):
            ran.append(partition)
            if partition == "first":
                raise JobadsError("the first ad failed")

    requests = [dg.RunRequest(partition_key=key) for key in ("first", "second")]
    with pytest.raises(JobadsError, match="first ad"):
        Ticking().post(requests)
    assert ran == ["first", "second"]
