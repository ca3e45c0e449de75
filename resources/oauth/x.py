"""X's three legs of OAuth 1.0a through tweepy; its tokens do not expire.

A stored token is the pair `<token>:<secret>`. Without a browser on this machine the person is shown
a PIN (`redirect` "oob").
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from requests import Session
from requests_oauthlib import OAuth1Session
from tweepy.auth import OAuth1UserHandler
from tweepy.errors import TweepyException

from domain.errors import Refused, Retryable
from domain.networks import App
from domain.networks.x import ADS
from domain.platform import Mode, Network
from resources.oauth.flow import Choice, Grant, StartedLogin, granted
from resources.oauth.oauth_http import asked, session
from resources.security.network_addresses import address
from resources.security.network_guard import TIMEOUT_S, guard
from resources.settings import Settings

LOGIN = "https://api.x.com"
VERSION = 12


def login(settings: Settings) -> "XFlow":
    ads = address(settings, ADS)
    dialog = LOGIN if settings.mode is Mode.LIVE else ads
    return XFlow(settings.app(Network.X), dialog, ads, settings.mode)


class Handler(OAuth1UserHandler):
    """tweepy's handler with the host as an argument; each session that it makes is guarded."""

    def __init__(self, host: str, mode: Mode, *args: str | None, **more: str | None) -> None:
        self._host, self._mode = host, mode
        super().__init__(*args, **more)

    @property
    def oauth(self) -> OAuth1Session:
        return self._oauth

    @oauth.setter
    def oauth(self, made: OAuth1Session) -> None:
        guard(made, self._host, self._mode)
        made.request = partial(made.request, timeout=TIMEOUT_S, allow_redirects=False)
        self._oauth = made

    def _get_oauth_url(self, endpoint: str) -> str:
        return f"{self._host}/oauth/{endpoint}"


@dataclass(frozen=True, slots=True)
class XFlow:
    """`login` serves the dialog, `ads` the Ads API."""

    app: App
    login: str
    ads: str
    mode: Mode
    network: ClassVar[Network] = Network.X

    def start(self, redirect: str) -> StartedLogin:
        handler = self._handler(callback=redirect)
        try:
            address = handler.get_authorization_url()
        except TweepyException as error:
            problem = _problem(error, "X login")
        else:
            token = handler.request_token
            return StartedLogin(
                address, redirect, "oauth_token", token["oauth_token"], token["oauth_token_secret"]
            )
        raise problem from None

    def finish(self, opened: StartedLogin, answer: Mapping[str, str]) -> Grant:
        verifier = granted(opened, answer, "oauth_verifier")
        handler = self._handler()
        handler.request_token = {"oauth_token": opened.state, "oauth_token_secret": opened.secret}
        try:
            token, secret = handler.get_access_token(verifier)
        except TweepyException as error:
            problem = _problem(error, "X login")
        else:
            grant = Grant(f"{token}:{secret}")
            return Grant(grant.token, user_id=self._user(grant))
        raise problem from None

    def debug(self, token: str) -> None:
        """X's tokens do not expire; what is wrong with one the next request says."""

    def accounts(self, grant: Grant) -> Sequence[Choice]:
        rows = self._rows("accounts", grant)
        return [Choice(str(row["id"]), str(row.get("name", ""))) for row in rows]

    def faces(self, grant: Grant, account_id: str) -> Sequence[Choice]:
        """The users whose posts the account may promote: the person's own alone if it is one."""
        rows = self._rows(f"accounts/{account_id}/promotable_users", grant)
        users = [Choice(str(r["user_id"]), str(r.get("promotable_user_type", ""))) for r in rows]
        return [u for u in users if u.id == grant.user_id] or users

    def scopes(self, grant: Grant, account_id: str) -> Sequence[str]:
        """What the person may do in the account: X has no scopes of a token."""
        with self._session(self.ads) as http:
            body = self._get(http, f"accounts/{account_id}/authenticated_user_access", grant)
        return tuple((body.get("data") or {}).get("permissions") or ())

    def _handler(self, **more: str | None) -> Handler:
        return Handler(self.login, self.mode, self.app.id, self.app.secret, **more)

    def _session(self, url: str) -> Session:
        return session(url, self.mode)

    def _signed(self, grant: Grant) -> dict[str, Any]:
        token, _, secret = grant.token.partition(":")
        handler = OAuth1UserHandler(self.app.id, self.app.secret, token, secret)
        return {"auth": handler.apply_auth(), "secrets": (token, secret, self.app.secret)}

    def _user(self, grant: Grant) -> str:
        with self._session(self.login) as http:
            url = f"{self.login}/1.1/account/verify_credentials.json"
            body = asked(http, "GET", url, "X verify_credentials", **self._signed(grant))
        return str(body.get("id_str") or body.get("id") or "")

    def _get(self, http: Session, path: str, grant: Grant, **params: Any) -> Mapping[str, Any]:
        url = f"{self.ads}/{VERSION}/{path}"
        return asked(http, "GET", url, f"X {path}", params=params, **self._signed(grant))

    def _rows(self, path: str, grant: Grant) -> Iterator[Mapping[str, Any]]:
        with self._session(self.ads) as http:
            cursor: dict[str, str] = {}
            while True:
                body = self._get(http, path, grant, count=200, **cursor)
                yield from body.get("data") or ()
                following = body.get("next_cursor")
                if not following or cursor.get("cursor") == following:
                    return
                cursor = {"cursor": str(following)}


def _problem(error: TweepyException, what: str) -> Refused | Retryable:
    """By what tweepy wrapped, at times twice: a refusal of X has a status; its text may echo a
    token."""
    cause: Any = error
    while isinstance(cause, TweepyException):
        cause = cause.args[0] if cause.args else None
    status = getattr(cause, "status_code", None)
    if status is None or status >= 500:
        return Retryable(f"no answer ({type(cause).__name__})", where=what, mend="try again")
    return Refused(
        f"X refused the login ({status})",
        where=what,
        mend="check the consumer key, its callback addresses, and the PIN",
    )
