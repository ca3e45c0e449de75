"""One demo, run once for all tests that look at what it leaves."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A demo takes minutes, and longer where the machine does other work; none of this is a measurement.
PATIENCE_S = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(PATIENCE_S + 60))


@dataclass(frozen=True)
class Home:
    """A home that `jobads demo` has filled, and a way to run further commands on it."""

    path: Path
    first: str

    def jobads(self, *arguments: str, code: int = 0) -> str:
        return run(self.path, *arguments, code=code)


def run(home: Path, *arguments: str, code: int = 0) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("JOBADS_", "DAGSTER_"))}
    done = subprocess.run(
        [str(Path(sys.executable).parent / "jobads"), *arguments],
        env={**env, "JOBADS_HOME": str(home), "COLUMNS": "200"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == code, f"{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    path = tmp_path_factory.mktemp("demo") / "home"
    return Home(path, run(path, "demo"))
