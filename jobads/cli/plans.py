"""`jobads plans`: what was compiled, who accepted it, and who approved it."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InputError, JobadsError, NotFound
from domain.plain_text import plain
from domain.platform import Network

if TYPE_CHECKING:
    from domain.plan import Plan
    from resources.operations.records import AcceptedPlan, Team
    from resources.operations.store import OperationsStore

app = typer.Typer(name="plans", help="Plans: compiled, accepted, approved.", no_args_is_help=True)

COMMAND_LINE = "accepted on the command line of a team without other members"
TeamName = Annotated[str, typer.Option("--team", help="The team's name or id.")]
As = Annotated[
    str, typer.Option("--as", help="Who you are: a member's address. Needed once a team has any.")
]
Digest = Annotated[str, typer.Argument(help="The plan's digest, or its beginning, as listed.")]
JobId = Annotated[str, typer.Argument(help="The ad's id, or its beginning.")]
Later = Annotated[
    bool,
    typer.Option("--later", help="Do not ask the networks now; say what runs and who stops it."),
]
OnNetwork = Annotated[Network | None, typer.Option("--network", help="Only on this network.")]


@app.callback()
def plans() -> None:
    """Plans: compiled, accepted, approved."""


@app.command(name="list")
def list_(
    team: TeamName,
    waiting: Annotated[bool, typer.Option(help="Only those that wait for an approval.")] = False,
) -> None:
    """List the newest plan of each ad and network: compiled, waiting, approved, rejected,
    withdrawn, or void because the ad changed. An approved one of an older version of the ad says
    what differs."""
    from rich.console import Console
    from rich.table import Column, Table

    from domain.money import Money

    store, found = _open(team)
    ads = {str(ad.id): ad for ad in store.job_ads(found.id)}
    names = ("digest", "ad", "title", "network", "account", "arms", "a day", "state")
    table = Table(*(Column(name, no_wrap=name not in {"title", "state"}) for name in names))
    for plan, state, daily in _newest(store, found, waiting):
        ad = ads[plan.job_id]
        table.add_row(
            plan.digest, plan.job_id[:8], ad.title, plan.network, plan.account_id,
            str(len(plan.arms)), str(Money(*daily)), plain(state),
        )  # fmt: skip
    Console().print(table)
    if not (table.row_count or waiting):
        why = f"no account is connected: jobads connect meta|x|google --team {found.name!r}"
        if store.connections(found.id):
            why = "the graph compiles them within some minutes, if its automation is on: jobads up"
        print(f"no plan yet; {why}", file=sys.stderr)


@app.command()
def show(
    job_id: JobId,
    team: TeamName,
    network: OnNetwork = None,
    as_json: Annotated[bool, typer.Option("--json", help="Whole plans as JSON lines.")] = False,
) -> None:
    """Show compiled plans: bodies as they would be sent, what policy did and why, decisions."""
    from jobads.effects import version_lines

    store, found = _open(team)
    for plan in _compiled(found, job_id, network):
        if as_json:
            print(json.dumps(plan.as_dict(), ensure_ascii=False))
            continue
        print(f"{plan.job_id} on {plan.network} {plan.account_id}: {plan.digest} {plan.reason}")
        print(f"shared: {json.dumps(plan.shared, ensure_ascii=False, indent=2)}")
        for arm in plan.arms:
            print(f"arm {arm.arm}, {arm.budget_share:.0%} of the money:")
            print(json.dumps(arm.bodies, ensure_ascii=False, indent=2))
            for line in arm.proof:
                to = f" -> {line.target}" if line.target else ""
                print(f"  {line.fate} {line.field} {line.label}{to} ({line.rule}: {line.reason})")
        for a in store.approvals(found.id, plan.job_id):
            if a.network == plan.network:
                print(f"{a.decision} {a.digest} by {a.role} at {a.at:%Y-%m-%d %H:%M}Z: {a.rule}"
                      + (f" ({plain(a.reason)})" if a.reason else ""))  # fmt: skip
        for said in version_lines(store, found, store.job_ad(found.id, plan.job_id)):
            print(plain(said))


@app.command()
def accept(
    team: TeamName,
    job_id: Annotated[str, typer.Argument(help="The ad's id, or its beginning.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every compiled plan of the team.")] = False,
    network: OnNetwork = None,
    as_: As = "",
) -> None:
    """Accept compiled plans. Yours are approved at once if you may approve; else they wait."""
    if bool(job_id) == every:
        raise InputError("say which ad", mend="give an id, or --all for every compiled plan")
    from jobads.acting import acting

    store, found = _open(team)
    member = acting(store, found, as_)
    by = {"user_id": member.user_id} if member else {"rule": COMMAND_LINE}
    new, refused = [], []
    for plan in _cheaper_first(store, found, _compiled(found, job_id, network)):
        try:
            if store.accept_plan(plan, ad_version=_compiled_from(store, plan), **by):
                new.append(plan)
        except JobadsError as error:  # one ad's refusal is its own; the others go on
            refused.append(error)
            print(f"{plan.digest} {plan.job_id} {plan.network}: not accepted: {error}")
    waiting = {a.digest for a in store.awaiting_approval(found.id)}
    for plan in new:
        state = "waits for an approval" if plan.digest in waiting else "approved"
        print(f"{plan.digest} {plan.job_id} {plan.network}: {state}")
    print(f"{len(new)} accepted; an ad that is a draft is posted once it is scheduled")
    if refused:
        raise typer.Exit(refused[0].exit_code)


@app.command()
def approve(
    digest: Digest,
    team: TeamName,
    as_: As = "",
    note: Annotated[str, typer.Option(help="Why, for the record.")] = "",
) -> None:
    """Let a plan that waits be posted; nobody approves what they accepted."""
    store, found = _open(team)
    plan, user = _waiting(store, found, digest), _user(store, found, as_)
    store.approve(found.id, plan.job_id, plan.network, plan.digest, user_id=user, note=note)
    print(f"approved {plan.digest} {plan.job_id} {plan.network}")


@app.command()
def reject(
    digest: Digest,
    team: TeamName,
    reason: Annotated[str, typer.Option(help="Why; the ad's author reads it.")],
    as_: As = "",
) -> None:
    """Refuse a plan that waits; an older approved one stays in force."""
    store, found = _open(team)
    plan, user = _waiting(store, found, digest), _user(store, found, as_)
    store.reject(found.id, plan.job_id, plan.network, plan.digest, user_id=user, reason=reason)
    print(f"rejected {plan.digest} {plan.job_id} {plan.network}")


@app.command()
def withdraw(
    digest: Digest,
    team: TeamName,
    as_: As = "",
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    later: Later = False,
) -> None:
    """Take back an acceptance that waits, or an approval. Then no plan of the ad is in force on
    that network, what runs is taken off at once, and somebody has to approve anew."""
    from jobads.effects import take_off

    store, found = _open(team)
    plan, user = _standing(store, found, digest), _user(store, found, as_)
    store.withdraw(
        found.id, plan.job_id, plan.network, plan.digest, user_id=user, reason=reason
    )  # fmt: skip
    print(f"withdrew {plan.digest} {plan.job_id} {plan.network}")
    if not take_off(found, {plan.job_id}, later=later) and not later:
        raise typer.Exit(7)


def _open(team: str) -> "tuple[OperationsStore, Team]":
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    return store, store.team(team)


def _compiled(team: "Team", job_id: str, network: Network | None) -> "Sequence[Plan]":
    """Plans of the warehouse, the same as in audience_plans; NotFound when there are none."""
    from domain.plan import Plan
    from resources.settings import Settings
    from resources.warehouse import Warehouse

    settings = Settings.from_env()
    rows = Warehouse(settings.home, settings.lake_url).sql(
        "SELECT DISTINCT job_id, network, plan FROM audience_plans WHERE team_id = ? "
        "AND starts_with(job_id, ?) AND network LIKE ? ORDER BY job_id, network",
        [str(team.id), job_id.strip().lower(), network or "%"],
    )
    found = [Plan.from_dict(json.loads(text)) for text in rows["plan"]]
    if job_id and len({plan.job_id for plan in found}) > 1:
        raise InputError(f"several ads begin with {job_id!r}", mend="give more of the id")
    if job_id and not found:
        raise NotFound(f"no plan is compiled for {job_id!r}", mend="materialize audience_plans")
    return found


def _compiled_from(store: "OperationsStore", plan: "Plan") -> str:
    """The version of the ad that a compiled plan is about: the ad's of now, until the table of
    compiled plans names it."""
    return store.job_ad(plan.team_id, plan.job_id).version


def _cheaper_first(store: "OperationsStore", team: "Team", plans: "Sequence[Plan]") -> "list[Plan]":
    """Of one ad first the network that gets less than it has: it makes room for the others."""
    from domain.caps import daily_minor

    ads = {str(ad.id): ad for ad in store.job_ads(team.id)}
    now = {(b.job_id, b.network): b.daily_minor for b in store.budgets(team.id, datetime.now(UTC))}

    def more(plan: "Plan") -> int:
        currency = ads[plan.job_id].budget_daily.currency
        return daily_minor(plan, currency) - now.get((plan.job_id, plan.network), 0)

    return sorted((p for p in plans if p.job_id in ads), key=lambda p: (p.job_id, more(p)))


def _newest(
    store: "OperationsStore", team: "Team", waiting: bool
) -> "list[tuple[Plan, str, tuple[int, str]]]":
    """(plan, state, daily money): what was accepted last, else what was compiled; and what was
    compiled since, or has to be accepted anew."""
    from domain.caps import daily_minor

    if waiting:
        waits = store.awaiting_approval(team.id)
        return [(a.plan, a.state, (a.daily_minor, a.currency)) for a in waits]
    accepted: dict[tuple[str, Network], AcceptedPlan] = {}
    for a in store.accepted_plans(team.id):
        accepted[a.plan.job_id, a.plan.network] = a
    ads = {str(ad.id): ad for ad in store.job_ads(team.id)}
    older = {
        (job, edition.network): f"approved; {edition}"
        for job in {job for job, _ in accepted}
        for edition in store.editions(team.id, job)
        if not edition.current
    }
    found = [
        (a.plan, older.get(place, a.state) if a.state == "approved" else a.state,
         (a.daily_minor, a.currency))
        for place, a in accepted.items()
    ]  # fmt: skip
    for plan in _compiled(team, "", None):
        last, ad = accepted.get((plan.job_id, plan.network)), ads.get(plan.job_id)
        if ad is None:
            continue
        stands = last is not None and last.withdrawal is None and last.ad_version == ad.version
        if last is None or last.digest != plan.digest or not stands:
            currency = ad.budget_daily.currency
            found.append((plan, "compiled", (daily_minor(plan, currency), currency)))
    return sorted(found, key=lambda row: (row[0].job_id, row[0].network, row[1]))


def _standing(store: "OperationsStore", team: "Team", digest: str) -> "Plan":
    """The plan that waits or is in force, and whose digest begins so."""
    ruling = {
        (str(ad.id), e.network, e.digest)
        for ad in store.job_ads(team.id)
        for e in store.editions(team.id, ad.id)
    }
    near = {
        (a.plan.job_id, a.plan.network, a.digest): a.plan
        for a in store.accepted_plans(team.id)
        if a.digest.startswith(digest.strip())
        and (a.waits or (a.plan.job_id, a.plan.network, a.digest) in ruling)
    }
    if len(near) == 1:
        return next(iter(near.values()))
    what = f"{len(near)} plans that wait or are in force begin with {digest!r}"
    raise NotFound(what, mend="see jobads plans list")


def _waiting(store: "OperationsStore", team: "Team", digest: str) -> "Plan":
    near = [a.plan for a in store.awaiting_approval(team.id) if a.digest.startswith(digest.strip())]
    if len(near) == 1:
        return near[0]
    what = f"{len(near)} plans that wait begin with {digest!r}"
    raise NotFound(what, mend="see jobads plans list --waiting")


def _user(store: "OperationsStore", team: "Team", email: str) -> str:
    from jobads.acting import acting

    member = acting(store, team, email)
    return member.user_id if member else str(store.system_user(team.id))
