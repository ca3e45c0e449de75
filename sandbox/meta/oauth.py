"""The login dialog that a browser clicks through, the exchange of codes, and debug_token."""

import hmac
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.meta.errors import GraphError
from sandbox.meta.tokens import APP, APP_SECRET, SCOPES, STANDING, USER, Tokens

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_KEPT = ("client_id", "redirect_uri", "state", "scope", "response_type")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} - Meta sandbox</title>
<style>body {{ font: 16px sans-serif; max-width: 28em; margin: 4em auto; padding: 0 1em }}
button {{ font: inherit; padding: .5em 1.5em; margin-right: 1em }}</style></head>
<body><h1>{title}</h1>{body}</body></html>"""


class OAuth:
    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def dialog(self, given: Mapping[str, Any]) -> Response:
        """The page that asks; a page that says what is wrong (400) for a request that no browser
        may be sent back for."""
        wrong = _wrong(given)
        if wrong:
            body = f"<p>{escape(wrong)}</p>"
            return HTMLResponse(_PAGE.format(title="Sorry, an error", body=body), status_code=400)
        asked = "".join(f"<li>{escape(scope)}</li>" for scope in sorted(_scopes(given)))
        kept = "".join(
            f'<input type="hidden" name="{name}" value="{escape(str(given.get(name, "")))}">'
            for name in _KEPT
        )
        body = (
            f"<p>Sandbox user, the app {escape(str(given['client_id']))} asks for:</p>"
            f'<ul>{asked}</ul><form method="post">{kept}'
            '<button name="answer" value="continue">Continue</button>'
            '<button name="answer" value="cancel">Cancel</button></form>'
        )
        return HTMLResponse(_PAGE.format(title="Log in with Meta (sandbox)", body=body))

    def answered(self, given: Mapping[str, Any]) -> Response:
        """Where the browser goes after a button: back to the app with a code, or without one."""
        if _wrong(given):
            return self.dialog(given)
        back = str(given["redirect_uri"])
        state = {"state": str(given["state"])} if given.get("state") else {}
        if given.get("answer") == "continue":
            told = {"code": self._tokens.code(back, _scopes(given))}
        else:
            told = {
                "error": "access_denied",
                "error_code": "200",
                "error_description": "Permissions error",
                "error_reason": "user_denied",
            }
        join = "&" if urlsplit(back).query else "?"
        return RedirectResponse(f"{back}{join}{urlencode(told | state)}#_=_", status_code=302)

    def exchange(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """GET oauth/access_token: a code, or with fb_exchange_token a token for a longer one."""
        if given.get("client_id") != APP:
            raise GraphError("Error validating application. Invalid application ID.", 101)
        if not hmac.compare_digest(str(given.get("client_secret", "")), APP_SECRET):
            raise GraphError("Error validating client secret.", 1)
        kind = given.get("grant_type", "authorization_code")
        if kind == "fb_exchange_token":
            return self._tokens.lengthen(str(given.get("fb_exchange_token", "")))
        if kind == "client_credentials":
            return {"access_token": f"{APP}|{APP_SECRET}", "token_type": "bearer"}
        if kind != "authorization_code":
            raise GraphError(f"Invalid grant_type: '{kind}'", 100)
        return self._tokens.redeem(str(given.get("code", "")), str(given.get("redirect_uri", "")))

    def debug(self, token: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """GET debug_token, asked with the app's own token or a user's."""
        if not hmac.compare_digest(token, f"{APP}|{APP_SECRET}"):
            self._tokens.good(token)
        asked = str(given.get("input_token", ""))
        grant = self._tokens.grant(asked)
        if grant is None:
            error = {"code": 190, "message": "Invalid OAuth access token."}
            return {"data": {"error": error, "is_valid": False, "scopes": []}}
        expires = int(grant.expires.timestamp()) if grant.expires else 0
        told: dict[str, Any] = {
            "app_id": APP,
            "application": "Sandbox app",
            "type": "SYSTEM_USER" if asked == STANDING else "USER",
            "expires_at": expires,
            "data_access_expires_at": expires,
            "issued_at": int(grant.issued.timestamp()),
            "is_valid": grant.ended is None,
            "scopes": sorted(grant.scopes),
            "user_id": USER,
        }
        if grant.ended is not None:
            told["error"] = {"code": 190, "subcode": grant.ended, "message": "Session has ended"}
        return {"data": told}


def _wrong(given: Mapping[str, Any]) -> str:
    """What is wrong with a request for the dialog; empty when nothing is."""
    if given.get("client_id") != APP:
        return "Invalid App ID: the provided app ID does not look like a valid app ID."
    where = urlsplit(str(given.get("redirect_uri", "")))
    if where.scheme not in ("http", "https") or where.hostname not in _LOOPBACK or where.fragment:
        return "URL blocked: the redirect URI is not on this machine, and only such may be used."
    if given.get("response_type") not in (None, "", "code"):
        return "Only response_type=code is offered."
    unknown = _scopes(given) - SCOPES
    return f"Invalid Scopes: {', '.join(sorted(unknown))}" if unknown else ""


def _scopes(given: Mapping[str, Any]) -> frozenset[str]:
    """Asked for, separated by commas or spaces; the profile always."""
    asked = str(given.get("scope") or "").replace(",", " ").split()
    return frozenset([*asked, "public_profile"])
