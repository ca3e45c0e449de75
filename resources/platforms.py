"""The adapter of each network, for a team's connection."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import assert_never

from domain.errors import NeedsReauth, PlatformError, Retryable
from domain.platform import AdPlatform, Network, Pace
from resources import meta
from resources.files.images import Images
from resources.oauth import google_flow
from resources.oauth.token_renewal import Connections, fresh
from resources.operations.ids import Id
from resources.operations.records import Connection
from resources.security.network_addresses import Service, address
from resources.settings import Settings
from resources.shared_rate_limits import UNPACED


def now() -> datetime:
    return datetime.now(UTC)


def connect(
    connection: Connection,
    settings: Settings,
    images: Images,
    pace: Pace = UNPACED,
    connections: Connections | None = None,
) -> AdPlatform:
    """NeedsReauth when the connection is dead. In the sandbox the twins that serve this home
    answer, unless settings name other servers. With `connections`, access tokens that end are
    renewed there, once for all processes."""
    if connection.status != "active":
        raise NeedsReauth(
            f"the connection to {connection.account_id} is {connection.status}",
            where=str(connection.network),
            mend="a person must connect the account again",
        )
    if connection.network is Network.META:
        return meta.connect(connection, settings, images, pace)
    if connection.network is Network.X:
        return _x(connection, settings, images, pace)
    if connection.network is Network.GOOGLE:
        return _google(connection, settings, pace, connections)
    assert_never(connection.network)


def _x(connection: Connection, settings: Settings, images: Images, pace: Pace) -> AdPlatform:
    from resources import x

    app = settings.app(Network.X)
    return x.connect(
        connection,
        settings,
        images,
        address=address(settings, Service.X),
        consumer_key=app.id,
        consumer_secret=app.secret,
        pace=pace,
    )


def _google(
    connection: Connection, settings: Settings, pace: Pace, connections: Connections | None
) -> AdPlatform:
    from resources import google

    flow = google_flow(settings)
    if connections is not None:
        connection = fresh(connections, connection, flow.renew, now=now, sleep=time.sleep)
    return google.connect(
        connection,
        mode=settings.mode,
        address=address(settings, Service.GOOGLE),
        pace=pace,
        renew=connections and _renewing(connections, connection, settings),
        client_id=flow.app.id,
        client_secret=flow.app.secret,
        token_uri=flow.token_uri,
        developer_token=settings.google_developer_token,
        login_customer_id=settings.google_login_customer_id,
    )


def _renewing(
    connections: Connections, connection: Connection, settings: Settings
) -> Callable[[], tuple[str, datetime]]:
    """For an adapter whose token ends while it works."""

    def renew() -> tuple[str, datetime]:
        held = connections.connection(connection.team_id, connection.network, connection.account_id)
        held = fresh(connections, held, google_flow(settings).renew, now=now, sleep=time.sleep)
        return held.token, held.token_expires_at or now()

    return renew


@contextmanager
def reauth_noted(
    connections: Connections, team_id: Id, network: Network, account_id: str, settings: Settings
) -> Iterator[None]:
    """Around work with a network: when it says that the token is dead, the connection says so too.

    A Google access token that died before its time is renewed instead, and the work is Retryable;
    NeedsReauth goes on to the caller otherwise."""
    try:
        yield
    except NeedsReauth:
        connection = connections.connection(team_id, network, account_id)
        if connection.status == "active" and connection.refresh_token:
            flow = google_flow(settings)
            connection = fresh(
                connections, connection, flow.renew, now=now, sleep=time.sleep, force=True
            )
            if _lives(connection, settings):
                raise Retryable(
                    "the access token had ended; it is renewed",
                    where=str(network),
                    mend="try again",
                ) from None
        if connection.status == "active":
            connections.set_connection_status(team_id, network, account_id, "needs_reauth")
        raise


def _lives(connection: Connection, settings: Settings) -> bool:
    """Whether the network takes the token that was just renewed."""
    try:
        _google(connection, settings, UNPACED, None).verify(connection.account_id)
    except NeedsReauth:
        return False
    except PlatformError:
        return True
    return True
