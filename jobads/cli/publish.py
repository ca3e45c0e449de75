"""`jobads publish` and `jobads sync`: what the posting runs and the daily pull do, by hand."""

from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InputError, NotFound
from jobads.output import print_table, say
from resources.settings import Settings

if TYPE_CHECKING:
    from assets.outside import Outside
    from domain.ledger import DueAd
    from resources.operations.records import Team

app = typer.Typer()


@app.command()
def publish(
    job_id: Annotated[str, typer.Argument(help="An ad's id, or its beginning.")] = "",
    due: Annotated[bool, typer.Option("--due", help="Every ad that is due.")] = False,
) -> None:
    """Bring ads to what their accepted plans say, from the ledger's state. May be killed and run
    again at will; ads that are paused or over are taken off."""
    from assets.outside import Outside
    from assets.publishing.service import TakedownReport, record, retire_stale
    from jobads.twins import twins

    if bool(job_id) == due:
        raise InputError("name one ad, or say --due", where="publish")
    settings = Settings.from_env()
    with twins(settings):
        outside = Outside.from_env()
        wanted = _wanted(outside, job_id)
        # What should run no longer first: whatever posting ends with, that has been done.
        taken = retire_stale(outside) if due else TakedownReport((), ())
        for d, error in taken.unconfirmed:
            say(f"{d.job_id} {d.network}: not taken off: {error}")
        if taken.fault:
            wanted = []
        failed = _post(outside, wanted)
        record((*wanted, *taken.off), outside)  # the lake last: nothing on a network waits for it
    say(f"{len(wanted) - failed} posted, {failed} failed, {len(taken.off)} taken off")
    taken.raise_fault()
    if failed or taken.unconfirmed:
        raise typer.Exit(7)


def _wanted(outside: "Outside", job_id: str) -> "list[DueAd]":
    from assets.publishing.caps import due

    ready, held = due(outside, job_id)
    for d, error in held:
        say(f"{d.job_id} {d.network}: {error}")
    if job_id and not ready:
        if held:
            raise held[0][1]
        _explain_why_not(outside, job_id)
    if job_id and len({d.job_id for d in ready}) > 1:
        raise InputError(f"{job_id!r} is the beginning of {len(ready)} ids", mend="write more")
    return list(ready)


def _explain_why_not(outside: "Outside", job_id: str) -> None:
    """An ad that is not due is either unknown, unaccepted, out of its time, or posted already."""
    for team in outside.store.teams.all():
        for ad in outside.store.ads.of_team(team.id):
            if not str(ad.id).startswith(job_id):
                continue
            _explain_approval(outside, team, str(ad.id))
            if not ad.due(outside.now()):
                raise InputError(
                    f"{ad.id} is {ad.status} and starts {ad.schedule_start.isoformat()}",
                    where="publish",
                    mend="see jobads ads schedule",
                )
            say(f"{ad.id} is posted as accepted; nothing to do")
            raise typer.Exit(0)
    raise NotFound(f"no ad's id begins with {job_id!r}", mend="see jobads ads list")


def _explain_approval(outside: "Outside", team: "Team", job_id: str) -> None:
    """InputError where a stop, or a decision that nobody took yet, keeps an ad back."""
    if any(s.team_id in (None, str(team.id)) for s in outside.store.stops.active()):
        raise InputError(f"{team.name} is stopped", where="publish", mend="jobads stop --release")
    if any(a.plan.job_id == job_id for a in outside.store.plans.awaiting_approval(team.id)):
        raise InputError(
            f"{job_id} waits for an approval", where="publish", mend="jobads plans approve"
        )
    mine = [a for a in outside.store.plans.accepted(team.id) if a.plan.job_id == job_id]
    if not mine:
        raise InputError(
            f"nobody accepted a plan for {job_id}", where="publish", mend="jobads plans accept"
        )
    if not outside.store.plans.editions(team.id, job_id):
        raise InputError(
            f"no plan for {job_id} is in force; the last is {mine[-1].state}",
            where="publish",
            mend="jobads plans accept",
        )


def _post(outside: "Outside", wanted: "list[DueAd]") -> int:
    from assets.isolation import Isolation
    from assets.publishing.service import post_all
    from jobads.progress import bars

    failed = 0
    with bars() as start, Isolation(outside.store, "posting", outside.settings) as guard:
        done = start("posting", len(wanted))
        for due, report in post_all(wanted, outside, guard, say):
            if report is None:  # one ad's failure is its own; the others go on
                failed += 1
                say(f"{due.job_id} {due.network}: {guard.failures[-1].error}")
            else:
                failed += not report.live
                states = ", ".join(f"{s.arm} {s.state}" for s in report.slots)
                say(f"{due.job_id} {due.network}: {states}")
            done(1)
    return failed


@app.command()
def sync(
    days: Annotated[int, typer.Option(min=1, max=365, help="How far back to ask.")] = 28,
) -> None:
    """Pull impressions, clicks, applies and spend of every posted ad, and take off what could pass
    a total cap; exit code 7 when an account's numbers are missing or something may still run."""
    from datetime import timedelta

    from assets.isolation import Isolation
    from assets.outside import Outside
    from assets.performance.reports import pull
    from assets.publishing.monitoring import keep_caps
    from assets.publishing.service import TakedownReport
    from jobads import summary
    from jobads.costs import cost_table
    from jobads.effects import WHO, retire_patiently
    from jobads.twins import twins
    from resources.warehouse.tables import frame

    settings = Settings.from_env()
    with twins(settings):
        outside = Outside.from_env()
        today = outside.now().date()
        with Isolation(outside.store, "numbers", outside.settings) as asked:
            count = pull(outside, today - timedelta(days=days), today, today, frame, asked)
        with Isolation(outside.store, "caps", outside.settings) as guard:
            paused = keep_caps(outside, guard)
        say(f"{count} days of arms, as known on {today}")
        say(*paused)
        taken = retire_patiently(outside) if paused else TakedownReport((), ())
    for d, error in taken.unconfirmed:
        say(f"{d.job_id} {d.network} {d.account_id}: NOT CONFIRMED, may still run: {error}. {WHO}")
    for team in outside.store.teams.all():
        costs = summary.by_arm(outside.warehouse, str(team.id))
        if costs:
            say(team.name)
            print_table(cost_table(costs))
    failures = [*asked.failures, *guard.failures]
    say(*failures)
    taken.raise_fault()
    if failures or taken.unconfirmed:
        raise typer.Exit(7)
