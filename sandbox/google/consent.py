"""The page that a person sees when an application asks for access, and the token endpoint."""

import html
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.google.tokens import CLIENT_ID, CLIENT_SECRET, SCOPE, Authority, GrantError, Tokens

LOOPBACK = frozenset(["127.0.0.1", "localhost", "::1"])
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}
button{{font:inherit;padding:.5rem 1.5rem;margin-right:.5rem}}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"""
_ASK = """<p>Sandbox of Google Ads. No real account is behind this page.</p>
<p>The application <strong>{client}</strong> asks to see, change, create and delete your
Google Ads accounts and data (<code>adwords</code>).</p>
<form method="post" action="/o/oauth2/v2/auth">{hidden}
<button name="answer" value="allow">Allow</button>
<button name="answer" value="cancel">Cancel</button></form>"""
_ASKED = ("client_id", "redirect_uri", "state", "code_challenge", "scope", "access_type", "prompt")


class Consent:
    """A page is answered only with the random mark that it was shown with."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._shown: dict[str, dict[str, str]] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/o/oauth2/v2/auth", self.ask, methods=["GET"]),
            Route("/o/oauth2/v2/auth", self.answer, methods=["POST"]),
            Route("/token", self.token, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        asked = {name: request.query_params.get(name, "") for name in _ASKED}
        wrong = _wrong(dict(request.query_params))
        if wrong:
            body = f"<p>Error 400: {html.escape(wrong)}</p>"
            return HTMLResponse(_PAGE.format(title="Access blocked", body=body), status_code=400)
        mark = secrets.token_urlsafe(24)
        if len(self._shown) > 1000:
            self._shown.clear()
        self._shown[mark] = asked
        hidden = f'<input type="hidden" name="mark" value="{mark}">'
        body = _ASK.format(client=html.escape(asked["client_id"]), hidden=hidden)
        page = HTMLResponse(_PAGE.format(title="Sign in with Google (sandbox)", body=body))
        page.headers["cache-control"] = "no-store"
        page.headers["x-frame-options"] = "DENY"
        return page

    async def answer(self, request: Request) -> Response:
        async with request.form() as form:
            asked = self._shown.pop(str(form.get("mark", "")), None)
            allowed = form.get("answer") == "allow"
        if asked is None:
            body = "<p>Error 400: this page was answered already, or never shown.</p>"
            return HTMLResponse(_PAGE.format(title="Access blocked", body=body), status_code=400)
        back = {"state": asked["state"]} if asked["state"] else {}
        if allowed:
            offline = asked["access_type"] == "offline"
            code = self._authority.code(asked["redirect_uri"], asked["code_challenge"], offline)
            back |= {"code": code, "scope": asked["scope"]}
        else:
            back |= {"error": "access_denied"}
        joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
        return RedirectResponse(f"{asked['redirect_uri']}{joint}{urlencode(back)}", 302)

    async def token(self, request: Request) -> Response:
        async with request.form() as form:
            given = {name: str(value) for name, value in form.multi_items()}
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _error("invalid_client", 401)
        try:
            return _tokens(self._grant(given))
        except GrantError as error:
            return _error(str(error), 400)

    def _grant(self, given: dict[str, Any]) -> Tokens:
        kind = given.get("grant_type")
        if kind == "authorization_code":
            return self._authority.exchange(
                given.get("code", ""), given.get("redirect_uri", ""), given.get("code_verifier", "")
            )
        if kind == "refresh_token":
            return self._authority.refresh(given.get("refresh_token", ""))
        raise GrantError("unsupported_grant_type")


def _wrong(given: dict[str, str]) -> str:
    """What Google would block the request for; empty when nothing."""
    back = urlsplit(given.get("redirect_uri", ""))
    if given.get("client_id") != CLIENT_ID:
        return "invalid_client: the OAuth client was not found."
    if back.scheme not in ("http", "https") or back.hostname not in LOOPBACK or back.fragment:
        return "redirect_uri_mismatch: only loopback addresses are registered."
    if given.get("response_type", "code") != "code":
        return "unsupported_response_type: only code."
    if SCOPE not in given.get("scope", "").split():
        return f"invalid_scope: {SCOPE} is needed."
    if given.get("code_challenge") and given.get("code_challenge_method") != "S256":
        return "invalid_request: code_challenge_method must be S256."
    return ""


def _tokens(tokens: Tokens) -> Response:
    body: dict[str, Any] = {
        "access_token": tokens.access,
        "expires_in": tokens.expires_in,
        "scope": SCOPE,
        "token_type": "Bearer",
    }
    if tokens.refresh:
        body["refresh_token"] = tokens.refresh
    return JSONResponse(body, headers={"cache-control": "no-store"})


def _error(code: str, status: int) -> Response:
    told = {"error": code, "error_description": code.replace("_", " ").capitalize()}
    return JSONResponse(told, status_code=status)
