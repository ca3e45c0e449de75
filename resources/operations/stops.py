"""The stop switch: a team, or everything, posts nothing and what runs is taken off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.errors import InputError
from resources.operations import team_rows
from resources.operations.audit import note
from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.records import Stop
from resources.operations.schema import EVERYWHERE, leases, stops


class Stops:
    """The stops that hold, of teams and of everything."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, team_id: Id | None, actor: str, reason: str) -> bool:
        """Stop a team, or with None everything; False when it already is.

        From its commit on nothing is due, no slot can be opened or become active, and who posts at
        this moment has lost the lease: the request in flight is its last. The place stays taken
        until that process ends or the lease runs out, so that no pause overtakes the request.

        >>> from tempfile import TemporaryDirectory
        >>> from resources.operations.store import OperationsStore
        >>> with TemporaryDirectory() as folder:
        ...     store = OperationsStore(f"sqlite:///{folder}/operations.db")
        ...     store.schema.migrate()
        ...     team = store.teams.add("Acme", "acme.example", "EUR").id
        ...     store.stops.add(team, "ann", "wrong wage"), store.stops.add(team, "ben", "too")
        ...     store.close()
        (True, False)
        """
        if not reason.strip():
            raise InputError("a stop needs a reason", where="stop")
        row = {
            "team_id": EVERYWHERE if team_id is None else canonical(team_id, "team"),
            "since": self._database.now(),
            "stopped_by": actor,
            "reason": reason[:1000],
        }
        mine = () if team_id is None else (leases.c.team_id == row["team_id"],)
        with self._database.write() as connection:
            concerned = team_rows.lock_all(connection, team_id)
            if connection.dialect.name == "postgresql":
                # A lease that is being taken now is either seen below, or waits and then sees us.
                # The mode waits for those who keep a row as well, or we would meet them below while
                # they wait for us.
                connection.exec_driver_sql("LOCK TABLE leases IN EXCLUSIVE MODE")
            insert = self._database.insert(stops).values(row).on_conflict_do_nothing()
            if connection.scalar(insert.returning(stops.c.team_id)) is None:
                return False
            held = leases.c.holder.is_not(None)
            connection.execute(leases.update().where(held, *mine).values(revoked=True))
            now = self._database.now()
            detail = {"reason": reason, "everywhere": team_id is None}
            _note(connection, concerned, "team.stopped", detail, actor, now)
        return True

    def release(self, team_id: Id | None, actor: str) -> bool:
        """End the stop of a team, or of everything; False when there is none. What ran before is
        due again by its approved plan."""
        key = EVERYWHERE if team_id is None else canonical(team_id, "team")
        with self._database.write() as connection:
            concerned = team_rows.lock_all(connection, team_id)
            if connection.execute(stops.delete().where(stops.c.team_id == key)).rowcount == 0:
                return False
            detail = {"reason": "", "everywhere": team_id is None}
            _note(connection, concerned, "team.released", detail, actor, self._database.now())
        return True

    def active(self) -> Sequence[Stop]:
        """Every stop that holds; `team_id` None is everything."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(stops).order_by(stops.c.since, stops.c.team_id))
            return [
                Stop(
                    None if r.team_id == EVERYWHERE else r.team_id, r.since, r.stopped_by, r.reason
                )
                for r in rows
            ]


def stopped(connection: sa.Connection) -> set[str]:
    """Teams that are stopped; EVERYWHERE among them stops all."""
    return set(connection.scalars(sa.select(stops.c.team_id)))


def _note(
    connection: sa.Connection,
    concerned: Sequence[str],
    action: str,
    detail: Mapping[str, Any],
    actor: str,
    now: datetime,
) -> None:
    """In the log of each team that it concerns, whose version grows with it."""
    for team in concerned:
        team_rows.touch(connection, team)
        note(connection, team, action, team, detail, actor=actor, now=now)
