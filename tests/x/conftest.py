"""The adapter over tweepy's session, against scripted answers or a real twin process."""

import importlib.util
import subprocess
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from resources.x import platform

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "EMU-secret-token:EMU-token-secret"
ACCOUNT = "x1usd"
APP = {"consumer_key": "EMU-x-app", "consumer_secret": "EMU-x-app-secret"}


def module(path):
    """A test module of another room, loaded by its path."""
    spec = importlib.util.spec_from_file_location(f"x_{path.stem}", path)
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found
    spec.loader.exec_module(found)
    return found


SCRIPTED = module(ROOT / "tests" / "meta" / "conftest.py")


class Script(SCRIPTED.Script):
    def page(self, *rows, cursor=None):
        """One page of a list."""
        self.say({"data": rows, "next_cursor": cursor, "request": {"params": {}}})

    def sent(self, n=-1):
        """(verb, path, query or form, raw body) of the n-th request."""
        verb, path, body = self.requests[n]
        parts = urlsplit(path)
        text = parts.query or body.decode(errors="replace")
        return verb, parts.path, {k: v[0] for k, v in parse_qs(text).items()}, body


class Quiet:
    """A pace that notes what it is told, and wants silence when it is told to."""

    def __init__(self):
        self.checks, self.heeded, self.silent = 0, [], None

    def check(self):
        self.checks += 1
        if self.silent:
            raise self.silent

    def heed(self, wait_s):
        self.heeded.append(wait_s)


@pytest.fixture
def script():
    return Script()


@pytest.fixture
def url(script):
    handler = SCRIPTED.handler(script)
    handler.do_PUT = handler.do_DELETE = handler.do_GET
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def pace():
    return Quiet()


@pytest.fixture
def connect(tmp_path):
    """Build an adapter; keyword arguments override the sandbox's."""

    def make(**changes):
        given = {
            "token": TOKEN,
            "account_id": ACCOUNT,
            "images": tmp_path,
            **APP,
            "sleep": lambda _: None,
        }
        return platform(**{**given, **changes})

    return make


@pytest.fixture
def x(connect, url, pace):
    return connect(address=url, pace=pace)


@pytest.fixture(scope="session")
def ledgers():
    """In-memory ledgers that keep the contract, from the publishing room's fakes."""
    return module(ROOT / "tests" / "publishing" / "fakes.py").MemoryLedger


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    """The address of a twin of our own, on a free port, ended with the module."""
    command = [
        sys.executable,
        "-m",
        "sandbox.x",
        "--port",
        "0",
        "--seed",
        "7",
        "--state",
        str(tmp_path_factory.mktemp("twin")),
        "--world",
        str(ROOT / "data" / "worlds" / "x.json"),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait(10)
