"""`jobads teams`: who advertises, and whom the EU's Digital Services Act makes us name."""

from typing import TYPE_CHECKING, Annotated

import typer

from domain.approval import Role
from jobads.output import say, table

if TYPE_CHECKING:
    from resources.operations.store import OperationsStore

app = typer.Typer(name="teams", help="Teams that advertise.", no_args_is_help=True)
members = typer.Typer(name="members", help="People of a team.", no_args_is_help=True)
app.add_typer(members)


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
    store.schema.create()
    team = store.teams.add(name, domain, currency, dsa_payer, dsa_beneficiary)
    say(f"added team {team.name} ({team.id})")


@app.command(name="list")
def list_() -> None:
    """List the teams."""
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    rows = [
        (team.name, team.domain, team.currency, len(store.ads.of_team(team.id)), team.id)
        for team in store.teams.all()
    ]
    table(("team", "domain", "currency", "ads", "id"), rows, whole=("id",))


@app.command(name="set")
def set_(
    team: Annotated[str, typer.Argument(help="The team's name or id.")],
    approval_threshold: Annotated[
        str,
        typer.Option(help="An ad with at most this much a day, such as 50.00, needs no approval."),
    ] = "",
    dsa_payer: Annotated[str | None, typer.Option(help="Who pays for the ads (EU).")] = None,
    dsa_beneficiary: Annotated[str | None, typer.Option(help="For whom they run (EU).")] = None,
) -> None:
    """Change what is given. The threshold is 0 until then: every plan needs an approval."""
    from domain.money import Money

    store = _store()
    found = store.teams.get(team)
    threshold = Money.parse(approval_threshold, found.currency) if approval_threshold else None
    found = store.teams.update(
        found.id,
        approval_threshold=threshold,
        dsa_payer=dsa_payer,
        dsa_beneficiary=dsa_beneficiary,
        actor="command line",
    )
    named = f"DSA payer {found.dsa_payer or '-'}, beneficiary {found.dsa_beneficiary or '-'}"
    say(f"{found.name}: no approval up to {found.approval_threshold} a day; {named}")


@members.command(name="add")
def add_member(
    team: Annotated[str, typer.Argument(help="The team's name or id.")],
    email: Annotated[str, typer.Argument(help="The person's address.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")],
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
) -> None:
    """Add a person to a team, or change the role. From then on plans name who accepts them."""
    store = _store()
    store.teams.add_member(
        store.teams.get(team).id, email, name or email, role, actor="command line"
    )
    say(f"{email} is {role} of {store.teams.get(team).name}")


@members.command(name="list")
def list_members(team: Annotated[str, typer.Argument(help="The team's name or id.")]) -> None:
    """List the people of a team."""
    store = _store()
    rows = [(m.email, m.name, m.role) for m in store.teams.members(store.teams.get(team).id)]
    table(("address", "name", "role"), rows, whole=("address", "role"))


def _store() -> "OperationsStore":
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    return OperationsStore.open(Settings.from_env())
