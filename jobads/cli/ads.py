"""`jobads ads`: list and show job ads, and move their status."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from domain.errors import InputError
from domain.lifecycle import AdStatus
from domain.platform import Review
from jobads.output import say, table

if TYPE_CHECKING:
    from domain.job_ad import JobAd
    from resources.operations.store import OperationsStore

app = typer.Typer(name="ads", help="Job ads of a team.", no_args_is_help=True)

ACTOR = "command line"
TeamName = Annotated[str, typer.Option("--team", help="The team's name or id.")]
JobId = Annotated[str, typer.Argument(help="The ad's id, or its unambiguous beginning.")]


@app.callback()
def ads() -> None:
    """Job ads of a team."""


@app.command(name="list")
def list_(
    team: TeamName,
    status: Annotated[AdStatus | None, typer.Option(help="Only ads of this status.")] = None,
) -> None:
    """List the team's ads."""
    store, team_id = _open(team)
    rows = [
        (
            str(ad.id)[:8], ad.status, ad.title, ad.location, ad.budget_daily,
            ", ".join(sorted(ad.platforms)),
            f"{moment(ad.schedule_start)} to "
            f"{moment(ad.schedule_end) if ad.schedule_end else 'open'}",
        )
        for ad in store.job_ads(team_id, status)
    ]  # fmt: skip
    columns = ("id", "status", "title", "where", "a day", "on", "runs")
    table(columns, rows, whole=("id", "status"))


def moment(at: datetime) -> str:
    """With its zone: midnight in Berlin is another day in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}Z"


@app.command()
def show(job_id: JobId, team: TeamName) -> None:
    """Show every field of an ad, and where it is posted."""
    from dataclasses import fields

    store, team_id = _open(team)
    ad = _find(store, team_id, job_id)
    for field in fields(ad):
        value = getattr(ad, field.name)
        shown = ", ".join(sorted(value)) if isinstance(value, frozenset) else value
        # A text of several lines is indented, so that none of them looks like a field.
        lines = str("-" if shown is None else shown).splitlines()
        say(
            f"{field.name:20} {lines[0] if lines else ''}",
            *(f"{'':20} {line}" for line in lines[1:]),
        )
    for slot in store.slots(team_id, ad.id):
        reason = f" ({slot.reason})" if slot.reason else ""
        review = "" if slot.review is Review.UNKNOWN else f"; review {slot.review}"
        said = f" ({slot.review_reason})" if slot.review_reason else ""
        say(
            f"{'posting':20} {slot.network} {slot.account_id} {slot.arm}: "
            f"{slot.state}{reason}{review}{said}"
        )


@app.command()
def schedule(
    team: TeamName,
    job_id: Annotated[str | None, typer.Argument(help="The ad's id or its beginning.")] = None,
    drafts: Annotated[bool, typer.Option("--drafts", help="Every draft of the team.")] = False,
) -> None:
    """Let a draft, or an ad that failed, be posted once its plan is accepted."""
    if (job_id is None) != drafts:
        raise InputError("say which ad", mend="give an id, or --drafts for every draft")
    if job_id is not None:
        _move(job_id, team, AdStatus.SCHEDULED)
        return
    store, team_id = _open(team)
    waiting = store.job_ads(team_id, AdStatus.DRAFT)
    for ad in waiting:
        store.set_status(team_id, ad.id, AdStatus.SCHEDULED, actor=ACTOR)
    say(f"{len(waiting)} drafts -> {AdStatus.SCHEDULED}")


@app.command()
def pause(job_id: JobId, team: TeamName) -> None:
    """Stop showing a live ad; the next publish pauses it on the networks."""
    _move(job_id, team, AdStatus.PAUSED)


@app.command()
def resume(job_id: JobId, team: TeamName) -> None:
    """Show a paused ad again."""
    _move(job_id, team, AdStatus.LIVE)


@app.command()
def archive(job_id: JobId, team: TeamName) -> None:
    """End an ad for good."""
    _move(job_id, team, AdStatus.ARCHIVED)


def _open(team: str) -> "tuple[OperationsStore, UUID]":
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    return store, store.team(team).id


def _find(store: "OperationsStore", team_id: UUID, job_id: str) -> "JobAd":
    near = [ad for ad in store.job_ads(team_id) if str(ad.id).startswith(job_id.strip().lower())]
    if len(near) == 1:
        return near[0]
    if near and job_id.strip():
        raise InputError(f"{len(near)} ads begin with {job_id!r}", mend="give more of the id")
    return store.job_ad(team_id, job_id)


def _move(job_id: str, team: str, status: AdStatus) -> None:
    store, team_id = _open(team)
    ad = _find(store, team_id, job_id)
    store.set_status(team_id, ad.id, status, actor=ACTOR)
    say(f"{ad.title} ({ad.id}): {ad.status} -> {status}")
