"""Google's access tokens are renewed through the store, so that N processes ask Google once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import NeedsReauth, Retryable
from domain.platform import Network
from resources.oauth.flow import Grant
from resources.operations.ids import Id
from resources.operations.records import Connection

SPARE = timedelta(minutes=5)
"""A token that ends sooner is renewed before it is used."""
CLAIM_S = 90.0
"""Longer than the request may take (`resources.security.network_guard.TIMEOUT_S`)."""
LOOK_S, LOOK_MOST_S = 0.1, 2.0
"""How long the others sleep between looks: twice as long each time."""


class Connections(Protocol):
    """What this needs of the operations store's connections."""

    def get(self, team_id: Id, network: Network, account_id: str | None = None) -> Connection: ...
    def changed_at(self, team_id: Id, network: Network, account_id: str) -> datetime | None: ...
    def set_status(
        self,
        team_id: Id,
        network: Network,
        account_id: str,
        status: str,
        *,
        seen: datetime | None = None,
    ) -> None: ...
    def claim_refresh(
        self, team_id: Id, network: Network, account_id: str, *, seen: datetime | None, for_s: float
    ) -> datetime | None: ...
    def refreshed(
        self,
        team_id: Id,
        network: Network,
        account_id: str,
        *,
        claim: datetime,
        token: str,
        refresh_token: str,
        expires_at: datetime,
    ) -> bool: ...
    def release_refresh(
        self, team_id: Id, network: Network, account_id: str, *, claim: datetime
    ) -> None: ...


def fresh(
    connections: Connections,
    connection: Connection,
    renew: Callable[[str], Grant],
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    force: bool = False,
) -> Connection:
    """The connection with a token that is good for some minutes.

    Renews it when it ends within SPARE, or (`force`) when the network refused just this token. One
    process asks, the others wait for what it was given. NeedsReauth when the network gives none,
    and then the connection's status says so too; Retryable when it did not answer."""
    ended, waited, pause = connection.token_expires_at, 0.0, LOOK_S
    place = (connection.team_id, connection.network, connection.account_id)
    while connection.refresh_token and (_ends(connection, now()) or force):
        if connection.token_expires_at != ended:
            return connection  # another process was given a new one meanwhile
        _refuse_dead(connection)
        claim = connections.claim_refresh(*place, seen=ended, for_s=CLAIM_S)
        if claim is not None:
            return _renewed(connections, connection, renew, claim, now)
        if waited > CLAIM_S:
            raise Retryable("the token is being renewed", where=str(place[1]), mend="try again")
        sleep(pause)
        waited, pause = waited + pause, min(2 * pause, LOOK_MOST_S)
        connection = connections.get(*place)
    return connection


def _renewed(
    connections: Connections,
    connection: Connection,
    renew: Callable[[str], Grant],
    claim: datetime,
    now: Callable[[], datetime],
) -> Connection:
    place = (connection.team_id, connection.network, connection.account_id)
    try:
        grant = renew(connection.refresh_token or "")
    except NeedsReauth:
        connections.release_refresh(*place, claim=claim)
        seen = connection.changed_at
        connections.set_status(*place, "needs_reauth", seen=seen)
        raise
    except BaseException:
        connections.release_refresh(*place, claim=claim)
        raise
    connections.refreshed(
        *place,
        claim=claim,
        token=grant.token,
        refresh_token=grant.refresh_token or connection.refresh_token or "",
        expires_at=grant.expires_at or now(),
    )
    return connections.get(*place)


def _ends(connection: Connection, now: datetime) -> bool:
    return connection.token_expires_at is not None and connection.token_expires_at <= now + SPARE


def _refuse_dead(connection: Connection) -> None:
    if connection.status != "active":
        raise NeedsReauth(
            f"the connection to {connection.account_id} is {connection.status}",
            where=str(connection.network),
            mend="a person must connect the account again",
        )
