"""Who may ask: the app, its codes and its users' tokens. Only digests of secrets are stored."""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.meta.errors import GraphError
from sandbox.meta.state import State

_SCHEMA = """
CREATE TABLE IF NOT EXISTS grants (
    digest TEXT PRIMARY KEY, scopes TEXT NOT NULL, issued TEXT NOT NULL, expires TEXT,
    revoked INTEGER);
CREATE TABLE IF NOT EXISTS codes (
    digest TEXT PRIMARY KEY, redirect_uri TEXT NOT NULL, scopes TEXT NOT NULL,
    expires TEXT NOT NULL, used INTEGER NOT NULL DEFAULT 0);
"""
APP, APP_SECRET = "EMU-meta-app", "EMU-meta-app-secret"
STANDING = "EMU-meta"
USER = "2000000009"
_SCOPES = (
    "ads_management ads_read business_management pages_show_list pages_read_engagement "
    "pages_manage_ads public_profile"
)
SCOPES = frozenset(_SCOPES.split())
SHORT, LONG = timedelta(hours=1.5), timedelta(seconds=5_183_944)
CODE_LIFE = timedelta(minutes=10)
# Subcodes of 190 and the words that go with them.
ENDED = {
    458: "The user has not authorized application",
    460: "The session has been invalidated because the user changed their password or Facebook "
    "has changed the session for security reasons.",
    463: "Session has expired",
    467: "The session is invalid because the user logged out.",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A token's rights; `ended` is the subcode of 190 that it meets, None while it is good."""

    scopes: frozenset[str]
    issued: datetime
    expires: datetime | None
    ended: int | None


class Tokens:
    def __init__(self, state: State) -> None:
        self._state = state
        state.prepare(_SCHEMA)
        if self.grant(STANDING) is None:
            self._keep(STANDING, SCOPES, None)

    def code(self, redirect_uri: str, scopes: frozenset[str]) -> str:
        """A code for one exchange within ten minutes."""
        made = f"EMU-code-{secrets.token_urlsafe(24)}"
        self._state.rows(
            "INSERT INTO codes (digest, redirect_uri, scopes, expires) VALUES (?, ?, ?, ?)",
            _digest(made),
            redirect_uri,
            json.dumps(sorted(scopes)),
            (self._state.now() + CODE_LIFE).isoformat(),
        )
        return made

    def redeem(self, code: str, redirect_uri: str) -> dict[str, Any]:
        """A short-lived token for a code; GraphError when it is unknown, old, used or another's."""
        with self._state.change():
            rows = self._state.rows(
                "SELECT redirect_uri, scopes, expires, used FROM codes WHERE digest = ?",
                _digest(code),
            )
            if not rows:
                raise GraphError("Invalid verification code format.", 100)
            held, scopes, expires, used = rows[0]
            if used:
                raise GraphError("This authorization code has been used.", 100, 36009)
            if datetime.fromisoformat(expires) <= self._state.now():
                raise GraphError("This authorization code has expired.", 100, 36007)
            if held != redirect_uri:
                raise GraphError(
                    "Error validating verification code. Please make sure your redirect_uri is "
                    "identical to the one you used in the OAuth dialog request",
                    100,
                    36008,
                )
            self._state.rows("UPDATE codes SET used = 1 WHERE digest = ?", _digest(code))
            return self._issue(frozenset(json.loads(scopes)), SHORT)

    def lengthen(self, token: str) -> dict[str, Any]:
        """A token of about sixty days for one that is still good."""
        return self._issue(self.good(token).scopes, LONG)

    def good(self, token: str) -> Grant:
        """The grant; GraphError 190 when the token is unknown or has ended."""
        grant = self.grant(token)
        if grant is None:
            raise GraphError("Invalid OAuth access token - Cannot parse access token", 190)
        if grant.ended is not None:
            raise GraphError(
                f"Error validating access token: {ENDED[grant.ended]}", 190, grant.ended
            )
        return grant

    def grant(self, token: str) -> Grant | None:
        rows = self._state.rows(
            "SELECT scopes, issued, expires, revoked FROM grants WHERE digest = ?", _digest(token)
        )
        if not rows:
            return None
        scopes, issued, until, revoked = rows[0]
        expires = datetime.fromisoformat(until) if until else None
        late = 463 if expires and expires <= self._state.now() else None
        return Grant(
            frozenset(json.loads(scopes)), datetime.fromisoformat(issued), expires, revoked or late
        )

    def revoke(self, body: dict[str, Any]) -> dict[str, Any]:
        """{"token": …} or {"user": …} for all of its tokens; {"subcode": 460} says why.

        LookupError for what was never issued, ValueError for another subcode.
        """
        subcode = body.get("subcode", 460)
        if subcode not in ENDED:
            raise ValueError(f"subcode must be one of {sorted(ENDED)}")
        if body.get("user") == USER:
            where, values = "1 = 1", []
        elif body.get("token") and self.grant(str(body["token"])):
            where, values = "digest = ?", [_digest(str(body["token"]))]
        else:
            raise LookupError("no such token or user")
        self._state.rows(f"UPDATE grants SET revoked = ? WHERE {where}", subcode, *values)
        return {"ok": True}

    def _issue(self, scopes: frozenset[str], life: timedelta) -> dict[str, Any]:
        token = f"EMU-{secrets.token_urlsafe(32)}"
        self._keep(token, scopes, self._state.now() + life)
        seconds = int(life.total_seconds())
        return {"access_token": token, "token_type": "bearer", "expires_in": seconds}

    def _keep(self, token: str, scopes: frozenset[str], expires: datetime | None) -> None:
        self._state.rows(
            "INSERT INTO grants (digest, scopes, issued, expires) VALUES (?, ?, ?, ?)",
            _digest(token),
            json.dumps(sorted(scopes)),
            self._state.now().isoformat(),
            expires.isoformat() if expires else None,
        )


def check_proof(token: str, proof: str) -> None:
    """appsecret_proof, when it is sent: HMAC-SHA256 of the token under the app's secret."""
    wanted = hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, proof):
        raise GraphError(
            "Invalid appsecret_proof provided in the API argument", 100, kind="GraphMethodException"
        )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
