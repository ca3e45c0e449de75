"""Erasures of persons: their steps, any of which may be killed, and what remembers them after."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from resources.operations import resume_rows, team_rows
from resources.operations.audit import note
from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.schema import audit_log, resume_texts
from resources.operations.sealer import Sealer
from resources.operations.seals import FORGOTTEN
from resources.sqlite_compaction import compact

NOBODY = "person:the key that derives digests was missing"


class Erasures:
    """A résumé on its way out: nobody reads it from the first step on."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def pending(self) -> list[tuple[str, str]]:
        """(team, key) of every erasure that was begun and has not ended."""
        query = sa.select(resume_texts.c.team_id, resume_texts.c.resume_key)
        begun = query.where(resume_texts.c.erasing_since.is_not(None))
        with self._database.read() as connection:
            return [(team, key) for team, key in connection.execute(begun)]

    def begin(self, team_id: Id, key: str, found: Mapping[str, Any]) -> None:
        """From its commit on nobody reads the résumé; `found` is kept until the erasure ends, since
        later steps delete what it is known from. A second call changes nothing."""
        team = canonical(team_id, "team")
        values = {"erasing_since": self._database.now(), "erasing_found": dict(found)}
        new = (*resume_rows.of_key(team, key), resume_texts.c.erasing_since.is_(None))
        with self._database.write() as connection:
            if connection.execute(resume_texts.update().where(*new).values(values)).rowcount:
                team_rows.touch(connection, team)

    def end(self, team_id: Id, key: str, detail: Mapping[str, Any], actor: str) -> None:
        """The last step: the sealed text goes, and the log names the person by a keyed digest, or
        by none where the key is gone: that is no reason to keep anything, nor to make a new key."""
        team = canonical(team_id, "team")
        going = (*resume_rows.of_key(team, key), resume_texts.c.erasing_since.is_not(None))
        with self._database.write() as connection:
            if connection.execute(resume_texts.delete().where(*going)).rowcount:
                there = self._sealer.vault.ring.entries()
                subject = _digest(self._sealer.vault.derive(_salt(team)), key) if there else NOBODY
                now = self._database.now()
                note(connection, team, FORGOTTEN, subject, detail, actor=actor, now=now)

    def erased_at(self, team_id: Id, key: str) -> datetime | None:
        """When a key was last forgotten. None also when the vault's key of then is gone."""
        team = canonical(team_id, "team")
        salts = self._sealer.vault.derived(_salt(team))
        query = sa.select(sa.func.max(audit_log.c.at)).where(
            audit_log.c.team_id == team,
            audit_log.c.action == FORGOTTEN,
            audit_log.c.subject.in_([_digest(salt, key) for salt in salts]),
        )
        with self._database.read() as connection:
            at: datetime | None = connection.scalar(query)
        return at

    def compact(self) -> None:
        """Leave no deleted row in the database's file: SQLite's free pages, PostgreSQL's dead rows.
        Retryable while another process keeps the database from it."""
        engine = self._database.engine
        if engine.dialect.name == "sqlite":
            engine.dispose()  # an idle connection would keep the file as it is
            compact(Path(str(engine.url.database)))
            return
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"VACUUM FULL {resume_texts.name}")


def _salt(team: str) -> str:
    return f"subject:{team}"


def _digest(salt: bytes, key: str) -> str:
    """What the log calls a person: nobody without the vault can try keys against it."""
    return f"person:{hashlib.blake2b(key.encode(), key=salt, digest_size=16).hexdigest()}"
