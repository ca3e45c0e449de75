"""From an ad and its arms to the plan that a person accepts: bodies, budgets and proof."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from assets.publishing.networks import bodies, copy
from assets.publishing.networks.ad_context import Brief
from assets.publishing.networks.registry import NETWORKS
from assets.publishing.networks.translator import ArmBrief
from assets.publishing.networks.truncation import TruncatedText, Truncator
from assets.publishing.planning import budgets
from assets.publishing.planning.lookups import Lookup, resolve
from assets.publishing.policy import Compiled, Policy, Subject, compile, lint
from domain.errors import InputError
from domain.job_ad import JobAd
from domain.money import Money
from domain.networks import FACTS
from domain.plan import Plan, PlannedArm, ProofLine
from domain.platform import Account, Network
from domain.primitives import BROAD, Arm

ALONE = "nothing lawful differs"


class Advertiser(Protocol):
    """What the law wants named on an ad in the European Union."""

    @property
    def dsa_payer(self) -> str | None: ...
    @property
    def dsa_beneficiary(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class AccountContext:
    """The account that a plan is for: `media` is "<sha256>.<extension>" of a stored file or "";
    `allowed` the account's interests for job ads, id by lower-case name, None if not known;
    `countries` hold where the ad names no place; `budget` is the account's part of the ad's day,
    None for the whole."""

    network: Network
    account: Account
    policy: Policy
    on: date
    media: str = ""
    allowed: Mapping[str, str] | None = None
    countries: tuple[str, ...] = ()
    lookup: Lookup | None = None
    budget: Money | None = None
    ids: Mapping[str, Any] = field(default_factory=dict)


def plan(job_ad: JobAd, arms: Sequence[Arm], *, team: Advertiser, venue: AccountContext) -> Plan:
    """Compile up to three segments and broad for one account.

    Segments that the budget cannot carry, or that differ from broad in nothing lawful, are left out
    and the plan's reason says so. Without a `venue.lookup` bodies keep their {"$lookup": …}."""
    read(job_ad, venue.policy)
    job_ad = replace(job_ad, budget_daily=venue.budget or job_ad.budget_daily)
    _same_currency(job_ad, venue.account)
    chosen, reason = _chosen(job_ad, arms, venue)
    compiled = [_compiled(a, venue) for a in chosen]
    countries = tuple(sorted({code for c in compiled for code in c.countries}))
    brief = Brief(
        job_ad,
        venue.account.account_id,
        venue.account.timezone,
        venue.media,
        countries,
        _place(compiled),
        dsa(team, countries, venue),
        {**venue.account.ids, **venue.ids},
    )
    money = budgets.split(job_ad.budget_daily.minor, [a.budget_share for a in chosen])
    planned = tuple(
        planned_arm(brief, arm, kept, compiled[-1], minor, venue.policy)[0]
        for arm, kept, minor in zip(chosen, compiled, money, strict=True)
    )
    return collapse(
        Plan(
            team_id=str(job_ad.team_id),
            job_id=str(job_ad.id),
            network=venue.network,
            account_id=venue.account.account_id,
            title=brief.title,
            shared=NETWORKS[venue.network].translator.shared(brief, compiled),
            arms=planned,
            reason=reason,
            open_ended=job_ad.schedule_end is None,
        ),
        job_ad,
    )


def read(job_ad: JobAd, policy: Policy) -> None:
    """PolicyRefusal when the words that would be shown shut people out."""
    lint(job_ad.title, policy.words, "title")
    lint(job_ad.description_short, policy.words, "description_short")


def _compiled(arm: Arm, venue: AccountContext) -> Compiled:
    """Where the ad names places, these say in which countries it is shown."""
    places = (venue.policy.places.get(f.id) for f in arm.primitives.locations)
    named = tuple(sorted({p.country for p in places if p}))
    subject = Subject(
        venue.network,
        arm.primitives,
        named or venue.countries,
        venue.on,
        broad=arm.arm == BROAD,
        allowed=venue.allowed,
    )
    compiled = compile(subject, venue.policy)
    return resolve(compiled, venue.lookup) if venue.lookup else compiled


def _place(compiled: Sequence[Compiled]) -> str:
    return next((t.label for c in compiled for t in c.targets if t.kind == "city"), "")


def _chosen(job_ad: JobAd, arms: Sequence[Arm], venue: AccountContext) -> tuple[list[Arm], str]:
    """The leading segments that the budget carries, then broad."""
    broad = [a for a in arms if a.arm == BROAD]
    if len(broad) != 1:
        raise InputError(f"an ad needs exactly one arm named {BROAD!r}, got {len(broad)}")
    segments = sorted((a for a in arms if a.arm != BROAD), key=lambda a: a.rank)
    shares = [a.budget_share for a in (*segments, *broad)]
    least = venue.account.minimum_daily_minor
    kept = budgets.affordable(job_ad.budget_daily.minor, shares, least)
    if not FACTS[venue.network].arm_budget:
        kept = len(segments)  # ad groups draw on one budget
    reason = "" if segments else broad[0].reason
    if kept < len(segments):
        reason = f"the budget carries {kept} of {len(segments)} segments at {least} each a day"
    return [*segments[:kept], *broad], reason


