"""Meta's login: dialog, code, long-lived token, and what `debug_token` says of it.

There is no refresh token: after about 60 days a person logs in again.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from requests import Session

from domain.errors import NeedsReauth, Refused
from domain.networks import App
from domain.networks.meta import GRAPH
from domain.platform import Mode, Network
from resources.oauth.flow import Choice, Grant, StartedLogin, granted
from resources.oauth.oauth_http import AGAIN, asked, session
from resources.security.network_addresses import address
from resources.settings import Settings

DIALOG = "https://www.facebook.com"
VERSION = "v26.0"
SCOPES = (
    "ads_management",
    "ads_read",
    "pages_show_list",
    "pages_read_engagement",
    "pages_manage_ads",
)


def login(settings: Settings) -> "MetaFlow":
    graph = address(settings, GRAPH)
    dialog = DIALOG if settings.mode is Mode.LIVE else graph
    return MetaFlow(settings.app(Network.META), graph, dialog, settings.mode)


@dataclass(frozen=True, slots=True)
class MetaFlow:
    """`graph` answers requests, `dialog` is what the browser opens."""

    app: App
    graph: str
    dialog: str
    mode: Mode
    chance: Callable[[], str] = field(default=lambda: secrets.token_urlsafe(32), repr=False)
    network: ClassVar[Network] = Network.META

    def start(self, redirect: str) -> StartedLogin:
        state = self.chance()
        query = {
            "client_id": self.app.id,
            "redirect_uri": redirect,
            "state": state,
            "response_type": "code",
            "scope": ",".join(SCOPES),
        }
        address = f"{self.dialog}/{VERSION}/dialog/oauth?{urlencode(query)}"
        return StartedLogin(address, redirect, "state", state)

    def finish(self, opened: StartedLogin, answer: Mapping[str, str]) -> Grant:
        code = granted(opened, answer, "code")
        with self._session() as http:
            short = self._token(http, {"redirect_uri": opened.redirect, "code": code}, code)
            exchange = {"grant_type": "fb_exchange_token", "fb_exchange_token": short}
            return self._debugged(http, self._token(http, exchange, short))

    def debug(self, token: str) -> Grant:
        """What Meta says of a token now; NeedsReauth when it is not valid any more."""
        with self._session() as http:
            return self._debugged(http, token)

    def accounts(self, grant: Grant) -> Sequence[Choice]:
        rows = self._rows("me/adaccounts", grant.token, "account_id,name")
        return [Choice(f"act_{row['account_id']}", str(row.get("name", ""))) for row in rows]

    def scopes(self, grant: Grant, account_id: str) -> Sequence[str]:
        return grant.scopes

    def faces(self, grant: Grant, account_id: str) -> Sequence[Choice]:
        """The pages that the person may advertise with; an ad on Meta is a page's."""
        rows = self._rows("me/accounts", grant.token, "id,name")
        return [Choice(str(row["id"]), str(row.get("name", ""))) for row in rows]

    def _session(self) -> Session:
        return session(self.graph, self.mode)

    def _token(self, http: Session, more: Mapping[str, str], secret: str) -> str:
        query = {"client_id": self.app.id, "client_secret": self.app.secret, **more}
        body = asked(
            http,
            "GET",
            f"{self.graph}/{VERSION}/oauth/access_token",
            "Meta login",
            params=query,
            secrets=(self.app.secret, secret),
        )
        if not body.get("access_token"):
            raise Refused("Meta gave no token", where="Meta login")
        return str(body["access_token"])

    def _debugged(self, http: Session, token: str) -> Grant:
        query = {"input_token": token, "access_token": f"{self.app.id}|{self.app.secret}"}
        body = asked(
            http,
            "GET",
            f"{self.graph}/{VERSION}/debug_token",
            "Meta debug_token",
            params=query,
            secrets=(self.app.secret, token),
        )
        data = body.get("data") or {}
        if not data.get("is_valid"):
            raise NeedsReauth("the token is not valid (any more)", where="Meta", mend=AGAIN)
        if str(data.get("app_id")) != self.app.id:
            raise NeedsReauth("the token is another application's", where="Meta", mend=AGAIN)
        return Grant(
            token,
            scopes=tuple(data.get("scopes") or ()),
            expires_at=_moment(data),
            user_id=str(data.get("user_id", "")),
        )

    def _rows(self, path: str, token: str, fields: str) -> list[Mapping[str, Any]]:
        """Every row of an edge, page by page: by cursor, since `paging.next` holds the token."""
        rows: list[Mapping[str, Any]] = []
        query: dict[str, Any] = {"fields": fields, "limit": 100, "access_token": token}
        with self._session() as http:
            while True:
                body = asked(
                    http,
                    "GET",
                    f"{self.graph}/{VERSION}/{path}",
                    f"Meta {path}",
                    params=query,
                    secrets=(token,),
                )
                rows += body.get("data") or ()
                paging = body.get("paging") or {}
                after = (paging.get("cursors") or {}).get("after")
                if not paging.get("next") or not after or after == query.get("after"):
                    return rows
                query["after"] = after


def _moment(data: Mapping[str, Any]) -> datetime | None:
    """`expires_at` in seconds of the epoch; 0 for a token that does not expire, whose access to
    data may still end (`data_access_expires_at`)."""
    seconds = int(data.get("expires_at") or 0) or int(data.get("data_access_expires_at") or 0)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
