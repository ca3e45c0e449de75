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
Later = Annotated[
    bool,
    typer.Option("--later", help="Do not ask the networks now; say what runs and who stops it."),
]
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
    later: Later = False,
) -> None:
    """Cap what an ad, or the team, may cost on all networks together. An amount that is not named
    stays as it is; jobads caps clear removes both.

    Ads that could pass a total cap before the next numbers come are paused at once. Of a daily cap
    below what runs it is said what runs over it, and which commands end that."""
    from domain.caps import Cap
    from domain.money import Money

    store, found, job, currency = _place(team, ad)
    if not daily and not total:
        raise InputError("a cap needs an amount", mend="give --daily, --total or both")
    before = {c.job_id: (c.daily_minor, c.total_minor) for c in store.caps.of_team(found.id)}
    kept_daily, kept_total = before.get(job, (None, None))
    cap = Cap(
        job,
        currency,
        Money.parse(daily, currency).minor if daily else kept_daily,
        Money.parse(total, currency).minor if total else kept_total,
    )
    store.caps.set(found.id, cap, actor="command line")
    _print(store, found, cap)
    _say_over(store, found, cap)
    if total and not _paused(store, found, later=later):
        raise typer.Exit(7)


@app.command(name="list")
def list_(team: TeamName) -> None:
    """Every cap with its worst case."""
    store, found, _, _ = _place(team, "")
    listed = store.caps.of_team(found.id)
    for cap in listed:
        _print(store, found, cap)
    if not listed:
        say(f"{found.name} has no caps")


@app.command()
def clear(team: TeamName, ad: JobId = "") -> None:
    """Remove the cap of an ad, or of the team."""
    store, found, job, _ = _place(team, ad)
    gone = store.caps.clear(found.id, job or None, actor="command line")
    say("removed" if gone else "there was none")


def _place(team: str, ad: str) -> "tuple[OperationsStore, Team, str, str]":
    """The store, the team, the ad's id or "", and the currency of its budgets."""
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    found = store.teams.get(team)
    if not ad:
        return store, found, "", found.currency
    begins = ad.strip().lower()
    near = [a for a in store.ads.of_team(found.id) if begins and str(a.id).startswith(begins)]
    if len(near) != 1:
        raise InputError(f"{len(near)} ads begin with {ad!r}", mend="see jobads ads list")
    return store, found, str(near[0].id), near[0].budget_daily.currency


def _print(store: "OperationsStore", team: "Team", cap: "Cap") -> None:
    """The cap, and by how much the networks could pass it at worst with what is accepted now."""
    from datetime import UTC, datetime

    from domain.caps import DELAY_S, PAUSE_S, SYNC_S, daily_overshoot, total_overshoot
    from domain.money import Money

    budgets = [
        r for r in store.caps.budgets(team.id, datetime.now(UTC)) if cap.job_id in ("", r.job_id)
    ]
    running = [r for r in budgets if r.currency == cap.currency]
    accepted = Money(sum(r.daily_minor for r in running), cap.currency)
    say(f"{f'ad {cap.job_id}' if cap.job_id else f'team {team.name}'}: {accepted} a day accepted")
    for r in budgets:
        if r.currency != cap.currency:
            say(
                f"  not counted: {Money(r.daily_minor, r.currency)} a day of ad {r.job_id} on "
                f"{r.network}; cap it by itself: jobads caps set --team {team.name!r} "
                f"--ad {r.job_id[:8]} --daily ..."
            )
    if cap.daily:
        over = Money(daily_overshoot(cap.daily.minor, running), cap.currency)
        say(
            f"  {cap.daily} a day; networks spend more than a budget on some days: "
            f"at worst {over} over"
        )
    if cap.total:
        ahead = Money(total_overshoot(running), cap.currency)
        hours = (SYNC_S + DELAY_S + PAUSE_S) / 3600
        say(
            f"  {cap.total} in total; up to {ahead} may be spent unseen in {hours:.0f} h between "
            f"numbers and pause: ads are paused that much before the cap, and pass it by at "
            f"most {ahead} if the numbers of one sync do not come"
        )


def _say_over(store: "OperationsStore", team: "Team", cap: "Cap") -> None:
    """What is accepted over a daily cap that was set below it, and the commands that end that."""
    from datetime import UTC, datetime

    from domain.money import Money

    for over in store.caps.over_daily(team.id, datetime.now(UTC)):
        if over.cap != cap:
            continue
        more = Money(over.accepted_minor - (cap.daily_minor or 0), cap.currency)
        say(f"  {more} a day over it is accepted and runs on until you lower or pause it:")
        for r in over.running:
            say(
                f"    {Money(r.daily_minor, r.currency)} on {r.network}: jobads ads pause "
                f"{r.job_id[:8]} --team {team.name!r}, or jobads ads edit {r.job_id[:8]} --team "
                f"{team.name!r} --set budget_daily=..."
            )


def _paused(store: "OperationsStore", team: "Team", *, later: bool) -> bool:
    """Pause, here and on the networks, what could pass a total cap; False where something may still
    run. What was spent is what the last sync knows."""
    from datetime import UTC, datetime

    from assets.publishing.caps import SPENT
    from assets.publishing.monitoring import pause_over
    from jobads.effects import take_off
    from resources.settings import Settings
    from resources.warehouse.ducklake import Warehouse

    settings = Settings.from_env()
    spent = Warehouse(settings.home, settings.lake_url).sql(SPENT, [str(team.id)])
    paused = pause_over(
        store,
        str(team.id),
        dict(zip(spent["job_id"], spent["micros"], strict=True)),
        datetime.now(UTC),
    )
    say(*(line for _, line in paused))
    return take_off(team, {job for job, _ in paused}, later=later) or later
