import base64
import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from google.ads.googleads.errors import GoogleAdsException
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials

APP = {"client_id": "EMU-google-app", "client_secret": "EMU-google-app-secret"}
BACK = "http://127.0.0.1:9/callback"
SCOPE = "https://www.googleapis.com/auth/adwords"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().strip("=")


def page(twin, **changes) -> requests.Response:
    asked = {
        "client_id": APP["client_id"],
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": SCOPE,
        "state": "s&1",
        "access_type": "offline",
        "prompt": "consent",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return requests.get(f"{twin.url}/o/oauth2/v2/auth", params=asked, timeout=10)


def press(twin, shown: requests.Response, answer: str) -> dict[str, str]:
    """What comes back to the application after a button is pressed."""
    mark = re.search(r'name="mark" value="([^"]+)"', shown.text)[1]
    action = re.search(r'action="([^"]+)"', shown.text)[1]
    gone = requests.post(
        twin.url + action, data={"mark": mark, "answer": answer}, allow_redirects=False, timeout=10
    )
    assert gone.status_code == 302
    assert gone.headers["location"].startswith(BACK)
    return {k: v[0] for k, v in parse_qs(urlsplit(gone.headers["location"]).query).items()}


def token(twin, **grant) -> requests.Response:
    return requests.post(f"{twin.url}/token", data={**APP, **grant}, timeout=10)


def exchange(twin, code: str, **changes) -> requests.Response:
    grant = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    return token(twin, **grant)


def refusal(twin, bearer: str) -> tuple[str, str]:
    """gRPC status and AuthenticationError of a call with this token."""
    with pytest.raises(GoogleAdsException) as caught:
        twin.service("CustomerService", bearer).list_accessible_customers()
    code = caught.value.failure.errors[0].error_code.authentication_error
    return caught.value.error.code().name, code.name


def test_a_person_allows_and_the_application_can_call(twin):
    """Page, Allow, code, tokens, call."""
    shown = page(twin)
    assert "Allow" in shown.text
    assert "Cancel" in shown.text
    back = press(twin, shown, "allow")
    assert back["state"] == "s&1"
    given = exchange(twin, back["code"]).json()
    assert given["expires_in"] == 3600
    assert given["access_token"].startswith("EMU-")
    listed = twin.service("CustomerService", given["access_token"]).list_accessible_customers()
    assert listed.resource_names
    again = token(twin, grant_type="refresh_token", refresh_token=given["refresh_token"]).json()
    assert "refresh_token" not in again
    assert twin.service("CustomerService", again["access_token"]).list_accessible_customers()


def test_a_person_cancels(twin):
    """access_denied comes back with the state."""
    assert press(twin, page(twin), "cancel") == {"state": "s&1", "error": "access_denied"}


def test_a_page_is_answered_once(twin):
    """A second press of the button is refused."""
    shown = page(twin)
    press(twin, shown, "allow")
    mark = re.search(r'name="mark" value="([^"]+)"', shown.text)[1]
    again = requests.post(f"{twin.url}/o/oauth2/v2/auth", data={"mark": mark}, timeout=10)
    assert again.status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://127.0.0.1.evil.example/"},
        {"client_id": "another"},
        {"scope": "email"},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
    ],
)
def test_an_odd_request_is_blocked(twin, changes):
    """Loopback, the known application, the scope and S256 only; nobody is sent anywhere."""
    assert page(twin, **changes).status_code == 400


@pytest.mark.parametrize(
    "changes", [{"code_verifier": "w" * 64}, {"redirect_uri": "http://127.0.0.1:9/other"}]
)
def test_a_code_is_for_whom_it_was_given_to(twin, changes):
    """A wrong verifier or address gets nothing."""
    code = press(twin, page(twin), "allow")["code"]
    assert exchange(twin, code, **changes).json()["error"] == "invalid_grant"


def test_a_code_is_used_once(twin):
    """The second exchange fails."""
    code = press(twin, page(twin), "allow")["code"]
    assert exchange(twin, code).status_code == 200
    assert exchange(twin, code).json()["error"] == "invalid_grant"


def test_without_offline_access_there_is_no_refresh_token(twin):
    """As at Google."""
    code = press(twin, page(twin, access_type="online"), "allow")["code"]
    assert "refresh_token" not in exchange(twin, code).json()


def test_the_standing_refresh_token_serves_googles_own_library(twin):
    """google-auth refreshes over plain http on loopback."""
    credentials = Credentials(
        None, refresh_token="EMU-google-refresh", token_uri=f"{twin.url}/token", **APP
    )
    credentials.refresh(Request())
    assert credentials.valid


def test_a_strange_token_is_refused(twin):
    """UNAUTHENTICATED with a failure that says why."""
    assert refusal(twin, "ya29.real") == ("UNAUTHENTICATED", "OAUTH_TOKEN_INVALID")


def test_a_wrong_secret_is_refused(twin):
    """invalid_client, 401."""
    answer = token(twin, client_secret="guess", grant_type="refresh_token", refresh_token="x")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_revoked_grant_ends_its_tokens(twin):
    """OAUTH_TOKEN_REVOKED for calls, invalid_grant for refreshes; other grants go on."""
    given = exchange(twin, press(twin, page(twin), "allow")["code"]).json()
    twin.admin("revoke", {"token": given["refresh_token"]})
    assert refusal(twin, given["access_token"]) == ("UNAUTHENTICATED", "OAUTH_TOKEN_REVOKED")
    refreshed = token(twin, grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    assert twin.service("CustomerService").list_accessible_customers()


def test_the_simulated_clock_ages_no_token(twin):
    """A demo that moves a month ahead stays signed in."""
    given = exchange(twin, press(twin, page(twin), "allow")["code"]).json()
    twin.admin("clock", {"advance_hours": 24 * 30})
    assert twin.service("CustomerService", given["access_token"]).list_accessible_customers()
