"""The sandbox network as a local process: started when nobody else serves it, ended with us."""

import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import SetupError
from resources.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
WORLD = ROOT / "data" / "worlds" / "default.json"
SEED = 7


def command(home: Path, port: int) -> list[str]:
    """How the twin is started: its state lives beside our stores, which never read it."""
    return [
        sys.executable, "-m", "sandbox.meta", "--port", str(port),
        "--state", str(home / "twin"), "--world", str(WORLD), "--seed", str(SEED),
    ]  # fmt: skip


def serving(home: Path) -> str | None:
    """The address of a twin that already serves this home, or None."""
    try:
        address = (home / "twin" / "address").read_text().strip()
        with urllib.request.urlopen(f"{address}/_twin/health", timeout=2):  # noqa: S310 loopback
            return address
    except (OSError, ValueError, urllib.error.URLError):
        return None


@contextmanager
def meta_twin(settings: Settings) -> Iterator[str]:
    """Yield the address of the Meta API to use: the configured one, a running twin's, or one that
    is started here and ended on exit."""
    address = settings.meta_url or serving(settings.home)
    if address:
        yield address
        return
    (settings.home / "twin").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 our own module, fixed arguments
            command(settings.home, 0), cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            if not address.startswith("http://127.0.0.1:"):
                raise SetupError(f"the Meta twin did not start: {_tail(errors)}", where="sandbox")
            remember(settings.home, address)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=10)
            (settings.home / "twin" / "address").unlink(missing_ok=True)


def remember(home: Path, address: str) -> None:
    """Tell other doors of this home where its twin answers."""
    (home / "twin").mkdir(parents=True, exist_ok=True)
    (home / "twin" / "address").write_text(address)


def _tail(stream: object) -> str:
    seek, read = stream.seek, stream.read  # type: ignore[attr-defined]
    seek(0, os.SEEK_SET)
    lines = read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
