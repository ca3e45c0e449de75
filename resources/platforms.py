"""The adapter of each network, for a team's connection."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from domain.errors import HouseFault, NeedsReauth, PlatformError, Retryable, SetupError
from domain.platform import AdPlatform, Network, Pace
from resources.files.images import Images
from resources.networks import CONNECTORS
from resources.oauth.token_renewal import Connections, fresh
from resources.operations.ids import Id
from resources.operations.records import Connection
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
    return CONNECTORS[connection.network]().connect(connection, settings, images, pace, connections)


@contextmanager
def reauth_noted(
    connections: Connections, team_id: Id, network: Network, account_id: str, settings: Settings
) -> Iterator[None]:
    """Around work with a network: when it says that the token is dead, the connection says so too.

    An access token that can be renewed and died before its time is renewed instead, and the work is
    Retryable, as it is after a token that changed meanwhile and that the network takes; NeedsReauth
    goes on to the caller otherwise."""
    seen = connections.changed_at(team_id, network, account_id)
    try:
        yield
    except NeedsReauth:
        connection = connections.get(team_id, network, account_id)
        changed = connection.changed_at != seen
        # The work itself may have renewed the token that was then refused: only the network knows.
        if connection.status == "active" and changed and _lives(connection, settings):
            raise Retryable(
                "the account was connected again, or its token renewed, meanwhile",
                where=str(network),
                mend="try again",
            ) from None
        renew = None if changed else CONNECTORS[network]().renew
        if renew and connection.status == "active" and connection.refresh_token:
            by = partial(renew, settings)
            connection = fresh(connections, connection, by, now=now, sleep=time.sleep, force=True)
            if _lives(connection, settings):
                raise Retryable(
                    "the access token had ended; it is renewed",
                    where=str(network),
                    mend="try again",
                ) from None
        if connection.status == "active":
            status = "needs_reauth"
            connections.set_status(team_id, network, account_id, status, seen=connection.changed_at)
        raise


def _lives(connection: Connection, settings: Settings) -> bool:
    """Whether the network takes the token as it is now; what it does not say counts as yes."""
    try:
        images = Images(settings.home / "images", settings.mode)
        connect(connection, settings, images).verify(connection.account_id)
    except NeedsReauth:
        return False
    except HouseFault:
        raise
    except (PlatformError, SetupError):
        return True
    return True
