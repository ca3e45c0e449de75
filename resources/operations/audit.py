"""The audit log: who did what to what, written in the transaction that did it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.schema import audit_log
from resources.operations.statements import NOTE

SYSTEM = "system"
"""The actor of what the workbench does by itself."""


class AuditLog:
    """The log of each team, append-only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, team_id: Id) -> list[dict[str, Any]]:
        """The team's audit log, oldest first: id, at, actor, action, subject, detail."""
        where = audit_log.c.team_id == canonical(team_id, "team")
        with self._database.read() as connection:
            rows = connection.execute(sa.select(audit_log).where(where).order_by(audit_log.c.id))
            return [dict(row) for row in rows.mappings()]


def note(
    connection: sa.Connection,
    team_id: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    actor: str = SYSTEM,
) -> None:
    """Append to the audit log in the caller's transaction; `detail` never holds a secret."""
    entry = {
        "team_id": team_id,
        "at": now,
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": dict(detail or {}),
    }
    connection.execute(NOTE, entry)


def note_all(
    connection: sa.Connection, team_id: str, action: str, subjects: Sequence[str], *, now: datetime
) -> None:
    """One entry for each subject, in one statement."""
    same = {"team_id": team_id, "at": now, "actor": SYSTEM, "action": action}
    entries = [{**same, "subject": subject, "detail": {}} for subject in subjects]
    connection.execute(audit_log.insert(), entries)
