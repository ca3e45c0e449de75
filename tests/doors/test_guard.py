"""The guard before an application that writes down what reaches it: each attack has to reach
nothing."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from starlette.responses import PlainTextResponse

from jobads.dagster_server import guarded
from loopback.server import listen, server
from tests.doors.wire import SOCKET, Answer, speak

KEY = "right-key-of-this-start"
JSON = ("Content-Type", "application/json")
MUTATION = "/graphql?query=mutation%7BstartSensor%7D"


@dataclass
class Served:
    """`PORT` and `KEY` in a header stand for this server's."""

    port: int
    reached: list[str] = field(default_factory=list)

    def send(self, method: str, target: str, *headers: tuple[str, str], **more: str) -> Answer:
        filled = [(n, v.replace("PORT", str(self.port)).replace("KEY", KEY)) for n, v in headers]
        return speak(self.port, method, target.replace("PORT", str(self.port)), filled, **more)

    async def __call__(self, scope, receive, send):
        self.reached.append(scope["path"])
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            return
        await PlainTextResponse("in")(scope, receive, send)


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with listen(0) as listener:
        served = Served(listener.getsockname()[1])
        web = server(guarded(served, served.port, KEY))
        thread = threading.Thread(target=web.run, kwargs={"sockets": [listener]})
        thread.start()
        yield served
        web.should_exit = True
        thread.join()


@pytest.fixture
def served(running: Served) -> Served:
    running.reached.clear()
    return running


HOST, COOKIE = ("Host", "127.0.0.1:PORT"), ("Cookie", "jobads-PORT=KEY")
OWN = ("Origin", "http://127.0.0.1:PORT")
FROM_ELSEWHERE = {
    "a rebound name": [("Host", "evil.example:PORT")],
    "a rebound name behind a proxy's word": [
        ("Host", "evil.example"),
        ("X-Forwarded-Host", "127.0.0.1:PORT"),
    ],
    "a name that begins like ours": [("Host", "127.0.0.1:PORT.evil.example")],
    "a name that ends like ours": [("Host", "evil.localhost:PORT")],
    "a host without its port": [("Host", "127.0.0.1")],
    "another port's host": [("Host", "127.0.0.1:1")],
    "two hosts": [HOST, ("Host", "evil.example")],
    "no host": [],
    "another site": [HOST, ("Origin", "http://evil.example")],
    "a sandboxed frame": [HOST, ("Origin", "null")],
    "another port of this machine": [HOST, ("Origin", "http://127.0.0.1:1")],
    "our other name": [HOST, ("Origin", "http://localhost:PORT")],
    "https": [HOST, ("Origin", "https://127.0.0.1:PORT")],
    "two origins": [HOST, OWN, ("Origin", "http://evil.example")],
    "another site's picture": [HOST, ("Sec-Fetch-Site", "cross-site")],
    "another port's picture": [HOST, ("Sec-Fetch-Site", "same-site")],
    "another site's link": [
        HOST,
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-Dest", "document"),
    ],
    "two words on where from": [
        HOST,
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Site", "cross-site"),
    ],
}


@pytest.mark.parametrize("headers", FROM_ELSEWHERE.values(), ids=FROM_ELSEWHERE)
def test_nothing_from_elsewhere_gets_in(served, headers):
    """Even with the right cookie, whatever it asks for."""
    for method, target in (("GET", "/"), ("GET", MUTATION), ("OPTIONS", "/graphql")):
        answer = served.send(method, target, *headers, COOKIE)
        assert answer.status in (400, 403, 421), (method, target)
        assert not answer.header("Access-Control-Allow-Origin")
    posted = served.send("POST", "/graphql", *headers, COOKIE, JSON, body="{}")
    assert posted.status in (400, 403, 421)
    assert served.reached == []


UNPROVEN = {
    "none": "other=1",
    "a wrong one": "jobads-PORT=wrong",
    "a beginning": "jobads-PORT=right-key",
    "one more letter": "jobads-PORT=KEYx",
    "an empty one": "jobads-PORT=",
    "no ASCII": "jobads-PORT=\xff",
    "another port's": "jobads-1=KEY",
    "without the port": "jobads=KEY",
}


@pytest.mark.parametrize("cookie", UNPROVEN.values(), ids=UNPROVEN)
def test_a_request_without_the_secret_is_told_where_to_get_it(served, cookie):
    """Another user of this machine reaches the port, and has no cookie."""
    answer = served.send("GET", "/", HOST, ("Cookie", cookie))
    assert answer.status == 401 and "jobads up" in answer.text
    assert served.reached == []


def test_a_cookie_that_another_port_planted_locks_nobody_out(served):
    """Ports of a host share its cookies: the right one counts wherever it stands."""
    planted = ("Cookie", "jobads-PORT=planted; jobads-PORT=KEY")
    assert served.send("GET", "/", HOST, planted).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/graphql", "/%67raphql"])
def test_graphql_answers_post_alone(served, method, path):
    """A mutation in an address is refused, from the own page too."""
    answer = served.send(method, f"{path}?query=mutation%7Bx%7D", HOST, OWN, COOKIE)
    assert answer.status == 405 and served.reached == []


