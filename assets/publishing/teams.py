"""What one team's plans and one ad's posting need from the outside, brought together."""

from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from assets.publishing import budgets
from assets.publishing.drafting import Refusal, arm_of, draft
from assets.publishing.isolation import Isolation
from assets.publishing.plans import Advertiser, Venue
from assets.publishing.posting import PostReport, post
from assets.publishing.retiring import retire
from domain.errors import AccountBusy, InputError, JobadsError, NotFound, Retryable, Throttled
from domain.job_ad import JobAd
from domain.ledger import DueAd, Slot
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.plan import Plan
from domain.platform import Network
from domain.primitives import Arm

if TYPE_CHECKING:
    from assets.outside import Outside
    from resources.operations.records import Connected

T = TypeVar("T")
# Another ad's posting to the account takes seconds; then it is our turn.
TURNS_S = (0.5, 1.0, 2.0, *[4.0] * 14)


class Team(Advertiser, Protocol):
    @property
    def id(self) -> Any: ...
    @property
    def name(self) -> str: ...


def draft_team(
    team: Team, outside: "Outside", guard: Isolation
) -> tuple[list[Plan], list[Refusal]]:
    """Plans for every ad of the team that may still run, on each network that the team has an
    account of; NotFound when it has none. What one account or one ad fails with is its refusal."""
    team_id = str(team.id)
    connections = outside.store.connections(team_id)
    if not connections:
        raise NotFound(
            "the team has no account on any network", where=team.name,
            mend=f"connect one: jobads connect meta|x|google --team {team.name!r}",
        )  # fmt: skip
    arms = _arms(team_id, outside)
    ads = [ad for ad in outside.store.job_ads(team_id) if ad.status != AdStatus.ARCHIVED]
    # The newest account of each network counts; one whose connection is dead keeps its part of the
    # money, so that its end and its renewal change no other network's plan.
    alive = {c.network: c.status == "active" for c in reversed(connections)}
    plans: list[Plan] = []
    refused = _unreadable(team_id, outside, guard)
    venues: dict[Network, Venue] = {}
    for network in (n for n in Network if alive.get(n)):
        asked = guard.attempt(
            partial(venue, team_id, network, outside),
            team_id=team_id, network=network, account_id=_newest(connections, network),
        )  # fmt: skip
        if asked is not None:
            venues[network] = asked
            continue
        why = f"{network}: {guard.failures[-1].error}"
        refused += [(str(a.id), why) for a in ads if network in a.platforms and str(a.id) in arms]
    for network, here in venues.items():
        made, not_made = draft(
            [ad for ad in ads if network in ad.platforms], arms, team=team, venue=here,
            media=lambda ad, n=network: media_of(ad, outside, n),  # type: ignore[misc]
            budget=lambda ad, n=network: part_of(ad, n, alive, venues),  # type: ignore[misc]
            guard=guard,
        )  # fmt: skip
        plans, refused = plans + made, refused + not_made
    return plans, refused


def _newest(connections: "Sequence[Connected]", network: Network) -> str:
    return next(c.account_id for c in connections if c.network == network)


def _unreadable(team_id: str, outside: "Outside", guard: Isolation) -> list[Refusal]:
    """Ads whose stored row no ad can be built of."""
    found = outside.store.unreadable_ads(team_id)
    for job_id, error in found:
        guard.fail(error, team_id=team_id, job_id=job_id)
    return [(job_id, str(error)) for job_id, error in found]


def _arms(team_id: str, outside: "Outside") -> Mapping[str, list[Arm]]:
    arms: dict[str, list[Arm]] = defaultdict(list)
    rows = outside.warehouse.sql(
        "SELECT * FROM audience_primitives WHERE team_id = ? ORDER BY job_id, rank", [team_id]
    )
    for row in rows.iter_rows(named=True):
        arms[row["job_id"]].append(arm_of(row))
    return arms


def part_of(
    ad: JobAd, network: Network, connected: Container[Network], venues: Mapping[Network, Venue]
) -> Money:
    """The network's part of an ad's day; InputError when the budget does not reach that far."""
    currency = ad.budget_daily.currency
    sharing = [
        n
        for n in Network
        if n in ad.platforms
        and n in connected
        and (n not in venues or venues[n].account.currency == currency)
    ]
    if network not in sharing:
        return ad.budget_daily  # in another currency: the plan will say so
    least = [venues[n].account.minimum_daily_minor if n in venues else 0 for n in sharing]
    parts = budgets.over_networks(ad.budget_daily.minor, least)
    part = parts[sharing.index(network)]
    if not part:
        raise InputError(
            f"{ad.budget_daily} a day does not reach for {len(sharing)} networks",
            where="budget_daily", mend=f"raise it, or take {network} off the ad's platforms",
        )  # fmt: skip
    return Money(part, currency)


def venue(team_id: str, network: Network, outside: "Outside") -> Venue:
    """The team's account on a network, and all that a plan there is judged by."""
    connection = outside.store.connection(team_id, network)
    platform = outside.platform(team_id, network)
    account = platform.verify(connection.account_id)
    allowed = None
    if network is Network.META:
        listed = platform.lookup("allowed_interests", {
            "account_id": account.account_id, "regulated_categories": ["EMPLOYMENT"],
            "regulated_countries": list(outside.countries),
        })  # fmt: skip
        allowed = {c.label.casefold(): c.id for c in listed}
    ids = {"page": connection.platform_user_id} if network is Network.META else {}
    return Venue(
        network, account, outside.policy, outside.now().date(), allowed=allowed,
        countries=tuple(outside.countries), lookup=platform.lookup, ids=ids,
    )  # fmt: skip


