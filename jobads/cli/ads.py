"""`jobads ads`: list and show job ads, and move their status."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from domain.errors import InputError, NotFound
from domain.lifecycle import AdStatus
from domain.platform import Network, Review
from jobads.output import confirm, say, table

if TYPE_CHECKING:
    from domain.job_ad import JobAd
    from domain.ledger import Slot
    from resources.operations.store import OperationsStore

app = typer.Typer(name="ads", help="Job ads of a team.", no_args_is_help=True)

ACTOR = "command line"
TeamName = Annotated[str, typer.Option("--team", help="The team's name or id.")]
JobId = Annotated[str, typer.Argument(help="The ad's id, or its unambiguous beginning.")]
Later = Annotated[
    bool,
    typer.Option("--later", help="Do not ask the networks now; say what runs and who stops it."),
]


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
            str(ad.id)[:8],
            ad.status,
            ad.title,
            ad.location,
            ad.budget_daily,
            ", ".join(sorted(ad.platforms)),
            f"{moment(ad.schedule_start)} to "
            f"{moment(ad.schedule_end) if ad.schedule_end else 'open'}",
        )
        for ad in store.ads.of_team(team_id, status)
    ]
    columns = ("id", "status", "title", "where", "a day", "on", "runs")
    table(columns, rows, whole=("id", "status"))
    _say_failing(store, team_id)


def _say_failing(store: "OperationsStore", team_id: UUID, job_id: str = "") -> None:
    """Why ads are left out for now; of all, or of one."""
    from jobads.notes import line

    of_ads = (n for n in store.notes.read(team_id) if n.subject.job_id)
    say(*(line(n) for n in of_ads if job_id in ("", n.subject.job_id)))
    for job, error in store.ads.unreadable(team_id):
        if job_id in ("", job):
            say(f"{job[:8]}: {error}")


def moment(at: datetime) -> str:
    """With its zone: midnight in Berlin is another day in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}Z"


