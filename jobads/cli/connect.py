"""`jobads connect`: let the workbench act for a team's advertising account."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from domain.plain_text import plain
from domain.platform import Network
from jobads.output import say

if TYPE_CHECKING:
    from resources.oauth.flow import Choice

app = typer.Typer()


@app.command()
def connect(
    network: Annotated[Network, typer.Argument(help="Where the account is.")],
    team: Annotated[str, typer.Option(help="The team's name or id.")],
    account: Annotated[str | None, typer.Option(help="The account, if there are several.")] = None,
    page: Annotated[str | None, typer.Option(help="Whose ads they are, if several.")] = None,
    paste: Annotated[
        bool, typer.Option("--paste", help="The browser is on another machine: paste the answer.")
    ] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the address.")
    ] = False,
    port: Annotated[int, typer.Option(help="Of the callback on this machine; 0: any.")] = 8477,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the answer.")] = 300.0,
) -> None:
    """Log in at a network and store what it grants, sealed. Connecting again renews it."""
    from jobads.connecting import Way, log_in, several, store_connection
    from resources.oauth import flow
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    settings = Settings.from_env()
    store = OperationsStore.open(settings)
    team_id = store.teams.get(team).id
    login = flow(network, settings)
    way = Way(paste=paste, browser=not no_browser, port=port, timeout_s=timeout)
    grant = log_in(login, way, lambda text: say(*text.split("\n")), sys.stdin.readline)
    ask = _asked if sys.stdin.isatty() and not paste else several
    made = store_connection(
        store, settings, team_id, login, grant, account=account, face=page, ask=ask
    )
    until = f"until {made.token_expires_at:%Y-%m-%d}" if made.token_expires_at else "without end"
    if made.refresh_token:
        until = "renewed by itself"
    say(f"connected {network} account {made.account_id} ({until})")


def _asked(option: str, choices: "Sequence[Choice]") -> str:
    from click import Choice as Among

    for choice in choices:
        say(f"  {choice.id}  {choice.name}")
    ids = {plain(choice.id): choice.id for choice in choices}
    return ids[typer.prompt(f"Which {option}?", type=Among(list(ids)), show_choices=False)]
