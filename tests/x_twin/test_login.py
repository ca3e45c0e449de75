"""Three legs that a browser can walk, and what a user can take back."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import requests
from requests_oauthlib import OAuth1, OAuth1Session

APP = ("EMU-x-app", "EMU-x-app-secret")
BACK = "http://127.0.0.1:9/callback?kept=1"


def _asked(x, back):
    session = OAuth1Session(*APP, callback_uri=back)
    return session.fetch_request_token(f"{x.url}/oauth/request_token")["oauth_token"], session


def _click(x, token, answer):
    """Load the page, find its form, press a button: as a browser would."""
    page = requests.get(f"{x.url}/oauth/authorize", params={"oauth_token": token}, timeout=20)
    assert page.headers["content-type"].startswith("text/html")
    names = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text)
    button = re.search(rf'<button name="(\w+)" value="({answer})"', page.text)
    assert button, page.text
    form = {**dict(names), button[1]: button[2]}
    return requests.post(f"{x.url}/oauth/authorize", data=form, allow_redirects=False, timeout=20)


def _granted(x):
    token, session = _asked(x, BACK)
    answer = _click(x, token, "authorize")
    session.parse_authorization_response(answer.headers["location"])
    return session.fetch_access_token(f"{x.url}/oauth/access_token")


def test_browser_comes_back_with_a_verifier_that_buys_a_token(x):
    """Authorize leads to the callback; its verifier becomes a token that the API takes."""
    token, session = _asked(x, BACK)
    answer = _click(x, token, "authorize")
    assert answer.status_code in (302, 303)
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert told["oauth_token"] == [token] and told["kept"] == ["1"]
    session.parse_authorization_response(answer.headers["location"])
    grant = session.fetch_access_token(f"{x.url}/oauth/access_token")
    assert grant["oauth_token"].startswith("EMU-") and grant["user_id"] == "3000000001"
    user = replace(x, auth=OAuth1(*APP, grant["oauth_token"], grant["oauth_token_secret"]))
    assert user.ask("GET", "accounts").status_code == 200


def test_cancel_comes_back_denied_and_buys_nothing(x):
    """Cancel tells the app which request token was denied; it is worthless from then on."""
    token, _ = _asked(x, BACK)
    answer = _click(x, token, "cancel")
    assert parse_qs(urlsplit(answer.headers["location"]).query)["denied"] == [token]
    again = requests.get(f"{x.url}/oauth/authorize", params={"oauth_token": token}, timeout=20)
    assert again.status_code == 403


def test_pin_for_a_machine_without_a_browser(x):
    """With oob the page shows a PIN of seven digits, which is the verifier."""
    token, session = _asked(x, "oob")
    page = _click(x, token, "authorize")
    (pin,) = re.findall(r">(\d{7})<", page.text)
    session._client.client.verifier = pin
    assert session.fetch_access_token(f"{x.url}/oauth/access_token")["oauth_token"]


def test_callback_that_is_not_on_this_machine_is_refused(x):
    """The sandbox sends no browser anywhere else."""
    auth = OAuth1(*APP, callback_uri="https://evil.example/")
    answer = requests.post(f"{x.url}/oauth/request_token", auth=auth, timeout=20)
    assert answer.status_code == 403


def test_verifier_counts_once_and_must_be_the_right_one(x):
    """A guessed verifier buys nothing, and a used one nothing more."""
    token, session = _asked(x, BACK)
    secret = session._client.client.resource_owner_secret
    answer = _click(x, token, "authorize")
    told = parse_qs(urlsplit(answer.headers["location"]).query)["oauth_verifier"][0]
    url = f"{x.url}/oauth/access_token"
    statuses = [
        requests.post(url, auth=OAuth1(*APP, token, secret, verifier=v), timeout=20).status_code
        for v in ("guess", told, told)
    ]
    assert statuses == [401, 200, 401]


def test_revoked_token_is_unauthorized_and_others_stay(x, refused):
    """After the user took the grant back every call ends with 401."""
    grant = _granted(x)
    user = replace(x, auth=OAuth1(*APP, grant["oauth_token"], grant["oauth_token_secret"]))
    assert user.get("campaigns").status_code == 200
    x.admin("revoke", {"token": grant["oauth_token"]})
    answer = user.get("campaigns")
    assert answer.status_code == 401 and refused(answer) == ["UNAUTHORIZED_ACCESS"]
    assert x.get("campaigns").status_code == 200


def test_credentials_say_who_it_is(x):
    """GET account/verify_credentials.json names the user of a token."""
    url = f"{x.url}/1.1/account/verify_credentials.json"
    assert requests.get(url, auth=x.auth, timeout=20).json()["id_str"] == "3000000001"
    assert requests.get(url, timeout=20).status_code in (400, 401)
