"""Plans for a team's ads on each of its accounts: what a person will be asked to accept.

A plan is compiled anew only when something that it was compiled from is another than before: the
ad's version, its arms, the account, the interests it may use, the policy's tables, the rules that
hold on the day, the team's payer and beneficiary, or the code. All of it is in the fingerprint that
the stored plan keeps.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

from assets.isolation import Isolation
from assets.publishing.payload_validator import check
from assets.publishing.planning import budgets
from assets.publishing.planning.plan_compiler import AccountContext, Advertiser, plan
from assets.publishing.planning.stored_plans import PLACE, Row, arm_rows, plan_row
from domain.errors import InputError, PlatformError, PolicyRefusal
from domain.job_ad import JobAd
from domain.money import Money
from domain.networks import DEFAULT_NETWORK, FACTS
from domain.plan import Bodies, Plan
from domain.platform import Network
from domain.primitives import Arm, Primitives
from resources import fingerprints
from resources.operations.records import AdStamp

if TYPE_CHECKING:
    import polars as pl

    from assets.outside import Outside

ADS_A_COMMIT = 500
"""Ads whose plans are written together: a commit to the lake costs 25 ms, and a run that is killed
keeps what it has written."""
COMPILED_FROM = ("domain", "assets/publishing", "taxonomy", "data/reference")
PLANNED = ("audience_plans", "audience_plan_arms", "refused_plans")

_ARMS = (
    "SELECT job_id, string_agg(DISTINCT fingerprint, ' ' ORDER BY fingerprint) "
    "FROM audience_primitives WHERE team_id = ? GROUP BY job_id"
)


class Team(Advertiser, Protocol):
    @property
    def id(self) -> Any: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Task:
    """One ad on one account, with the account's part of its day (None: the budget does not reach
    that far), and the fingerprint of all that its plan is compiled from."""

    team_id: str
    job_id: str
    venue: AccountContext
    budget: Money | None
    fingerprint: str

    @property
    def place(self) -> tuple[str, ...]:
        """Team, ad, network and account: the key of a plan."""
        account = self.venue.account.account_id
        return self.team_id, self.job_id, str(self.venue.network), account


@dataclass(frozen=True, slots=True)
class CompileResult:
    """What came of a task: a plan, or the reason why there is none. `checker` tells that the
    compiler had made one which the second checker refused; `ad` is None where its stored row is
    impossible."""

    task: Task
    ad: JobAd | None
    plan: Plan | None
    reason: str = ""
    checker: bool = False


@dataclass(slots=True)
class PlanningReport:
    """What a run did to a team's compiled plans."""

    compiled: int = 0
    refused: int = 0
    unchanged: int = 0
    removed: int = 0
    disputed: list[str] = field(default_factory=list)


def plan_team(team: Team, outside: "Outside", guard: Isolation) -> PlanningReport:
    """Bring the stored plans of a team to what its ads and accounts are now. What one account or
    one ad fails with is noted there by `guard`, and the others go on."""
    team_id = str(team.id)
    accounts = Accounts.of(team, outside, guard)
    every, impossible = outside.store.projections.ad_stamps(team_id)
    for job_id, error in impossible:
        guard.fail(error, team_id=team_id, job_id=job_id)
    stored = _stored(team_id, outside)
    arms = dict(outside.warehouse.sql(_ARMS, [team_id]).iter_rows())
    ads = [ad for ad in every if ad.id in arms]
    tasks = list(accounts.tasks(ads, arms))
    kept = {task.place for task in tasks}
    kept |= {(team_id, ad.id, *place) for ad in ads for place in accounts.silent}
    gone = [place for place in stored if place not in kept]
    changed = [task for task in tasks if stored.get(task.place) != task.fingerprint]
    done = PlanningReport(unchanged=len(tasks) - len(changed), removed=len(gone))
    if gone:
        outside.warehouse.exchange(_frames((), outside.now()), _places(gone))
    for tasks in _commits(changed):
        made = list(compiled(tasks, accounts, outside, guard))
        places = _places([m.task.place for m in made])
        outside.warehouse.exchange(_frames(made, outside.now()), places)
        for m in made:
            done.compiled += m.plan is not None
            done.refused += m.plan is None
            if m.checker:
                done.disputed.append(f"{m.task.job_id} {m.task.venue.network}: {m.reason}")
        guard.flush()
    return done


