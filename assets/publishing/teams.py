"""What one team's plans and one ad's posting need from the outside, brought together."""

from collections import defaultdict
from collections.abc import Callable, Container, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from assets.publishing import budgets
from assets.publishing.drafting import Refusal, arm_of, draft
from assets.publishing.plans import Advertiser, Venue
from assets.publishing.posting import PostReport, post
from assets.publishing.retiring import retire
from domain.errors import InputError, JobadsError, NotFound
from domain.job_ad import JobAd
from domain.ledger import DueAd
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.plan import Plan
from domain.platform import Network
from domain.primitives import Arm

if TYPE_CHECKING:
    from assets.outside import Outside


class Team(Advertiser, Protocol):
    @property
    def id(self) -> Any: ...
    @property
    def name(self) -> str: ...


def draft_team(team: Team, outside: "Outside") -> tuple[list[Plan], list[Refusal]]:
    """Plans for every ad of the team that may still run, on each network that the team has an
    account of; NotFound when it has none."""
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
    venues = {n: venue(team_id, n, outside) for n in Network if alive.get(n)}
    plans: list[Plan] = []
    refused: list[Refusal] = []
    for network, here in venues.items():
        made, not_made = draft(
            [ad for ad in ads if network in ad.platforms], arms, team=team, venue=here,
            media=lambda ad, n=network: media_of(ad, outside, n),  # type: ignore[misc]
            budget=lambda ad, n=network: part_of(ad, n, alive, venues),  # type: ignore[misc]
        )  # fmt: skip
        plans, refused = plans + made, refused + not_made
    return plans, refused


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
    One network's failure does not stop the others; the first is raised at the end."""
    due = [d for d in outside.store.due(outside.now()) if d.job_id == job_id]
    reports: list[PostReport] = []
    failures: list[JobadsError] = []
    for d in due:
        try:
            reports.append(post_due(d, outside, say))
        except JobadsError as error:
            say(f"{d.network}: {error}")
            failures.append(error)
    for team_id in {d.team_id for d in due}:
        record(team_id, outside)
    if failures:
        raise failures[0]
    return reports


def post_due(due: DueAd, outside: "Outside", say: Callable[[str], None]) -> PostReport:
    plan = outside.store.accepted_plan(due.team_id, due.job_id, due.network)
    for edition in outside.store.editions(due.team_id, due.job_id):
        if edition.network is due.network:
            say(f"{due.network}: posts {edition}")
    with _noting(due, outside):
        return post(
            plan, platform=outside.platform(due.team_id, due.network), ledger=outside.store,
            now=outside.now(), sleep=outside.sleep, progress=say,
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
    for d in outside.store.stale(outside.now()):
        if job_id not in ("", d.job_id):
            continue
        try:
            _retire(d, outside)
            off.append(d)
        except JobadsError as error:
            unconfirmed.append((d, error))
    for team_id in {d.team_id for d in off}:
        record(team_id, outside)
    return Taken(tuple(off), tuple(unconfirmed))


def _retire(d: DueAd, outside: "Outside") -> None:
    """What may run again is only paused; what is over is closed."""
    ad = outside.store.job_ad(d.team_id, d.job_id)
    stopped = {s.team_id for s in outside.store.stops()} & {None, d.team_id}
    waits = ad.status is AdStatus.PAUSED or (bool(stopped) and ad.due(outside.now()))
    with _noting(d, outside):
        retire(
            d.team_id, d.job_id, d.account_id, platform=outside.platform(d.team_id, d.network),
            ledger=outside.store, sleep=outside.sleep, close=not waits,
        )  # fmt: skip


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
