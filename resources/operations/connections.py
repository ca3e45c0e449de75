"""Teams' connections to ad accounts: sealed tokens, and their renewal.

An access token that ends soon is renewed once, however many processes find it ended."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.errors import InputError, NotFound
from domain.platform import Network
from resources.operations.audit import note
from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.records import Connected, Connection
from resources.operations.schema import CONNECTION_STATES
from resources.operations.schema import social_platform_connections as connections
from resources.operations.sealer import Sealer, opened
from resources.operations.seals import about
from resources.operations.statements import CONNECTED, CONNECTED_TO
from resources.security.vault import Vault


class Connections:
    """One row for each team, network and ad account."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def connect(
        self,
        team_id: Id,
        network: Network,
        account_id: str,
        token: str,
        *,
        refresh_token: str | None = None,
        platform_user_id: str = "",
        token_expires_at: datetime | None = None,
        scopes: Sequence[str] = (),
    ) -> None:
        """Store or renew a team's connection to an account; tokens are sealed before they land."""
        team, now = canonical(team_id, "team"), self._database.now()
        context = about(team, network, account_id)
        place = {"team_id": team, "platform_name": str(network), "platform_account_id": account_id}
        with self._database.write() as connection:
            self._sealer.make_ready(connection)
            vault = self._sealer.vault
            access = vault.seal(token, context + ":access")
            refresh = vault.seal(refresh_token, context + ":refresh") if refresh_token else None
            row = {
                "platform_user_id": platform_user_id,
                "token_expires_at": token_expires_at,
                "access_token_sealed": access,
                "refresh_token_sealed": refresh,
                "scopes": list(scopes),
                "status": "active",
                "updated_at": now,
                "refresh_claimed_until": None,
            }
            new = {"id": str(uuid.uuid4()), "created_at": now, **place, **row}
            connection.execute(
                self._database.insert(connections)
                .values(new)
                .on_conflict_do_update(index_elements=list(place), set_=row)
            )
            detail = {"account_id": account_id, "scopes": list(scopes)}
            note(connection, team, "connection.set", str(network), detail, now=now)
            self._sealer.check_opens(access, refresh)

    def get(self, team_id: Id, network: Network, account_id: str | None = None) -> Connection:
        """The team's connection, the most recently renewed one when no account is named."""
        here = {"at_team_id": canonical(team_id, "team"), "at_platform_name": str(network)}
        if account_id is not None:
            here["at_platform_account_id"] = account_id
        query = CONNECTED if account_id is None else CONNECTED_TO

        def read() -> Any:
            with self._database.read() as connection:
                return connection.execute(query, here).mappings().first()

        def unseal(row: Any) -> Connection:
            if row is None:
                raise NotFound(
                    f"this team has no {network} account",
                    mend=f"connect one: jobads connect {network} --team TEAM",
                )
            return _unsealed(row, self._sealer.vault)

        return opened(read, unseal)

    def of_team(self, team_id: Id) -> list[Connected]:
        """Every account that the team is connected to, by network, the newest first; no token is
        opened for it."""
        team = canonical(team_id, "team")
        query = (
            sa.select(connections)
            .where(connections.c.team_id == team)
            .order_by(connections.c.platform_name, connections.c.updated_at.desc())
        )
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Connected(
                Network(r["platform_name"]),
                r["platform_account_id"],
                r["platform_user_id"],
                r["status"],
                tuple(r["scopes"] or ()),
                r["token_expires_at"],
                r["refresh_token_sealed"] is not None,
                r["updated_at"],
            )
            for r in rows
        ]

    def changed_at(self, team_id: Id, network: Network, account_id: str) -> datetime | None:
        """When the connection got its token or its status; None without one."""
        query = sa.select(connections.c.updated_at).where(*_place(team_id, network, account_id))
        with self._database.read() as connection:
            found: datetime | None = connection.scalar(query)
            return found

    def set_status(
        self,
        team_id: Id,
        network: Network,
        account_id: str,
        status: str,
        *,
        seen: datetime | None = None,
    ) -> None:
        """active or needs_reauth. With `seen`, only if the connection has not changed since then:
        an account that was connected again meanwhile has a token that nobody has tried."""
        if status not in CONNECTION_STATES:
            raise InputError(f"{status!r} is not one of {', '.join(CONNECTION_STATES)}")
        team, now = canonical(team_id, "team"), self._database.now()
        update = connections.update().where(*_place(team, network, account_id))
        if seen is not None:
            update = update.where(connections.c.updated_at == seen)
        with self._database.write() as connection:
            done = connection.execute(update.values(status=status, updated_at=now))
            if done.rowcount != 1:
                if seen is not None:
                    return
                raise NotFound(f"this team has no {network} account {account_id}")
            detail = {"account_id": account_id}
            note(connection, team, f"connection.{status}", str(network), detail, now=now)

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
        with self._database.write() as connection:
            connection.execute(connections.update().where(*place).values(values))

    def disconnect(self, team_id: Id, network: Network, account_id: str) -> None:
        """Forget a connection and its tokens; what was posted stays in the ledger."""
        with self._database.write() as connection:
            delete = connections.delete().where(*_place(team_id, network, account_id))
            if connection.execute(delete).rowcount != 1:
                raise NotFound(f"this team has no {network} account {account_id}")
            detail = {"account_id": account_id}
            team, now = canonical(team_id, "team"), self._database.now()
            note(connection, team, "connection.removed", str(network), detail, now=now)

    def claim_refresh(
        self, team_id: Id, network: Network, account_id: str, *, seen: datetime | None, for_s: float
    ) -> datetime | None:
        """The claim (when it ends) if this process is to renew the token that ends at `seen`; None
        when another one does, or has done it. A claim of a process that died ends by itself."""
        now = self._database.now()
        until = now + timedelta(seconds=for_s, microseconds=uuid.uuid4().int % 1_000_000)
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
        with self._database.write() as connection:
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
        with self._database.write() as connection:
            self._sealer.make_ready(connection)
            access = self._sealer.vault.seal(token, context + ":access")
            refresh = self._sealer.vault.seal(refresh_token, context + ":refresh")
            values = {
                "access_token_sealed": access,
                "refresh_token_sealed": refresh,
                "status": "active",
                "token_expires_at": expires_at,
                "updated_at": self._database.now(),
            }
            done = _settle(connection, team_id, network, account_id, claim, values)
            self._sealer.check_opens(access, refresh)
            return done

    def release_refresh(
        self, team_id: Id, network: Network, account_id: str, *, claim: datetime
    ) -> None:
        """Let another process try at once."""
        with self._database.write() as connection:
            _settle(connection, team_id, network, account_id, claim, {})


def _unsealed(row: Any, vault: Vault) -> Connection:
    network, account = Network(row["platform_name"]), row["platform_account_id"]
    context, refresh = about(row["team_id"], network, account), row["refresh_token_sealed"]
    return Connection(
        team_id=UUID(row["team_id"]),
        network=network,
        account_id=account,
        platform_user_id=row["platform_user_id"],
        status=row["status"],
        scopes=tuple(row["scopes"] or ()),
        token_expires_at=row["token_expires_at"],
        changed_at=row["updated_at"],
        token=vault.open(row["access_token_sealed"], context + ":access"),
        refresh_token=vault.open(refresh, context + ":refresh") if refresh else None,
    )


def _settle(
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