def compile_team(
    team: Team, outside: "Outside", guard: Isolation, job_id: str = ""
) -> list[CompileResult]:
    """Every plan of the team, or of the ads whose id begins with `job_id`; no plan is stored."""
    accounts = Accounts.of(team, outside, guard)
    arms = dict(outside.warehouse.sql(_ARMS, [str(team.id)]).iter_rows())
    every, _ = outside.store.projections.ad_stamps(str(team.id))
    ads = [ad for ad in every if ad.id.startswith(job_id) and ad.id in arms]
    return list(compiled(list(accounts.tasks(ads, arms)), accounts, outside, guard))


@dataclass(frozen=True, slots=True)
class Accounts:
    """A team's newest account on each network. `connected` also names those that cannot be asked:
    each keeps its part of the money, so that its end and its renewal change no other network's
    plan; their stored plans stay as they are (`silent`)."""

    team: Team
    connected: Mapping[Network, str]
    venues: Mapping[Network, AccountContext]
    parts: dict[tuple[Money, frozenset[Network], Network], Money | None] = field(
        default_factory=dict
    )

    @classmethod
    def of(cls, team: Team, outside: "Outside", guard: Isolation) -> "Accounts":
        team_id = str(team.id)
        newest = {c.network: c for c in reversed(outside.store.connections.of_team(team_id))}
        asked = {
            network: guard.attempt(
                partial(account_context, team_id, network, outside),
                team_id=team_id,
                network=network,
                account_id=newest[network].account_id,
            )
            for network in Network
            if network in newest and newest[network].status == "active"
        }
        venues = {network: here for network, here in asked.items() if here is not None}
        return cls(team, {n: c.account_id for n, c in newest.items()}, venues)

    @property
    def silent(self) -> list[tuple[str, str]]:
        """(network, account) of those that cannot be asked."""
        return [(str(n), a) for n, a in self.connected.items() if n not in self.venues]

    def tasks(self, ads: Iterable[AdStamp], arms: Mapping[str, str]) -> Iterator[Task]:
        """One for each ad on each of its networks. `arms` is what theirs are made from, by ad."""
        made_by = fingerprints.of_files(*COMPILED_FROM)
        parties = self.team.dsa_payer, self.team.dsa_beneficiary
        prints = {
            n: fingerprints.of(made_by, parties, _judged_by(v)) for n, v in self.venues.items()
        }
        for ad in ads:
            content = ad.content, arms[ad.id]
            for network in Network:
                if network in ad.platforms and network in self.venues:
                    part = self.part(ad, network)
                    print_ = fingerprints.of(prints[network], part and part.minor, *content)
                    yield Task(str(self.team.id), ad.id, self.venues[network], part, print_)

    def part(self, ad: AdStamp, network: Network) -> Money | None:
        """The network's part of the ad's day; None where the budget does not reach that far."""
        asked = ad.budget_daily, ad.platforms, network
        if asked not in self.parts:
            self.parts[asked] = part_of(ad, network, self.connected, self.venues)
        return self.parts[asked]


def _judged_by(venue: AccountContext) -> Sequence[Any]:
    """What of an account, its interests and the day decides about a plan. Of the day it is which
    dated rules hold."""
    account, rules = venue.account, venue.policy.rules.rules
    holding = [
        r.id for r in rules if r.since <= venue.on and (r.until is None or venue.on < r.until)
    ]
    allowed = sorted(venue.allowed.items()) if venue.allowed is not None else None
    return (
        account.account_id,
        account.currency,
        account.timezone,
        account.minimum_daily_minor,
        str(account.mode),
        sorted(account.ids.items()),
        sorted(venue.ids.items()),
        allowed,
        list(venue.countries),
        sorted(holding),
    )


