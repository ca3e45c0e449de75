"""Exceptions of sockets, urllib3, idna and gRPC arrive as domain errors, translated at one door."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import grpc
import pytest
import requests
import urllib3
from google.api_core.exceptions import DeadlineExceeded, ServiceUnavailable
from requests.exceptions import InvalidURL

from domain.errors import InputError, Retryable, SetupError, Unanswered, Unreachable
from domain.platform import Mode
from resources.files import images
from resources.files.images import Images, fetch
from resources.google.errors import called as google_called
from resources.meta.errors import called as meta_called
from resources.security.network_guard import guard, no_answer_error
from resources.shared_rate_limits import UNPACED

LABEL = "a" * 64


class Thread(threading.Thread):
    """A call in a thread that keeps what it raised."""

    error: Exception | None = None

    def __init__(self, call) -> None:
        super().__init__(daemon=True)
        self.call = call

    def run(self) -> None:
        try:
            self.call()
        except Exception as error:
            self.error = error


@pytest.fixture
def hung() -> Iterator[str]:
    """A server that takes connections and never answers."""
    server = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                held.append(server.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    server.close()
    for one in held:
        one.close()


def session(url: str) -> requests.Session:
    made = requests.Session()
    guard(made, url, Mode.SANDBOX)
    return made


@pytest.mark.parametrize(("writes", "kind"), [(False, Unreachable), (True, Unanswered)])
def test_a_read_timeout_is_unreachable_for_a_question_and_unanswered_for_a_write(
    hung, writes, kind
):
    call = lambda: session(hung).get(hung, timeout=0.1)  # noqa: E731
    with pytest.raises(kind, match="no answer"):
        meta_called(call, what="Meta", writes=writes, token="", pace=UNPACED)


def test_a_refused_connection_changed_nothing_even_for_a_write():
    free = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{free.getsockname()[1]}"
    free.close()
    with pytest.raises(Unreachable):
        meta_called(
            lambda: session(url).post(url), what="Meta", writes=True, token="", pace=UNPACED
        )


@pytest.mark.parametrize(
    "bare",
    [
        UnicodeError("label too long"),
        ValueError("Port out of range 0-65535"),
        urllib3.exceptions.LocationParseError("label empty or too long"),
    ],
    ids=["label", "port", "urllib3"],
)
def test_what_is_no_requests_exception_becomes_one_at_the_guard(monkeypatch, bare):
    """Otherwise each SDK would have to know urllib3's and idna's own."""

    def send(*_, **__):
        raise bare

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    with pytest.raises(InvalidURL) as caught:
        session("http://127.0.0.1:1").get("http://127.0.0.1:1")
    assert isinstance(no_answer_error(caught.value, what="X", writes=True), Unreachable)


def test_a_redirect_to_port_99999_is_no_bare_value_error(hung):
    request = requests.Request("GET", hung).prepare()
    request.url = "http://127.0.0.1:99999/"
    with pytest.raises(InvalidURL):
        session(hung).send(request)


def test_an_address_of_ours_with_port_99999_is_a_setup_error():
    with pytest.raises(SetupError, match="range"):
        session("http://127.0.0.1:99999")


@pytest.mark.parametrize("error", [DeadlineExceeded, ServiceUnavailable])
@pytest.mark.parametrize(("writes", "kind"), [(False, Unreachable), (True, Unanswered)])
def test_grpc_without_an_answer(error, writes, kind):
    def call() -> None:
        raise error("Deadline Exceeded")

    assert grpc.StatusCode.DEADLINE_EXCEEDED  # the statuses are the library's own
    with pytest.raises(kind):
        google_called(
            call, what="Google", writes=writes, creates=False, secrets=tuple, pace=UNPACED
        )


def public(_: str) -> list[str]:
    return ["8.8.8.8"]


@pytest.mark.parametrize(
    "url",
    [
        f"https://{LABEL}.example/a.png",
        "https://example.com:99999/a.png",
        "https://[::1/a.png",
        "https://\u2603\udce4.example/a.png",
        "https://example.com:port/a.png",
        "https://exa mple.com/a.png",
        "https://./a.png",
    ],
)
def test_an_impossible_address_of_a_picture_is_the_ads_own_fault(url):
    """Without the network: the address fails before anything is connected to."""
    with pytest.raises((InputError, Retryable)):
        fetch(url, None if LABEL in url or "./" in url else public)


def test_a_label_of_64_letters_is_an_input_error_that_says_so():
    with pytest.raises(InputError, match="creative_asset_url"):
        fetch(f"https://{LABEL}.example/a.png")


def test_pictures_of_one_silent_host_cost_its_time_once(tmp_path, monkeypatch):
    """The second picture of the host fails at once; another host's is fetched."""
    asked = []

    def provided(url, **_):
        asked.append(url)
        raise Retryable("ReadTimeoutError")

    monkeypatch.setattr(images, "provide", provided)
    store = Images(tmp_path, Mode.LIVE)
    for path in ("1.png", "2.png", "3.png"):
        with pytest.raises(Retryable):
            store.fetch(f"https://hung.example/{path}")
    with pytest.raises(Retryable):
        store.fetch("https://other.example/1.png")
    assert asked == ["https://hung.example/1.png", "https://other.example/1.png"]


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n\x89PNG",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: ",
    ],
    ids=["body", "chunk", "headers"],
)
def test_a_picture_that_drips_ends_after_a_bounded_time(monkeypatch, first):
    """Each byte comes within the timeout of one read; the whole is bounded as well."""
    server, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip() -> None:
        with suppress(OSError), server.accept()[0] as one:
            one.recv(65536)
            one.sendall(first)
            while not over.wait(0.05):
                one.sendall(b"x")

    class Plain(urllib3.HTTPConnectionPool):
        def __init__(self, host, port, server_hostname, assert_hostname, **rest):
            super().__init__(host, port, **rest)

    monkeypatch.setattr(images, "public", lambda host, resolve: "127.0.0.1")
    monkeypatch.setattr(images.urllib3, "HTTPSConnectionPool", Plain)
    monkeypatch.setattr(images, "WHOLE_S", 0.5)
    threading.Thread(target=drip, daemon=True).start()
    asked = Thread(lambda: fetch(f"https://slow.example:{server.getsockname()[1]}/a.png"))
    asked.start()
    asked.join(20)
    over.set()
    server.close()
    assert isinstance(asked.error, Retryable)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "169.254.169.254",
        "192.0.0.8",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:0:7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::1",
        "2001::1",
        "fec0::1",
        "fe80::1",
        "ff02::1",
    ],
)
def test_a_picture_is_asked_of_public_hosts_alone(address):
    """Also where an IPv6 address wraps a private one of IPv4."""
    with pytest.raises(InputError, match="no public address"):
        images.public("a.example", lambda _: ["93.184.215.14", address])


def test_public_addresses_are_asked():
    for address in ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"):
        assert images.public("a.example", lambda _, a=address: [a]) == address
