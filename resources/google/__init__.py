"""Google Ads through the real SDK, which is always imported by its absolute name, `google.ads`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from domain.errors import SetupError
from domain.networks.google import ADS, LOGIN
from domain.platform import Mode, Pace
from resources.files.images import Images
from resources.google.adapter import GooglePlatform
from resources.oauth.flow import Grant
from resources.oauth.token_renewal import Connections, fresh
from resources.operations.records import Connection
from resources.security import network_addresses
from resources.security.network_guard import check_token, guard, mode_of
from resources.settings import Settings
from resources.shared_rate_limits import NoPacing

ENDPOINT, TOKEN_URI = ADS.live, f"{LOGIN.live}/token"
TOKEN_S = 5.0

Renew = Callable[[], tuple[str, datetime]]
"""Answers a token and when it ends: renewed by whoever shares the connection, not by each adapter
on its own."""


def platform(
    *,
    token: str | None,
    address: str = ENDPOINT,
    mode: Mode = Mode.SANDBOX,
    pace: Pace | None = None,
    account_id: str = "",
    expires_at: datetime | None = None,
    refresh_token: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    token_uri: str = TOKEN_URI,
    developer_token: str | None = None,
    login_customer_id: str | None = None,
    renew: Renew | None = None,
) -> GooglePlatform:
    """The adapter for one token; SetupError when addresses, token and mode do not belong together.

    `token_uri` is reached only to renew a token. No developer token is required: one that is given
    is passed on. With `renew` the refresh token is not used here. `GoogleAdsClient.load_from_*` is
    never called: it would renew the token at once, at Google, whatever the mode."""
    _check(mode, address, token_uri if refresh_token else "")
    check_token(mode, token or refresh_token or "")
    if refresh_token:
        check_token(mode, refresh_token)
    from google.ads.googleads.client import GoogleAdsClient
    from google.auth.transport.requests import Request
    from google.oauth2.credentials import Credentials
    from requests import Session

    from resources.google.sdk_client import VERSION, SandboxClient, SdkClient

    session = Session()
    renews = bool(refresh_token) or mode is Mode.LIVE
    guard(session, token_uri if renews else f"http://{address}", mode)
    request = partial(Request(session), timeout=TOKEN_S)
    given: dict[str, Any] = {
        "credentials": Credentials(
            token,
            refresh_token=None if renew else refresh_token,
            client_id=client_id,
            client_secret=client_secret,
            token_uri=token_uri,
            refresh_handler=renew and _handler(renew),
            expiry=expires_at and _naive(expires_at),
        ),
        "developer_token": developer_token,
        "login_customer_id": login_customer_id,
        "endpoint": address,
        "version": VERSION,
    }
    if mode is Mode.SANDBOX:
        client = SandboxClient(request=request, **given)
    else:
        client = GoogleAdsClient(**given)
    return GooglePlatform(SdkClient(client, request), mode, pace or NoPacing(), account_id)


def connect(
    connection: Connection,
    settings: Settings,
    images: Images,
    pace: Pace,
    connections: Connections | None,
) -> GooglePlatform:
    """The adapter for a team's connection; with `connections` its access token is renewed there."""
    from resources.oauth.google import login

    flow = login(settings)
    if connections is not None:
        connection = fresh(connections, connection, flow.renew, now=now, sleep=time.sleep)
    return platform(
        token=connection.token,
        refresh_token=connection.refresh_token,
        mode=settings.mode,
        address=network_addresses.address(settings, ADS),
        pace=pace,
        account_id=connection.account_id,
        expires_at=connection.token_expires_at,
        renew=None if connections is None else _renewing(connections, connection, flow.renew),
        client_id=flow.app.id,
        client_secret=flow.app.secret,
        token_uri=flow.token_uri,
        developer_token=settings.google_developer_token,
        login_customer_id=settings.google_login_customer_id,
    )


def _renewing(
    connections: Connections, connection: Connection, renew: Callable[[str], Grant]
) -> Renew:
    """For an adapter whose token ends while it works."""

    def renewed() -> tuple[str, datetime]:
        held = connections.get(connection.team_id, connection.network, connection.account_id)
        held = fresh(connections, held, renew, now=now, sleep=time.sleep)
        return held.token, held.token_expires_at or now()

    return renewed


def now() -> datetime:
    return datetime.now(UTC)


def _handler(renew: Renew) -> Callable[..., tuple[str, datetime]]:
    def handle(request: object, scopes: object = None) -> tuple[str, datetime]:
        token, ends = renew()
        return token, _naive(ends)

    return handle


def _naive(moment: datetime) -> datetime:
    """google-auth's times are UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _check(mode: Mode, address: str, token_uri: str) -> None:
    """SetupError unless every address belongs to `mode`: this machine, or Google itself."""
    for url in filter(None, (f"http://{address}", token_uri)):
        if mode_of(url) is not mode:
            raise SetupError(
                f"{url.split('/')[2]} is a {mode_of(url)} host, the mode is {mode}",
                where="address",
                mend="the sandbox answers on 127.0.0.1 only",
            )
    if mode is Mode.LIVE and address != ENDPOINT:
        raise SetupError(f"{address} is not Google's", where="address", mend=f"use {ENDPOINT}")


__all__ = ["ENDPOINT", "TOKEN_URI", "GooglePlatform", "connect", "platform"]