def compiled(
    tasks: Sequence[Task], accounts: Accounts, outside: "Outside", guard: Isolation
) -> Iterator[CompileResult]:
    """A resolved plan for each task, or why there is none. A task whose network or picture gave no
    answer yields nothing: it is still to be done, and its older plan stays."""
    jobs = sorted({task.job_id for task in tasks})
    arms = _arms(jobs, accounts.team, outside)
    built, impossible = outside.store.ads.unarchived(accounts.team.id, jobs)
    ads = {str(ad.id): ad for ad in built}
    reasons = dict(impossible)
    for job_id, reason in impossible:
        guard.fail(reason, team_id=str(accounts.team.id), job_id=job_id)
    for task in tasks:
        team_id, job_id, network, account_id = task.place
        ad = ads.get(job_id)
        if ad is None:
            if job_id in reasons:  # others were archived a moment ago
                yield CompileResult(task, None, None, str(reasons[job_id]))
            continue
        plan = guard.attempt(
            partial(_plan, task, ad, arms[job_id], accounts, outside),
            team_id=team_id,
            network=network,
            account_id=account_id,
            job_id=job_id,
        )
        if plan is None:
            error = guard.failures[-1].error
            if not isinstance(error, PlatformError):
                yield CompileResult(task, ad, None, str(error))
            continue
        refusal = _second_opinion(plan)
        yield CompileResult(task, ad, None if refusal else plan, refusal, bool(refusal))


def _plan(
    task: Task, ad: JobAd, arms: Sequence[Arm], accounts: Accounts, outside: "Outside"
) -> Plan:
    network = task.venue.network
    if task.budget is None:
        raise InputError(
            f"{ad.budget_daily} a day does not reach for all its networks",
            where="budget_daily",
            mend=f"raise it, or take {network} off the ad's platforms",
        )
    media = media_of(ad, outside, network)
    here = replace(task.venue, media=media, budget=task.budget)
    return plan(ad, arms, team=accounts.team, venue=here)


def _second_opinion(made: Plan) -> str:
    """Why the checker that shares no rule with the compiler refuses a body; "" when it does not."""
    bodies: list[Bodies] = [made.shared, *(arm.bodies for arm in made.arms)]
    try:
        for kind, body in ((k, b) for some in bodies for k, b in some.items()):
            check(made.network, kind, with_ids(body))
    except PolicyRefusal as error:
        return f"the second checker refuses it: {error}"
    return ""


def with_ids(body: Any) -> Any:
    """The body with a number for each object that is not made yet, as it will be sent."""
    if isinstance(body, (str, int, float)):  # most are; to ask for a Mapping takes longer
        return body
    if isinstance(body, Mapping):
        if body.keys() == {"$id"}:
            return "1"
        return {key: with_ids(value) for key, value in body.items()}
    return [with_ids(value) for value in body] if isinstance(body, list | tuple) else body


def part_of(
    ad: AdStamp,
    network: Network,
    connected: Mapping[Network, Any],
    venues: Mapping[Network, AccountContext],
) -> Money | None:
    """The network's part of an ad's day; None where the budget does not reach that far."""
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
    part = budgets.over_networks(ad.budget_daily.minor, least)[sharing.index(network)]
    return Money(part, currency) if part else None


def account_context(team_id: str, network: Network, outside: "Outside") -> AccountContext:
    """The team's account on a network, and all that a plan there is judged by."""
    connection = outside.store.connections.get(team_id, network)
    platform = outside.platform(team_id, network)
    account = platform.verify(connection.account_id)
    allowed = None
    facts = FACTS[network]
    if "interest" in facts.ways:
        listed = platform.lookup(
            "allowed_interests",
            {
                "account_id": account.account_id,
                "regulated_categories": ["EMPLOYMENT"],
                "regulated_countries": list(outside.countries),
            },
        )
        allowed = {c.label.casefold(): c.id for c in listed}
    ids = {facts.face: connection.platform_user_id} if facts.face else {}
    known: dict[str, Any] = {}

    def lookup(kind: str, query: Mapping[str, Any]) -> Any:
        """Each question once for all ads."""
        asked = f"{kind} {sorted(query.items())}"
        if asked not in known:
            known[asked] = platform.lookup(kind, query)
        return known[asked]

    return AccountContext(
        network,
        account,
        outside.policy,
        outside.now().date(),
        allowed=allowed,
        countries=tuple(outside.countries),
        lookup=lookup,
        ids=ids,
    )