@app.command()
def show(job_id: JobId, team: TeamName) -> None:
    """Show every field of an ad, which version of it is approved, and where it is posted."""
    from dataclasses import fields

    from jobads.effects import version_lines

    store, team_id = _open(team)
    ad = _find(store, team_id, job_id)
    say(f"{'version':20} {ad.version}")
    for field in fields(ad):
        value = getattr(ad, field.name)
        shown = ", ".join(sorted(value)) if isinstance(value, frozenset) else value
        # A text of several lines is indented, so that none of them looks like a field.
        lines = str("-" if shown is None else shown).splitlines()
        say(
            f"{field.name:20} {lines[0] if lines else ''}",
            *(f"{'':20} {line}" for line in lines[1:]),
        )
    for line in version_lines(store, store.teams.get(team_id), ad):
        say(f"{'plan':20} {line}")
    for slot in store.ledger.slots(team_id, ad.id):
        reason = f" ({slot.reason})" if slot.reason else ""
        review = "" if slot.review is Review.UNKNOWN else f"; review {slot.review}"
        said = f" ({slot.review_reason})" if slot.review_reason else ""
        say(
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
    waiting = store.ads.of_team(team_id, AdStatus.DRAFT)
    for ad in waiting:
        store.ads.set_status(team_id, ad.id, AdStatus.SCHEDULED, actor=ACTOR)
    say(f"{len(waiting)} drafts -> {AdStatus.SCHEDULED}")
    without = [ad for ad in waiting if not store.plans.editions(team_id, ad.id)]
    if without:
        say(
            f"{len(without)} of them have no approved plan of what they say now and are not "
            "posted before: jobads plans list"
        )


@app.command()
def pause(job_id: JobId, team: TeamName, later: Later = False) -> None:
    """Stop showing a live ad, on the networks at once."""
    _move(job_id, team, AdStatus.PAUSED, later=later)


@app.command()
def resume(job_id: JobId, team: TeamName) -> None:
    """Show a paused ad again, as it was approved."""
    _move(job_id, team, AdStatus.LIVE)


@app.command()
def archive(job_id: JobId, team: TeamName, later: Later = False) -> None:
    """End an ad for good, on the networks at once."""
    _move(job_id, team, AdStatus.ARCHIVED, later=later)


@app.command(name="confirm-off")
def confirm_off(
    job_id: JobId,
    team: TeamName,
    account: Annotated[str, typer.Option(help="The account that was removed, as it was listed.")],
    network: Annotated[
        Network | None, typer.Option(help="If two networks have an account of that name.")
    ] = None,
    as_: Annotated[
        str, typer.Option("--as", help="Who you are: a member's address, once a team has any.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Say that an ad is off on an account that was removed, after ending it in the network's own
    tool. Until then it counts as running: it keeps its room under the caps and is posted nowhere
    else. Refused while the team is connected to the account."""
    from domain.approval import check_editor
    from jobads.acting import acting
    from jobads.effects import close_unreachable

    store, team_id = _open(team)
    member = acting(store, store.teams.get(team_id), as_)
    if member:
        check_editor(member.email, member.role, "say that an ad is off")
    slots = _open_slots(store, team_id, job_id, account, network)
    of = slots[0]
    for slot in slots:
        say(f"{slot.job_id} {slot.network} {slot.account_id} {slot.arm}: {slot.state}")
    if not yes:
        confirm(f"Nobody can ask {of.network} any more. Did you see that all of it is off there?")
    close_unreachable(store, slots, member.email if member else ACTOR)
    say(f"{len(slots)} closed; the ad has no room under the caps for {of.account_id} any more")


def _open_slots(
    store: "OperationsStore", team_id: UUID, job_id: str, account: str, network: Network | None
) -> "list[Slot]":
    """Of one ad, which may be one that cannot be read, on one account."""
    from domain.lifecycle import TERMINAL

    begins = job_id.strip().lower()
    slots = [
        slot
        for slot in store.ledger.slots(team_id)
        if slot.job_id.startswith(begins)
        and slot.account_id == account
        and slot.state not in TERMINAL
        and network in (None, slot.network)
    ]
    if not begins:
        raise InputError("say which ad", mend="give an id; see jobads ads list")
    if not slots:
        raise NotFound(f"nothing of ad {job_id!r} is open on {account}", mend="see jobads ads show")
    if len({(slot.job_id, slot.network) for slot in slots}) > 1:
        raise InputError(
            f"several ads or networks match {job_id!r} on {account}",
            mend="give more of the id, or --network",
        )
    return slots


@app.command()
def edit(
    job_id: JobId,
    team: TeamName,
    set_: Annotated[
        list[str], typer.Option("--set", help="field=value, such as budget_daily=50.00.")
    ],
    later: Later = False,
) -> None:
    """Change an ad. What waits or does not run yet has to be accepted anew; what runs goes on as
    approved until a new plan is approved. What would cost more than a lower budget is taken off at
    once until then; an earlier end, and a network that is taken off, act at once too.

    Fields are the columns of an import: title, description_short, description_long, target_url,
    platforms, budget_daily, schedule_start, schedule_end, location, creative_asset_url.
    """
    from domain.ad_versions import changes
    from jobads.effects import take_off, version_lines
    from resources.files.job_ads import edits

    store, team_id = _open(team)
    found = store.teams.get(team_id)
    before = _find(store, team_id, job_id)
    given = dict(_pair(text) for text in set_)
    after = store.ads.edit(team_id, before.id, actor=ACTOR, **edits(before, given))
    say(f"{after.title} ({after.id}): {changes(before.content, after.content) or 'same'}")
    for line in version_lines(store, found, after):
        say(line)
    if not take_off(found, {str(after.id)}, later=later) and not later:
        raise typer.Exit(7)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError(f"--set {text[:60]!r} has no =", mend="write it as title=Chef")
    return name.strip(), value


def _open(team: str) -> "tuple[OperationsStore, UUID]":
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    return store, store.teams.get(team).id


def _find(store: "OperationsStore", team_id: UUID, job_id: str) -> "JobAd":
    begins = job_id.strip().lower()
    if not begins:
        raise InputError("say which ad", mend="give an id; see jobads ads list")
    near = [ad for ad in store.ads.of_team(team_id) if str(ad.id).startswith(begins)]
    if len(near) == 1:
        return near[0]
    if near:
        raise InputError(f"{len(near)} ads begin with {job_id!r}", mend="give more of the id")
    return store.ads.get(team_id, job_id)


def _move(job_id: str, team: str, status: AdStatus, *, later: bool = False) -> None:
    from jobads.effects import take_off, version_lines

    store, team_id = _open(team)
    found = store.teams.get(team_id)
    ad = _find(store, team_id, job_id)
    store.ads.set_status(team_id, ad.id, status, actor=ACTOR)
    say(f"{ad.title} ({ad.id}): {ad.status} -> {status}")
    if status in (AdStatus.SCHEDULED, AdStatus.LIVE):
        say(*version_lines(store, found, ad))
    elif not take_off(found, {str(ad.id)}, later=later) and not later:
        raise typer.Exit(7)
