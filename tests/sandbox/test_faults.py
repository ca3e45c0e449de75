"""Faults and the admin door, which all twins share, on a small network of our own."""

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from sandbox import admin
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.wire import Dropped, carry


class Network:
    """Counts what it did."""

    def __init__(self, folder):
        self.done, self.faults, self.clock = 0, Faults(), Clock(folder)

    async def act(self):
        self.done += 1
        return JSONResponse({"done": self.done})

    async def serve(self, request):
        fault = self.faults.due(request.method, request.url.path)
        answer = await carry(fault, self.act, lambda f: JSONResponse({}, status_code=f.status))
        # The test's client cannot lose an answer: it is shown as a status of its own.
        return JSONResponse({}, status_code=599) if isinstance(answer, Dropped) else answer


def lost(_):
    raise LookupError("ad 7")


@pytest.fixture
def network(tmp_path):
    return Network(tmp_path)


@pytest.fixture
def client(network):
    door = admin.routes(
        network.clock,
        network.faults,
        expected=lost,
        health=lambda: {"accounts": {}},
        revoke=lambda body: {"revoked": body["token"]},
        review=lost,
    )
    return TestClient(Starlette(routes=[*door, Route("/act", network.serve, methods=["POST"])]))


@pytest.mark.parametrize(
    ("where", "kind", "status", "done"),
    [
        ("before", "drop", 599, 0),
        ("after", "drop", 599, 1),
        ("before", "status", 503, 0),
        ("after", "status", 503, 1),
        ("before", "throttle", 503, 0),
        ("before", "stall", 200, 1),
        ("after", "stall", 200, 1),
    ],
)
def test_a_fault_strikes_before_or_after_the_network_acts(
    client, network, where, kind, status, done
):
    """Lost or refused before: nothing is done; after: done, and the caller does not know."""
    fault = {"where": where, "kind": kind, "status": 503, "seconds": 0.01}
    assert client.post("/_twin/faults", json=fault).status_code == 200
    assert client.post("/act").status_code == status
    assert network.done == done


def test_a_fault_waits_for_its_request_and_repeats(client):
    """From the second match on, twice; other paths do not count."""
    fault = {"where": "before", "kind": "status", "path": "^/act$", "nth": 2, "times": 2}
    client.post("/_twin/faults", json=fault)
    assert [client.post("/act").status_code for _ in range(4)] == [200, 500, 500, 200]
    assert client.get("/_twin/faults").json() == {"faults": []}


def test_faults_are_seen_and_cleared(client):
    """What waits is listed with how often it matched; after DELETE nothing waits."""
    client.post("/_twin/faults", json={"where": "after", "kind": "drop", "nth": 3})
    client.post("/act")
    (seen,) = client.get("/_twin/faults").json()["faults"]
    assert (seen["kind"], seen["nth"], seen["seen"]) == ("drop", 3, 1)
    client.delete("/_twin/faults")
    assert client.get("/_twin/faults").json() == {"faults": []}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "drop"},
        {"where": "before", "kind": "explode"},
        {"where": "before", "kind": "drop", "nth": 0},
        {"where": "before", "kind": "drop", "path": "("},
        {"where": "before", "kind": "stall", "seconds": -1},
        {"where": "before", "kind": "drop", "when": "now"},
        {"where": "before", "kind": "drop", "nth": []},
    ],
)
def test_a_fault_that_means_nothing_is_refused(client, wrong):
    """400 with a sentence, and nothing is planned."""
    answer = client.post("/_twin/faults", json=wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert client.get("/_twin/faults").json() == {"faults": []}


def test_two_processes_share_one_clock(network, client, tmp_path):
    """What one twin's door sets, another twin of the same folder reads."""
    client.post("/_twin/clock", json={"now": "2026-12-01T10:00:00+01:00"})
    client.post("/_twin/clock", json={"advance_hours": 1.5})
    assert Clock(tmp_path).now().isoformat() == "2026-12-01T10:30:00+00:00"


@pytest.mark.parametrize("body", [{}, {"now": "2026-12-01T10:00:00"}, {"advance_hours": "x"}])
def test_the_clock_wants_a_moment_with_a_zone(client, body):
    """Neither nothing nor a local time moves it."""
    before = client.get("/_twin/clock").json()
    assert client.post("/_twin/clock", json=body).status_code == 400
    assert client.get("/_twin/clock").json() == before


def test_each_twin_answers_the_shared_door_its_own_way(client):
    """The network's callables answer; a LookupError is 404."""
    assert client.post("/_twin/revoke", json={"token": "EMU-1"}).json() == {"revoked": "EMU-1"}
    assert client.get("/_twin/expected/act/7").status_code == 404
    assert client.post("/_twin/review", json={"id": "7"}).status_code == 404
    assert client.get("/_twin/health").json()["accounts"] == {}
