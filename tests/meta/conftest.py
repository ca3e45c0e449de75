"""A loopback server that answers what a test tells it to, and the adapter over the real SDK."""

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from resources.meta import platform


class Script:
    """Answers in order, the last one for ever: (status, body, headers) or "drop"."""

    def __init__(self):
        self.answers, self.requests = deque(), []

    def say(self, body, status=200, headers=None):
        text = body if isinstance(body, str) else json.dumps(body)
        self.answers.append((status, text.encode(), headers or {}))

    def next(self):
        return self.answers.popleft() if len(self.answers) > 1 else self.answers[0]


def handler(script):
    class Handler(BaseHTTPRequestHandler):
        def _answer(self):
            length = int(self.headers.get("Content-Length") or 0)
            script.requests.append((self.command, self.path, self.rfile.read(length)))
            answer = script.next()
            if answer == "drop":
                self.connection.close()
                return
            status, body, headers = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer

        def log_message(self, *_):
            pass

    return Handler


@pytest.fixture
def script():
    return Script()


@pytest.fixture
def url(script):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(script))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def meta(url, tmp_path):
    return platform(token="EMU-secret-token", url=url, images=tmp_path)


@pytest.fixture(scope="session")
def ledgers():
    """In-memory ledgers that keep the contract, from the publishing room's fakes."""
    import importlib.util
    import sys
    from pathlib import Path

    path = Path(__file__).resolve().parents[1] / "publishing" / "fakes.py"
    spec = importlib.util.spec_from_file_location("meta_fakes", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.MemoryLedger
