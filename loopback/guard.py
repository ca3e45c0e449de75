"""ASGI middleware that lets in a server's own pages and local programs, and nothing from the web.

A browser sends any page's requests to loopback too. They are told apart by what a page cannot
forge: the Host (a name that was rebound to 127.0.0.1 is still in it), the Origin and Sec-Fetch-Site
(where a request comes from), and a cookie that only the printed address sets.
"""

import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = ("127.0.0.1", "localhost", "[::1]")
OPEN = "/_open"
OWN = frozenset({"same-origin", "none"})
# Dagster and the twins' pages keep what they say themselves.
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What one server lets in.

    Args:
        port: where it is served; every Host and Origin must name it.
        key: a secret that each request proves by its cookie; empty where none is asked for.
        json_below: the path below which a POST must be application/json, which a form cannot send.
        post_only: paths that answer POST alone.
        dialogs: paths to which other sites may lead a browser, as a network's login is reached.
    """

    port: int
    key: str = field(default="", repr=False)
    json_below: str = "/"
    post_only: frozenset[str] = frozenset()
    dialogs: frozenset[str] = frozenset()

    @property
    def cookie(self) -> str:
        """Its name has the port: a browser gives a host's cookies to all its ports."""
        return f"jobads-{self.port}"

    @property
    def address(self) -> str:
        """What a person opens; with a key, it turns into the cookie and the plain address."""
        plain = f"http://{NAMES[0]}:{self.port}"
        return f"{plain}{OPEN}?key={self.key}" if self.key else plain


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    why: str


class Guard:
    """`app` behind `rules`."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        answer = self._answer(scope)
        if scope["type"] == "websocket":
            if answer is None:
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        await (answer or self._app)(scope, receive, _hardened(send))

    def _answer(self, scope: Scope) -> Response | None:
        """The guard's own answer; None for a request that the application answers."""
        refused = foreign(scope, self._rules) or unlike(scope, self._rules)
        if refused is None and self._rules.key:
            if scope["path"] == OPEN and scope.get("method") == "GET":
                return self._opened(scope)
            refused = self._unproven(Headers(scope=scope))
        if refused is None:
            return None
        return PlainTextResponse(f"{refused.why}\n", refused.status, {"Cache-Control": "no-store"})

    def _opened(self, scope: Scope) -> Response:
        """The printed address: its key becomes a cookie, and leaves the address bar."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("key", [])
        if len(given) != 1 or not self._fits(given[0]):
            return PlainTextResponse("This address is of another start. Use the newest.\n", 403)
        answer = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.set_cookie(self._rules.cookie, self._rules.key, httponly=True, samesite="strict")
        return answer

    def _unproven(self, headers: Headers) -> Refusal | None:
        pairs = (part.strip() for line in headers.getlist("cookie") for part in line.split(";"))
        given = [
            value
            for pair in pairs
            for name, _, value in [pair.partition("=")]
            if name == self._rules.cookie
        ]
        if any([self._fits(value) for value in given]):
            return None
        return Refusal(401, "Open the address that jobads up printed.")

    def _fits(self, given: str) -> bool:
        """In a time that does not depend on how much of it is right."""
        return secrets.compare_digest(given.encode("latin-1", "replace"), self._rules.key.encode())


def foreign(scope: Scope, rules: Rules) -> Refusal | None:
    """Why a request does not come from this server's own pages or from a program.

    >>> def asked(*headers):
    ...     return {"type": "http", "method": "GET", "path": "/", "headers": headers}
    >>> own, other = (b"host", b"localhost:3000"), (b"host", b"evil.example:3000")
    >>> foreign(asked(own), Rules(3000)) is None, foreign(asked(other), Rules(3000)).status
    (True, 421)
    """
    headers = Headers(scope=scope)
    hosts, origins, sites = (
        [value.lower() for value in headers.getlist(name)]
        for name in ("host", "origin", "sec-fetch-site")
    )
    if not scope["path"].startswith("/"):
        return Refusal(400, "The target is no path.")
    if len(hosts) != 1 or hosts[0] not in {f"{name}:{rules.port}" for name in NAMES}:
        return Refusal(421, f"Served as {NAMES[0]}:{rules.port} and localhost:{rules.port} only.")
    if any(origin != f"http://{hosts[0]}" for origin in origins) or len(origins) > 1:
        return Refusal(403, "Another site's page asked.")
    if scope["type"] == "websocket" and not origins:
        return Refusal(403, "A websocket names its origin.")
    if any(site not in OWN for site in sites) and not _led(scope, headers, rules):
        return Refusal(403, "Another site's page asked: type the address into the address bar.")
    return None


def unlike(scope: Scope, rules: Rules) -> Refusal | None:
    """Why the form of a request is refused, whoever sends it."""
    method, path = scope.get("method", "GET"), scope["path"]
    if scope["type"] == "http" and path in rules.post_only and method != "POST":
        return Refusal(405, "POST only.")
    if method == "POST" and path.startswith(rules.json_below):
        kinds = Headers(scope=scope).getlist("content-type")
        if [kind.partition(";")[0].strip().lower() for kind in kinds] != ["application/json"]:
            return Refusal(415, "application/json only.")
    return None


def _led(scope: Scope, headers: Headers, rules: Rules) -> bool:
    """Whether a person was led to a dialog, as a whole page."""
    whole = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    asked = scope.get("method") == "GET" and scope["path"] in rules.dialogs
    return asked and whole == ("navigate", "document")


def _hardened(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
