"""Teams, their users and roles."""

import uuid
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.approval import Role
from domain.errors import InputError, NotFound
from domain.money import Money, minimum
from domain.plain_text import printable
from resources.operations.audit import SYSTEM, note
from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.records import Member, Team
from resources.operations.schema import memberships, teams, users
from resources.operations.team_rows import SYSTEM_EMAIL


class Teams:
    """Teams and the people in them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        name: str,
        domain: str,
        currency: str,
        dsa_payer: str | None = None,
        dsa_beneficiary: str | None = None,
    ) -> Team:
        """A new team with the system user as its admin; InputError when the name is taken."""
        name, domain = name.strip(), domain.strip().lower()
        currency = minimum(currency.strip().upper()).currency
        if not 1 <= len(name) <= 100 or "\x00" in name + domain:
            raise InputError(f"name has {len(name)} characters", where="team", mend="use 1 to 100")
        _shown("name", name)
        if _is_id(name):
            raise InputError(
                f"name {name!r} could be taken for a team's id", where="team", mend="use words"
            )
        team_id, now = str(uuid.uuid4()), self._database.now()
        with self._database.write() as connection:
            taken = sa.func.lower(teams.c.name) == name.lower()
            if connection.scalar(sa.select(teams.c.id).where(taken)):
                raise InputError(f"a team named {name!r} exists", where="team", mend="use another")
            connection.execute(
                teams.insert().values(
                    id=team_id,
                    name=name,
                    domain=domain,
                    currency=currency,
                    dsa_payer=dsa_payer,
                    dsa_beneficiary=dsa_beneficiary,
                    created_at=now,
                )
            )
            user_id = self._user(connection, SYSTEM_EMAIL, "the workbench itself")
            self._join(connection, team_id, user_id, "admin")
            note(connection, team_id, "team.added", team_id, {"name": name}, now=now)
        return self.get(team_id)

    def get(self, name_or_id: Id) -> Team:
        """By id, or where no team has that id by name in any case."""
        wanted = str(name_or_id).replace("\x00", "").strip()
        by_id = teams.c.id == wanted.lower()
        query = (
            sa.select(teams)
            .where(sa.or_(by_id, sa.func.lower(teams.c.name) == wanted.lower()))
            .order_by(by_id.desc())
        )
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFound(f"team {wanted[:60]!r} does not exist", mend="see jobads teams list")
        return _team(row)

    def all(self) -> list[Team]:
        with self._database.read() as connection:
            rows = connection.execute(sa.select(teams).order_by(teams.c.name))
            return [_team(row) for row in rows.mappings()]

    def system_user(self, team_id: Id) -> UUID:
        """The member in whose name the workbench itself acts."""
        return self._member(team_id, SYSTEM_EMAIL)

    def update(
        self,
        team_id: Id,
        *,
        approval_threshold: Money | None = None,
        dsa_payer: str | None = None,
        dsa_beneficiary: str | None = None,
        actor: str = SYSTEM,
    ) -> Team:
        """Change what is given; the threshold is money in the team's currency."""
        team = self.get(team_id)
        given = {"dsa_payer": dsa_payer, "dsa_beneficiary": dsa_beneficiary}
        changes: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
        if approval_threshold is not None:
            if approval_threshold.currency != team.currency:
                raise InputError(
                    f"the threshold is in {approval_threshold.currency}",
                    where="team",
                    mend=f"give it in {team.currency}",
                )
            changes["approval_threshold_minor"] = approval_threshold.minor
        if changes:
            stamp = {**changes, "version": teams.c.version + 1}
            key, now = str(team.id), self._database.now()
            with self._database.write() as connection:
                connection.execute(teams.update().where(teams.c.id == key).values(stamp))
                note(connection, key, "team.changed", key, changes, actor=actor, now=now)
        return self.get(team.id)

    def add_member(
        self, team_id: Id, email: str, name: str, role: str, *, actor: str = SYSTEM
    ) -> UUID:
        """Add a person to a team, or change the role; the workbench's own stays admin."""
        if role not in set(Role):
            raise InputError(f"role {role!r} is not known", mend=f"one of {', '.join(Role)}")
        email = email.strip().lower()
        if "@" not in email or email == SYSTEM_EMAIL:
            raise InputError(f"{email[:60]!r} is no person's address", where="member")
        _shown("address", email)
        team = canonical(self.get(team_id).id, "team")
        with self._database.write() as connection:
            user_id = self._user(connection, email, name)
            self._join(connection, team, user_id, role)
            now = self._database.now()
            note(connection, team, "member.set", user_id, {"role": role}, actor=actor, now=now)
        return UUID(user_id)

    def members(self, team_id: Id) -> list[Member]:
        """People of the team by address, the workbench itself among them."""
        query = (
            sa.select(users.c.id, users.c.email, users.c.name, memberships.c.role)
            .join(memberships, memberships.c.user_id == users.c.id)
            .where(memberships.c.team_id == canonical(self.get(team_id).id, "team"))
            .order_by(users.c.email)
        )
        with self._database.read() as connection:
            return [Member(r.id, r.email, r.name, Role(r.role)) for r in connection.execute(query)]

    def role(self, team_id: Id, user_id: Id) -> str:
        """viewer, editor, approver or admin; NotFound for who is not a member."""
        query = sa.select(memberships.c.role).where(
            memberships.c.team_id == canonical(team_id, "team"),
            memberships.c.user_id == canonical(user_id, "user"),
        )
        with self._database.read() as connection:
            role = connection.scalar(query)
        if role is None:
            raise NotFound(f"user {user_id} is not a member of this team")
        return str(role)

    def _member(self, team_id: Id, email: str) -> UUID:
        query = (
            sa.select(users.c.id)
            .join(memberships, memberships.c.user_id == users.c.id)
            .where(memberships.c.team_id == canonical(team_id, "team"), users.c.email == email)
        )
        with self._database.read() as connection:
            user_id = connection.scalar(query)
        if user_id is None:
            raise NotFound(f"{email} is not a member of team {team_id}")
        return UUID(user_id)

    def _user(self, connection: sa.Connection, email: str, name: str) -> str:
        now = self._database.now()
        new = {"id": str(uuid.uuid4()), "email": email, "name": name, "created_at": now}
        connection.execute(self._database.insert(users).values(new).on_conflict_do_nothing())
        found = connection.scalar(sa.select(users.c.id).where(users.c.email == email))
        return str(found)

    def _join(self, connection: sa.Connection, team_id: str, user_id: str, role: str) -> None:
        now = self._database.now()
        row = {"team_id": team_id, "user_id": user_id, "role": role, "created_at": now}
        insert = self._database.insert(memberships).values(row)
        connection.execute(
            insert.on_conflict_do_update(index_elements=["team_id", "user_id"], set_={"role": role})
        )


def _shown(what: str, text: str) -> None:
    """InputError for a name that cannot be typed as it is shown, since lists show none of it."""
    if printable(text) != text:
        raise InputError(
            f"{what} {text[:60]!a} holds characters that cannot be seen",
            where="team",
            mend="type it anew",
        )


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _team(row: Any) -> Team:
    return Team(
        id=UUID(row["id"]),
        name=row["name"],
        domain=row["domain"],
        currency=row["currency"],
        dsa_payer=row["dsa_payer"],
        dsa_beneficiary=row["dsa_beneficiary"],
        approval_threshold_minor=row["approval_threshold_minor"],
    )
