"""Access tokens that end soon are renewed once, however many processes find them ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa

from domain.errors import NotFound
from domain.platform import Network
from resources.operations.repository import Id, canonical
from resources.operations.rotation import Rotation
from resources.operations.schema import social_platform_connections as connections
from resources.operations.seals import about


class Renewal(Rotation):
    def claim_refresh(
        self, team_id: Id, network: Network, account_id: str, *, seen: datetime | None, for_s: float
    ) -> datetime | None:
        """The claim (when it ends) if this process is to renew the token that ends at `seen`; None
        when another one does, or has done it. A claim of a process that died ends by itself."""
        now = self._now()
        until = now + timedelta(seconds=for_s, microseconds=uuid4().int % 1_000_000)
        ended = connections.c.token_expires_at
        update = (
            connections.update()
            .where(
                *_place(team_id, network, account_id),
                ended.is_(None) if seen is None else ended == seen,
                connections.c.refresh_claimed_until.is_(None)
                | (connections.c.refresh_claimed_until <= now),
            )
            .values(refresh_claimed_until=until)
        )
        with self._write() as connection:
            return until if connection.execute(update).rowcount else None

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
    ) -> bool:
        """Store what the claim's holder was given; False, and nothing stored, when the account was
        connected again or another process claimed meanwhile."""
        context = about(canonical(team_id, "team"), network, account_id)
        with self._write() as connection:
            self._ready(connection)
            access = self.vault.seal(token, context + ":access")
            refresh = self.vault.seal(refresh_token, context + ":refresh")
            values = {
                "access_token_sealed": access,
                "refresh_token_sealed": refresh,
                "status": "active",
                "token_expires_at": expires_at,
                "updated_at": self._now(),
            }
            done = self._settle(connection, team_id, network, account_id, claim, values)
            self._still_opens(access, refresh)
            return done

    def release_refresh(
        self, team_id: Id, network: Network, account_id: str, *, claim: datetime
    ) -> None:
        """Let another process try at once."""
        with self._write() as connection:
            self._settle(connection, team_id, network, account_id, claim, {})

    def describe(
        self,
        team_id: Id,
        network: Network,
        account_id: str,
        *,
        scopes: Sequence[str],
        expires_at: datetime | None,
    ) -> None:
        """What the network says of the token now."""
        place = _place(team_id, network, account_id)
        values = {"scopes": list(scopes), "token_expires_at": expires_at}
        with self._write() as connection:
            connection.execute(connections.update().where(*place).values(values))

    def disconnect(self, team_id: Id, network: Network, account_id: str) -> None:
        """Forget a connection and its tokens; what was posted stays in the ledger."""
        with self._write() as connection:
            delete = connections.delete().where(*_place(team_id, network, account_id))
            if connection.execute(delete).rowcount != 1:
                raise NotFound(f"this team has no {network} account {account_id}")
            detail = {"account_id": account_id}
            team = canonical(team_id, "team")
            self._note(connection, team, "connection.removed", str(network), detail)

    def _settle(
        self,
        connection: sa.Connection,
        team_id: Id,
        network: Network,
        account_id: str,
        claim: datetime,
        values: dict[str, object],
    ) -> bool:
        """Write and end the claim, if it still stands."""
        mine = connections.c.refresh_claimed_until == claim
        update = connections.update().where(*_place(team_id, network, account_id), mine)
        done = connection.execute(update.values(**values, refresh_claimed_until=None))
        return bool(done.rowcount)


def _place(team_id: Id, network: Network, account_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        connections.c.team_id == canonical(team_id, "team"),
        connections.c.platform_name == str(network),
        connections.c.platform_account_id == account_id,
    )
