"""Real twins, and one real `jobads up`, for all tests here."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from domain.platform import Network
from jobads.twins import ROOT, twins
from resources.settings import Settings

SENSOR = (
    'sensorSelector:{repositoryLocationName:"assets.definitions",'
    'repositoryName:"__repository__",sensorName:"posting_sensor"}'
)


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, dict[str, str]]]:
    """A home that twins serve, and their addresses by the names of settings."""
    settings = Settings.from_env({"JOBADS_HOME": str(tmp_path_factory.mktemp("doors") / "home")})
    with twins(settings) as running:
        yield settings, dict(running.env)


@pytest.fixture(params=list(Network), ids=str)
def admin(request, networks) -> int:
    """The port of a twin's `/_twin/`."""
    name = {
        Network.META: "JOBADS_META_URL",
        Network.X: "JOBADS_X_URL",
        Network.GOOGLE: "JOBADS_GOOGLE_OAUTH_URL",
    }[request.param]
    return int(networks[1][name].rpartition(":")[2])


@dataclass(frozen=True)
class Up:
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def text(self) -> str:
        return self.log.read_text()

    def said(self, name: str) -> str:
        return re.search(rf"^{name} +(\S+)", self.text, re.MULTILINE)[1]  # type: ignore[index]

    @property
    def port(self) -> int:
        return int(re.search(r":(\d+)/_open", self.said("Dagster"))[1])  # type: ignore[index]

    @property
    def key(self) -> str:
        return self.said("Dagster").partition("key=")[2]

    @property
    def token(self) -> str:
        return self.said("JupyterLab").partition("token=")[2]

    @property
    def jupyter(self) -> str:
        return self.said("JupyterLab").partition("/lab")[0]

    def ask(self, query: str) -> dict:
        """GraphQL as Dagster's own page asks it."""
        answer = requests.post(
            f"http://127.0.0.1:{self.port}/graphql",
            json={"query": query},
            timeout=60,
            cookies={f"jobads-{self.port}": self.key},
        )
        return answer.json()["data"]

    def sensor(self) -> str:
        asked = f"{{sensorOrError({SENSOR}){{... on Sensor{{sensorState{{status}}}}}}}}"
        return self.ask(asked)["sensorOrError"]["sensorState"]["status"]

    def pid(self, words: str) -> int:
        """The process below us, none of its shells, whose command line holds the words."""
        listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True).stdout
        home = str(self.log.parent)
        for line in listed.splitlines():
            pid, args = line.split(maxsplit=1)
            if args.startswith(sys.executable) and words in args and self._ours(int(pid), home):
                return int(pid)
        raise LookupError(words)

    def _ours(self, pid: int, home: str) -> bool:
        return (
            home
            in Path(f"/proc/{pid}/environ").read_text() + Path(f"/proc/{pid}/cmdline").read_text()
        )


def eventually(check, seconds: float = 120.0) -> bool:
    """Whether `check` holds before the time is over; an error counts as not yet."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if check():
                return True
        except (OSError, ValueError, KeyError, TypeError):
            pass
        time.sleep(0.5)
    return False


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("up")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("JOBADS_", "DAGSTER_"))}
    env = {**clean, "JOBADS_HOME": str(folder / "home"), "PYTHONUNBUFFERED": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "jobads"), "up"],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        made = Up(process, folder / "log")
        try:
            assert eventually(lambda: "started" in made.text, 60), made.text
            assert eventually(lambda: made.sensor() == "STOPPED"), made.text
            assert eventually(lambda: requests.get(made.jupyter, timeout=5).ok), made.text
            yield made
        finally:
            process.terminate()
            process.wait(timeout=60)