KINDS = {
    "none": [],
    "a form": [("Content-Type", "application/x-www-form-urlencoded")],
    "text": [("Content-Type", "text/plain")],
    "text that names json": [("Content-Type", "text/plain; application/json")],
    "json and text": [("Content-Type", "application/json, text/plain")],
    "a form with files": [("Content-Type", "multipart/form-data; boundary=x")],
    "graphql": [("Content-Type", "application/graphql")],
    "two": [JSON, ("Content-Type", "text/plain")],
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("path", ["/graphql", "/report_asset_materialization/due_ads"])
def test_a_post_is_json(served, path, kind):
    """What a form or a fetch without preflight can send is refused."""
    answer = served.send("POST", path, HOST, COOKIE, *kind, body='{"query":"mutation{x}"}')
    assert answer.status == 415 and served.reached == []


@pytest.mark.parametrize("target", ["http://evil.example/graphql", "http://127.0.0.1:PORT/", "*"])
def test_a_target_that_is_no_path_is_refused(served, target):
    """A proxy's form of a request names a host of its own."""
    assert served.send("GET", target, HOST, COOKIE).status == 400
    assert served.reached == []


WAYS = (
    "/",
    "/logs/a/b.out",
    "/download_debug/1",
    "/notebook?path=x",
    "/server_info",
    "/report_asset_check/x",
    "/dagit/notebook",
)


@pytest.mark.parametrize("path", WAYS)
def test_every_path_wants_the_secret(served, path):
    assert served.send("GET", path, HOST).status == 401
    assert served.reached == []


FOREIGN_SOCKETS = {
    "another site": [HOST, ("Origin", "http://evil.example"), COOKIE],
    "another port": [HOST, ("Origin", "http://127.0.0.1:1"), COOKIE],
    "a sandboxed frame": [HOST, ("Origin", "null"), COOKIE],
    "nobody": [HOST, COOKIE],
    "a rebound name": [
        ("Host", "evil.example:PORT"),
        ("Origin", "http://evil.example:PORT"),
        COOKIE,
    ],
    "no secret": [HOST, OWN],
    "a wrong secret": [HOST, OWN, ("Cookie", "jobads-PORT=wrong")],
}


@pytest.mark.parametrize("headers", FOREIGN_SOCKETS.values(), ids=FOREIGN_SOCKETS)
def test_a_websocket_is_guarded_alike(served, headers):
    """Browsers open websockets across origins without asking."""
    assert served.send("GET", "/graphql", *headers, *SOCKET).status in (400, 403)
    assert served.reached == []


def test_the_own_page_gets_in(served):
    """By each name of this machine, with its websocket; a program without Origin does too."""
    for host in ("127.0.0.1:PORT", "localhost:PORT", "[::1]:PORT", "LOCALHOST:PORT"):
        own = [
            ("Host", host),
            ("Origin", f"http://{host.lower()}".replace("port", "PORT")),
            ("Sec-Fetch-Site", "same-origin"),
            COOKIE,
        ]
        assert served.send("GET", "/", *own).status == 200
        assert served.send("POST", "/graphql", *own, JSON, body="{}").status == 200
        assert served.send("GET", "/graphql", *own, *SOCKET).status == 101
    assert served.send("GET", "/", HOST, COOKIE, ("Sec-Fetch-Site", "none")).status == 200
    assert served.send("POST", "/graphql", HOST, COOKIE, JSON, body="{}").status == 200


def test_the_printed_address_becomes_a_cookie(served):
    """No script reads it, no other site's request carries it, and no Referer holds the key."""
    answer = served.send("GET", f"/_open?key={KEY}", HOST, ("Sec-Fetch-Site", "none"))
    cookie = answer.header("Set-Cookie")
    assert (answer.status, answer.header("Location")) == (303, "/")
    assert cookie.startswith(f"jobads-{served.port}={KEY};")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie and "Expires" not in cookie and "Max-Age" not in cookie
    assert answer.header("Referrer-Policy") == "no-referrer"
    assert answer.header("Cache-Control") == "no-store"
    assert served.reached == []


WRONG = {
    "wrong": "?key=wrong",
    "none": "",
    "two": f"?key={KEY}&key=wrong",
    "empty": "?key=",
    "letters beyond latin": "?key=%E2%82%AC",
}


@pytest.mark.parametrize("query", WRONG.values(), ids=WRONG)
def test_a_wrong_printed_address_opens_nothing(served, query):
    answer = served.send("GET", f"/_open{query}", HOST)
    assert answer.status == 403 and not answer.header("Set-Cookie")


def test_another_site_cannot_open_it_either(served):
    """A link that it guessed or stole is not followed on its behalf."""
    led = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")]
    assert served.send("GET", f"/_open?key={KEY}", HOST, *led).status == 403


def test_pages_are_framed_by_nobody_else_and_tell_nobody_where_they_were(served):
    answer = served.send("GET", "/", HOST, COOKIE)
    assert answer.header("X-Frame-Options") == "SAMEORIGIN"
    assert answer.header("Referrer-Policy") == "same-origin"
    assert answer.header("Cross-Origin-Resource-Policy") == "same-origin"


def test_there_is_no_guard_without_a_secret():
    with pytest.raises(ValueError, match="JOBADS_DAGSTER_KEY is empty"):
        guarded(Served(1), 1, "")
