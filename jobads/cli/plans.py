"""`jobads plans`: what was compiled, who accepted it, and who approved it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from domain.errors import InputError, JobadsError, NotFound, Retryable
from domain.platform import Network
from jobads.output import say, say_json, table

if TYPE_CHECKING:
    from domain.money import Money
    from domain.plan import Plan
    from resources.operations.records import AcceptedPlan, Team
    from resources.operations.store import OperationsStore
    from resources.warehouse.lake_reader import LakeReader

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
    from jobads.notes import line

    store, found = _open(team)
    titles = {str(ad.id): ad.title for ad in store.ads.of_team(found.id)}
    rows = [
        (
            each.digest,
            each.job_id[:8],
            titles.get(each.job_id, ""),
            each.network,
            each.account_id,
            each.arms,
            each.daily,
            each.state,
        )
        for each in _newest(store, found, waiting)
    ]
    columns = ("digest", "ad", "title", "network", "account", "arms", "a day", "state")
    table(columns, rows, whole=set(columns) - {"title", "state"})
    say(
        *(line(n) for n in store.notes.read(found.id) if n.subject.stage in ("planning", "account"))
    )
    if not (rows or waiting):
        why = f"no account is connected: jobads connect meta|x|google --team {found.name!r}"
        if store.connections.of_team(found.id):
            why = "the graph compiles them within some minutes, if its automation is on: jobads up"
        say(f"no plan yet; {why}", err=True)


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
            say_json(plan.as_dict())
            continue
        say(f"{plan.job_id} on {plan.network} {plan.account_id}: {plan.digest} {plan.reason}")
        say("shared:")
        say_json(plan.shared, indent=2)
        for arm in plan.arms:
            say(f"arm {arm.arm}, {arm.budget_share:.0%} of the money:")
            say_json(arm.bodies, indent=2)
            for line in arm.proof:
                to = f" -> {line.target}" if line.target else ""
                say(f"  {line.fate} {line.field} {line.label}{to} ({line.rule}: {line.reason})")
        for a in store.approvals.of_team(found.id, plan.job_id):
            if a.network == plan.network:
                say(
                    f"{a.decision} {a.digest} by {a.role} at {a.at:%Y-%m-%d %H:%M}Z: {a.rule}"
                    + (f" ({a.reason})" if a.reason else "")
                )
        for said in version_lines(store, found, store.ads.get(found.id, plan.job_id)):
            say(said)


@app.command()
def accept(
    team: TeamName,
    job_id: Annotated[
        str,
        typer.Argument(
            help="The ad's id, or the digest of one plan as it was shown; or how it begins."
        ),
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Every compiled plan of the team.")] = False,
    network: OnNetwork = None,
    as_: As = "",
) -> None:
    """Accept compiled plans. Yours are approved at once if you may approve; else they wait."""
    if bool(job_id.strip()) == every:
        raise InputError("say which ad", mend="give an id, or --all for every compiled plan")
    from assets.publishing.planning.stored_plans import listed_plans
    from jobads.acting import acting

    store, found = _open(team)
    member = acting(store, found, as_)
    by = {"user_id": member.user_id} if member else {"rule": COMMAND_LINE}
    new, refused = [], []
    versions = {
        (p.job_id, p.network, p.account_id, p.digest): p.ad_version
        for p in listed_plans(_warehouse().sql, str(found.id))
    }
    for plan in _cheaper_first(store, found, _compiled(found, job_id, network)):
        try:
            version = versions.get((plan.job_id, plan.network, plan.account_id, plan.digest))
            if version is None:  # by a run of the graph, after the versions were read
                raise Retryable("was compiled at this moment", where="plan", mend="run it again")
            if store.plans.accept(plan, ad_version=version, **by):
                new.append(plan)
        except JobadsError as error:  # one ad's refusal is its own; the others go on
            refused.append(error)
            say(f"{plan.digest} {plan.job_id} {plan.network}: not accepted: {error}")
    waiting = {a.digest for a in store.plans.awaiting_approval(found.id)}
    for plan in new:
        state = "waits for an approval" if plan.digest in waiting else "approved"
        say(f"{plan.digest} {plan.job_id} {plan.network}: {state}")
    say(f"{len(new)} accepted; an ad that is a draft is posted once it is scheduled")
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
    store.approvals.approve(
        found.id, plan.job_id, plan.network, plan.digest, user_id=user, note=note
    )
    say(f"approved {plan.digest} {plan.job_id} {plan.network}")


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
    store.approvals.reject(
        found.id, plan.job_id, plan.network, plan.digest, user_id=user, reason=reason
    )
    say(f"rejected {plan.digest} {plan.job_id} {plan.network}")


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
    store.approvals.withdraw(
        found.id, plan.job_id, plan.network, plan.digest, user_id=user, reason=reason
    )
    say(f"withdrew {plan.digest} {plan.job_id} {plan.network}")
    if not take_off(found, {plan.job_id}, later=later) and not later:
        raise typer.Exit(7)


def _open(team: str) -> "tuple[OperationsStore, Team]":
    from resources.operations.store import OperationsStore
    from resources.settings import Settings

    store = OperationsStore.open(Settings.from_env())
    return store, store.teams.get(team)


def _warehouse() -> "LakeReader":
    from resources.settings import Settings
    from resources.warehouse.lake_reader import LakeReader

    settings = Settings.from_env()
    return LakeReader(settings.home, settings.lake_url)


def _compiled(team: "Team", given: str, network: Network | None) -> "Sequence[Plan]":
    """Plans of the warehouse, the same as in audience_plans; NotFound when there are none."""
    from assets.publishing.planning.stored_plans import stored_plans

    begins = _begins(given) if given else ""
    found = stored_plans(
        _warehouse().sql,
        "p.team_id = ? AND (starts_with(p.job_id, ?) OR starts_with(p.digest, ?)) "
        "AND p.network LIKE ?",
        [str(team.id), *2 * [begins.lower()], network or "%"],
    )
    if given and len({plan.job_id for plan in found}) > 1:
        raise InputError(f"several ads or plans begin with {given!r}", mend="give more of the id")
    if given and not found:
        raise NotFound(f"no plan is compiled for {given!r}", mend="materialize audience_plans")
    return found


def _cheaper_first(store: "OperationsStore", team: "Team", plans: "Sequence[Plan]") -> "list[Plan]":
    """Of one ad first the network that gets less than it has: it makes room for the others."""
    from domain.caps import daily_minor

    ads = {str(ad.id): ad for ad in store.ads.of_team(team.id)}
    now = {
        (b.job_id, b.network): b.daily_minor for b in store.caps.budgets(team.id, datetime.now(UTC))
    }

    def more(plan: "Plan") -> int:
        currency = ads[plan.job_id].budget_daily.currency
        return daily_minor(plan, currency) - now.get((plan.job_id, plan.network), 0)

    return sorted((p for p in plans if p.job_id in ads), key=lambda p: (p.job_id, more(p)))


class Line(NamedTuple):
    """A plan as it is listed; `daily` is its money, or "-" where an earlier version did not say."""

    digest: str
    job_id: str
    network: Network
    account_id: str
    arms: int
    daily: "Money | str"
    state: str


def _newest(store: "OperationsStore", team: "Team", waiting: bool) -> list[Line]:
    """What was accepted last, else what was compiled; and what was compiled since, or has to be
    accepted anew."""
    from assets.publishing.planning.stored_plans import listed_plans
    from domain.money import Money

    if waiting:
        return [_accepted(a, a.state) for a in store.plans.awaiting_approval(team.id)]
    accepted = {(a.plan.job_id, a.plan.network): a for a in store.plans.accepted(team.id)}
    versions = {str(ad.id): ad.version for ad in store.ads.of_team(team.id)}
    older = {
        (job, edition.network): f"approved; {edition}"
        for job in {job for job, _ in accepted}
        for edition in store.plans.editions(team.id, job)
        if not edition.current
    }
    found = [
        _accepted(a, older.get(place, a.state) if a.state == "approved" else a.state)
        for place, a in accepted.items()
    ]
    for p in listed_plans(_warehouse().sql, str(team.id)):
        last, version = accepted.get((p.job_id, p.network)), versions.get(p.job_id)
        stands = last is not None and last.withdrawal is None and last.ad_version == version
        if version is None or (stands and last is not None and last.digest == p.digest):
            continue
        daily: Money | str = "-"
        if p.daily_minor is not None and p.currency is not None:
            daily = Money(p.daily_minor, p.currency)
        state = "compiled" if p.ad_version == version else "out of date: the ad changed since"
        found.append(Line(p.digest, p.job_id, p.network, p.account_id, p.arms, daily, state))
    return sorted(found, key=lambda line: (line.job_id, line.network, line.state))


def _accepted(a: "AcceptedPlan", state: str) -> Line:
    from domain.money import Money

    money = Money(a.daily_minor, a.currency)
    plan = a.plan
    return Line(a.digest, plan.job_id, plan.network, plan.account_id, len(plan.arms), money, state)


def _begins(given: str) -> str:
    """How an id or a digest begins; blanks alone would be the beginning of all."""
    if not given.strip():
        raise InputError("say which", mend="give an id, or the digest of a plan")
    return given.strip()


def _standing(store: "OperationsStore", team: "Team", digest: str) -> "Plan":
    """The plan that waits or is in force, and whose digest begins so."""
    begins = _begins(digest)
    ruling = {
        (str(ad.id), e.network, e.digest)
        for ad in store.ads.of_team(team.id)
        for e in store.plans.editions(team.id, ad.id)
    }
    near = {
        (a.plan.job_id, a.plan.network, a.digest): a.plan
        for a in store.plans.accepted(team.id)
        if a.digest.startswith(begins)
        and (a.waits or (a.plan.job_id, a.plan.network, a.digest) in ruling)
    }
    if len(near) == 1:
        return next(iter(near.values()))
    what = f"{len(near)} plans that wait or are in force begin with {digest!r}"
    raise NotFound(what, mend="see jobads plans list")


def _waiting(store: "OperationsStore", team: "Team", digest: str) -> "Plan":
    begins = _begins(digest)
    near = [a.plan for a in store.plans.awaiting_approval(team.id) if a.digest.startswith(begins)]
    if len(near) == 1:
        return near[0]
    what = f"{len(near)} plans that wait begin with {digest!r}"
    raise NotFound(what, mend="see jobads plans list --waiting")


def _user(store: "OperationsStore", team: "Team", email: str) -> str:
    from jobads.acting import acting

    member = acting(store, team, email)
    return member.user_id if member else str(store.teams.system_user(team.id))
