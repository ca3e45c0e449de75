"""One real `jobads up`: its ports attacked, a twin of it killed, at last Dagster itself."""

import json
import os
import signal
import subprocess
from pathlib import Path

import requests

from tests.doors.conftest import SENSOR, eventually
from tests.doors.wire import SOCKET, speak

MUTATION = f"mutation{{startSensor({SENSOR}){{__typename}}}}"
JSON = ("Content-Type", "application/json")


def test_no_request_from_the_web_switches_the_posting_sensor_on(up):
    """By GET, by a form, by a rebound name, across origins: with the cookie that a browser adds."""
    host, cookie = ("Host", f"127.0.0.1:{up.port}"), ("Cookie", f"jobads-{up.port}={up.key}")
    asked = f"/graphql?query={requests.utils.quote(MUTATION)}"
    evil = ("Origin", "http://evil.example")
    body = json.dumps({"query": MUTATION})
    attacks = [
        ("GET", asked, [host, cookie], ""),
        ("GET", asked, [host, cookie, ("Sec-Fetch-Site", "cross-site")], ""),
        ("GET", asked, [("Host", f"evil.example:{up.port}"), cookie], ""),
        ("POST", asked, [host, cookie, ("Content-Type", "text/plain")], body),
        ("POST", "/graphql", [host, cookie, evil, JSON], body),
        ("POST", "/graphql", [("Host", f"evil.example:{up.port}"), cookie, JSON], body),
        ("POST", "/graphql", [host, JSON], body),
    ]
    statuses = [speak(up.port, m, t, headers, sent).status for m, t, headers, sent in attacks]
    assert set(statuses) <= {401, 403, 405, 415, 421}, statuses
    assert up.sensor() == "STOPPED"


def test_dagsters_other_routes_want_the_secret_too(up):
    """Reports, logs, downloads, and subscriptions."""
    host = ("Host", f"127.0.0.1:{up.port}")
    for path in ("/", "/logs/x/y.out", "/download_debug/x", "/notebook?path=x", "/server_info"):
        assert speak(up.port, "GET", path, [host]).status == 401
    reported = speak(up.port, "POST", "/report_asset_materialization/due_ads", [host, JSON], "{}")
    assert reported.status == 401
    own = ("Origin", f"http://127.0.0.1:{up.port}")
    cookie = ("Cookie", f"jobads-{up.port}={up.key}")
    subscribe = [*SOCKET, ("Sec-WebSocket-Protocol", "graphql-ws")]
    assert speak(up.port, "GET", "/graphql", [host, own, *subscribe]).status == 403
    foreign = ("Origin", "http://evil.example")
    assert speak(up.port, "GET", "/graphql", [host, foreign, cookie, *subscribe]).status == 403
    assert speak(up.port, "GET", "/graphql", [host, own, cookie, *subscribe]).status == 101


def test_jupyterlab_is_guarded_by_its_own_settings(up):
    """Its token, its Host, its Origin; a kernel is not started from elsewhere."""
    ask, token = f"{up.jupyter}/api/kernels", {"Authorization": f"token {up.token}"}
    assert requests.get(ask, timeout=20).status_code == 403
    assert requests.get(ask, headers=token, timeout=20).status_code == 200
    rebound = {**token, "Host": "evil.example:8888"}
    assert requests.get(ask, headers=rebound, timeout=20).status_code == 403
    with requests.Session() as browser:  # what a page makes a browser send: its cookie, no token
        browser.get(f"{up.jupyter}/lab", params={"token": up.token}, timeout=60)
        evil = {"Origin": "http://evil.example"}
        assert browser.post(ask, headers=evil, timeout=20).status_code in (403, 404)
        assert browser.post(ask, timeout=20).status_code == 403  # no xsrf token
    assert requests.get(ask, headers=token, timeout=20).json() == []


def test_no_secret_is_in_a_command_line_or_a_log(up):
    """They are printed once, by us; nobody below Dagster inherits its key."""
    speak(up.port, "GET", f"/_open?key={up.key}", [("Host", f"127.0.0.1:{up.port}")])
    assert up.text.count(up.key) == up.text.count(up.token) == 1
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert up.key not in listed and up.token not in listed
    for below in ("dagster._daemon run", "dagster api grpc", "dagster code-server"):
        assert up.key not in Path(f"/proc/{up.pid(below)}/environ").read_text()


def test_the_code_server_answers_this_user_alone_and_on_no_port(up):
    """Its sockets are files that nobody else may write to, so that nobody else may connect."""
    for below in ("dagster api grpc", "dagster code-server"):
        words = Path(f"/proc/{up.pid(below)}/cmdline").read_bytes().decode().split("\0")
        assert "--port" not in words
        assert Path(words[words.index("--socket") + 1]).stat().st_mode & 0o077 == 0


def test_a_twins_death_ends_nothing_else(up):
    """It answers again on its address; Dagster and JupyterLab never noticed."""
    url, before = up.said("JOBADS_META_URL"), up.pid("jobads.dagster_server")
    os.kill(up.pid("sandbox.meta"), signal.SIGKILL)
    assert eventually(lambda: "the meta twin ended (status -9)" in up.text, 30)
    assert eventually(lambda: requests.get(f"{url}/_twin/health", timeout=5).ok, 60)
    assert up.pid("jobads.dagster_server") == before and up.sensor() == "STOPPED"
    assert requests.get(up.jupyter, timeout=20).ok and up.process.poll() is None


def test_behind_the_guard_there_is_nothing_to_warn_of(up):
    assert up.sensor() == "STOPPED"  # the code location is loaded
    assert "UNGUARDED" not in up.text


def test_zz_dagsters_end_ends_all_and_says_so(up):
    """Last in this file: afterwards nothing is served."""
    os.kill(up.pid("dagster._daemon run"), signal.SIGKILL)
    assert up.process.wait(timeout=90) != 0
    assert "Dagster's daemon ended (status -9), and its pages with it" in up.text
    assert "dagster stopped" in up.text and "jupyter stopped" in up.text
