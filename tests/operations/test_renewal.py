"""N processes that find an access token ended ask the network once."""

import json
import subprocess
import sys
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from domain.errors import NeedsReauth, NotFound, Retryable
from domain.platform import Network
from resources.oauth.flow import Grant
from resources.oauth.token_renewal import CLAIM_S, fresh

PLACE = (Network.GOOGLE, "7000000001")


@pytest.fixture
def ended(world):
    """A Google connection whose token ended a minute ago."""
    world.store.connections.connect(
        world.team.id,
        *PLACE,
        "EMU-old",
        refresh_token="EMU-refresh",
        token_expires_at=world.clock() - timedelta(minutes=1),
        scopes=("adwords",),
    )
    return world


def held(world):
    return world.store.connections.get(world.team.id, *PLACE)


def renewed(world, renew, **more):
    return fresh(
        world.store.connections, held(world), renew, now=world.clock, sleep=lambda _: None, **more
    )


def grant(world, name="new"):
    return Grant(f"EMU-{name}", expires_at=world.clock() + timedelta(hours=1))


def test_a_token_that_is_good_is_not_renewed(ended):
    """Nor one that has no refresh token, such as X's."""
    ended.store.connections.connect(
        ended.team.id,
        *PLACE,
        "EMU-good",
        refresh_token="EMU-refresh",
        token_expires_at=ended.clock() + timedelta(minutes=6),
    )
    assert renewed(ended, pytest.fail).token == "EMU-good"
    ended.store.connections.connect(
        ended.team.id, *PLACE, "EMU-plain", token_expires_at=ended.clock()
    )
    assert renewed(ended, pytest.fail, force=True).token == "EMU-plain"


def test_a_renewed_token_is_stored_with_what_was_there(ended):
    """Scopes and refresh token stay; the next one to ask finds it."""
    assert renewed(ended, lambda _: grant(ended)).token == "EMU-new"
    found = renewed(ended, pytest.fail)
    assert (found.refresh_token, found.scopes) == ("EMU-refresh", ("adwords",))


def test_a_network_that_does_not_answer_leaves_the_next_one_free_to_ask(ended):
    """The claim ends with the attempt, and the old state stays."""

    def fail(_):
        raise Retryable("no answer")

    with pytest.raises(Retryable):
        renewed(ended, fail)
    assert held(ended).token == "EMU-old"
    assert renewed(ended, lambda _: grant(ended)).token == "EMU-new"


def test_a_grant_that_was_taken_back_needs_a_person(ended):
    """The status says it, and nobody asks again until someone connects."""

    def refuse(_):
        raise NeedsReauth("invalid_grant")

    with pytest.raises(NeedsReauth):
        renewed(ended, refuse)
    assert held(ended).status == "needs_reauth"
    with pytest.raises(NeedsReauth):
        renewed(ended, pytest.fail)


def test_an_account_that_is_connected_again_while_its_grant_is_refused_stays_active(ended):
    """The refusal was of the older refresh token."""

    def refuse(_):
        ended.store.connections.connect(ended.team.id, *PLACE, "EMU-again")
        raise NeedsReauth("invalid_grant")

    ended.clock.at += timedelta(seconds=1)
    with pytest.raises(NeedsReauth):
        renewed(ended, refuse)
    assert (held(ended).status, held(ended).token) == ("active", "EMU-again")


def test_a_claim_outlives_its_process_only_for_its_time(ended):
    """Killed while it asks: others wait for it, then one takes over; its late answer is void."""
    ends = held(ended).token_expires_at
    claim = ended.store.connections.claim_refresh(ended.team.id, *PLACE, seen=ends, for_s=CLAIM_S)
    assert (
        ended.store.connections.claim_refresh(ended.team.id, *PLACE, seen=ends, for_s=CLAIM_S)
        is None
    )
    with pytest.raises(Retryable, match="being renewed"):
        renewed(ended, pytest.fail)
    ended.clock.at += timedelta(seconds=CLAIM_S + 1)
    assert renewed(ended, lambda _: grant(ended)).token == "EMU-new"
    late = {"token": "EMU-late", "refresh_token": "EMU-r", "expires_at": ended.clock()}
    assert not ended.store.connections.refreshed(ended.team.id, *PLACE, claim=claim, **late)
    assert held(ended).token == "EMU-new"


def test_a_new_login_during_a_renewal_wins(ended):
    """The person's newer grant is not overwritten by the older one's token."""

    def slow(_):
        ended.store.connections.connect(
            ended.team.id,
            *PLACE,
            "EMU-person",
            refresh_token="EMU-r2",
            token_expires_at=ended.clock() + timedelta(hours=1),
        )
        return grant(ended)

    assert renewed(ended, slow).token == "EMU-person"


def test_a_removed_connection_is_gone(ended):
    ended.store.connections.disconnect(ended.team.id, *PLACE)
    with pytest.raises(NotFound):
        held(ended)
    with pytest.raises(NotFound):
        ended.store.connections.disconnect(ended.team.id, *PLACE)


@pytest.fixture
def counting(world):
    """A token endpoint that takes a while, and counts."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(0.2)
            body = json.dumps({"access_token": f"EMU-{len(asked)}", "expires_in": 3600}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/token", asked
    server.shutdown()
    server.server_close()


PROCESS = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from domain.networks import App
from domain.platform import Mode, Network
from resources.oauth.google import GoogleFlow
from resources.oauth.token_renewal import fresh
from resources.operations.store import OperationsStore
from resources.security.vault import Vault
url, key, team, token_uri = sys.argv[1:5]
now = lambda: datetime.now(UTC)
store = OperationsStore(url, vault=Vault(Path(key)))
flow = GoogleFlow(App("id", "secret"), "", token_uri, Mode.SANDBOX, lambda grant: [])
held = store.connections.get(team, Network.GOOGLE)
print("ready", flush=True); sys.stdin.readline()
print(fresh(store.connections, held, flow.renew, now=now, sleep=time.sleep).token)
"""


def test_six_processes_ask_once(ended, counting, tmp_path):
    """All of them go on with the one token that was given."""
    token_uri, asked = counting
    pipe, key = subprocess.PIPE, str(tmp_path / "vault.key")
    command = [sys.executable, "-c", PROCESS, ended.url, key, str(ended.team.id), token_uri]
    processes = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(6)
    ]
    for process in processes:
        assert process.stdout.readline().strip() == "ready", process.stderr.read()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60) for process in processes]
    assert [out.strip() for out, _ in said] == ["EMU-1"] * 6, said
    assert len(asked) == 1 and b"grant_type=refresh_token" in asked[0]
