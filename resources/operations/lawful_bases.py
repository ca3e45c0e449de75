"""The lawful basis on which a team uses résumés: dated rows, of which at most one holds."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.lawful_basis import LawfulBasis
from resources.operations.repository import Id, Repository, canonical
from resources.operations.schema import lawful_bases, teams


class LawfulBases(Repository):
    def set_basis(
        self, team_id: Id, purpose: str, author: str, until: datetime | None = None
    ) -> LawfulBasis:
        """State the basis; the one that held before ends at the same moment."""
        team, now = canonical(team_id, "team"), self._now()
        made = LawfulBasis(team, purpose.strip(), author.strip(), now, until)
        with self._write() as connection:
            self._end(connection, team, made.author, now)
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
            self._concerns(connection, team, "basis.set", str(number), detail, made.author)
        return LawfulBasis(team, made.purpose, made.author, now, until, id=number)

    def revoke_basis(self, team_id: Id, author: str) -> bool:
        """End the basis that holds; False when none does."""
        team = canonical(team_id, "team")
        with self._write() as connection:
            if not self._end(connection, team, author, self._now()):
                return False
            self._concerns(connection, team, "basis.revoked", team, {}, author)
        return True

    def basis(self, team_id: Id) -> LawfulBasis | None:
        """The basis that holds now."""
        now = self._now()
        return next((b for b in reversed(self.bases(team_id)) if b.holds(now)), None)

    def bases(self, team_id: Id) -> list[LawfulBasis]:
        """Every basis that was ever stated, oldest first."""
        where = lawful_bases.c.team_id == canonical(team_id, "team")
        query = sa.select(lawful_bases).where(where).order_by(lawful_bases.c.id)
        with self._read() as connection:
            return [LawfulBasis(**row) for row in connection.execute(query).mappings()]

    def _end(self, connection: sa.Connection, team: str, author: str, now: datetime) -> bool:
        open_ = sa.and_(
            lawful_bases.c.team_id == team,
            lawful_bases.c.revoked_at.is_(None),
            sa.or_(lawful_bases.c.until.is_(None), lawful_bases.c.until > now),
        )
        values = {"revoked_at": now, "revoked_by": author}
        return connection.execute(lawful_bases.update().where(open_).values(values)).rowcount > 0

    def _concerns(
        self,
        connection: sa.Connection,
        team: str,
        action: str,
        subject: str,
        detail: dict[str, Any],
        actor: str,
    ) -> None:
        """Into the log, and the team's version grows: the graph looks at its résumés anew."""
        grown = teams.update().where(teams.c.id == team).values(version=teams.c.version + 1)
        connection.execute(grown)
        self._note(connection, team, action, subject, detail, actor=actor)
