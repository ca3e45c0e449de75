"""Why an ad, or an account, is left out for now: shown to people until the next success."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.schema import NOTE_MAX, notes


class Subject(NamedTuple):
    """What a note is about, and at which `stage` of the work it failed: an account (no `job_id`),
    an ad on a network, an ad, or a whole team."""

    team_id: str
    stage: str
    network: str = ""
    account_id: str = ""
    job_id: str = ""


class Note(NamedTuple):
    """`since` is the first failure in a row. One that `passes` may end without a person."""

    subject: Subject
    text: str
    passes: bool
    since: datetime
    at: datetime


class Notes:
    """One note for each subject, kept until it is cleared."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, team_id: Id | None = None) -> list[Note]:
        """Notes of a team, or of all, in order of their subjects."""
        query = sa.select(notes).order_by(*(notes.c[name] for name in Subject._fields))
        if team_id is not None:
            query = query.where(notes.c.team_id == canonical(team_id, "team"))
        with self._database.read() as connection:
            return [
                Note(
                    Subject(*(row[n] for n in Subject._fields)),
                    row["text"],
                    row["passes"],
                    row["since"],
                    row["at"],
                )
                for row in connection.execute(query).mappings()
            ]

    def write(
        self, failed: Iterable[tuple[Subject, str, bool]], cleared: Iterable[Subject] = ()
    ) -> None:
        """Keep (subject, text, passes) of what failed, and forget what succeeded."""
        now = self._database.now()
        rows = [
            {
                **subject._asdict(),
                "text": text[:NOTE_MAX],
                "passes": passes,
                "since": now,
                "at": now,
            }
            for subject, text, passes in failed
        ]
        gone = [{f"at_{k}": v for k, v in subject._asdict().items()} for subject in cleared]
        insert = self._database.insert(notes)
        renewed = {name: insert.excluded[name] for name in ("text", "passes", "at")}
        upsert = insert.on_conflict_do_update(index_elements=list(Subject._fields), set_=renewed)
        here = (notes.c[name] == sa.bindparam(f"at_{name}") for name in Subject._fields)
        with self._database.write() as connection:
            if rows:
                connection.execute(upsert, rows)
            if gone:
                connection.execute(notes.delete().where(*here), gone)
