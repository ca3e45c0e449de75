"""OAuth 2 as Google does it: codes, access tokens, refresh tokens, and their revocation.

Tokens live by real time, not by the sandbox's clock: a demo that moves days ahead stays signed in.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sandbox.google.state import State

CLIENT_ID = "EMU-google-app"
CLIENT_SECRET = "EMU-google-app-secret"  # noqa: S105 the sandbox's own, worth nothing
STANDING_ACCESS = "EMU-google-user"
STANDING_REFRESH = "EMU-google-refresh"
SCOPE = "https://www.googleapis.com/auth/adwords"
LIFETIME_S, CODE_LIFETIME_S = 3600, 600
_SCHEMA = """
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, kind TEXT NOT NULL, family TEXT NOT NULL, expires REAL NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0, redirect TEXT NOT NULL DEFAULT '',
    challenge TEXT NOT NULL DEFAULT '', offline INTEGER NOT NULL DEFAULT 0);
"""
Word = Literal["valid", "unknown", "expired", "revoked"]


class GrantError(Exception):
    """An OAuth 2 error of the token endpoint, by its code, such as invalid_grant."""


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """`refresh` is empty when none is given out: offline access was not asked for, or a refresh
    token was exchanged."""

    access: str
    refresh: str
    expires_in: int


class Authority:
    """`clock` gives real seconds since 1970."""

    def __init__(self, state: State, clock: Callable[[], float] = time.time) -> None:
        self._state, self._clock = state, clock
        with state.lock:
            state.db.executescript(_SCHEMA)
        with state.change():
            for token, kind in ((STANDING_ACCESS, "access"), (STANDING_REFRESH, "refresh")):
                state.db.execute(
                    "INSERT OR IGNORE INTO tokens (token, kind, family, expires) "
                    "VALUES (?, ?, 'standing', 1e12)",
                    (token, kind),
                )

    def word(self, access: str) -> Word:
        """What the network thinks of an access token."""
        row = self._row(access, "access")
        if row is None:
            return "unknown"
        if row[2]:
            return "revoked"
        return "valid" if row[1] > self._clock() else "expired"

    def code(self, redirect: str, challenge: str, offline: bool) -> str:
        """A single-use code for the application at `redirect`; only `offline` brings a refresh
        token."""
        family = secrets.token_hex(8)
        return self._issue("code", family, CODE_LIFETIME_S, redirect, challenge, offline)

    def exchange(self, code: str, redirect: str, verifier: str) -> Tokens:
        """GrantError invalid_grant when the code was used, is old, or is another's."""
        row = self._row(code, "code")
        fits = row is not None and row[3] == redirect and _proves(verifier, row[4])
        if row is None or row[2] or row[1] <= self._clock() or not fits:
            raise GrantError("invalid_grant")
        with self._state.change():
            used = self._state.db.execute(
                "UPDATE tokens SET revoked = 1 WHERE token = ? AND revoked = 0", (code,)
            ).rowcount
        if not used:
            raise GrantError("invalid_grant")
        refresh = self._issue("refresh", row[0], 1e11) if row[5] else ""
        return Tokens(self._issue("access", row[0], LIFETIME_S), refresh, LIFETIME_S)

    def refresh(self, token: str) -> Tokens:
        row = self._row(token, "refresh")
        if row is None or row[2]:
            raise GrantError("invalid_grant")
        return Tokens(self._issue("access", row[0], LIFETIME_S), "", LIFETIME_S)

    def revoke(self, token: str = "") -> int:
        """Take back a token with all of its grant, or everything; answers how many tokens."""
        with self._state.change():
            if not token:
                return self._state.db.execute("UPDATE tokens SET revoked = 1").rowcount
            row = self._state.db.execute(
                "SELECT family FROM tokens WHERE token = ?", (token,)
            ).fetchone()
            if row is None:
                raise LookupError("token")
            return self._state.db.execute(
                "UPDATE tokens SET revoked = 1 WHERE family = ?", (row[0],)
            ).rowcount

    def _issue(
        self,
        kind: str,
        family: str,
        lifetime: float,
        redirect: str = "",
        challenge: str = "",
        offline: bool = False,
    ) -> str:
        token = f"EMU-google-{kind}-{secrets.token_hex(16)}"
        with self._state.change():
            self._state.db.execute(
                "INSERT INTO tokens (token, kind, family, expires, redirect, challenge, offline) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (token, kind, family, self._clock() + lifetime, redirect, challenge, offline),
            )
        return token

    def _row(self, token: str, kind: str) -> tuple[str, float, int, str, str, int] | None:
        with self._state.lock:
            found: tuple[str, float, int, str, str, int] | None = self._state.db.execute(
                "SELECT family, expires, revoked, redirect, challenge, offline FROM tokens "
                "WHERE token = ? AND kind = ?",
                (token, kind),
            ).fetchone()
        return found


def _proves(verifier: str, challenge: str) -> bool:
    """PKCE, S256 (RFC 7636); a code that was asked for without a challenge needs no proof."""
    if not challenge:
        return True
    digest = hashlib.sha256(verifier.encode()).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)
