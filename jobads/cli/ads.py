"""`jobads ads`: list and show job ads, and move their status."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from domain.errors import InputError
from domain.lifecycle import AdStatus
from domain.plain_text import plain
from domain.platform import Review

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
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Column, Table

    store, team_id = _open(team)
    # At eighty columns every field keeps what it is known by; the id is never cut.
    wide = {"title": 12, "where": 6, "a day": 5, "on": 7, "runs": 10}
    table = Table(
        *(Column(name, no_wrap=name not in wide, min_width=wide.get(name))
          for name in ("id", "status", *wide)),
        box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0),
    )  # fmt: skip
    for ad in store.job_ads(team_id, status):
        until = moment(ad.schedule_end) if ad.schedule_end else "open"
        table.add_row(
            str(ad.id)[:8], ad.status, ad.title, ad.location, str(ad.budget_daily),
            ", ".join(sorted(ad.platforms)), f"{moment(ad.schedule_start)} to {until}",
        )  # fmt: skip
    Console().print(table)
    _say_failing(store, team_id)


def _say_failing(store: "OperationsStore", team_id: UUID, job_id: str = "") -> None:
    """Why ads are left out for now; of all, or of one."""
    from jobads.notes import say

    of_ads = (n for n in store.notes(team_id) if n.subject.job_id)
    say(n for n in of_ads if job_id in ("", n.subject.job_id))
    for job, error in store.unreadable_ads(team_id):
        if job_id in ("", job):
            print(plain(f"{job[:8]}: {error}"))


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
        print(f"{field.name:20} {'-' if shown is None else shown}")
    for slot in store.slots(team_id, ad.id):
        reason = f" ({slot.reason})" if slot.reason else ""
        review = "" if slot.review is Review.UNKNOWN else f"; review {slot.review}"
        said = f" ({slot.review_reason})" if slot.review_reason else ""
        print(
            f"{'posting':20} {slot.network} {slot.account_id} {slot.arm}: "
            f"{slot.state}{reason}{review}{said}"
        )
    _say_failing(store, team_id, str(ad.id))


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
    print(f"{len(waiting)} drafts -> {AdStatus.SCHEDULED}")


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
    print(f"{ad.title} ({ad.id}): {ad.status} -> {status}")
