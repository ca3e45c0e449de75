"""`jobads teams`: who advertises, and whom the EU's Digital Services Act makes us name."""

from typing import Annotated

import typer

app = typer.Typer(name="teams", help="Teams that advertise.", no_args_is_help=True)


@app.callback()
def teams() -> None:
    """Teams that advertise."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The team's name; unique.")],
    domain: Annotated[str, typer.Option(help="Its web domain, such as acme.com.")],
    currency: Annotated[str, typer.Option(help="ISO 4217 code of its budgets.")] = "EUR",
    dsa_payer: Annotated[str | None, typer.Option(help="Who pays for the ads (EU).")] = None,
    dsa_beneficiary: Annotated[str | None, typer.Option(help="For whom they run (EU).")] = None,
) -> None:
    """Add a team."""
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    store.migrate()
    team = store.add_team(name, domain, currency, dsa_payer, dsa_beneficiary)
    print(f"added team {team.name} ({team.id})")


@app.command(name="list")
def list_() -> None:
    """List the teams."""
    from rich.console import Console
    from rich.table import Table

    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    table = Table("team", "domain", "currency", "ads", "id")
    store = OperationsStore.open(Settings.from_env())
    for team in store.teams():
        ads = str(len(store.job_ads(team.id)))
        table.add_row(team.name, team.domain, team.currency, ads, str(team.id))
    Console().print(table)
