"""`jobads stop`: everything off, everywhere, now; and its undoing."""

from typing import Annotated

import typer

from domain.errors import InputError
from jobads.output import say
from resources.settings import Settings

app = typer.Typer()

ACTOR = "command line"
AT_ONCE = 8
"""Accounts of a network that are asked side by side, so that one that hangs delays few others."""


@app.command()
def stop(
    everything: Annotated[bool, typer.Option("--all", help="Every team.")] = False,
    team: Annotated[str, typer.Option(help="One team, by name or id.")] = "",
    reason: Annotated[str, typer.Option(help="Why; kept in the audit log.")] = "by hand",
    release: Annotated[
        bool, typer.Option("--release", help="End the stop: what ran is due again.")
    ] = False,
) -> None:
    """Pause everything on every network, let nothing post until released, and say what did not
    confirm. Exit 7 while anything is unconfirmed; run it again then."""
    from assets.outside import Outside
    from jobads.effects import PATIENCE_S, retire_patiently
    from jobads.twins import twins

    if everything == bool(team):
        raise InputError("say --all, or name one --team", where="stop")
    settings = Settings.from_env()
    with twins(settings):
        outside = Outside.from_env()
        team_id = None if everything else outside.store.teams.get(team).id
        if release:
            ended = outside.store.stops.release(team_id, ACTOR)
            say("released; what ran is due again" if ended else "nothing was stopped")
            return
        outside.store.stops.add(team_id, ACTOR, reason)
        taken = retire_patiently(outside, patience_s=PATIENCE_S, at_once=AT_ONCE)
    for d in taken.off:
        say(f"{d.job_id} {d.network} {d.account_id}: confirmed paused")
    for d, error in taken.unconfirmed:
        say(f"{d.job_id} {d.network} {d.account_id}: NOT CONFIRMED: {error}")
    say(f"{len(taken.off)} paused, {len(taken.unconfirmed)} not confirmed")
    taken.raise_fault()
    if taken.unconfirmed:
        raise typer.Exit(7)
