"""Rows of a team and its members, read and written in the caller's transaction."""

import sqlalchemy as sa

from domain.approval import Role
from domain.errors import NotFound
from domain.money import Money
from resources.operations.ids import Id, canonical
from resources.operations.records import Member
from resources.operations.schema import memberships, teams, users

SYSTEM_EMAIL = "system@localhost"


def lock(connection: sa.Connection, team: str) -> str:
    """Keep the team's row until the transaction ends, before the ad's: two plans of one team are
    never accepted or approved at once, or each would find room under the team's cap. Rows that only
    refer to the team are stored meanwhile. Answers the team's currency."""
    query = sa.select(teams.c.currency).where(teams.c.id == team)
    return str(connection.scalar(query.with_for_update(key_share=True)))


def lock_all(connection: sa.Connection, team_id: Id | None) -> list[str]:
    """As `lock`, for one team or with None for every team, in order of id. Answers their ids.

    Locks are taken in one order everywhere, so that no two transactions wait for each other: teams,
    then leases, then ads, then slots."""
    if team_id is not None:
        team = canonical(team_id, "team")
        lock(connection, team)
        return [team]
    query = sa.select(teams.c.id).order_by(teams.c.id)
    return list(connection.scalars(query.with_for_update(key_share=True)))


def touch(connection: sa.Connection, team: str) -> None:
    """The team's version grows: the graph looks at it anew."""
    grown = teams.update().where(teams.c.id == team).values(version=teams.c.version + 1)
    connection.execute(grown)


def acting(connection: sa.Connection, team: str, user_id: Id | None) -> Member:
    """The member who acts, read in the writer's own transaction; None is the workbench."""
    known = users.c.email == SYSTEM_EMAIL
    if user_id is not None:
        known = users.c.id == canonical(user_id, "user")
    query = (
        sa.select(users.c.id, users.c.email, users.c.name, memberships.c.role)
        .join(memberships, memberships.c.user_id == users.c.id)
        .where(memberships.c.team_id == team, known)
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"user {user_id} is not a member of this team")
    return Member(row.id, row.email, row.name, Role(row.role))


def threshold(connection: sa.Connection, team: str) -> Money:
    """An ad whose whole daily budget is at most this needs no approval."""
    query = sa.select(teams.c.approval_threshold_minor, teams.c.currency)
    minor, currency = connection.execute(query.where(teams.c.id == team)).one()
    return Money(minor, currency)
