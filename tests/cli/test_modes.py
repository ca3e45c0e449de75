"""Who else on the machine may enter a home: nobody."""

import errno
import os
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from domain.errors import SetupError
from jobads import cli
from resources.operations.store import OperationsStore
from resources.security.home_folder import private
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def jobads(home: Path, *words: str) -> None:
    """As a person whose shell lets everybody read what is new."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("JOBADS_", "DAGSTER_"))}
    code = "import os; os.umask(0o022); from jobads.cli import main; main()"
    subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**clean, "JOBADS_HOME": str(home)},
        check=True,
        capture_output=True,
        timeout=120,
    )


def test_a_new_home_and_its_files_are_their_owners_alone(tmp_path):
    """Database, lake, caches, whatever a command writes."""
    home = tmp_path / "home"
    jobads(home, "teams", "add", "Acme", "--domain", "acme.example")
    assert mode(home) == 0o700
    found = [path for path in home.rglob("*") if path.is_file()]
    assert found and {mode(path) for path in found} == {0o600}


def test_an_older_home_is_closed_when_it_is_opened(tmp_path):
    """Its files may stay as they are: nobody gets to them."""
    home = tmp_path / "home"
    jobads(home, "teams", "add", "Acme", "--domain", "acme.example")
    home.chmod(0o755)
    jobads(home, "teams", "list")
    assert mode(home) == 0o700
    home.chmod(0o777)
    Warehouse(home).table("clusters")
    assert mode(home) == 0o700


def test_a_folder_of_other_things_is_not_closed_but_named(tmp_path):
    """Others may need to enter it; the message says both ways out."""
    (tmp_path / "thesis.txt").write_text("mine")
    tmp_path.chmod(0o755)
    with pytest.raises(SetupError, match=r"chmod 700 .*JOBADS_HOME"):
        private(tmp_path)
    assert mode(tmp_path) == 0o755
    (tmp_path / "thesis.txt").unlink()
    tmp_path.chmod(0o1777)  # as /tmp is
    with pytest.raises(SetupError, match="JOBADS_HOME"):
        private(tmp_path)
    assert mode(tmp_path) == 0o1777


def test_a_full_disk_is_named_with_its_way_out(tmp_path, monkeypatch, capsys):
    """Not a traceback; the rotation has changed nothing, and may be run again."""
    home = tmp_path / "home"
    monkeypatch.setenv("JOBADS_HOME", str(home))
    with closing(OperationsStore.open(Settings.from_env())) as store:
        store.schema.migrate()
        store.keys.create()
        before = store.keys.vault.ring.current()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "vault.key")

    monkeypatch.setattr("resources.security.keys._draft", full)
    monkeypatch.setattr("sys.argv", ["jobads", "keys", "rotate"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 6
    assert "No space left on device: vault.key - make room" in capsys.readouterr().err
    with closing(OperationsStore.open(Settings.from_env())) as store:
        assert store.keys.vault.ring.current() == before