def media_of(ad: JobAd, outside: "Outside", network: Network = Network.META) -> str:
    """The stored picture or video of an ad, fetched once. Without one Meta, which needs a picture,
    gets the plain card, X a link in the text; Google's Search shows text only."""
    if network is Network.GOOGLE or (network is Network.X and not ad.creative_asset_url):
        return ""
    return outside.images.fetch(ad.creative_asset_url)


def post_job(job_id: str, outside: "Outside", say: Callable[[str], None]) -> list[PostReport]:
    """Post what is due of an ad on every network, and write the ledger's slots to the warehouse.
    One network's failure does not stop the others; one is raised at the end, first of all one that
    may be tried again."""
    due = [d for d in outside.store.due(outside.now()) if d.job_id == job_id]
    reports: list[PostReport] = []
    with Isolation(outside, "posting") as guard:
        for d in due:
            report = guard.attempt(partial(post_due, d, outside, say), **place_of(d))
            if report is None:
                say(f"{d.network}: {guard.failures[-1].error}")
            else:
                reports.append(report)
    for team_id in {d.team_id for d in due}:
        record(team_id, outside)
    failures = [failure.error for failure in guard.failures]
    if failures:
        raise next((e for e in failures if isinstance(e, Retryable | Throttled)), failures[0])
    return reports


def place_of(of: DueAd | Slot) -> dict[str, str]:
    """The arguments by which `Isolation` knows an ad on an account."""
    return {
        "team_id": of.team_id, "network": of.network, "account_id": of.account_id,
        "job_id": of.job_id,
    }  # fmt: skip


def in_turn(call: Callable[[], T], outside: "Outside") -> T:
    """Wait, for a minute at most, until no other run posts to the account: whoever starts it, one
    ad at a time is posted to an account. AccountBusy after that, and nothing was begun."""
    for wait in TURNS_S:
        try:
            return call()
        except AccountBusy:
            outside.sleep(wait)
    return call()


def post_due(due: DueAd, outside: "Outside", say: Callable[[str], None]) -> PostReport:
    plan = outside.store.accepted_plan(due.team_id, due.job_id, due.network)
    with _noting(due, outside):
        platform = outside.platform(due.team_id, due.network)
        return in_turn(
            lambda: post(
                plan, platform=platform, ledger=outside.store, now=outside.now(),
                sleep=outside.sleep, progress=say,
            ),
            outside,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken off a network and confirmed, and what was not, with the reason."""

    off: tuple[DueAd, ...]
    unconfirmed: tuple[tuple[DueAd, JobadsError], ...]


def retire_stale(outside: "Outside", job_id: str = "") -> Taken:
    """Take off the network what is paused, stopped, ended or archived here but may still run there:
    one ad, or all of them. One that fails does not stop the others."""
    off: list[DueAd] = []
    unconfirmed: list[tuple[DueAd, JobadsError]] = []
    with Isolation(outside, "posting") as guard:
        for d in outside.store.stale(outside.now()):
            if job_id not in ("", d.job_id):
                continue
            if guard.attempt(partial(_retire, d, outside), **place_of(d)):
                off.append(d)
            else:
                unconfirmed.append((d, guard.failures[-1].error))
    for team_id in {d.team_id for d in off}:
        record(team_id, outside)
    return Taken(tuple(off), tuple(unconfirmed))


def _retire(d: DueAd, outside: "Outside") -> bool:
    """What may run again is only paused; what is over is closed."""
    waits = _waits(d, outside)
    with _noting(d, outside):
        platform = outside.platform(d.team_id, d.network)
        in_turn(
            lambda: retire(
                d.team_id, d.job_id, d.account_id, platform=platform, ledger=outside.store,
                sleep=outside.sleep, close=not waits,
            ),
            outside,
        )  # fmt: skip
    return True


def _waits(d: DueAd, outside: "Outside") -> bool:
    """Whether the ad may run again: it is paused, stopped, or nobody can read what it is."""
    try:
        ad = outside.store.job_ad(d.team_id, d.job_id)
    except InputError:
        return True
    stopped = {s.team_id for s in outside.store.stops()} & {None, d.team_id}
    return ad.status is AdStatus.PAUSED or (bool(stopped) and ad.due(outside.now()))


def _noting(due: DueAd, outside: "Outside") -> AbstractContextManager[None]:
    """A token that died while we worked is noted at its connection."""
    from resources.platforms import reauth_noted

    return reauth_noted(
        outside.store, due.team_id, due.network, due.account_id, outside.settings
    )  # fmt: skip


def record(team_id: str, outside: "Outside") -> None:
    """The team's slots as the table posted_campaigns."""
    import json

    import polars as pl

    rows = [
        {
            "team_id": s.team_id, "job_id": s.job_id, "network": str(s.network),
            "account_id": s.account_id, "arm": s.arm, "cluster_key": s.arm,
            "state": str(s.state), "revision": s.revision, "mode": str(s.mode),
            "reason": s.reason, "posted_at": outside.now(),
            "objects": json.dumps(
                {k: p.object_id for k, p in sorted(outside.store.posted(s).items())}
            ),
        }
        for s in outside.store.slots(team_id)
    ]  # fmt: skip
    # A slot that was closed and opened again has an older row: the newest is what stands.
    newest = {(r["job_id"], r["network"], r["account_id"], r["arm"]): r for r in rows}
    if newest:
        frame = pl.DataFrame(list(newest.values()), infer_schema_length=None)
        outside.warehouse.replace("posted_campaigns", frame, {"team_id": team_id})
