"""The lawful basis on which a team uses résumés: dated rows, of which at most one holds."""

from datetime import datetime

import sqlalchemy as sa

from domain.lawful_basis import LawfulBasis
from resources.operations import team_rows
from resources.operations.audit import note
from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.schema import lawful_bases


class LawfulBases:
    """The bases that a team ever stated, and the one that holds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(
        self, team_id: Id, purpose: str, author: str, until: datetime | None = None
    ) -> LawfulBasis:
        """State the basis; the one that held before ends at the same moment."""
        team, now = canonical(team_id, "team"), self._database.now()
        made = LawfulBasis(team, purpose.strip(), author.strip(), now, until)
        with self._database.write() as connection:
            _end(connection, team, made.author, now)
            row = {
                "team_id": team,
                "purpose": made.purpose,
                "author": made.author,
                "set_at": now,
                "until": until,
                "revoked_by": "",
            }
            insert = lawful_bases.insert().values(row).returning(lawful_bases.c.id)
            number = int(connection.execute(insert).scalar_one())
            detail = {"purpose": made.purpose, "until": until.isoformat() if until else None}
            team_rows.touch(connection, team)
            note(connection, team, "basis.set", str(number), detail, actor=made.author, now=now)
        return LawfulBasis(team, made.purpose, made.author, now, until, id=number)

    def revoke(self, team_id: Id, author: str) -> bool:
        """End the basis that holds; False when none does."""
        team = canonical(team_id, "team")
        with self._database.write() as connection:
            now = self._database.now()
            if not _end(connection, team, author, now):
                return False
            team_rows.touch(connection, team)
            note(connection, team, "basis.revoked", team, actor=author, now=now)
        return True

    def in_force(self, team_id: Id) -> LawfulBasis | None:
        """The basis that holds now."""
        now = self._database.now()
        return next((b for b in reversed(self.of_team(team_id)) if b.holds(now)), None)

    def of_team(self, team_id: Id) -> list[LawfulBasis]:
        """Every basis that was ever stated, oldest first."""
        where = lawful_bases.c.team_id == canonical(team_id, "team")
        query = sa.select(lawful_bases).where(where).order_by(lawful_bases.c.id)
        with self._database.read() as connection:
            return [LawfulBasis(**row) for row in connection.execute(query).mappings()]


def _end(connection: sa.Connection, team: str, author: str, now: datetime) -> bool:
    """End the basis that holds; False when none does."""
    open_ = sa.and_(
        lawful_bases.c.team_id == team,
        lawful_bases.c.revoked_at.is_(None),
        sa.or_(lawful_bases.c.until.is_(None), lawful_bases.c.until > now),
    )
    values = {"revoked_at": now, "revoked_by": author}
    return connection.execute(lawful_bases.update().where(open_).values(values)).rowcount > 0
