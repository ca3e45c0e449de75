"""Who belongs to `jobads up`, and what each is told; nothing is started here."""

import shlex

import pytest

from domain.errors import SetupError
from jobads import supervisor
from jobads.up import family
from resources.settings import Settings

LIVE = {"JOBADS_MODE": "live", "JOBADS_LIVE": "yes"}
ADDRESSES = ("JOBADS_META_URL", "JOBADS_X_URL", "JOBADS_GOOGLE_ADDR", "JOBADS_GOOGLE_OAUTH_URL")


@pytest.fixture
def members(tmp_path, monkeypatch):
    """(processes by name, printed addresses) of a family under these settings."""
    for name in ADDRESSES:
        monkeypatch.delenv(name, raising=False)

    def made(**env):
        manager, addresses = family(Settings.from_env({"JOBADS_HOME": str(tmp_path), **env}))
        return {name: held["obj"] for name, held in manager._processes.items()}, addresses

    return made


def test_live_mode_starts_no_twin_and_points_at_none(members):
    """Neither Dagster nor a notebook is told a twin's address, though one was left in the home."""
    members()
    live, addresses = members(**LIVE)
    assert set(live) == {"dagster", "jupyter"} and addresses.networks == {}
    for process in live.values():
        assert not set(ADDRESSES) & set(process.env)


def test_live_mode_ends_at_once_where_a_twin_is_configured(members):
    with pytest.raises(SetupError, match="JOBADS_META_URL is an address of this machine"):
        members(**LIVE, JOBADS_META_URL="https://127.0.0.1:9100")


def test_no_secret_stands_on_a_command_line(members):
    """Every user of a machine reads those. Each start has its own."""
    found, addresses = members()
    key, token = (a.partition("=")[2] for a in (addresses.dagster, addresses.jupyter))
    assert len(key) > 40 and len(token) > 40 and key != token
    assert not any(s in p.cmd for p in found.values() for s in (key, token))
    assert {n for n, p in found.items() if key in p.env.values()} == {"dagster"}
    assert {n for n, p in found.items() if token in p.env.values()} == {"jupyter"}
    assert members()[1].dagster != addresses.dagster


def test_jupyterlab_keeps_its_own_checks_whatever_a_persons_settings_say(members):
    """Said on its command line, which wins over every file."""
    words = set(shlex.split(members()[0]["jupyter"].cmd))
    assert "--ip=127.0.0.1" in words
    for said in (
        "allow_remote_access=False",
        "allow_origin=",
        "allow_origin_pat=",
        "disable_check_xsrf=False",
        "port_retries=0",  # on another port the secret of the printed address would hold too
    ):
        assert f"--ServerApp.{said}" in words


def kept(lifetimes):
    """(waits, what was said) of a command that lives so long each time."""
    at, waits, said, left = [0.0], [], [], list(lifetimes)

    def run(command):
        at[0] += left.pop(0)
        return 1

    supervisor.keep("a twin", ["x"], said.append, run=run, sleep=waits.append, now=lambda: at[0])
    return waits, said


def test_a_dead_twin_is_started_again_after_longer_and_longer_waits():
    """Bounded, each time with a word; after eight in a row it stays off, and the rest goes on."""
    waits, said = kept([1.0] * 8)
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert said[0] == "a twin ended (status 1); it is started again in 1 s"
    assert len(said) == 8 and "stays off, all else goes on" in said[-1]


def test_a_twin_that_ran_a_while_starts_over_in_the_count():
    waits, _ = kept([1, 1, 1, 100, 1, 1, 1, 1, 1, 1, 1])
    assert waits == [1, 2, 4, 1, 2, 4, 8, 16, 30, 30]
