"""Requests as an attacker may shape them, byte by byte; and a listener that should hear nothing."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Header = tuple[str, str]
SOCKET = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
]


@dataclass(frozen=True)
class Answer:
    status: int
    text: str

    def header(self, name: str) -> str:
        head = self.text.partition("\r\n\r\n")[0].splitlines()[1:]
        pairs = [line.partition(":") for line in head]
        return next((v.strip() for n, _, v in pairs if n.lower() == name.lower()), "")


def speak(
    port: int,
    method: str,
    target: str,
    headers: Sequence[Header],
    body: str = "",
    version: str = "1.1",
) -> Answer:
    """The answer to exactly these headers; Connection and Content-Length are added."""
    lines = [f"{method} {target} HTTP/{version}", *(f"{n}: {v}" for n, v in headers)]
    if not any(n == "Connection" for n, _ in headers):
        lines.append("Connection: close")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
        wire.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1"))
        said = b""
        while piece := wire.recv(65536):
            said += piece
            if said.startswith(b"HTTP/1.1 101"):
                break
    text = said.decode("latin-1")
    return Answer(int(text.split()[1]), text)


@dataclass
class Listener:
    """Counts who comes; answers as `answer` says, `Location` included."""

    port: int
    heard: list[str] = field(default_factory=list)


@contextmanager
def listener(status: int = 200, location: str = "", host: str = "127.0.0.1") -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            told.heard.append(self.requestline)
            body = json.dumps({"ok": True}).encode()
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = do_CONNECT = do_HEAD = do_OPTIONS = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Not a word."""

    server = ThreadingHTTPServer((host, 0), Handler)
    told = Listener(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def proxies(port: int) -> dict[str, str]:
    """Every variable by which an environment names a proxy."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "GRPC_PROXY")
    url = f"http://127.0.0.1:{port}"
    return {n: url for name in names for n in (name, name.lower())} | {
        "NO_PROXY": "",
        "no_proxy": "",
        "NO_GRPC_PROXY": "",
        "no_grpc_proxy": "",
    }
