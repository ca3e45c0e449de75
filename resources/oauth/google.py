"""Google's OAuth 2 with offline access and PKCE, through google-auth-oauthlib; and the renewal of
access tokens, which last an hour, by the refresh token, which lasts until it is taken back."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import requests

from domain.errors import NeedsReauth, Refused, Retryable
from domain.networks import App
from domain.networks.google import LOGIN
from domain.platform import Mode, Network
from resources.oauth.flow import Choice, Grant, StartedLogin, granted
from resources.oauth.oauth_http import AGAIN, asked, redacted, session
from resources.security.network_addresses import address
from resources.security.network_guard import TIMEOUT_S, guard
from resources.settings import Settings

if TYPE_CHECKING:
    from google_auth_oauthlib.flow import Flow as Dialog

AUTH_URI = "https://accounts.google.com/o/oauth2/v2/auth"
TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 an address
SCOPE = "https://www.googleapis.com/auth/adwords"
CONSENT = "see myaccount.google.com/permissions: take our access back there, then connect again"

Reach = Callable[[Grant], Sequence[Choice]]


def now() -> datetime:
    return datetime.now(UTC)


def login(settings: Settings) -> "GoogleFlow":
    from resources.oauth.accessible_customers import customers

    live = settings.mode is Mode.LIVE
    base = "" if live else address(settings, LOGIN)
    return GoogleFlow(
        settings.app(Network.GOOGLE),
        AUTH_URI if live else f"{base}/o/oauth2/v2/auth",
        TOKEN_URI if live else f"{base}/token",
        settings.mode,
        lambda grant: customers(grant, settings),
    )


def renew(settings: Settings, refresh_token: str) -> Grant:
    return login(settings).renew(refresh_token)


@dataclass(frozen=True, slots=True)
class GoogleFlow:
    """`reach` asks Google Ads which accounts a grant reaches."""

    app: App
    auth_uri: str
    token_uri: str
    mode: Mode
    reach: Reach = field(repr=False)
    now: Callable[[], datetime] = field(default=now, repr=False)
    network: ClassVar[Network] = Network.GOOGLE

    def start(self, redirect: str) -> StartedLogin:
        state = secrets.token_urlsafe(32)
        dialog = self._dialog(redirect)
        with _plain(self.auth_uri, self.mode):
            address, _ = dialog.authorization_url(
                access_type="offline", prompt="consent", state=state
            )
        return StartedLogin(address, redirect, "state", state, dialog.code_verifier)

    def finish(self, opened: StartedLogin, answer: Mapping[str, str]) -> Grant:
        code = granted(opened, answer, "code")
        held = self._exchanged(self._dialog(opened.redirect, opened.secret), code)
        if not held.get("refresh_token"):
            raise Refused("Google gave no refresh token", where="Google login", mend=CONSENT)
        scopes = held.get("scope") or ()
        return Grant(
            str(held["access_token"]),
            refresh_token=str(held["refresh_token"]),
            scopes=tuple(scopes.split() if isinstance(scopes, str) else scopes),
            expires_at=self._ends(held),
        )

    def renew(self, refresh_token: str) -> Grant:
        """A new access token; NeedsReauth when the refresh token was taken back or has ended."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": self.app.id,
            "client_secret": self.app.secret,
        }
        with session(self.token_uri, self.mode) as http:
            body = asked(
                http,
                "POST",
                self.token_uri,
                "Google token",
                data=form,
                secrets=(refresh_token, self.app.secret),
            )
        if not body.get("access_token"):
            raise Retryable("an answer without a token", where="Google token", mend="try again")
        return Grant(
            str(body["access_token"]),
            refresh_token=body.get("refresh_token") or refresh_token,
            scopes=tuple(str(body.get("scope") or "").split()),
            expires_at=self._ends(body),
        )

    def debug(self, token: str) -> None:
        """An access token lasts an hour; what is wrong with one the next request says."""

    def accounts(self, grant: Grant) -> Sequence[Choice]:
        return self.reach(grant)

    def scopes(self, grant: Grant, account_id: str) -> Sequence[str]:
        return grant.scopes

    def faces(self, grant: Grant, account_id: str) -> Sequence[Choice]:
        return ()

    def _ends(self, body: Mapping[str, Any]) -> datetime:
        return self.now() + timedelta(seconds=float(body.get("expires_in") or 3600))

    def _dialog(self, redirect: str, verifier: str | None = None) -> "Dialog":
        from google_auth_oauthlib.flow import Flow

        client = {
            "client_id": self.app.id,
            "client_secret": self.app.secret,
            "auth_uri": self.auth_uri,
            "token_uri": self.token_uri,
        }
        dialog = Flow.from_client_config(
            {"installed": client}, [SCOPE], redirect_uri=redirect, code_verifier=verifier
        )
        guard(dialog.oauth2session, self.token_uri, self.mode)
        return dialog

    def _exchanged(self, dialog: "Dialog", code: str) -> Mapping[str, Any]:
        from oauthlib.oauth2 import OAuth2Error

        hidden = (code, self.app.secret, dialog.code_verifier or "")
        problem: NeedsReauth | Refused | Retryable
        try:
            with _plain(self.token_uri, self.mode):
                # The client's credentials in the form, as Google documents it.
                held: Mapping[str, Any] = dialog.fetch_token(
                    code=code, timeout=TIMEOUT_S, include_client_id=True
                )
        except OAuth2Error as error:
            said = f"{error.error}: {error.description or ''}"
            problem = Refused(redacted(said, hidden), where="Google login", mend=AGAIN)
        except requests.RequestException as error:
            kind = type(error).__name__
            problem = Retryable(f"no answer ({kind})", where="Google login", mend="try again")
        except Warning:  # oauthlib's way to say that a person allowed less than was asked for
            problem = Refused(
                "the access to Google Ads was not allowed",
                where="Google login",
                mend="connect again, and leave it ticked",
            )
        else:
            return held
        raise problem from None


@contextmanager
def _plain(url: str, mode: Mode) -> Iterator[None]:
    """oauthlib speaks https only unless this variable says otherwise: the twin on loopback does
    not, and the guard lets nothing else be reached."""
    name = "OAUTHLIB_INSECURE_TRANSPORT"
    if mode is Mode.LIVE or not url.startswith("http://"):
        yield
        return
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
