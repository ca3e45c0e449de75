"""Who may ask: the sandbox apps, its request tokens, and its user's access tokens.

A token's secret must be known to verify HMAC-SHA1, so it is stored as it is; all of them are of
the sandbox and start with EMU.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.x.state import State

_SCHEMA = """
CREATE TABLE IF NOT EXISTS asked (
    token TEXT PRIMARY KEY, secret TEXT NOT NULL, callback TEXT NOT NULL, verifier TEXT,
    expires TEXT NOT NULL, ended INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS granted (
    token TEXT PRIMARY KEY, secret TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0);
"""
APPS = {"EMU-x-app": "EMU-x-app-secret", "EMU-x-waiting": "EMU-x-waiting-secret"}
# Apps that X has not approved for the Ads API.
WAITING = frozenset(["EMU-x-waiting"])
STANDING, STANDING_SECRET = "EMU-x-user", "EMU-x-user-secret"
USER, HANDLE, USER_NAME = "3000000001", "jobads_sandbox", "Sandbox user"
OOB = "oob"
ASKED_LIFE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, repr=False)
class RequestToken:
    """A request token; `verifier` is set once the user has agreed."""

    token: str
    secret: str
    callback: str
    verifier: str | None
    alive: bool


class Tokens:
    def __init__(self, state: State) -> None:
        self._state = state
        state.prepare(_SCHEMA)
        state.rows("INSERT OR IGNORE INTO granted VALUES (?, ?, 0)", STANDING, STANDING_SECRET)

    def ask(self, callback: str) -> RequestToken:
        """A new request token that ends in a quarter of an hour."""
        token, secret = (f"EMU-{kind}-{secrets.token_urlsafe(20)}" for kind in ("req", "sec"))
        expires = (self._state.now() + ASKED_LIFE).isoformat()
        self._state.rows(
            "INSERT INTO asked (token, secret, callback, expires) VALUES (?, ?, ?, ?)",
            token,
            secret,
            callback,
            expires,
        )
        return RequestToken(token, secret, callback, None, True)

    def asked(self, token: str) -> RequestToken | None:
        rows = self._state.rows(
            "SELECT secret, callback, verifier, expires, ended FROM asked WHERE token = ?", token
        )
        if not rows:
            return None
        secret, callback, verifier, expires, ended = rows[0]
        alive = not ended and datetime.fromisoformat(expires) > self._state.now()
        return RequestToken(token, secret, callback, verifier, alive)

    def agree(self, asked: RequestToken) -> str:
        """The user said yes; answers the verifier, seven digits where a person types it."""
        pin = f"{secrets.randbelow(10**7):07d}"
        verifier = pin if asked.callback == OOB else secrets.token_urlsafe(20)
        self._state.rows("UPDATE asked SET verifier = ? WHERE token = ?", verifier, asked.token)
        return verifier

    def end(self, asked: RequestToken) -> None:
        """Nobody can use the request token any more."""
        self._state.rows("UPDATE asked SET ended = 1 WHERE token = ?", asked.token)

    def grant(self) -> tuple[str, str]:
        """A new access token, which does not expire, and its secret."""
        token = f"EMU-{USER}-{secrets.token_urlsafe(24)}"
        secret = f"EMU-{secrets.token_urlsafe(24)}"
        self._state.rows("INSERT INTO granted VALUES (?, ?, 0)", token, secret)
        return token, secret

    def secret(self, token: str) -> str | None:
        """An access token's secret; None when it is unknown or was revoked."""
        rows = self._state.rows("SELECT secret, revoked FROM granted WHERE token = ?", token)
        return str(rows[0][0]) if rows and not rows[0][1] else None

    def revoke(self, body: dict[str, Any]) -> dict[str, Any]:
        """{"token": …}, or {"user": …} for all of its tokens; LookupError for unknown ones."""
        if body.get("user") == USER:
            self._state.rows("UPDATE granted SET revoked = 1")
        elif body.get("token") and self.secret(str(body["token"])) is not None:
            self._state.rows("UPDATE granted SET revoked = 1 WHERE token = ?", str(body["token"]))
        else:
            raise LookupError("no such token or user")
        return {"ok": True}
