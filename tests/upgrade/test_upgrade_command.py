"""`jobads upgrade`, and what every door says before it."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import jobads
from assets.outside import Outside
from domain.errors import SetupError
from jobads.home import prepare
from jobads.up import alone
from jobads.upgrade import upgrade
from resources.backups import copies, drop
from resources.operations.revision_check import revisions
from resources.settings import Settings
from resources.versions import SchemaStatus
from resources.warehouse import migrations
from resources.warehouse.migrations import Step
from tests.upgrade.conftest import HOMES, NOW, unpacked

OLDER = r"older version of jobads .*run jobads upgrade"
NEWER = r"newer version of jobads .*install that version"
LATER = NOW + timedelta(minutes=1)
SET_REVISION = "UPDATE alembic_version SET version_num = '{}'"


def older_store(home):
    home.sql(SET_REVISION.format("0003"))


def newer_store(home):
    home.sql(SET_REVISION.format("9999"))


def older_lake(home):
    home.store.schema.migrate()


def newer_lake(home):
    home.store.schema.migrate()
    home.lake_sql("CREATE TABLE lake.lake_version AS SELECT 99 AS version")


def command(home, *words: str) -> "subprocess.CompletedProcess[str]":
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("JOBADS_", "DAGSTER_"))}
    env = {**clean, "JOBADS_HOME": str(home.path), "COLUMNS": "300"}
    return subprocess.run(
        [sys.executable, "-c", "from jobads.cli import main; main()", *words],
        env=env,
        capture_output=True,
        text=True,
        timeout=250,
    )


@pytest.mark.parametrize(
    ("made", "says"),
    [(older_store, OLDER), (newer_store, NEWER), (older_lake, OLDER), (newer_lake, NEWER)],
)
def test_a_store_of_another_version_is_named_before_anything_changes(old, monkeypatch, made, says):
    """By notebooks, assets, and what prepares a home; the message says what to do."""
    made(old)
    monkeypatch.setenv("JOBADS_HOME", str(old.path))
    outside = Outside.from_env()
    ask = (
        (lambda: outside.store.teams.all())
        if "store" in made.__name__
        else (lambda: outside.warehouse.table("clusters"))
    )
    before = old.values()
    for door in (lambda: jobads.open(old.path), ask, lambda: prepare(old.settings)):
        with pytest.raises(SetupError, match=says):
            door()
    assert not (old.path / "dagster").exists() and old.values() == before


def test_commands_and_the_doctor_say_it_in_one_line(old):
    """Also those that used to upgrade silently."""
    older_store(old)
    for words in (("teams", "list"), ("teams", "add", "New", "--domain", "n.example"), ("demo",)):
        done = command(old, *words)
        assert done.returncode == 6, done.stdout + done.stderr
        assert "run jobads upgrade" in done.stderr and done.stderr.count("\n") == 1
    said = command(old, "doctor")
    assert said.returncode == 6
    (line,) = [row for row in said.stdout.splitlines() if "operations" in row and "FAULT" in row]
    assert "0003" in line and "run jobads upgrade" in line


def test_the_command_makes_a_backup_says_where_and_upgrades(old):
    """Once: the second time there is nothing to do, and no other backup."""
    done = command(old, "upgrade")
    assert done.returncode == 0, done.stderr
    backup, *steps = done.stdout.splitlines()
    folder = Path(backup.removeprefix("backup: "))
    assert folder.parent == old.path / "backups" and (folder / "operations.db").exists()
    assert any(step.startswith("lake: 1 to 2") for step in steps)
    assert command(old, "teams", "list").returncode == 0
    again = command(old, "upgrade").stdout
    assert again.startswith("nothing to upgrade") and len(list(folder.parent.iterdir())) == 1


def test_a_backup_put_back_is_the_home_as_it_was(old, tmp_path):
    """The older version would open it: the same values, the same version."""
    before = old.values()
    (line, *_) = old.upgrade()
    folder = Path(line.removeprefix("backup: "))
    assert not (folder / "vault.key").exists()
    old.store.close()
    shutil.rmtree(old.path / "lake")
    shutil.copytree(folder, old.path, dirs_exist_ok=True)
    assert old.warehouse.status() == (SchemaStatus.OLDER, 1)
    assert old.values() == before


def test_an_upgrade_that_was_killed_is_finished_by_the_next(old, monkeypatch):
    """Steps run in order, and those that ran are not lost; the lake stays refused in between."""
    ran = []

    def killed(_):
        ran.append("killed")
        if len(ran) == 1:
            raise KeyboardInterrupt

    steps = (*migrations.STEPS, Step("a later one", killed))
    monkeypatch.setattr(migrations, "STEPS", steps)
    with pytest.raises(KeyboardInterrupt):
        old.upgrade()
    assert old.warehouse.status() == (SchemaStatus.OLDER, len(steps))
    with pytest.raises(SetupError, match=OLDER):
        old.warehouse.table("clusters")
    assert old.upgrade(LATER)[1:] == [f"lake: {len(steps)} to {len(steps) + 1}: a later one"]
    assert old.warehouse.status()[0] is SchemaStatus.CURRENT


def test_a_lake_whose_catalogues_differ_counts_as_the_older_one(old):
    """As after a kill between the two, or when only one was restored."""
    old.upgrade()
    old.lake_sql("UPDATE persons.lake_version SET version = 1")
    assert old.warehouse.status() == (SchemaStatus.OLDER, 1)
    old.upgrade(LATER)
    assert old.warehouse.status()[0] is SchemaStatus.CURRENT


def test_a_newer_home_is_not_upgraded(old):
    """Nor backed up: nothing is done to it."""
    newer_lake(old)
    with pytest.raises(SetupError, match=NEWER):
        old.upgrade()
    assert not (old.path / "backups").exists()


def test_no_upgrade_without_its_backup(old, monkeypatch):
    """A full disk: said, and nothing is changed."""
    before = old.values()
    (old.path / "backups").write_text("a file where the folder should be")
    with pytest.raises(SetupError, match="no backup could be made"):
        old.upgrade()
    assert old.values() == before and old.warehouse.status() == (SchemaStatus.OLDER, 1)


def test_no_upgrade_while_the_home_is_served(old):
    """Its processes would go on with tables of the older version."""
    with alone(old.path):
        done = command(old, "upgrade")
    assert done.returncode == 6 and "serves this home already" in done.stderr
    assert not (old.path / "backups").exists()


def test_a_servers_lake_is_upgraded_only_when_somebody_backed_it_up(old, monkeypatch):
    """We cannot copy it from here."""
    monkeypatch.setattr(
        "resources.warehouse.ducklake.Warehouse.status", lambda self: (SchemaStatus.OLDER, 1)
    )
    env = {"JOBADS_HOME": str(old.path), "JOBADS_LAKE_URL": "postgres:host=127.0.0.1 port=9"}
    with pytest.raises(SetupError, match=r"JOBADS_LAKE_URL names .*--backed-up"):
        list(upgrade(Settings.from_env(env), NOW))


def test_an_erasure_names_the_backup_and_retention_drops_it(old):
    """Those made before the person came cannot hold them."""
    old.upgrade()
    made = "backups/20261201T000000Z (2026-12-01, made by jobads upgrade)"
    assert copies(old.path, NOW - timedelta(days=9)) == [made]
    assert copies(old.path, NOW + timedelta(days=9)) == []
    assert drop(old.path, NOW) == 0 and drop(old.path, NOW + timedelta(seconds=1)) == 1
    assert copies(old.path, datetime(2020, 1, 1, tzinfo=UTC)) == []


def test_a_new_lake_is_of_todays_version_at_once(tmp_path):
    """So are its two catalogues."""
    home = unpacked(HOMES[0], tmp_path / "home")
    shutil.rmtree(home.path / "lake")
    home.warehouse.table("clusters")
    assert home.warehouse.status() == (SchemaStatus.CURRENT, migrations.newest())
    home.store.close()


def test_revisions_are_alembics_own():
    """They are read from the names of files, since Alembic loads slowly."""
    from alembic.script import ScriptDirectory

    from resources.operations.migrate import _config

    script = ScriptDirectory.from_config(_config())
    assert [r.revision for r in script.walk_revisions()][::-1] == list(revisions())
    assert script.get_heads() == [revisions()[-1]]
