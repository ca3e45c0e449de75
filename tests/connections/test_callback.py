"""The callback listens on this machine only, takes one answer, and only its own dialog's."""

import socket
from threading import Thread

import pytest
import requests

from domain.errors import InputError, SetupError
from domain.platform import Network
from jobads.connecting import Way, log_in
from resources.oauth.callback import _Handler, listening, pasted
from resources.oauth.flow import StartedLogin, belongs, granted

OPENED = StartedLogin("http://network/", "http://127.0.0.1/callback", "state", "s3cret")


@pytest.fixture
def waiting():
    """A callback that waits for OPENED's answer, and what it got."""
    got = []
    with listening() as callback:
        callback.expect(lambda answer: belongs(OPENED, answer))

        def wait():
            try:
                got.append(callback.wait(10))
            except InputError as error:
                got.append(error)

        thread = Thread(target=wait)
        thread.start()
        yield callback, got, thread
        thread.join(timeout=15)


def test_an_answer_is_taken_once(waiting):
    """The second, even the same, is refused: a code that leaked is not taken again."""
    callback, got, thread = waiting
    right = f"{callback.address}?state=s3cret&code=c"
    assert requests.get(right, timeout=5).status_code == 200
    thread.join(timeout=5)
    assert got == [{"state": "s3cret", "code": "c"}]
    assert requests.get(right, timeout=5).status_code == 400


def test_the_page_is_sent_before_the_answer_is_handed_over(waiting, monkeypatch):
    """Who has the answer ends the process, and with it whatever is not sent yet."""
    callback, got, thread = waiting
    said, seen = _Handler._say, []

    def slowly(handler, status, text):
        thread.join(timeout=0.2)
        seen.append(list(got))
        said(handler, status, text)

    monkeypatch.setattr(_Handler, "_say", slowly)
    assert "close this page" in requests.get(f"{callback.address}?state=s3cret", timeout=5).text
    thread.join(timeout=5)
    assert seen == [[]] and len(got) == 1


def test_a_forgery_is_refused_and_waited_past(waiting):
    """Another page of the browser can neither answer nor end the dialog; no path but one exists."""
    callback, got, thread = waiting
    for forged in ("", "?code=evil", "?state=&code=evil", "?state=other&code=evil"):
        assert requests.get(callback.address + forged, timeout=5).status_code == 400
    elsewhere = callback.address.replace("/callback", "/")
    assert requests.get(elsewhere + "?state=s3cret", timeout=5).status_code == 404
    assert requests.post(callback.address + "?state=s3cret", timeout=5).status_code == 501
    assert not got
    requests.get(callback.address + "?state=s3cret&code=c", timeout=5)
    thread.join(timeout=5)
    assert got == [{"state": "s3cret", "code": "c"}]


def test_a_name_that_leads_here_is_no_way_in(waiting):
    """A site whose name resolves to this machine sends its own Host."""
    callback, got, _ = waiting
    right = f"{callback.address}?state=s3cret&code=c"
    assert requests.get(right, headers={"Host": "evil.example"}, timeout=5).status_code == 404
    assert not got
    requests.get(right, timeout=5)


def test_a_browser_that_only_opens_connections_does_not_block(waiting):
    """Browsers open some ahead of need and send nothing."""
    callback, got, thread = waiting
    port = int(callback.address.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port)):
        requests.get(f"{callback.address}?state=s3cret&code=c", timeout=5)
        thread.join(timeout=5)
    assert got == [{"state": "s3cret", "code": "c"}]


def test_only_loopback_is_bound(waiting):
    """Every other address of this machine is closed."""
    callback, _, _ = waiting
    port = int(callback.address.split(":")[2].split("/")[0])
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", port), timeout=2):
        pass
    requests.get(f"{callback.address}?state=s3cret&code=c", timeout=5)


def test_the_page_gives_nothing_away(waiting, capfd):
    """No referrer, no cache, no script, and the code in no log."""
    callback, _, thread = waiting
    page = requests.get(f"{callback.address}?state=s3cret&code=hidden", timeout=5)
    thread.join(timeout=5)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store" and "<script" not in page.text
    assert "hidden" not in page.text + "".join(capfd.readouterr())


def test_nobody_answers():
    """The wait ends with what to do."""
    with listening() as callback, pytest.raises(InputError, match="--paste"):
        callback.wait(0.05)


def test_a_browser_that_is_sent_back_at_once_is_heard(monkeypatch):
    """A network that knows the person asks nothing: the answer is there before anybody waits."""
    right: list[int] = []

    def opens(address: str) -> bool:
        right.append(requests.get(address, timeout=5).status_code)
        return True

    class Knows:
        network = Network.META

        def start(self, callback: str) -> StartedLogin:
            return StartedLogin(f"{callback}?state=s3cret&code=c", callback, "state", "s3cret")

        def finish(self, opened, answer):
            return answer

    monkeypatch.setattr("webbrowser.open", opens)
    found = log_in(Knows(), Way(port=0, timeout_s=5), lambda _: None, input)
    assert right == [200] and found == {"state": "s3cret", "code": "c"}


def test_a_taken_port_is_named():
    with listening() as callback:
        port = int(callback.address.split(":")[2].split("/")[0])
        with pytest.raises(SetupError, match="--port"), listening(port):
            pass


@pytest.mark.parametrize("answer", [{"code": "c"}, {"state": "other", "code": "c"}])
def test_an_answer_of_another_dialog_is_never_exchanged(answer):
    """Whatever way it came in."""
    with pytest.raises(InputError, match="another dialog"):
        granted(OPENED, answer, "code")


def test_a_no_is_told_from_an_unfinished_answer():
    with pytest.raises(InputError, match="declined"):
        granted(OPENED, {"state": "s3cret", "error": "access_denied"}, "code")
    with pytest.raises(InputError, match="no code"):
        granted(OPENED, {"state": "s3cret"}, "code")


@pytest.mark.parametrize(
    ("text", "proof", "found"),
    [
        ("http://127.0.0.1:1/callback?state=s&code=c#_=_\n", "state", {"state": "s", "code": "c"}),
        ("state=s&code=c", "state", {"state": "s", "code": "c"}),
        ("just-a-code", "state", {}),
        (" 1234567\n", "oauth_token", {"oauth_token": "s", "oauth_verifier": "1234567"}),
        (
            "http://h/cb?oauth_token=t&oauth_verifier=v",
            "oauth_token",
            {"oauth_token": "t", "oauth_verifier": "v"},
        ),
        ("", "oauth_token", {}),
    ],
)
def test_what_people_paste_is_understood(text, proof, found):
    """An address with or without its head, Meta's trailing fragment, X's PIN alone; a bare code
    proves no dialog and is not taken."""
    assert pasted(text, proof, "s") == found