def planned_arm(
    brief: Brief, arm: Arm, kept: Compiled, broad: Compiled, minor: int, policy: Policy
) -> tuple[PlannedArm, list[TruncatedText]]:
    """The arm's bodies with proof, and which texts were shortened for them."""
    shared = {fact.id for fact in broad.facts}
    own = [f for f in kept.facts if f.id in shared]
    extra = [f for f in kept.facts if f.id not in shared]
    words = copy.write(brief.job_ad.title, brief.job_ad.description_short, own, extra)
    fitter = Truncator(brief.place)
    its = ArmBrief(arm.arm, kept, words, minor, fitter, policy.words)
    made = NETWORKS[kept.network].translator.arm(brief, its)
    text = json.dumps(made, ensure_ascii=False).casefold()
    proof = (*(_said(line, text) for line in kept.proof), *_constants(kept, words, fitter.fitted))
    return PlannedArm(arm.arm, arm.budget_share, arm.propensity, made, proof), fitter.fitted


def _said(line: ProofLine, text: str) -> ProofLine:
    """A fact that the text might say, and does not, ends nowhere: its line says so."""
    if line.target != "text" or line.label.casefold() in text:
        return line
    return replace(line, fate="drop", target="", reason=f"{line.reason}; not printed either")


def _constants(
    kept: Compiled, words: copy.Copy, fitted: Sequence[TruncatedText]
) -> list[ProofLine]:
    """What every job ad carries on this network, and what was shortened or may be cut."""
    source = "the network's contract"
    translator, rule = NETWORKS[kept.network].translator, f"{kept.network}-constant"
    lines = [
        ProofLine("constant", c.name, c.value, "keep", c.kind, rule, source, c.reason)
        for c in translator.constants
    ]
    notes = [(f.text, f"{f.how}, from {f.before} to {f.after}") for f in fitted]
    notes += translator.warnings(words)
    return lines + [
        ProofLine("text", name, name, "rewrite", "text", f"{kept.network}-length", source, why)
        for name, why in notes
    ]


def dsa(team: Advertiser, countries: Sequence[str], venue: AccountContext) -> dict[str, Any]:
    """Payer and beneficiary where the ad itself must say them; elsewhere the network knows its
    advertiser."""
    payor, beneficiary = team.dsa_payer, team.dsa_beneficiary
    if not FACTS[venue.network].names_payer:
        return {}
    if payor and beneficiary:
        return {"dsa_payor": payor, "dsa_beneficiary": beneficiary}
    needed = sorted(venue.policy.rules.groups["eu"] & set(countries))
    if needed:
        raise InputError(
            f"an ad in {', '.join(needed)} must name who pays and who benefits (DSA, Article 26)",
            where="team",
            mend="set the team's dsa_payer and dsa_beneficiary",
        )
    return {}


def _same_currency(job_ad: JobAd, account: Account) -> None:
    if job_ad.budget_daily.currency != account.currency:
        raise InputError(
            f"budget_daily is in {job_ad.budget_daily.currency}, account {account.account_id} "
            f"in {account.currency}",
            where="budget_daily",
            mend=f"give the budget in {account.currency}",
        )


def collapse(whole: Plan, job_ad: JobAd) -> Plan:
    """Without segments whose bodies equal an earlier arm's but for names and money; their budget
    goes to the arms that stay, so that the sum is untouched."""
    ranked = sorted(whole.arms, key=lambda a: a.arm != BROAD)
    kept: dict[str, PlannedArm] = {}
    for arm in ranked:
        plain = bodies.without_arm_names(arm.bodies, whole.network)
        kept.setdefault(json.dumps(plain, sort_keys=True), arm)
    if len(kept) == len(whole.arms):
        return whole
    names = {a.arm for a in kept.values()}
    left_out = [a.arm for a in whole.arms if a.arm not in names]
    note = ALONE if names == {BROAD} else f"{ALONE}: {', '.join(left_out)}"
    staying = [arm for arm in whole.arms if arm.arm in names]
    budget = job_ad.budget_daily
    money = budgets.split(budget.minor, [arm.budget_share for arm in staying])
    shares = sum(arm.budget_share for arm in staying)
    arms = tuple(
        replace(
            arm,
            budget_share=round(arm.budget_share / shares, 6),
            bodies=bodies.with_money(arm.bodies, whole.network, minor, budget.currency),
        )
        for arm, minor in zip(staying, money, strict=True)
    )
    reason = "; ".join(part for part in (whole.reason, note) if part)
    return replace(whole, arms=arms, reason=reason)


def differences(whole: Plan) -> list[tuple[str, dict[str, Any]]]:
    """(path, value by arm) of every field in which the plan's arms lawfully differ.

    >>> from domain.plan import PlannedArm
    >>> def arm(name, text):
    ...     bodies = {"adset": {"daily_budget": 500}, "creative": {"text": text}}
    ...     return PlannedArm(name, 0.5, 1.0, bodies)
    >>> arms = (arm("nurses", "Triage"), arm("broad", "Work"))
    >>> differences(Plan("t1", "ad1", Network.META, "act_7", "Nurse", {}, arms))
    [('creative.text', {'nurses': 'Triage', 'broad': 'Work'})]
    """
    flat = {
        arm.arm: dict(_leaves("", bodies.without_arm_names(arm.bodies, whole.network)))
        for arm in whole.arms
    }
    paths = sorted({path for leaves in flat.values() for path in leaves})
    found = [(path, {arm: leaves.get(path) for arm, leaves in flat.items()}) for path in paths]
    return [(p, values) for p, values in found if len({json.dumps(v) for v in values.values()}) > 1]


def _leaves(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping) and not any(k.startswith("$") for k in value):
        return [leaf for k, v in value.items() for leaf in _leaves(f"{path}.{k}".lstrip("."), v)]
    return [(path, value)]