def media_of(ad: JobAd, outside: "Outside", network: Network = DEFAULT_NETWORK) -> str:
    """The stored picture or video of an ad, fetched once. Without one a network that needs one
    gets the plain card, others a link in the text; some show text only."""
    facts = FACTS[network]
    if not facts.takes_pictures or not (ad.creative_asset_url or facts.needs_picture):
        return ""
    return outside.images.fetch(ad.creative_asset_url)


def _arms(job_ids: Sequence[str], team: Team, outside: "Outside") -> Mapping[str, list[Arm]]:
    arms: dict[str, list[Arm]] = defaultdict(list)
    rows = outside.warehouse.sql(
        "SELECT * FROM audience_primitives WHERE team_id = ? AND job_id IN (SELECT unnest(?)) "
        "ORDER BY job_id, rank",
        [str(team.id), list(job_ids)],
    )
    for row in rows.iter_rows(named=True):
        arms[row["job_id"]].append(arm_of(row))
    return arms


def arm_of(row: Mapping[str, Any]) -> Arm:
    """A row of audience_primitives as the record it was."""
    return Arm(
        row["arm"],
        row["rank"],
        row["score"],
        row["budget_share"],
        row["propensity"],
        Primitives.from_dict(json.loads(row["primitives"])),
        row["reason"],
        tuple(row["labels"]),
    )


def _stored(team_id: str, outside: "Outside") -> dict[tuple[str, ...], str]:
    """The fingerprint of every plan and refusal that is stored, by its key."""
    columns = f"{', '.join(PLACE)}, fingerprint"
    rows = outside.warehouse.sql(
        f"SELECT {columns} FROM audience_plans WHERE team_id = ? "
        f"UNION ALL SELECT {columns} FROM refused_plans WHERE team_id = ?",
        [team_id, team_id],
    )
    return {tuple(place): print_ for *place, print_ in rows.iter_rows()}


def _commits(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    """The tasks of ADS_A_COMMIT ads at a time; an ad's tasks stand together."""
    ads = [list(group) for _, group in groupby(tasks, key=lambda task: task.job_id)]
    for start in range(0, len(ads), ADS_A_COMMIT):
        yield [task for group in ads[start : start + ADS_A_COMMIT] for task in group]


def _frames(made: Iterable[CompileResult], now: datetime) -> dict[str, "pl.DataFrame"]:
    """The rows of each table of plans."""
    from resources.warehouse.tables import frame

    rows: dict[str, list[Row]] = {name: [] for name in PLANNED}
    for m in made:
        if m.ad is None:  # noted on the ad; a refusal would be of a version that nobody can read
            continue
        from_ = {"ad_version": m.ad.version, "fingerprint": m.task.fingerprint}
        if m.plan is None:
            named = dict(zip(PLACE, m.task.place, strict=True))
            rows["refused_plans"].append({**named, **from_, "reason": m.reason, "refused_at": now})
            continue
        currency = m.ad.budget_daily.currency
        rows["audience_plans"].append(plan_row(m.plan, **from_, currency=currency, compiled_at=now))
        rows["audience_plan_arms"] += arm_rows(m.plan)
    return {name: frame(found, name) for name, found in rows.items()}


def _places(places: Iterable[tuple[str, ...]]) -> "pl.DataFrame":
    import polars as pl

    return pl.DataFrame(list(places), schema=dict.fromkeys(PLACE, pl.String), orient="row")
