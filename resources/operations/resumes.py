"""Résumés of a team: sealed texts, known by a keyed fingerprint of each."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.errors import Retryable, SetupError
from resources.operations import resume_rows, team_rows
from resources.operations.audit import note
from resources.operations.database import Database, batches
from resources.operations.ids import Id, canonical
from resources.operations.records import Saved, StoredResume
from resources.operations.schema import resume_texts
from resources.operations.sealer import Sealer, opened
from resources.operations.seals import CONTEXTS


class Resumes:
    """One sealed text for each team and key."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def save(self, team_id: Id, resumes: Iterable[tuple[str, str]]) -> Saved:
        """Seal (key, text) pairs; the same pairs twice change nothing. Retryable for one that is
        being erased: it would come back half."""
        team, now = canonical(team_id, "team"), self._database.now()
        new = changed = unchanged = 0
        with self._database.write() as connection:
            self._sealer.make_ready(connection)
            vault = self._sealer.vault
            known = resume_rows.fingerprints(connection, team)
            going = resume_rows.going(connection, team)
            for key, text in resumes:
                if key in going:
                    raise Retryable(
                        f"résumé {key[:60]!r} is being erased",
                        where="import",
                        mend="run jobads forget for it again, then import",
                    )
                mark = resume_rows.fingerprint(vault, team, key, text)
                earlier = resume_rows.earlier_fingerprints(vault, team, key, text)
                if known.get(key) in (mark, *earlier):
                    unchanged += 1
                    continue
                sealed = vault.seal(text, f"resume:{team}:{key}")
                row = {"text_sealed": sealed, "fingerprint": mark, "updated_at": now}
                insert = self._database.insert(resume_texts).values(
                    team_id=team, resume_key=key, created_at=now, **row
                )
                connection.execute(
                    insert.on_conflict_do_update(index_elements=["team_id", "resume_key"], set_=row)
                )
                new, changed = new + (key not in known), changed + (key in known)
                known[key] = mark
                self._sealer.check_opens(sealed)
            if new or changed:
                count = {"new": new, "changed": changed}
                note(connection, team, "resumes.saved", team, count, now=now)
                team_rows.touch(connection, team)
        return Saved(new, changed, unchanged)

    def texts(self, team_id: Id, keys: Collection[str] | None = None) -> list[tuple[str, str]]:
        """The team's résumés, or those of `keys`, as (key, text) in order of key, without those
        that are being erased. Redact before storing elsewhere."""
        team = canonical(team_id, "team")
        kept = (resume_texts.c.team_id == team, resume_texts.c.erasing_since.is_(None))
        query = sa.select(resume_texts).where(*kept).order_by(resume_texts.c.resume_key)
        parts = [query]
        if keys is not None:
            parts = [query.where(resume_texts.c.resume_key.in_(p)) for p in batches(sorted(keys))]

        def read() -> Sequence[Any]:
            with self._database.read() as connection:
                return [r for part in parts for r in connection.execute(part).mappings()]

        def unseal(rows: Sequence[Any]) -> list[tuple[str, str]]:
            return [(r["resume_key"], self._opened(r)) for r in rows]

        return opened(read, unseal)

    def stamps(self) -> dict[tuple[str, str], str]:
        """(team, key) → what changes whenever the résumé's text does, of every team; without those
        that are being erased."""
        resume = resume_texts.c
        query = sa.select(resume.team_id, resume.resume_key, resume.updated_at, resume.fingerprint)
        with self._database.read() as connection:
            rows = connection.execute(query.where(resume.erasing_since.is_(None)))
            return {(team, key): f"{at and at.isoformat()} {mark}" for team, key, at, mark in rows}

    def get(self, team_id: Id, key: str, *, closed: bool = False) -> StoredResume | None:
        """The résumé of one key, also while it is being erased. With `closed`, one whose key is
        gone from the vault has no text instead of being a SetupError."""
        team = canonical(team_id, "team")

        def read() -> Any:
            with self._database.read() as connection:
                query = sa.select(resume_texts).where(*resume_rows.of_key(team, key))
                return connection.execute(query).mappings().first()

        def unseal(row: Any) -> StoredResume | None:
            return row and _held(row, self._opened(row))

        try:
            return opened(read, unseal)
        except SetupError:
            if not closed:
                raise
            row = read()
            return row and _held(row, "")

    def all_keys(self) -> set[tuple[str, str]]:
        """(team, key) of every résumé that is not being erased."""
        query = sa.select(resume_texts.c.team_id, resume_texts.c.resume_key)
        kept = query.where(resume_texts.c.erasing_since.is_(None))
        with self._database.read() as connection:
            return {(team, key) for team, key in connection.execute(kept)}

    def unseen_since(self, before: datetime) -> list[tuple[str, str]]:
        """(team, key) of every résumé that was last imported new or changed before a moment."""
        query = sa.select(resume_texts.c.team_id, resume_texts.c.resume_key)
        with self._database.read() as connection:
            rows = connection.execute(query.where(resume_texts.c.updated_at < before))
            return [(team, key) for team, key in rows]

    def _opened(self, row: Any) -> str:
        return self._sealer.vault.open(row["text_sealed"], CONTEXTS["text_sealed"](row))


def _held(row: Any, text: str) -> StoredResume:
    return StoredResume(
        row["resume_key"],
        row["created_at"],
        row["updated_at"],
        row["erasing_since"],
        row["erasing_found"] or {},
        text,
    )
