"""One person in the store: what is held, and the steps of an erasure that may be killed."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from domain.errors import SetupError
from resources.operations.encrypted_rows import EncryptedRows, opened
from resources.operations.records import HeldResume
from resources.operations.repository import Id, canonical
from resources.operations.schema import audit_log, resume_texts, teams
from resources.operations.seals import FORGOTTEN
from resources.sqlite_compaction import compact

NOBODY = "person:the key that derives digests was missing"


class Persons(EncryptedRows):
    def resume(self, team_id: Id, key: str, *, closed: bool = False) -> HeldResume | None:
        """The résumé of one key, also while it is being erased. With `closed`, one whose key is
        gone from the vault has no text instead of being a SetupError."""
        team = canonical(team_id, "team")

        def read() -> Any:
            with self._read() as connection:
                query = sa.select(resume_texts).where(*_mine(team, key))
                return connection.execute(query).mappings().first()

        def unseal(row: Any) -> HeldResume | None:
            return row and _held(row, self.vault.open(row["text_sealed"], f"resume:{team}:{key}"))

        try:
            return opened(read, unseal)
        except SetupError:
            if not closed:
                raise
            row = read()
            return row and _held(row, "")

    def resume_keys(self) -> set[tuple[str, str]]:
        """(team, key) of every résumé that is not being erased."""
        query = sa.select(resume_texts.c.team_id, resume_texts.c.resume_key)
        kept = query.where(resume_texts.c.erasing_since.is_(None))
        with self._read() as connection:
            return {(team, key) for team, key in connection.execute(kept)}

    def erasing(self) -> list[tuple[str, str]]:
        """(team, key) of every erasure that was begun and has not ended."""
        query = sa.select(resume_texts.c.team_id, resume_texts.c.resume_key)
        begun = query.where(resume_texts.c.erasing_since.is_not(None))
        with self._read() as connection:
            return [(team, key) for team, key in connection.execute(begun)]

    def unseen_since(self, before: datetime) -> list[tuple[str, str]]:
        """(team, key) of every résumé that was last imported new or changed before a moment."""
        query = sa.select(resume_texts.c.team_id, resume_texts.c.resume_key)
        with self._read() as connection:
            rows = connection.execute(query.where(resume_texts.c.updated_at < before))
            return [(team, key) for team, key in rows]

    def begin_erasing(self, team_id: Id, key: str, found: Mapping[str, Any]) -> None:
        """From its commit on nobody reads the résumé; `found` is kept until the erasure ends, since
        later steps delete what it is known from. A second call changes nothing."""
        team = canonical(team_id, "team")
        values = {"erasing_since": self._now(), "erasing_found": dict(found)}
        new = (*_mine(team, key), resume_texts.c.erasing_since.is_(None))
        with self._write() as connection:
            if connection.execute(resume_texts.update().where(*new).values(values)).rowcount:
                grown = teams.update().where(teams.c.id == team)
                connection.execute(grown.values(version=teams.c.version + 1))

    def end_erasing(self, team_id: Id, key: str, detail: Mapping[str, Any], actor: str) -> None:
        """The last step: the sealed text goes, and the log names the person by a keyed digest, or
        by none where the key is gone: that is no reason to keep anything, nor to make a new key."""
        team = canonical(team_id, "team")
        going = (*_mine(team, key), resume_texts.c.erasing_since.is_not(None))
        with self._write() as connection:
            if connection.execute(resume_texts.delete().where(*going)).rowcount:
                there = self.vault.ring.entries()
                subject = _digest(self.vault.derive(_salt(team)), key) if there else NOBODY
                self._note(connection, team, FORGOTTEN, subject, detail, actor=actor)

    def forgotten(self, team_id: Id, key: str) -> datetime | None:
        """When a key was last forgotten. None also when the vault's key of then is gone."""
        team = canonical(team_id, "team")
        salts = self.vault.derived(_salt(team))
        query = sa.select(sa.func.max(audit_log.c.at)).where(
            audit_log.c.team_id == team,
            audit_log.c.action == FORGOTTEN,
            audit_log.c.subject.in_([_digest(salt, key) for salt in salts]),
        )
        with self._read() as connection:
            at: datetime | None = connection.scalar(query)
        return at

    def compact(self) -> None:
        """Leave no deleted row in the database's file: SQLite's free pages, PostgreSQL's dead rows.
        Retryable while another process keeps the database from it."""
        if self._engine.dialect.name == "sqlite":
            self._engine.dispose()  # an idle connection would keep the file as it is
            compact(Path(str(self._engine.url.database)))
            return
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"VACUUM FULL {resume_texts.name}")


def _salt(team: str) -> str:
    return f"subject:{team}"


def _digest(salt: bytes, key: str) -> str:
    """What the log calls a person: nobody without the vault can try keys against it."""
    return f"person:{hashlib.blake2b(key.encode(), key=salt, digest_size=16).hexdigest()}"


def _mine(team: str, key: str) -> tuple[Any, ...]:
    return resume_texts.c.team_id == team, resume_texts.c.resume_key == key


def _held(row: Any, text: str) -> HeldResume:
    return HeldResume(
        row["resume_key"],
        row["created_at"],
        row["updated_at"],
        row["erasing_since"],
        row["erasing_found"] or {},
        text,
    )
