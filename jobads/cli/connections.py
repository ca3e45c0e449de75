"""`jobads connections`: which accounts the teams are connected to, and how they are."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InputError
from domain.lifecycle import TERMINAL
from domain.platform import Network
from jobads.output import confirm, say, table

if TYPE_CHECKING:
    from resources.operations.records import Connected, Team
    from resources.operations.store import OperationsStore

app = typer.Typer(name="connections", help="Connected accounts.", no_args_is_help=True)

AnyTeam = Annotated[str | None, typer.Option("--team", help="Name or id; every team without it.")]


@app.callback()
def connections() -> None:
    """Connected accounts."""


@app.command(name="list")
def list_(team: AnyTeam = None) -> None:
    """Accounts, what they allow, when they end, and whether a person must log in again."""
    from datetime import UTC

    from assets.isolation import ACCOUNT
    from jobads.notes import line
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    rows = [
        (
            of.name,
            held.network,
            held.account_id,
            held.platform_user_id,
            " ".join(held.scopes),
            ends(held, datetime.now(UTC)),
            held.status,
        )
        for of, held in _held(store, team)
    ]
    columns = ("team", "network", "account", "as", "scopes", "ends", "status")
    table(columns, rows, whole=("network", "account", "status"))
    for of in {of.id: of for of, _ in _held(store, team)}.values():
        say(*(line(note) for note in store.notes.read(of.id) if note.subject.stage == ACCOUNT))


@app.command()
def check(team: AnyTeam = None) -> None:
    """Ask each network whether it still lets us in; exit code 7 when one does not."""
    from domain.errors import JobadsError, NeedsReauth
    from jobads.checking import ask
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    settings = Settings.from_env()
    store = OperationsStore.open(settings)
    refused = 0
    found = _held(store, team)
    for of, held in found:
        try:
            says = ask(store, settings, of.id, held)
        except JobadsError as error:
            refused += 1
            mend = f"run jobads connect {held.network} --team {of.name!r}"
            says = f"{error} ({mend})" if isinstance(error, NeedsReauth) else str(error)
        say(f"{of.name}: {held.network} {held.account_id}: {says}")
    if not found:
        say("no account is connected: jobads connect meta|x|google --team TEAM")
    if refused:
        raise typer.Exit(7)


@app.command()
def remove(
    network: Annotated[Network, typer.Argument()],
    account: Annotated[str, typer.Argument(help="As jobads connections list shows it.")],
    team: Annotated[str, typer.Option(help="The team's name or id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    running: Annotated[
        bool, typer.Option("--running", help="Also while ads run there, which then go on.")
    ] = False,
) -> None:
    """Forget an account and its tokens. Refused while ads run there, since nothing here could take
    them off afterwards: each of them counts as running until jobads ads confirm-off."""
    from assets.publishing.posting.takedown import confirm_off
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    team_id = store.teams.get(team).id
    there = {
        s.job_id: s
        for s in store.ledger.slots(team_id)
        if (s.network, s.account_id) == (network, account) and s.state not in TERMINAL
    }
    left = [job for job in sorted(there) if store.ledger.runs(team_id, job)]
    if left and not running:
        shown = ", ".join(job[:8] for job in left[:10]) + (" …" if len(left) > 10 else "")
        raise InputError(
            f"{len(left)} ads run on {network} {account}: {shown}",
            where="connections remove",
            mend="jobads ads pause or archive them first; or say --running, end them in the "
            "network's own tool, and then say so: jobads ads confirm-off",
        )
    if not yes:
        confirm(f"Forget {network} {account}?")
    store.connections.disconnect(team_id, network, account)
    say(f"removed; take our access back at {network} as well")
    if left:
        say("what runs there keeps its room under the caps until it is off, and somebody says so:")
        say(*(confirm_off(there[job]) for job in left))


def ends(held: "Connected", now: datetime) -> str:
    if held.renews:
        return "renews itself"
    if held.expires_at is None:
        return "never"
    days = (held.expires_at - now).days
    return f"{held.expires_at:%Y-%m-%d} ({'ended' if days < 0 else f'{days} days'})"


def _held(store: "OperationsStore", name: str | None) -> "list[tuple[Team, Connected]]":
    teams = [store.teams.get(name)] if name else store.teams.all()
    return [(of, held) for of in teams for held in store.connections.of_team(of.id)]
