"""From an ad and its arms to the plan that a person accepts: bodies, budgets and proof."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol
from urllib.parse import parse_qsl

from assets.publishing import budgets, copy, meta, policy
from assets.publishing.policy import Compiled, Place, Rules
from domain.errors import InputError
from domain.job_ad import JobAd
from domain.plan import Bodies, Plan, PlannedArm, ProofLine
from domain.platform import Account
from domain.primitives import BROAD, Arm

MOST_SEGMENTS = 3
ALONE = "nothing lawful differs"


class Advertiser(Protocol):
    """What the law wants named on an ad in the European Union."""

    @property
    def dsa_payer(self) -> str | None: ...
    @property
    def dsa_beneficiary(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class _Facts:
    """All that the arms of one plan share."""

    job_ad: JobAd
    rules: Rules
    account: Account
    page_id: str
    dsa: Mapping[str, str]


def plan(
    job_ad: JobAd,
    arms: Sequence[Arm],
    *,
    team: Advertiser,
    account: Account,
    page_id: str,
    image: str,
    tables: Mapping[str, Any],
    places: Mapping[str, Place],
    on_date: date,
    countries: Sequence[str] = (),
) -> Plan:
    """Compile up to three segments and broad for one account of Meta.

    `image` is "<sha256>.<extension>" of a stored image; `tables` the parsed policy; `places` the
    gazetteer by id; `countries` hold where the ad names no place. Segments that the budget cannot
    carry, or that differ from broad in nothing lawful, are left out and the plan's reason says so.
    """
    if image.endswith(".mp4"):
        raise InputError(
            "a video cannot be posted to Meta yet", where="creative_asset_url", mend="give an image"
        )
    rules = policy.version(tables, on_date)
    copy.lint(job_ad.title, job_ad.description_short, rules)
    _same_currency(job_ad, account)
    chosen, reason = _chosen(job_ad, arms, account)
    compiled = [
        policy.compile(
            a.primitives, rules=rules, countries=countries, places=places, broad=a.arm == BROAD
        )
        for a in chosen
    ]
    targeted = sorted({code for c in compiled for code in c.countries})
    facts = _Facts(job_ad, rules, account, page_id, _dsa(team, targeted, rules))
    money = budgets.split(job_ad.budget_daily.minor, [a.budget_share for a in chosen])
    planned = tuple(
        _arm(facts, arm, kept, compiled[-1], minor)
        for arm, kept, minor in zip(chosen, compiled, money, strict=True)
    )
    whole = Plan(
        team_id=str(job_ad.team_id), job_id=str(job_ad.id), network=rules.network,
        account_id=account.account_id, title=" ".join(job_ad.title.split()),
        shared={"image": meta.image(image), "campaign": meta.campaign(targeted, rules)},
        arms=planned, reason=reason,
    )  # fmt: skip
    return collapse(whole)


def _chosen(job_ad: JobAd, arms: Sequence[Arm], account: Account) -> tuple[list[Arm], str]:
    """The leading segments that the budget carries, then broad."""
    broad = [a for a in arms if a.arm == BROAD]
    if len(broad) != 1:
        raise InputError(f"an ad needs exactly one arm named {BROAD!r}, got {len(broad)}")
    segments = sorted((a for a in arms if a.arm != BROAD), key=lambda a: a.rank)[:MOST_SEGMENTS]
    shares = [a.budget_share for a in (*segments, *broad)]
    kept = budgets.affordable(job_ad.budget_daily.minor, shares, account.minimum_daily_minor)
    reason = "" if segments else broad[0].reason
    if kept < len(segments):
        least = account.minimum_daily_minor
        reason = f"the budget carries {kept} of {len(segments)} segments at {least} each a day"
    return [*segments[:kept], *broad], reason


def _arm(facts: _Facts, arm: Arm, kept: Compiled, broad: Compiled, minor: int) -> PlannedArm:
    shared = {fact.id for fact in broad.facts}
    own = [f for f in kept.facts if f.id in shared]
    extra = [f for f in kept.facts if f.id not in shared]
    words = copy.write(facts.job_ad.title, facts.job_ad.description_short, own, extra)
    bodies = {
        "adset": meta.adset(
            facts.job_ad, kept, account_id=facts.account.account_id, budget_minor=minor,
            dsa=facts.dsa,
        ),
        "creative": meta.creative(
            facts.job_ad, words, page_id=facts.page_id, arm=arm.arm, rules=facts.rules
        ),
        "ad": meta.ad(),
    }  # fmt: skip
    proof = (*(_printed(line, words) for line in kept.proof), *_constants(facts, words))
    return PlannedArm(arm.arm, arm.budget_share, arm.propensity, bodies, proof)


def _printed(line: ProofLine, words: copy.Copy) -> ProofLine:
    """A fact that copy might say, and did not, ends nowhere: its line says so."""
    text = f"{words.headline}\n{words.primary}".casefold()
    if line.verdict != "copy" or line.target != "creative" or line.label.casefold() in text:
        return line
    return replace(line, verdict="dropped", target="", why=f"{line.why}; not printed either")


def _constants(facts: _Facts, words: copy.Copy) -> list[ProofLine]:
    rules = facts.rules

    def line(name: str, fact: str, target: str, why: str) -> ProofLine:
        return ProofLine(name, fact, fact, "constant", target, rules.id, why)

    return [
        line("category", rules.category, "campaign.special_ad_categories", rules.source),
        line("audience", "advantage_audience=0", "adset.targeting", "no automatic widening"),
        *(line(f"copy.{name}", name, "creative", why) for name, why in copy.warnings(words, rules)),
    ]


def _dsa(team: Advertiser, countries: Sequence[str], rules: Rules) -> dict[str, str]:
    payor, beneficiary = team.dsa_payer, team.dsa_beneficiary
    if payor and beneficiary:
        return {"dsa_payor": payor, "dsa_beneficiary": beneficiary}
    needed = sorted(rules.regions["dsa"] & set(countries))
    if needed:
        raise InputError(
            f"an ad in {', '.join(needed)} must name who pays and who benefits (DSA, Article 26)",
            where="team", mend="set the team's dsa_payer and dsa_beneficiary",
        )  # fmt: skip
    return {}


def _same_currency(job_ad: JobAd, account: Account) -> None:
    if job_ad.budget_daily.currency != account.currency:
        raise InputError(
            f"budget_daily is in {job_ad.budget_daily.currency}, account {account.account_id} "
            f"in {account.currency}",
            where="budget_daily", mend=f"give the budget in {account.currency}",
        )  # fmt: skip


def collapse(whole: Plan) -> Plan:
    """Without segments whose bodies equal an earlier arm's but for names and money; their budget
    goes to the arms that stay, so that the sum is untouched."""
    ranked = sorted(whole.arms, key=lambda a: a.arm != BROAD)
    kept: dict[str, PlannedArm] = {}
    for arm in ranked:
        kept.setdefault(json.dumps(_nameless(arm.bodies), sort_keys=True), arm)
    if len(kept) == len(whole.arms):
        return whole
    names = {a.arm for a in kept.values()}
    left_out = [a.arm for a in whole.arms if a.arm not in names]
    note = ALONE if names == {BROAD} else f"{ALONE}: {', '.join(left_out)}"
    return share_out(whole, names, note)


def share_out(whole: Plan, names: set[str], note: str) -> Plan:
    """The plan with the arms in `names` only, their budgets split anew by their shares."""
    total = sum(arm.bodies["adset"]["daily_budget"] for arm in whole.arms)
    staying = [arm for arm in whole.arms if arm.arm in names]
    money = budgets.split(total, [arm.budget_share for arm in staying])
    shares = sum(arm.budget_share for arm in staying)
    arms = tuple(
        replace(
            arm,
            budget_share=round(arm.budget_share / shares, 6),
            bodies={**arm.bodies, "adset": {**arm.bodies["adset"], "daily_budget": minor}},
        )
        for arm, minor in zip(staying, money, strict=True)
    )
    reason = "; ".join(part for part in (whole.reason, note) if part)
    return replace(whole, arms=arms, reason=reason)


def _nameless(bodies: Bodies) -> dict[str, Any]:
    """Bodies without what only tells arms apart: the budget and the arm's name in the link."""
    adset = {k: v for k, v in bodies["adset"].items() if k != "daily_budget"}
    creative = dict(bodies["creative"])
    tags = parse_qsl(creative.pop("url_tags"))
    creative["url_tags"] = [pair for pair in tags if pair[0] != "utm_content"]
    return {"adset": adset, "creative": creative, "ad": bodies["ad"]}


def differences(whole: Plan) -> list[tuple[str, dict[str, Any]]]:
    """(path, value by arm) of every field in which the plan's arms lawfully differ."""
    flat = {arm.arm: dict(_leaves("", _nameless(arm.bodies))) for arm in whole.arms}
    paths = sorted({path for leaves in flat.values() for path in leaves})
    found = [(path, {arm: leaves.get(path) for arm, leaves in flat.items()}) for path in paths]
    return [(p, values) for p, values in found if len({json.dumps(v) for v in values.values()}) > 1]


def _leaves(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping) and not any(k.startswith("$") for k in value):
        return [leaf for k, v in value.items() for leaf in _leaves(f"{path}.{k}".lstrip("."), v)]
    return [(path, value)]
