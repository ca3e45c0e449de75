import hashlib
import hmac
import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

APP, SECRET = "EMU-meta-app", "EMU-meta-app-secret"
BACK = "http://127.0.0.1:9/callback"
ASKED = {
    "client_id": APP,
    "redirect_uri": BACK,
    "state": "s<1>",
    "response_type": "code",
    "scope": "ads_management,ads_read,pages_show_list",
}


def dialog(twin, **changes):
    url = f"{twin.url}/v26.0/dialog/oauth"
    return requests.get(url, params={**ASKED, **changes}, timeout=20)


def click(twin, button: str, **changes) -> dict[str, str]:
    """What comes back to the app after a click, read from the page's own form."""
    page = dialog(twin, **changes)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    fields = {k: v.replace("&lt;", "<").replace("&gt;", ">") for k, v in fields.items()}
    answer = requests.post(
        page.url.split("?")[0], data={**fields, "answer": button}, allow_redirects=False, timeout=20
    )
    assert answer.status_code == 302 and answer.headers["location"].startswith(BACK)
    query = urlsplit(answer.headers["location"]).query
    return {name: values[0] for name, values in parse_qs(query).items()}


def exchange(twin, **given):
    wanted = {"client_id": APP, "client_secret": SECRET, "redirect_uri": BACK, **given}
    return requests.get(f"{twin.url}/v26.0/oauth/access_token", params=wanted, timeout=20)


def token(twin, **changes) -> str:
    return exchange(twin, code=click(twin, "continue", **changes)["code"]).json()["access_token"]


def debug(twin, asked: str) -> dict:
    given = {"input_token": asked, "access_token": f"{APP}|{SECRET}"}
    return requests.get(f"{twin.url}/debug_token", params=given, timeout=20).json()["data"]


def test_continue_brings_a_code_and_the_state_back(twin):
    """The page has two buttons; Continue sends the browser back with what the app sent."""
    page = dialog(twin)
    assert page.headers["content-type"].startswith("text/html")
    assert "Continue</button>" in page.text and "Cancel</button>" in page.text
    assert "s<1>" not in page.text
    back = click(twin, "continue")
    assert back["state"] == "s<1>" and back["code"].startswith("EMU-")


def test_cancel_brings_a_denial_back(twin):
    """No code, but the reason."""
    back = click(twin, "cancel")
    assert (back["error"], back["error_reason"]) == ("access_denied", "user_denied")
    assert "code" not in back


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "1"},
        {"redirect_uri": "https://evil.example/cb"},
        {"redirect_uri": "http://127.0.0.1.evil.example/"},
        {"response_type": "token"},
        {"scope": "user_photos"},
    ],
)
def test_the_dialog_sends_nobody_to_a_stranger(twin, wrong):
    """An unknown app, address or scope ends on a page, never in a redirect."""
    assert dialog(twin, **wrong).status_code == 400


def test_a_code_is_good_once_for_its_own_address_and_ten_minutes(twin):
    """Used, old, and foreign codes have their own subcodes."""
    code = click(twin, "continue")["code"]
    other = exchange(twin, code=code, redirect_uri="http://127.0.0.1:9/other").json()["error"]
    assert other["error_subcode"] == 36008
    assert exchange(twin, code=code).json()["access_token"].startswith("EMU-")
    assert exchange(twin, code=code).json()["error"]["error_subcode"] == 36009
    late = click(twin, "continue")["code"]
    twin.admin("clock", {"advance_hours": 0.2})
    assert exchange(twin, code=late).json()["error"]["error_subcode"] == 36007


def test_the_apps_secret_is_checked(twin):
    """A wrong secret and a wrong app are told apart."""
    code = click(twin, "continue")["code"]
    assert exchange(twin, code=code, client_secret="x").json()["error"]["code"] == 1
    assert exchange(twin, code=code, client_id="x").json()["error"]["code"] == 101


def test_a_long_lived_token_ends_after_sixty_days(twin):
    """debug_token says when and for what; past that the token meets 190/463."""
    short = token(twin)
    given = {"grant_type": "fb_exchange_token", "fb_exchange_token": short}
    answer = exchange(twin, **given).json()
    assert answer["expires_in"] == 5183944
    told = debug(twin, answer["access_token"])
    assert told["is_valid"] and told["app_id"] == APP and "ads_management" in told["scopes"]
    end = datetime.fromisoformat(twin.admin("clock")["now"]) + timedelta(seconds=5183944)
    assert told["expires_at"] == int(end.timestamp())
    twin.admin("clock", {"advance_hours": 24 * 61})
    error = twin.get("me", access_token=answer["access_token"]).json()["error"]
    assert (error["code"], error["error_subcode"]) == (190, 463)
    assert not debug(twin, answer["access_token"])["is_valid"]


def test_a_revoked_token_meets_190_from_then_on(twin):
    """Other tokens stay good."""
    mine, other = token(twin), token(twin)
    assert twin.get("me", access_token=mine).status_code == 200
    twin.admin("revoke", {"token": mine})
    error = twin.get("me", access_token=mine).json()["error"]
    assert (error["code"], error["error_subcode"]) == (190, 460)
    assert twin.get("me", access_token=other).status_code == 200


def test_a_token_may_do_what_was_granted(twin):
    """With ads_read alone nothing can be written, and pages are not shown."""
    reader = token(twin, scope="ads_read")
    assert twin.get("act_1000000002/campaigns", access_token=reader).status_code == 200
    made = twin.post("act_1000000002/campaigns", access_token=reader, name="x")
    assert made.json()["error"]["code"] == 200
    assert twin.get("me/accounts", access_token=reader).json()["error"]["code"] == 200


def test_a_user_sees_accounts_and_pages(twin):
    """What a connection needs to let a person choose."""
    mine = token(twin)
    accounts = twin.get("me/adaccounts", access_token=mine, fields="currency,timezone_name")
    assert {a["currency"] for a in accounts.json()["data"]} == {"EUR", "USD"}
    (page,) = twin.get("me/accounts", access_token=mine).json()["data"]
    assert page["id"] == "2000000001"


def test_a_proof_is_checked_when_it_is_sent(twin):
    """HMAC-SHA256 of the token under the app's secret."""
    proof = hmac.new(SECRET.encode(), b"EMU-meta", hashlib.sha256).hexdigest()
    assert twin.get("me", appsecret_proof=proof).status_code == 200
    assert twin.get("me", appsecret_proof="0" * 64).json()["error"]["code"] == 100


def test_no_token_or_code_lies_in_the_state(start_twin, tmp_path):
    """The twin's own file holds digests."""
    _, twin = start_twin(tmp_path)
    code = click(twin, "continue")["code"]
    issued = exchange(twin, code=code).json()["access_token"]
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert code.encode() not in held and issued.encode() not in held
