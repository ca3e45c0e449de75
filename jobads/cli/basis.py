"""`jobads basis`: why a team may use the résumés it holds."""

from typing import TYPE_CHECKING, Annotated

import typer

from jobads.output import say

if TYPE_CHECKING:
    from datetime import datetime

    from domain.lawful_basis import LawfulBasis
    from resources.operations.records import Team
    from resources.operations.store import OperationsStore

app = typer.Typer(name="basis", help="The lawful basis for using résumés.", no_args_is_help=True)

TeamName = Annotated[str, typer.Option("--team", help="The team's name or id.")]
As = Annotated[
    str, typer.Option("--as", help="Who you are: a member's address. Needed once a team has any.")
]


@app.callback()
def basis() -> None:
    """The lawful basis for using résumés."""


@app.command(name="set")
def set_(
    team: TeamName,
    purpose: Annotated[str, typer.Option(help="On what ground, and for what, they are used.")],
    until: Annotated[str, typer.Option(help="The last day, such as 2027-06-30.")] = "",
    as_: As = "",
) -> None:
    """State why the team's résumés may be used; it takes the place of an earlier one. Without a
    basis that holds, résumés are kept sealed and redacted and enter no fit."""
    store, found, author = _acting(team, as_)
    say(_line(store.lawful_bases.set(found.id, purpose, author, _end(until)), True))


@app.command()
def show(team: TeamName) -> None:
    """Every basis that was stated, and which one holds."""
    store, found = _store(team)
    now = store.lawful_bases.in_force(found.id)
    for stated in store.lawful_bases.of_team(found.id):
        say(_line(stated, now is not None and stated.id == now.id))
    if now is None:
        say(f"no basis holds: {found.name}'s résumés enter no fit")


@app.command()
def revoke(team: TeamName, as_: As = "") -> None:
    """End the basis that holds: the next fit is made without résumés."""
    store, found, author = _acting(team, as_)
    ended = store.lawful_bases.revoke(found.id, author)
    say("revoked; the next fit is made without résumés" if ended else "no basis holds")


def _store(team: str) -> "tuple[OperationsStore, Team]":
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    return store, store.teams.get(team)


def _acting(team: str, email: str) -> "tuple[OperationsStore, Team, str]":
    """Also who signs; a viewer may not."""
    from domain.approval import check_editor
    from jobads.acting import acting

    store, found = _store(team)
    member = acting(store, found, email)
    if member:
        check_editor(member.email, member.role, "state why résumés are used")
    return store, found, member.actor if member else "command line"


def _end(day: str) -> "datetime | None":
    """The moment at which the day is over, in UTC."""
    from datetime import UTC, date, datetime, time, timedelta

    from domain.errors import InputError

    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError):
        mend = "write a day as 2027-06-30"
        raise InputError(f"{day[:40]!r} is no day", where="--until", mend=mend) from None


def _line(stated: "LawfulBasis", holds: bool) -> str:
    until = f" until {stated.until:%Y-%m-%d %H:%M} UTC" if stated.until else ""
    ended = f", ended {stated.revoked_at:%Y-%m-%d}" if stated.revoked_at else ""
    return (
        f"{'holds' if holds else 'over'}: set {stated.set_at:%Y-%m-%d} by {stated.author}"
        f"{until}{ended}: {stated.purpose}"
    )
