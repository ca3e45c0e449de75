"""Dagster as one process of `jobads up`: what `dagster dev` runs, with its pages behind the guard.

python -m jobads.dagster_server PORT, with the key of its pages in the environment: a command line
is visible to every user of a machine. Neither code servers nor runs inherit the key.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
import yaml
from starlette.types import ASGIApp

from assets.unguarded import GUARDED
from loopback.guard import Guard, Rules
from loopback.server import listen, server

CODE = "assets.definitions"
KEY = "JOBADS_DAGSTER_KEY"
QUIET = "warning"
POLL_MS, POOL_RECYCLE_S, POOL_OVERFLOW, STATEMENT_MS = 2000, 3600, 20, 15000


def rules(port: int, key: str) -> Rules:
    """GraphQL, whose mutations a GET could carry, answers POST alone; a POST is JSON."""
    return Rules(port, key, post_only=frozenset({"/graphql"}))


def guarded(app: ASGIApp, port: int, key: str) -> Guard:
    """Dagster's pages behind a key; ValueError without one."""
    if not key:
        raise ValueError(f"{KEY} is empty")
    return Guard(app, rules(port, key))


def serve(port: int, key: str) -> int:
    """Code server, daemon and pages until a signal, or until one of them ends; the exit status."""
    import dagster as dg

    with ExitStack() as family:
        instance = family.enter_context(dg.DagsterInstance.get())
        workspace = family.enter_context(_workspace(instance))
        daemon = family.enter_context(_daemon(workspace))
        app = family.enter_context(_pages(instance, workspace))
        listener = family.enter_context(listen(port))
        web = server(guarded(app, port, key))
        Thread(target=_end_with, args=(daemon, web), daemon=True).start()
        web.run(sockets=[listener])
        return daemon.poll() or 0


@contextmanager
def _workspace(instance: Any) -> Iterator[Path]:
    """A code server, which is started again when it ends, and the workspace file that names it."""
    # What `dagster dev` uses; Dagster has no public name for it.
    from dagster._cli.proxy_server_manager import ProxyServerManager
    from dagster._core.workspace.load_target import ModuleTarget

    target = ModuleTarget(CODE, None, str(Path.cwd()), None)
    with (
        ProxyServerManager(instance, target, QUIET) as servers,
        tempfile.TemporaryDirectory() as folder,
    ):
        specs: Sequence[Mapping[str, Any]] = servers.get_code_server_specs()
        file = Path(folder) / "workspace.yaml"
        file.write_text(yaml.safe_dump({"load_from": [_plain(spec) for spec in specs]}))
        yield file


def _plain(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: dict(values) for kind, values in spec.items()}


@contextmanager
def _daemon(workspace: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "dagster._daemon", "run", "--workspace", str(workspace)]
    with subprocess.Popen(command) as process:  # noqa: S603 our own module, fixed arguments
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def _pages(instance: Any, workspace: Path) -> Iterator[ASGIApp]:
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster_webserver.app import create_app_from_workspace_process_context
    from dagster_webserver.version import __version__

    instance.optimize_for_webserver(STATEMENT_MS, POOL_RECYCLE_S, POOL_OVERFLOW)
    target = WorkspaceFileTarget([str(workspace)])
    with WorkspaceProcessContext(instance, target, __version__) as context:
        yield create_app_from_workspace_process_context(context, "", POLL_MS)


def _end_with(daemon: "subprocess.Popen[bytes]", web: uvicorn.Server) -> None:
    status = daemon.wait()
    if not web.should_exit:
        print(f"Dagster's daemon ended (status {status}), and its pages with it", flush=True)
        web.should_exit = True


def main() -> int:
    os.umask(0o077)  # the code server's socket is this user's alone
    # uvicorn raises the signal that ended it again: what was started here has to end too.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    key = os.environ.pop(KEY, "")
    os.environ[GUARDED] = "yes"
    return serve(int(sys.argv[1]), key)


if __name__ == "__main__":
    sys.exit(main())
