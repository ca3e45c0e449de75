"""Plain `dagster dev -w workspace.yaml`: where it remembers, and what it says of its port."""

from pathlib import Path

from dagster._core.instance.ref import InstanceRef

from assets.unguarded import GUARDED, warning
from jobads.twins import ROOT

SERVER = ["dagster", "api", "grpc", "--socket", "/tmp/x"]


def test_it_remembers_where_jobads_up_does_and_by_the_same_rules(tmp_path, monkeypatch):
    """Dagster reads dagster.yaml of the folder when DAGSTER_HOME is not set; with another history
    the limit of one posting run per team would not hold."""
    monkeypatch.chdir(ROOT)
    plain = InstanceRef.from_dir(str(tmp_path), config_dir=str(ROOT))
    home = InstanceRef.from_dir(".jobads/dagster", config_dir=str(ROOT / "jobads"))
    assert plain.settings == home.settings
    for part in ("storage_data", "compute_logs_data", "local_artifact_storage_data"):
        mine, theirs = (getattr(ref, part).config_dict for ref in (plain, home))
        assert {k: str(v) for k, v in mine.items()} == {k: str(v) for k, v in theirs.items()}


def test_it_says_loudly_that_its_port_is_open(tmp_path):
    """Once per code server, with both homes; commands and tests that load the assets are quiet."""
    (tmp_path / "dagster.yaml").touch()
    home = tmp_path / ".jobads"
    told = warning(SERVER, {}, home, tmp_path)
    assert "UNGUARDED" in told and f"Stores: {home}." in told
    assert f"history: {home / 'dagster'}." in told and "NOT" not in told
    for argv in (["dagster", "api", "execute_run"], ["pytest"], ["jobads", "demo"]):
        assert warning(argv, {}, home, tmp_path) == ""
    assert warning(SERVER, {GUARDED: "yes"}, home, tmp_path) == ""


def test_it_says_when_its_history_is_another(tmp_path):
    """A home elsewhere, or no dagster.yaml in the folder: the variable that mends it is named."""
    home = Path("/srv/jobads")
    mend = "export DAGSTER_HOME=/srv/jobads/dagster"
    assert mend in warning(SERVER, {"DAGSTER_HOME": "/tmp/other"}, home, tmp_path)
    assert "a temporary folder" in warning(SERVER, {}, home, tmp_path)
    assert mend in warning(SERVER, {}, home, tmp_path)
    assert "NOT" not in warning(SERVER, {"DAGSTER_HOME": "/srv/jobads/dagster"}, home, tmp_path)
