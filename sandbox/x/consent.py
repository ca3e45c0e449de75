"""The three-legged login: request token, the page that a browser clicks, access token."""

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from sandbox.x.tokens import HANDLE, OOB, USER, RequestToken, Tokens

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} - X sandbox</title>
<style>body {{ font: 16px sans-serif; max-width: 28em; margin: 4em auto; padding: 0 1em }}
button {{ font: inherit; padding: .5em 1.5em; margin-right: 1em }}
code {{ font-size: 2em }}</style></head>
<body><h1>{title}</h1>{body}</body></html>"""


class Refused(Exception):
    """A step of the login that is refused, with the code and words of API v1.1."""

    def __init__(self, code: int, message: str, status: int = 401) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class Consent:
    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def request_token(self, callback: str) -> Response:
        """POST oauth/request_token; a callback is on this machine or `oob` for a PIN."""
        where = urlsplit(callback)
        local = where.scheme in ("http", "https") and where.hostname in _LOOPBACK
        if callback != OOB and not local:
            raise Refused(415, "Callback URL not approved for this client application.", 403)
        asked = self._tokens.ask(callback)
        return _form(
            oauth_token=asked.token,
            oauth_token_secret=asked.secret,
            oauth_callback_confirmed="true",
        )

    def page(self, given: Mapping[str, Any]) -> Response:
        """GET oauth/authorize: the page that asks."""
        asked = self._alive(given)
        if asked is None:
            return _sorry()
        kept = f'<input type="hidden" name="oauth_token" value="{escape(asked.token)}">'
        body = (
            f"<p>@{HANDLE}, the sandbox app asks to see and manage your ads and posts.</p>"
            f'<form method="post" action="/oauth/authorize">{kept}'
            '<button name="answer" value="authorize" id="allow">Authorize app</button>'
            '<button name="answer" value="cancel" id="cancel">Cancel</button></form>'
        )
        return _html("Authorize the app to access your account?", body)

    def answered(self, given: Mapping[str, Any]) -> Response:
        """POST oauth/authorize: back to the app with a verifier, a page with a PIN, or neither."""
        asked = self._alive(given)
        if asked is None:
            return _sorry()
        if given.get("answer") != "authorize":
            self._tokens.end(asked)
            if asked.callback == OOB:
                return _html("You have cancelled", "<p>The app may not sign in.</p>")
            return _back(asked.callback, denied=asked.token)
        verifier = self._tokens.agree(asked)
        if asked.callback == OOB:
            shown = f"<p>Enter this PIN in the app:</p><kbd><code>{verifier}</code></kbd>"
            return _html("You have granted access", shown)
        return _back(asked.callback, oauth_token=asked.token, oauth_verifier=verifier)

    def access_token(self, asked: RequestToken, verifier: str) -> Response:
        """POST oauth/access_token, signed with the request token; once only."""
        if not asked.alive or asked.verifier is None or verifier != asked.verifier:
            raise Refused(89, "Invalid or expired token.")
        self._tokens.end(asked)
        token, secret = self._tokens.grant()
        return _form(oauth_token=token, oauth_token_secret=secret, user_id=USER, screen_name=HANDLE)

    def _alive(self, given: Mapping[str, Any]) -> RequestToken | None:
        asked = self._tokens.asked(str(given.get("oauth_token", "")))
        return asked if asked and asked.alive and asked.verifier is None else None


def _form(**fields: str) -> Response:
    return PlainTextResponse(urlencode(fields), media_type="application/x-www-form-urlencoded")


def _back(callback: str, **told: str) -> Response:
    join = "&" if urlsplit(callback).query else "?"
    return RedirectResponse(f"{callback}{join}{urlencode(told)}", status_code=302)


def _html(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(title=title, body=body), status_code=status)


def _sorry() -> Response:
    body = "<p>There is no request token for this page. It was used, or it is too old.</p>"
    return _html("Whoa there!", body, 403)
