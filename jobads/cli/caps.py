"""`jobads caps`: the most that an ad or a team may cost, and how far that can be passed."""

from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InputError
from jobads.output import say

if TYPE_CHECKING:
    from domain.caps import Cap
    from resources.operations.records import Team
    from resources.operations.store import OperationsStore

app = typer.Typer(name="caps", help="Caps of ads and teams.", no_args_is_help=True)

TeamName = Annotated[str, typer.Option("--team", help="The team's name or id.")]
JobId = Annotated[str, typer.Option("--ad", help="An ad's id or its beginning; else the team.")]


@app.callback()
def caps() -> None:
    """Caps of ads and teams."""


@app.command(name="set")
def set_(
    team: TeamName,
    ad: JobId = "",
    daily: Annotated[str, typer.Option(help="Most a day, such as 50.00.")] = "",
    total: Annotated[str, typer.Option(help="Most in total, such as 2000.00.")] = "",
) -> None:
    """Cap what an ad, or the team, may cost on all networks together. Replaces its older cap."""
    from domain.caps import Cap
    from domain.money import Money

    store, found, job, currency = _place(team, ad)
    if not daily and not total:
        raise InputError("a cap needs an amount", mend="give --daily, --total or both")
    cap = Cap(
        job, currency,
        Money.parse(daily, currency).minor if daily else None,
        Money.parse(total, currency).minor if total else None,
    )  # fmt: skip
    store.set_cap(found.id, cap, actor="command line")
    _print(store, found, cap)


@app.command(name="list")
def list_(team: TeamName) -> None:
    """Every cap with its worst case."""
    store, found, _, _ = _place(team, "")
    listed = store.caps(found.id)
    for cap in listed:
        _print(store, found, cap)
    if not listed:
        say(f"{found.name} has no caps")


@app.command()
def clear(team: TeamName, ad: JobId = "") -> None:
    """Remove the cap of an ad, or of the team."""
    store, found, job, _ = _place(team, ad)
    gone = store.clear_cap(found.id, job or None, actor="command line")
    say("removed" if gone else "there was none")


def _place(team: str, ad: str) -> "tuple[OperationsStore, Team, str, str]":
    """The store, the team, the ad's id or "", and the currency of its budgets."""
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    found = store.team(team)
    if not ad:
        return store, found, "", found.currency
    near = [a for a in store.job_ads(found.id) if str(a.id).startswith(ad.strip().lower())]
    if len(near) != 1:
        raise InputError(f"{len(near)} ads begin with {ad!r}", mend="see jobads ads list")
    return store, found, str(near[0].id), near[0].budget_daily.currency


def _print(store: "OperationsStore", team: "Team", cap: "Cap") -> None:
    """The cap, and by how much the networks could pass it at worst with what is accepted now."""
    from datetime import UTC, datetime

    from domain.caps import DELAY_S, PAUSE_S, SYNC_S, daily_overshoot, total_overshoot
    from domain.money import Money

    running = [r for r in store.budgets(team.id, datetime.now(UTC)) if cap.job_id in ("", r.job_id)]
    budgets = Money(sum(r.daily_minor for r in running), cap.currency)
    say(f"{f'ad {cap.job_id}' if cap.job_id else f'team {team.name}'}: {budgets} a day accepted")
    if cap.daily:
        over = Money(daily_overshoot(cap.daily.minor, running), cap.currency)
        say(f"  {cap.daily} a day; networks spend more than a budget on some days: "
              f"at worst {over} over")  # fmt: skip
    if cap.total:
        ahead = Money(total_overshoot(running), cap.currency)
        hours = (SYNC_S + DELAY_S + PAUSE_S) / 3600
        say(f"  {cap.total} in total; up to {ahead} may be spent unseen in {hours:.0f} h between "
              f"numbers and pause: ads are paused that much before the cap, and pass it by at "
              f"most {ahead} if the numbers of one sync do not come")  # fmt: skip
