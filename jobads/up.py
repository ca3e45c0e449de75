"""Dagster, JupyterLab and the twin as one family of processes that starts and ends together."""

import os
import secrets
import shlex
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from honcho.manager import Manager

from jobads import twin
from resources.settings import Settings

# What people expect these servers to answer on; a busy one moves up to the next free port.
DAGSTER, JUPYTER, META = 3000, 8888, 9100


@dataclass(frozen=True, slots=True)
class Addresses:
    dagster: str
    jupyter: str
    meta: str


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
    """The processes, not yet started, and where each will answer."""
    taken: set[int] = set()
    dagster, jupyter = free_port(DAGSTER, taken), free_port(JUPYTER, taken)
    token = secrets.token_urlsafe(16)
    manager = Manager()
    meta = settings.meta_url or twin.serving(settings.home)
    if meta is None:
        port = free_port(META, taken)
        meta = f"http://127.0.0.1:{port}"
        twin.remember(settings.home, meta)
        manager.add_process("twin", shlex.join(twin.command(settings.home, port)), cwd=_root())
    env = {
        **os.environ,
        "JOBADS_HOME": str(settings.home),
        "JOBADS_META_URL": meta,
        "DAGSTER_HOME": str(settings.home / "dagster"),
        "PYTHONUNBUFFERED": "1",
    }
    run = [sys.executable, "-m"]
    manager.add_process(
        "dagster",
        shlex.join([*run, "dagster", "dev", "-h", "127.0.0.1", "-p", str(dagster)]),
        env=env,
        cwd=_root(),
    )
    # The token travels in the environment: a command line is visible to every user of a machine.
    manager.add_process(
        "jupyter",
        shlex.join(
            [*run, "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", f"--port={jupyter}"]
            + (["--allow-root"] if os.geteuid() == 0 else [])
        ),
        env={**env, "JUPYTER_TOKEN": token},
        cwd=_root(),
    )
    return manager, Addresses(
        f"http://127.0.0.1:{dagster}",
        f"http://127.0.0.1:{jupyter}/lab/tree/notebooks?token={token}",
        meta,
    )


def _root() -> str:
    return str(Path(twin.ROOT))
