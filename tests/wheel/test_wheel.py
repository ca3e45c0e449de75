"""What is installed from the wheel works without the checkout."""

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("assets", "domain", "jobads", "loopback", "resources", "sandbox")
CSV = """job_key,title,description
1,Registered Nurse,"Cares for patients on a hospital ward, gives medication, records vital signs."
2,Line Cook,"Cooks in a restaurant kitchen, prepares sauces, keeps food safe."
"""
pytestmark = pytest.mark.timeout(600)  # the encoder is loaded


@dataclass(frozen=True)
class Installed:
    site: Path
    elsewhere: Path

    def run(self, *command: str, code: int = 0) -> str:
        """In another folder, with the wheel's packages before the checkout's."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("JOBADS_", "DAGSTER_"))}
        env = {**clean, "PYTHONPATH": str(self.site), "JOBADS_HOME": str(self.elsewhere / "home")}
        done = subprocess.run(
            command, cwd=self.elsewhere, env=env, capture_output=True, text=True, timeout=500
        )
        assert done.returncode == code, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    def jobads(self, *words: str, code: int = 0) -> str:
        return self.run(str(self.site / "bin" / "jobads"), *words, code=code)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    site = tmp_path_factory.mktemp("site")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", str(site), str(wheel)], check=True, capture_output=True)
    return Installed(site, tmp_path_factory.mktemp("elsewhere"))


def test_the_wheel_holds_no_top_level_folder_but_our_packages(wheel):
    """A taxonomy/ or data/ there would mix with other projects'."""
    with zipfile.ZipFile(wheel) as archive:
        top = {name.split("/")[0] for name in archive.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == set(OURS)


def test_every_file_that_is_read_by_path_is_in_the_wheel(wheel):
    """Whatever git keeps in these folders."""
    kept = ["taxonomy", "data", "notebooks", "workspace.yaml"]
    listed = subprocess.run(["git", "ls-files", *kept], cwd=ROOT, capture_output=True, text=True)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {f"resources/_bundled/{name}" for name in listed.stdout.splitlines()}
    assert wanted and wanted <= names
    assert {"jobads/dagster.yaml", "jobads/jupyter/labconfig/page_config.json"} <= names


def test_the_wheels_own_files_are_read(installed):
    """Not the checkout's, which other tests read."""
    code = (
        "import resources.files.bundled as b, jobads.twins as t; print(b.ROOT, *t.WORLDS.values())"
    )
    for path in installed.run(sys.executable, "-P", "-c", code).split():
        assert Path(path).is_relative_to(installed.site) and Path(path).exists()


def test_help_doctor_and_segment_run_from_another_folder(installed):
    """The commands that a person tries first."""
    assert "segment" in installed.jobads("--help")
    installed.jobads("teams", "add", "Acme", "--domain", "acme.example")
    said = installed.jobads("doctor")
    assert "FAULT" not in said
    (installed.elsewhere / "ads.csv").write_text(CSV)
    assert "2 ads:" in installed.jobads("segment", "--jobs", "ads.csv", "--out", "out")
    assert (installed.elsewhere / "out" / "audiences.jsonl").read_text().count("\n") == 2


def test_an_editable_install_copies_nothing_and_reads_the_checkout(tmp_path):
    """A copy would be read, or packed, long after the checkout has changed."""
    command = [sys.executable, "-c", EDITABLE, str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as archive:
        names = [name for name in archive.namelist() if ".dist-info" not in name]
    assert [Path(name).suffix for name in names] == [".pth"]
    code = "import resources.files.bundled as b; print(b.ROOT)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert Path(done.stdout.strip()) == ROOT


EDITABLE = "import sys, hatchling.build as h; h.build_editable(sys.argv[1])"
