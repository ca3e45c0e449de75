"""Who acts at the command line."""

from domain.errors import InputError, NotFound
from resources.operations.records import Member, Team
from resources.operations.store import OperationsStore


def acting(store: OperationsStore, team: Team, email: str) -> Member | None:
    """Who acts; None is the workbench itself, for a team that has no other member."""
    people = [m for m in store.teams.members(team.id) if m.actor != "system"]
    if not email:
        if people:
            raise InputError("say who you are", mend="give --as ADDRESS; see jobads teams members")
        return None
    for member in people:
        if member.email == email.strip().lower():
            return member
    raise NotFound(f"{email} is not a member of {team.name}", mend="see jobads teams members list")
