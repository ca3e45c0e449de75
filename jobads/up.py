"""Dagster, JupyterLab and the twins as one family of processes that starts and ends together."""

import fcntl
import os
import secrets
import shlex
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from honcho.manager import Manager

from domain.errors import SetupError
from domain.networks import FACTS, Service
from domain.platform import Mode
from jobads import dagster_server, lab_server, twins
from resources.files.bundled import ROOT
from resources.settings import LOCK, Settings

# What people expect these servers to answer on; a busy one moves up to the next free port.
DAGSTER, JUPYTER = 3000, 8888
RUN = (sys.executable, "-m")
# Without it JupyterLab would ask whether it may fetch news, and look for newer versions of itself.
QUIET = Path(__file__).with_name("jupyter")


@dataclass(frozen=True, slots=True)
class Addresses:
    dagster: str
    jupyter: str
    networks: Mapping[str, str]


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """While it lasts no other family serves this home, where two daemons would ask every sensor
    twice. The system lets go of it when the process ends, however it ends."""
    with (home / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(
                "jobads up serves this home already",
                where=str(home),
                mend="end the other one with ctrl-c, or set JOBADS_HOME to another folder",
            ) from None
        yield


def free_port(wanted: int, taken: set[int], *, tries: int = 50) -> int:
    """The first port from `wanted` upwards that nobody listens on; any free one after `tries`."""
    for port in (*range(wanted, wanted + tries), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found = int(probe.getsockname()[1])
        if found not in taken:
            taken.add(found)
            return found
    raise OSError("no free port on loopback")


def family(settings: Settings) -> tuple[Manager, Addresses]:
    """The processes, not yet started, and where each will answer. In live mode no twin is one of
    them, and nothing names one."""
    taken: set[int] = set()
    dagster, jupyter = free_port(DAGSTER, taken), free_port(JUPYTER, taken)
    key, token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    manager = Manager()
    networks = twins.known(settings)
    for network, facts in FACTS.items():
        if settings.mode is Mode.LIVE or not twins.unset(network, networks):
            continue
        ports = [free_port(service.port, taken) for service in facts.services]
        networks |= twins.remember(network, settings.home, _spoken(facts.services, ports))
        command = [*RUN, "jobads.supervisor", f"the {network} twin"]
        command += twins.command(network, settings.home, ports)
        manager.add_process(f"twin-{network}", shlex.join(command), cwd=_root())
    env = {
        **os.environ,
        "JOBADS_HOME": str(settings.home),
        **networks,
        "DAGSTER_HOME": str(settings.home / "dagster"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONUNBUFFERED": "1",
    }
    # Secrets travel in the environment: a command line is visible to every user of a machine.
    manager.add_process(
        "dagster",
        shlex.join([*RUN, "jobads.dagster_server", str(dagster)]),
        env={**env, dagster_server.KEY: key},
        cwd=_root(),
    )
    manager.add_process(
        "jupyter",
        shlex.join([*RUN, "jobads.lab_server", *_lab(jupyter)]),
        env={**env, lab_server.VARIABLE: token, "JUPYTER_CONFIG_PATH": _before(QUIET)},
        cwd=_root(),
    )
    return manager, Addresses(
        dagster_server.rules(dagster, key).address,
        f"http://127.0.0.1:{jupyter}/lab/tree/notebooks?token={token}",
        networks,
    )


def _lab(port: int) -> list[str]:
    """JupyterLab's own checks of Host and Origin, on whatever a person's settings say."""
    return [
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        # Elsewhere it would take the secret that whoever has this port was shown.
        "--ServerApp.port_retries=0",
        "--ServerApp.allow_remote_access=False",
        "--ServerApp.allow_origin=",
        "--ServerApp.allow_origin_pat=",
        "--ServerApp.disable_check_xsrf=False",
        # Searching for extensions would ask the package registry.
        "--LabApp.extension_manager=readonly",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]


def _spoken(services: Sequence[Service], ports: Sequence[int]) -> list[str]:
    """The addresses that the twin will say, in the order of its settings."""
    schemes = (f"{service.scheme}://" if service.scheme else "" for service in services)
    return [f"{scheme}127.0.0.1:{port}" for scheme, port in zip(schemes, ports, strict=True)]


def _before(folder: Path) -> str:
    """Jupyter's folders of settings, ours the first."""
    return os.pathsep.join(filter(None, (str(folder), os.environ.get("JUPYTER_CONFIG_PATH"))))


def _root() -> str:
    return str(ROOT)
