"""Rows whose content is sealed: tokens of connections, and résumé texts."""

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from domain.errors import InputError, NotFound, Retryable, SetupError
from domain.platform import Network
from resources.operations.records import Connected, Connection, Saved
from resources.operations.repository import Id, Repository, batches, canonical, utc_now
from resources.operations.schema import CONNECTION_STATES, resume_texts, teams
from resources.operations.schema import social_platform_connections as connections
from resources.operations.seals import about, check_ring, check_unmarked
from resources.operations.statements import CONNECTED, CONNECTED_TO
from resources.security.vault import KeyMissing, Vault

REREAD = 5
"""Rotations that may overtake one reader before it is told that a key is missing."""
Read = TypeVar("Read")
Unsealed = TypeVar("Unsealed")


class KeyChanged(Retryable):
    """Nothing was stored: what was sealed for it is sealed with a key that is gone."""


class EncryptedRows(Repository):
    def __init__(
        self, url: str, *, now: Callable[[], datetime] = utc_now, vault: Vault | None = None
    ) -> None:
        super().__init__(url, now=now)
        self._vault = vault

    @property
    def vault(self) -> Vault:
        """The vault given, or for SQLite the key file beside the database."""
        if self._vault is None:
            if self._engine.dialect.name != "sqlite":
                raise SetupError("no vault for this store", mend="use OperationsStore.open")
            self._vault = Vault(Path(str(self._engine.url.database)).with_name("vault.key"))
        return self._vault

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
        team, now = canonical(team_id, "team"), self._now()
        context = about(team, network, account_id)
        place = {"team_id": team, "platform_name": str(network), "platform_account_id": account_id}
        with self._write() as connection:
            self._ready(connection)
            refresh = (
                self.vault.seal(refresh_token, context + ":refresh") if refresh_token else None
            )
            access = self.vault.seal(token, context + ":access")
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
                self._insert(connections)
                .values(new)
                .on_conflict_do_update(index_elements=list(place), set_=row)
            )
            detail = {"account_id": account_id, "scopes": list(scopes)}
            self._note(connection, team, "connection.set", str(network), detail)
            self._still_opens(access, refresh)

    def connection(
        self, team_id: Id, network: Network, account_id: str | None = None
    ) -> Connection:
        """The team's connection, the most recently renewed one when no account is named."""
        here = {"at_team_id": canonical(team_id, "team"), "at_platform_name": str(network)}
        if account_id is not None:
            here["at_platform_account_id"] = account_id
        query = CONNECTED if account_id is None else CONNECTED_TO

        def read() -> Any:
            with self._read() as connection:
                return connection.execute(query, here).mappings().first()

        def unseal(row: Any) -> Connection:
            if row is None:
                raise NotFound(
                    f"this team has no {network} account",
                    mend=f"connect one: jobads connect {network} --team TEAM",
                )
            return self._unseal(row)

        return opened(read, unseal)

    def connections(self, team_id: Id) -> list[Connected]:
        """Every account that the team is connected to, by network, the newest first; no token is
        opened for it."""
        team = canonical(team_id, "team")
        query = (
            sa.select(connections)
            .where(connections.c.team_id == team)
            .order_by(connections.c.platform_name, connections.c.updated_at.desc())
        )
        with self._read() as connection:
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

    def set_connection_status(
        self, team_id: Id, network: Network, account_id: str, status: str
    ) -> None:
        """active or needs_reauth."""
        if status not in CONNECTION_STATES:
            raise InputError(f"{status!r} is not one of {', '.join(CONNECTION_STATES)}")
        team = canonical(team_id, "team")
        with self._write() as connection:
            done = connection.execute(
                connections.update()
                .where(
                    connections.c.team_id == team,
                    connections.c.platform_name == str(network),
                    connections.c.platform_account_id == account_id,
                )
                .values(status=status, updated_at=self._now())
            )
            if done.rowcount != 1:
                raise NotFound(f"this team has no {network} account {account_id}")
            detail = {"account_id": account_id}
            self._note(connection, team, f"connection.{status}", str(network), detail)

    def save_resumes(self, team_id: Id, resumes: Iterable[tuple[str, str]]) -> Saved:
        """Seal (key, text) pairs; the same pairs twice change nothing. Retryable for one that is
        being erased: it would come back half."""
        team, now = canonical(team_id, "team"), self._now()
        new = changed = unchanged = 0
        with self._write() as connection:
            self._ready(connection)
            known = self._fingerprints(connection, team)
            going = self._going(connection, team)
            for key, text in resumes:
                if key in going:
                    raise Retryable(
                        f"résumé {key[:60]!r} is being erased",
                        where="import",
                        mend="run jobads forget for it again, then import",
                    )
                mark = fingerprint(self.vault, team, key, text)
                if known.get(key) in (mark, *_earlier(self.vault, team, key, text)):
                    unchanged += 1
                    continue
                sealed = self.vault.seal(text, f"resume:{team}:{key}")
                row = {"text_sealed": sealed, "fingerprint": mark, "updated_at": now}
                insert = self._insert(resume_texts).values(
                    team_id=team, resume_key=key, created_at=now, **row
                )
                connection.execute(
                    insert.on_conflict_do_update(index_elements=["team_id", "resume_key"], set_=row)
                )
                new, changed = new + (key not in known), changed + (key in known)
                known[key] = mark
                self._still_opens(sealed)
            if new or changed:
                count = {"new": new, "changed": changed}
                self._note(connection, team, "resumes.saved", team, count)
                grown = teams.update().where(teams.c.id == team)
                connection.execute(grown.values(version=teams.c.version + 1))
        return Saved(new, changed, unchanged)

    def resume_texts(
        self, team_id: Id, keys: Collection[str] | None = None
    ) -> list[tuple[str, str]]:
        """The team's résumés, or those of `keys`, as (key, text) in order of key, without those
        that are being erased. Redact before storing elsewhere."""
        team = canonical(team_id, "team")
        kept = (resume_texts.c.team_id == team, resume_texts.c.erasing_since.is_(None))
        query = sa.select(resume_texts).where(*kept).order_by(resume_texts.c.resume_key)
        parts = [query]
        if keys is not None:
            parts = [query.where(resume_texts.c.resume_key.in_(p)) for p in batches(sorted(keys))]

        def read() -> Sequence[Any]:
            with self._read() as connection:
                return [r for part in parts for r in connection.execute(part).mappings()]

        def unseal(rows: Sequence[Any]) -> list[tuple[str, str]]:
            pairs = ((r["resume_key"], r["text_sealed"]) for r in rows)
            return [(k, self.vault.open(sealed, f"resume:{team}:{k}")) for k, sealed in pairs]

        return opened(read, unseal)

    def resume_stamps(self) -> dict[tuple[str, str], str]:
        """(team, key) → what changes whenever the résumé's text does, of every team; without those
        that are being erased."""
        resume = resume_texts.c
        query = sa.select(resume.team_id, resume.resume_key, resume.updated_at, resume.fingerprint)
        with self._read() as connection:
            rows = connection.execute(query.where(resume.erasing_since.is_(None)))
            return {(team, key): f"{at and at.isoformat()} {mark}" for team, key, at, mark in rows}

    def _ready(self, connection: sa.Connection) -> None:
        """To be asked before anything is sealed: the first key is made where nothing needs an older
        one; SetupError while a key is missing, or is another, that something here needs."""
        check_ring(connection, self.vault)
        if not self.vault.ring.entries():
            check_unmarked(connection, self.vault)
            self.vault.ring.create()

    def _still_opens(self, *sealed: bytes | None) -> None:
        """Roll back what was sealed with a key that has been forgotten since."""
        if not all(self.vault.opens(value) for value in sealed if value):
            raise KeyChanged("the key was changed meanwhile", where="vault", mend="try again")

    def _fingerprints(self, connection: sa.Connection, team: str) -> dict[str, str]:
        query = sa.select(resume_texts.c.resume_key, resume_texts.c.fingerprint)
        rows = connection.execute(query.where(resume_texts.c.team_id == team))
        return {key: mark for key, mark in rows}

    def _going(self, connection: sa.Connection, team: str) -> set[str]:
        going = (resume_texts.c.team_id == team, resume_texts.c.erasing_since.is_not(None))
        return set(connection.scalars(sa.select(resume_texts.c.resume_key).where(*going)))

    def _unseal(self, row: Any) -> Connection:
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
            token=self.vault.open(row["access_token_sealed"], context + ":access"),
            refresh_token=self.vault.open(refresh, context + ":refresh") if refresh else None,
        )


def fingerprint(vault: Vault, team: str, key: str, text: str) -> str:
    """Keyed by the vault, because a bare hash would let anyone test a guess of the text."""
    return _mark(vault.derive(_salt(team, key)), text)


def _earlier(vault: Vault, team: str, key: str, text: str) -> list[str]:
    """The fingerprints that older keys of the ring gave the same text."""
    return [_mark(salt, text) for salt in vault.derived(_salt(team, key))[1:]]


def _salt(team: str, key: str) -> str:
    return f"resume-fingerprint:{team}:{key}"


def _mark(salt: bytes, text: str) -> str:
    return hashlib.blake2b(text.encode(), key=salt, digest_size=32).hexdigest()


def opened(read: Callable[[], Read], unseal: Callable[[Read], Unsealed]) -> Unsealed:
    """What was read, unsealed. A key that was dropped between the two had sealed nothing any more:
    the rows are under another by now and are read again."""
    for _ in range(REREAD):
        with suppress(KeyMissing):
            return unseal(read())
    return unseal(read())
