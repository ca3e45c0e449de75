"""Where the network sends the browser back to: one answer, on this machine only."""

import html
import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from domain.errors import InputError, SetupError
from resources.oauth.flow import Answer

HOST, PATH = "127.0.0.1", "/callback"
LONGEST = 8192
PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>jobads</title>"
    "<style>body{{font:1.1rem system-ui;margin:20vh auto;max-width:30em}}</style><p>{}"
)

Mine = Callable[[Answer], bool]


class Callback:
    """A server that is listening; `mine` decides which answer is the dialog's own. Others, such as
    another site's forgery, are refused and waited past."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self._answers: queue.Queue[dict[str, str]] = queue.Queue(maxsize=1)
        self._one_at_a_time = Lock()
        self.mine: Mine = lambda _: False

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self._server.server_address[1]}{PATH}"

    def expect(self, mine: Mine) -> None:
        """From now on that dialog's answer is taken. To be called before anybody learns the
        dialog's address: a network that knows its person sends the browser back at once."""
        self.mine = mine

    def wait(self, timeout_s: float) -> Answer:
        """InputError when nobody answered in time."""
        try:
            return self._answers.get(timeout=timeout_s)
        except queue.Empty:
            raise InputError(
                f"nobody answered within {timeout_s:g} s",
                where="connect",
                mend="run it again, or with --paste where the browser is on another machine",
            ) from None

    def take(self, answer: dict[str, str]) -> bool:
        """Whether this is the one answer; there is no second."""
        with self._one_at_a_time:
            taken = self.mine(answer)
            if taken:
                self.mine = lambda _: False
        return taken

    def give(self, answer: dict[str, str]) -> None:
        """Hand the taken answer to who waits, and may end the process at once: the page first."""
        self._answers.put_nowait(answer)


class _Handler(BaseHTTPRequestHandler):
    timeout = 10
    server_version, sys_version = "jobads", ""

    def __init__(self, waiting: list[Callback], *args: Any) -> None:
        self.callback = waiting[0]
        super().__init__(*args)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        here = f"{HOST}:{self.server.server_address[1]}"  # type: ignore[index]
        if parts.path != PATH or self.headers.get("Host") != here or len(self.path) > LONGEST:
            self._say(404, "There is nothing here.")
        elif self.callback.take(answer := dict(parse_qsl(parts.query))):
            try:
                self._say(200, "Thank you. You can close this page and go back to the terminal.")
            finally:  # also when the browser did not wait for its page
                self.callback.give(answer)
        else:
            self._say(400, "This answer belongs to no dialog that is open.")

    def _say(self, status: int, text: str) -> None:
        body = PAGE.format(html.escape(text)).encode()
        self.send_response(status)
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "Connection": "close",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Never: the code stands in the address."""


@contextmanager
def listening(port: int = 0) -> Iterator[Callback]:
    """A callback on loopback while the block runs; `port` 0 takes a free one."""
    waiting: list[Callback] = []
    try:
        server = ThreadingHTTPServer((HOST, port), partial(_Handler, waiting))
    except OSError as error:
        raise SetupError(
            f"port {port} is not free: {error.strerror}",
            where="connect",
            mend="choose another --port",
        ) from None
    server.daemon_threads = True
    waiting.append(Callback(server))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield waiting[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def pasted(text: str, proof: str, state: str) -> Answer:
    """The parameters of a pasted address. X's PIN comes alone: it belongs to the dialog that shows
    it, and only to that."""
    text = text.strip()
    if proof == "oauth_token" and text.isascii() and text.isalnum() and len(text) <= 32:
        return {"oauth_token": state, "oauth_verifier": text}
    parts = urlsplit(text)
    return dict(parse_qsl(parts.query or (text if "=" in text else "")))
