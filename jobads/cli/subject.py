"""`jobads subject`: what is held of one person, and its end (`jobads forget` is the same)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobads.output import as_json, confirm, say

if TYPE_CHECKING:
    from assets.outside import Persons
    from assets.persons.erasure import Forgotten
    from resources.operations.records import Team

app = typer.Typer(name="subject", help="What is held of one person.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="The résumé's key, as it was imported.")]
TeamName = Annotated[str, typer.Option("--team", help="The team's name or id.")]
As = Annotated[
    str, typer.Option("--as", help="Who you are: a member's address. Needed once a team has any.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.callback()
def subject() -> None:
    """What is held of one person."""


@app.command(name="list")
def list_(team: TeamName) -> None:
    """Keys of the team's résumés."""
    persons, found = _open(team)
    for owner, key in sorted(persons.store.resumes.all_keys()):
        if owner == str(found.id):
            say(key)
    for owner, key in persons.store.erasures.pending():
        if owner == str(found.id):
            say(f"{key} (being erased: run jobads forget again)")


@app.command(name="export")
def export_(
    key: Key,
    team: TeamName,
    out: Annotated[Path | None, typer.Option(help="A file instead of the screen.")] = None,
) -> None:
    """Write everything held of a person as JSON: text, rows, vectors, segments, ads, copies."""
    from assets.persons.export import export

    persons, found = _open(team)
    data = export(persons, str(found.id), key)
    text = as_json(data, indent=2, default=str)
    if out is None:
        say(*text.split("\n"))
        return
    out.touch(mode=0o600)
    out.write_text(text + "\n", encoding="utf-8")
    say(f"{out}: {sum(len(rows) for rows in data['tables'].values())} rows of {key}")


@app.command()
def forget(key: Key, team: TeamName, as_: As = "", yes: Yes = False) -> None:
    """Erase a person everywhere, and say what had been touched and what may hold copies. A killed
    one is finished by running it again."""
    from assets.persons.erasure import forget as erase
    from domain.approval import check_editor
    from jobads.acting import acting

    persons, found = _open(team)
    member = acting(persons.store, found, as_)
    if member:
        check_editor(member.email, member.role, "erase persons")
    held = persons.store.resumes.get(str(found.id), key, closed=True) is not None
    if held and not yes:  # of whom nothing is held there is nothing to ask
        confirm(f"Erase all that is held of {key}? It cannot be undone.")
    done = erase(persons, str(found.id), key, member.actor if member else "command line")
    for line in told(key, done):
        say(line)


def told(key: str, done: "Forgotten") -> list[str]:
    """What was done, and what a person still has to do."""
    if done.before:
        return [f"{key} was forgotten on {done.before:%Y-%m-%d %H:%M} UTC; nothing was left"]
    rows = ", ".join(f"{count} in {table}" for table, count in done.removed.items()) or "none"
    lines = [f"forgot {key}. Rows removed: {rows}. Places in Dagster's logs: {done.logs}"]
    if not done.opened:
        lines.append(
            "its text no longer opened (the vault's key is gone): Dagster's logs were "
            "searched for its résumé's key and hashes alone"
        )
    lines += [
        f"NOT SEARCHED: what dagster.yaml keeps elsewhere by {name!r}" for name in done.unsearched
    ]
    lines += [f"ad touched: {job}" for job in done.found.ads]
    lines += [
        f"fit that had seen them: {fit}; the next materialization fits without them"
        for fit in done.found.fits
    ]
    lines += [f"earlier fit that may have seen them: {fit}" for fit in done.found.earlier]
    if done.history_until:
        lines.append(
            f"what earlier fits had made of many (centroids, terms) stays in the lake's "
            f"history until {done.history_until}"
        )
    lines += [f"may hold a copy: {copy}" for copy in done.backups]
    since = done.detail["held_since"][:10]
    lines.append(
        f"copies made elsewhere between {since} and today hold them too: delete those, or "
        "restore none without forgetting again"
    )
    return lines


def _open(team: str) -> "tuple[Persons, Team]":
    from assets.outside import Persons

    persons = Persons.from_env()
    return persons, persons.store.teams.get(team)
