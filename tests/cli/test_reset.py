import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.errors import SetupError
from domain.lifecycle import SlotState
from jobads.reset import empty, open_slots
from jobads.up import alone
from resources.operations.store import OperationsStore
from resources.settings import OURS

LIVE = {"JOBADS_MODE": "live", "JOBADS_LIVE": "yes"}
SLOT = (
    "INSERT INTO slots (id, team_id, job_id, network, account_id, arm, revision, state, mode, "
    "attempt, reason, retired, running, ordinal, created_at, updated_at) VALUES ('s', 't', 'j', "
    "'meta', 'act_1', 'broad', '123456789012', ?, ?, 0, '', 0, 0, 0, '2026-01-01', '2026-01-01')"
)


def test_reset_removes_only_what_the_workbench_wrote(tmp_path):
    (tmp_path / "lake").mkdir()
    (tmp_path / "operations.db").write_text("x")
    (tmp_path / "thesis.txt").write_text("mine")
    gone = {path.name for path in empty(tmp_path)}
    assert gone == {"lake", "operations.db"}
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_linked_store_is_unlinked_and_its_target_kept(tmp_path):
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "kept").write_text("x")
    home = tmp_path / "home"
    home.mkdir()
    (home / "lake").symlink_to(outside)
    (home / "cache").mkdir()
    (home / "cache" / "linked").symlink_to(outside)
    empty(home)
    assert (outside / "kept").exists() and not (home / "lake").exists()
    assert not (home / "cache").exists()


@dataclass(frozen=True)
class Home:
    path: Path

    def reset(self, **env: str) -> "subprocess.CompletedProcess[str]":
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("JOBADS_", "DAGSTER_"))}
        return subprocess.run(
            [sys.executable, "-c", "from jobads.cli import main; main()", "reset", "--yes"],
            env={**clean, "JOBADS_HOME": str(self.path), **env},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def slot(self, state: SlotState, mode: str) -> None:
        """A slot in some state, whatever triggers and keys say."""
        with closing(sqlite3.connect(self.path / "operations.db")) as connection, connection:
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type='trigger'"
            ):
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(SLOT, [state, mode])

    def left(self) -> set[str]:
        return {path.name for path in self.path.iterdir()} & set(OURS)


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "home")
    made.path.mkdir(mode=0o700)
    store = OperationsStore(f"sqlite:///{made.path / 'operations.db'}")
    store.schema.create()
    store.close()
    (made.path / "vault.key").write_text("not a key")
    return made


def refused(done, words: str, home: Home) -> bool:
    assert done.returncode == 6, done.stdout + done.stderr
    assert words in done.stderr and done.stderr.count("\n") == 1
    return {"operations.db", "vault.key"} <= home.left()


@pytest.mark.parametrize(("mode", "env"), [("live", {}), ("live", LIVE), ("sandbox", LIVE)])
def test_a_home_with_open_live_campaigns_is_not_reset(home, mode, env):
    """Nothing else knows of them. Also where nobody says that the mode is live."""
    home.slot(SlotState.ACTIVE, mode)
    assert refused(home.reset(**env), "jobads stop --all", home)


def test_what_is_closed_or_in_the_sandbox_does_not_stop_a_reset(home):
    """The demo's campaigns cost nothing."""
    home.slot(SlotState.ACTIVE, "sandbox")
    assert home.reset().returncode == 0 and home.left() == set()


def test_a_home_whose_campaigns_are_closed_is_reset_in_live_mode(home):
    """The way out that the refusal names leads there."""
    home.slot(SlotState.CLOSED, "live")
    assert home.reset(**LIVE).returncode == 0 and home.left() == set()


def test_a_home_that_is_served_is_not_reset(home):
    """In any mode: its processes would write into what is gone."""
    with alone(home.path):
        assert refused(home.reset(), "ctrl-c", home)
    assert home.reset().returncode == 0


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("JOBADS_DATABASE_URL", "postgresql://127.0.0.1:9/x"),
        ("JOBADS_DATABASE_URL", "sqlite:////tmp/elsewhere.db"),
        ("JOBADS_LAKE_URL", "postgres:host=127.0.0.1 port=9"),
    ],
)
def test_a_home_whose_stores_lie_elsewhere_is_not_reset(home, name, url):
    """The key that opens what is sealed there lies here."""
    assert refused(home.reset(**{name: url}), f"unset {name}", home)


def test_a_database_that_is_linked_from_elsewhere_counts_as_elsewhere(home, tmp_path):
    """Removing the link and the key would close what is sealed behind it."""
    (home.path / "operations.db").rename(tmp_path / "real.db")
    (home.path / "operations.db").symlink_to(tmp_path / "real.db")
    assert refused(home.reset(), "remove the link", home)
    assert (tmp_path / "real.db").exists()


def test_the_homes_own_database_may_be_named(home):
    """By whatever spelling of its path."""
    own = home.path / "lake" / ".." / "operations.db"
    assert home.reset(JOBADS_DATABASE_URL=f"sqlite:///{own}").returncode == 0


@pytest.mark.parametrize("broken", ["newer", "no database", "lost key"])
def test_a_home_that_cannot_be_read_can_be_reset(home, broken):
    """It is the last way out of a home that no version opens."""
    database = home.path / "operations.db"
    if broken == "newer":
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    elif broken == "no database":
        database.write_text("only some words of text" * 50)
    else:
        (home.path / "vault.key").unlink()
    done = home.reset()
    assert done.returncode == 0, done.stderr
    assert home.left() == set()


def test_in_live_mode_a_database_that_cannot_be_read_stops_the_reset(home):
    """It may know of campaigns that run."""
    (home.path / "operations.db").write_text("only some words of text" * 50)
    assert refused(home.reset(**LIVE), "look at the networks", home)


def test_a_damaged_database_stops_a_reset(home):
    """Sixteen bytes of one page: it may still know of live campaigns."""
    home.slot(SlotState.ACTIVE, "live")
    path = home.path / "operations.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name='slots'")
        at = (page.fetchone()[0] - 1) * connection.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\0" * 16)
    assert refused(home.reset(), "look at the networks", home)


def test_a_folder_that_holds_no_store_of_ours_is_not_emptied(tmp_path):
    """Its pictures and backups are somebody's own."""
    folder = Home(tmp_path / "person")
    for name in ("images", "backups", "cache"):
        (folder.path / name).mkdir(parents=True)
        (folder.path / name / "mine.txt").write_text("mine")
    folder.path.chmod(0o700)
    done = folder.reset()
    assert done.returncode == 6 and "check JOBADS_HOME" in done.stderr
    assert len(list(folder.path.rglob("mine.txt"))) == 3


@pytest.mark.parametrize("name", ["ha#sh", "ha?sh", "ha%41sh"])
def test_open_slots_are_found_in_a_home_of_whatever_name(tmp_path, name):
    """The name is a path, and no part of an address."""
    database = tmp_path / name / "operations.db"
    database.parent.mkdir()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE slots (state, mode)")
        connection.execute("INSERT INTO slots VALUES ('active', 'live')")
    assert open_slots(database, every=False) == 1


def test_a_database_that_somebody_keeps_locked_is_not_counted_as_empty(tmp_path):
    """What cannot be read now may hold open campaigns."""
    database = tmp_path / "operations.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("CREATE TABLE slots (state, mode)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SetupError, match="cannot be read"):
            open_slots(database, every=False)
