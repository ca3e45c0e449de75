"""A token is renewed before a call, over the guarded door, and a dead one is told as such."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from domain.errors import NeedsReauth, Retryable, SetupError
from resources.google import platform

CUSTOMER = "7000000002"
PAST = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def tokens():
    """A token endpoint that answers (status, body); `asked` are the forms that it was sent."""
    answers, asked = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            status, body = answers[0]
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/token"
    yield type("Tokens", (), {"url": url, "answers": answers, "asked": asked})
    server.shutdown()
    server.server_close()


def connected(address, url, **changes):
    given = {
        "token": "EMU-old",
        "refresh_token": "EMU-refresh-secret",
        "expires_at": PAST,
        "account_id": CUSTOMER,
        "client_id": "EMU-app",
        "client_secret": "EMU-app-secret",
    }
    return platform(address=address, token_uri=url, **{**given, **changes})


def test_an_expired_token_is_renewed_once_and_sent(address, script, rows, tokens):
    """The new token goes with the call, and stands for the next one."""
    tokens.answers.append((200, {"access_token": "EMU-new", "expires_in": 3600}))
    script.say(rows())
    google = connected(address, tokens.url)
    for _ in range(2):
        google.find(CUSTOMER, "campaign", "aa")
    assert len(tokens.asked) == 1 and "EMU-refresh-secret" in tokens.asked[0]
    assert [m["authorization"] for m in script.metadata] == ["Bearer EMU-new"] * 2


def test_a_revoked_grant_needs_a_person(address, script, tokens):
    """invalid_grant ends in NeedsReauth, with no secret in its words."""
    tokens.answers.append((400, {"error": "invalid_grant", "error_description": "EMU-app-secret"}))
    with pytest.raises(NeedsReauth) as caught:
        connected(address, tokens.url).find(CUSTOMER, "campaign", "aa")
    assert "secret" not in str(caught.value) and script.requests == []


def test_an_expired_token_that_nobody_can_renew_needs_a_person(address, script, tokens):
    """Without a refresh token the call is not sent."""
    with pytest.raises(NeedsReauth):
        connected(address, tokens.url, refresh_token=None).find(CUSTOMER, "campaign", "aa")
    assert script.requests == [] and tokens.asked == []


def test_a_token_server_that_is_away_is_retryable(address):
    """Nothing was sent to Google."""
    with pytest.raises(Retryable, match="could not be renewed"):
        connected(address, "http://127.0.0.1:9/token").create(
            CUSTOMER, "campaign", {"mutate_operations": [{}]}
        )


def test_tokens_are_renewed_on_this_machine_only(address):
    """An address of renewal elsewhere is refused before it is asked."""
    with pytest.raises(SetupError):
        connected(address, "http://192.0.2.1/token")


def test_no_secret_is_shown(address, tokens):
    """Neither the adapter nor what it holds has a secret in its repr."""
    google = connected(address, tokens.url)
    shown = repr(google) + repr(google.wire)
    assert "EMU-" not in shown
