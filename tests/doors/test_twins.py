"""A web page cannot move the sandbox's clock, plant its decisions or click its logins."""

import pytest

from tests.doors.wire import speak

JSON, TEXT = ("Content-Type", "application/json"), ("Content-Type", "text/plain")
MOVE = '{"advance_hours": 1}'
PAGE = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
FRAME = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")]
CROSS = ("Sec-Fetch-Site", "cross-site")


def clock(port: int) -> str:
    told = speak(port, "GET", "/_twin/clock", [("Host", f"127.0.0.1:{port}")])
    return told.text.partition('"now":')[2][:18]


def attacks(port: int) -> dict[str, list[tuple[str, str]]]:
    host = ("Host", f"127.0.0.1:{port}")
    return {
        "a rebound name": [("Host", f"evil.example:{port}"), JSON],
        "another site": [host, ("Origin", "http://evil.example"), JSON],
        "another port": [host, ("Origin", "http://127.0.0.1:1"), JSON],
        "a sandboxed frame": [host, ("Origin", "null"), JSON],
        "a fetch without asking": [host, ("Sec-Fetch-Site", "cross-site"), JSON],
        "text": [host, TEXT],
        "a form": [host, ("Content-Type", "application/x-www-form-urlencoded")],
    }


@pytest.mark.parametrize("name", attacks(0))
def test_no_page_moves_the_clock(admin, name):
    before = clock(admin)
    answer = speak(admin, "POST", "/_twin/clock", attacks(admin)[name], MOVE)
    assert answer.status in (403, 415, 421)
    assert clock(admin) == before


@pytest.mark.parametrize("path", ["/v26.0/me", "/12/accounts", "/oauth/access_token", "/token"])
def test_the_networks_own_paths_are_guarded_alike(admin, path):
    """A rebound name or another site's page reaches no path at all."""
    host = ("Host", f"127.0.0.1:{admin}")
    for headers in ([("Host", "evil.example")], [host, ("Origin", "http://evil.example")]):
        for method in ("GET", "POST"):
            assert speak(admin, method, path, headers).status in (403, 421)


def test_what_our_programs_send_passes(admin):
    """The demo moves the clock; no browser's header is among theirs."""
    before = clock(admin)
    answer = speak(admin, "POST", "/_twin/clock", [("Host", f"127.0.0.1:{admin}"), JSON], MOVE)
    assert answer.status == 200 and clock(admin) != before


DIALOGS = {
    "JOBADS_META_URL": "/v26.0/dialog/oauth",
    "JOBADS_X_URL": "/oauth/authorize",
    "JOBADS_GOOGLE_OAUTH_URL": "/o/oauth2/v2/auth",
}


@pytest.mark.parametrize("name", DIALOGS)
def test_a_login_may_be_led_to_and_is_not_clicked_from_elsewhere(networks, name):
    """As at the networks: another page leads a person there. It can neither frame the page nor
    press its button."""
    port, path = int(networks[1][name].rpartition(":")[2]), DIALOGS[name]
    host = ("Host", f"127.0.0.1:{port}")
    led = speak(port, "GET", path, [host, CROSS, *PAGE])
    assert "Another site" not in led.text and led.header("X-Frame-Options")
    assert speak(port, "GET", path, [host, CROSS, *FRAME]).status == 403
    assert speak(port, "POST", path, [host, CROSS, *PAGE]).status == 403
    assert speak(port, "GET", "/_twin/health", [host, CROSS, *PAGE]).status == 403
