"""Requests are believed for their signature alone."""

from dataclasses import replace

import pytest
import requests
from requests_oauthlib import OAuth1

USER = ("EMU-x-user", "EMU-x-user-secret")
APP = ("EMU-x-app", "EMU-x-app-secret")


@pytest.mark.parametrize(
    "name", ["Ärztin & Söhne + 100 % = gut", "看護師/日本", "a b~c*(d)'e!", "🤖"]
)
def test_form_with_any_characters_is_believed_and_kept(x, data, name):
    """UTF-8, &, +, % and spaces of a form body are covered by the signature as RFC 5849 has it."""
    made = data(x.get("campaigns", campaign_ids=x.campaign(name=name)))
    assert made[0]["name"] == name


@pytest.mark.parametrize("q", ["Ärztin & +x", "a b", "100%"])
def test_query_with_any_characters_is_believed(x, q):
    """The query is covered, however its spaces and signs are written."""
    assert x.get("campaigns", q=q).status_code == 200


@pytest.mark.parametrize(
    "keys",
    [
        ("EMU-x-app", "wrong", *USER),
        ("EMU-x-app", "EMU-x-app-secret", "EMU-x-user", "wrong"),
        ("EMU-x-other", "EMU-x-app-secret", *USER),
        (*APP, "EMU-nobody", "EMU-x-user-secret"),
    ],
)
def test_wrong_key_or_secret_is_unauthorized(x, refused, keys):
    """A wrong secret, consumer or token ends with 401 UNAUTHORIZED_ACCESS."""
    stranger = replace(x, auth=OAuth1(*keys))
    answer = stranger.get("campaigns")
    assert answer.status_code == 401
    assert refused(answer) == ["UNAUTHORIZED_ACCESS"]


def test_body_that_was_changed_on_the_way_is_not_believed(x):
    """A form that is not the signed one is refused; nothing is made."""
    url = f"{x.url}/12/accounts/x1usd/campaigns"
    signed = requests.Request("POST", url, data={"name": "signed"}, auth=x.auth).prepare()
    signed.body = signed.body.replace(b"signed", b"forged")
    assert requests.Session().send(signed, timeout=20).status_code == 401


def test_json_body_is_not_covered(x):
    """A JSON body may change without breaking the signature: it is no part of it."""
    url = f"{x.url}/12/accounts/x1usd/cards"
    signed = requests.Request("POST", url, json={"name": "aaaa"}, auth=x.auth).prepare()
    signed.body = signed.body.replace(b"aaaa", b"bbbb")
    assert requests.Session().send(signed, timeout=20).status_code == 400


@pytest.mark.parametrize("part", ["oauth_nonce", "oauth_timestamp", "oauth_signature_method"])
def test_signature_without_its_parts_is_refused(x, part):
    """Nonce, timestamp and method must be there."""
    url = f"{x.url}/12/accounts/x1usd/campaigns"
    signed = requests.Request("GET", url, auth=x.auth).prepare()
    header = signed.headers["Authorization"]
    header = header.decode() if isinstance(header, bytes) else header
    kept = [p for p in header.removeprefix("OAuth ").split(", ") if not p.startswith(part + "=")]
    signed.headers["Authorization"] = "OAuth " + ", ".join(kept)
    assert requests.Session().send(signed, timeout=20).status_code == 401


def test_request_without_a_signature_is_refused(x):
    """Nobody is served anonymously, nor with a bearer token."""
    url = f"{x.url}/12/accounts"
    bearer = {"Authorization": "Bearer EMU-x-user"}
    assert requests.get(url, timeout=20).status_code == 401
    assert requests.get(url, headers=bearer, timeout=20).status_code == 401


def test_old_timestamp_is_refused(x):
    """A signature of an hour ago does not count."""
    late = replace(x, auth=OAuth1(*APP, *USER, timestamp="1700000000"))
    assert late.get("campaigns").status_code == 401


def test_multipart_body_is_not_covered(x):
    """An upload's parts are no part of its signature."""
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 64
    answer = requests.post(
        f"{x.url}/1.1/media/upload.json",
        files={"media": ("a.png", png)},
        data={"media_category": "tweet_image"},
        auth=x.auth,
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["media_key"].startswith("3_")


def test_app_that_x_has_not_approved_is_forbidden(x, refused):
    """A signature may be good and the app still without access to the Ads API: 403."""
    waiting = replace(x, auth=OAuth1("EMU-x-waiting", "EMU-x-waiting-secret", *USER))
    answer = waiting.get("campaigns")
    assert answer.status_code == 403
    assert refused(answer) == ["UNAUTHORIZED_CLIENT_APPLICATION"]
