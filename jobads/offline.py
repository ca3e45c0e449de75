"""Compiling without database or network: one JSON object in, one JSON object out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from assets.publishing import payload_validator
from assets.publishing.networks.ad_context import Brief
from assets.publishing.networks.registry import NETWORKS
from assets.publishing.planning.plan_compiler import planned_arm, read
from assets.publishing.policy import Policy, Subject, compile
from assets.publishing.posting import object_names
from domain.errors import InputError, JobadsError
from domain.job_ad import JobAd
from domain.money import Money
from domain.networks import FACTS
from domain.plan import SHARED, Plan, ProofLine
from domain.platform import Network
from domain.primitives import BROAD, Arm, Primitives
from resources.files.job_ads import parse
from resources.operations.records import Team

NOBODY = UUID(int=0)
GIVEN = ("industries", "skills_keywords", "locations", "seniority", "occupation")
_KNOWN = frozenset({"id", "label", "score", "source", "evidence"})
ACCOUNT = "0"
"""Stands where a payload would name the account."""


@dataclass(frozen=True, slots=True)
class Offline:
    """What every line of one run is compiled for. `allowed` is the account's own list of interests
    for job ads, id by lower-case name, or None."""

    network: Network
    countries: tuple[str, ...]
    on: date
    policy: Policy
    allowed: Mapping[str, str] | None = None
    account_id: str = ""
    timezone: str = "UTC"

    def line(self, text: str) -> dict[str, Any]:
        """{"payload", "proof", "fitted", "error"}; payload is None when there is an error."""
        empty: dict[str, Any] = {"payload": None, "proof": [], "fitted": [], "error": None}
        try:
            made = self.compiled(_object(text))
            self.check(made["payload"])
            return {**empty, **made}
        except JobadsError as error:
            return {**empty, "error": str(error)}
        except (ArithmeticError, RecursionError, TypeError, ValueError) as error:
            # Whatever a line holds, the lines after it are compiled.
            return {**empty, "error": f"line: cannot be compiled ({type(error).__name__})"}

    def compiled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Payload, proof and fitted texts, which the second checker has not seen yet."""
        job_ad = job(given.get("job"), self.network, self.on)
        read(job_ad, self.policy)
        primitives, others = facts(given.get("primitives"))
        broad = given.get("template") == BROAD
        subject = Subject(
            self.network, primitives, self.countries, self.on, broad, others, self.allowed
        )
        compiled = compile(subject, self.policy)
        place = next((t.label for t in compiled.targets if t.kind == "city"), "")
        account = self.account_id or FACTS[self.network].account_id(ACCOUNT)
        brief = Brief(
            job_ad,
            account,
            self.timezone,
            "",
            compiled.countries,
            place,
            self._dsa(given["job"], compiled.countries),
        )
        arm = Arm(BROAD if broad else "segment", 1, 1.0, 1.0, 1.0, primitives)
        minor = job_ad.budget_daily.minor
        made, fitted = planned_arm(brief, arm, compiled, compiled, minor, self.policy)
        plan = Plan(
            str(NOBODY),
            str(job_ad.id),
            self.network,
            account,
            brief.title,
            NETWORKS[self.network].translator.shared(brief, [compiled]),
            (made,),
        )
        return {
            "payload": self._payload(plan, made.arm),
            "proof": [shown(line) for line in made.proof],
            "fitted": [asdict(f) for f in fitted],
        }

    def check(self, payload: Mapping[str, Any]) -> None:
        """PolicyRefusal when the second checker does not agree."""
        for kind, body in payload.items():
            if kind == "targeting_criteria":
                kind, body = "targeting", {"operations": body}
            payload_validator.check(self.network, kind, body, resolved=False)

    def _payload(self, plan: Plan, arm: str) -> dict[str, Any]:
        """Bodies by kind, in the form in which the network's translator prints them."""
        found = {
            kind: object_names.exact(plan, slot, kind, {})
            for slot in (SHARED, arm)
            for kind in plan.bodies(slot)
        }
        return NETWORKS[self.network].translator.printed(plan.account_id, found)

    def _dsa(self, given: Mapping[str, Any], countries: tuple[str, ...]) -> dict[str, Any]:
        """Payer and beneficiary as the job names them, else the account's own defaults."""
        if not FACTS[self.network].names_payer:
            return {}
        needed = bool(self.policy.rules.groups["eu"] & set(countries))
        found = {}
        for field, key in (("dsa_payor", "dsa_payer"), ("dsa_beneficiary", "dsa_beneficiary")):
            query = {"field": f"default_{field}"}
            default = {"$lookup": {"network": str(self.network), "kind": "account", "query": query}}
            value = given.get(key) or (default if needed else None)
            if value:
                found[field] = value if isinstance(value, Mapping) else str(value)
        return found


def shown(line: ProofLine) -> dict[str, Any]:
    """A proof line in the words of the command's output."""
    return {
        "primitive": line.fact,
        "field": line.field,
        "label": line.label,
        "fate": line.fate,
        "target": line.target,
        "rule": line.rule,
        "source": line.source,
        "reason": line.reason,
    }


def job(given: Any, network: Network, on: date) -> JobAd:
    """A job ad from JSON fields; InputError names every field that is wrong."""
    if not isinstance(given, Mapping):
        raise InputError("is no object", where="job", mend='write {"job": {…}, "primitives": {…}}')
    row = {k: _text(v) for k, v in given.items() if not isinstance(v, Mapping)}
    row.setdefault("platforms", str(network))
    if isinstance(given.get("platforms"), list):
        row["platforms"] = ",".join(map(str, given["platforms"]))
    row["budget_daily"], row["currency"] = _budget(given)
    row.setdefault("schedule_start", datetime.combine(on, time(), UTC).isoformat())
    row.setdefault("description_short", row.get("title", ""))
    for name in ("target_url", "location", "title"):
        row.setdefault(name, "")
    team = Team(NOBODY, "offline", "", row["currency"])
    parsed = parse(row, team, user_id=NOBODY, now=datetime.combine(on, time(), UTC))
    if isinstance(parsed, list):
        raise InputError("; ".join(f"{f} {rule}" for f, rule in parsed), where="job")
    return parsed


def _budget(given: Mapping[str, Any]) -> tuple[str, str]:
    """An amount of major units and its currency. Whole numbers are minor units, texts major."""
    value = given.get("budget_daily", given.get("budget_daily_minor"))
    currency = str(given.get("currency") or given.get("budget_currency") or "USD")
    if isinstance(value, Mapping):
        currency = str(value.get("currency") or currency)
        value = value.get("minor", value.get("amount"))
    if type(value) is int:
        amount, _, code = str(Money(value, currency.upper())).partition(" ")
        return amount, code
    return _text(value), currency


def facts(given: Any) -> tuple[Primitives, dict[str, Any]]:
    """Primitives, and every field among them that is none of ours: rules will judge these too."""
    if not isinstance(given, Mapping):
        raise InputError("is no object", where="primitives")
    others = {k: v for k, v in given.items() if k not in GIVEN}
    for name in GIVEN:
        held = given.get(name) or []
        for fact in [held] if isinstance(held, Mapping) else held:
            if not isinstance(fact, Mapping):
                raise InputError(f"{fact!r:.60} is no object", where=f"primitives.{name}")
            others |= {f"{name}.{k}": v for k, v in fact.items() if k not in _KNOWN}
    try:
        return Primitives.from_dict({k: given[k] for k in GIVEN if k in given}), others
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{type(error).__name__}: {error}",
            where="primitives",
            mend="write them as in audiences.jsonl",
        ) from None


def _object(text: str) -> Mapping[str, Any]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise InputError(f"is no JSON: {error}", where="line") from None
    if not isinstance(given, Mapping):
        raise InputError("is no object", where="line", mend='write {"job": {…}, "primitives": {…}}')
    return given


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def interests(text: str) -> dict[str, str]:
    """A stored allow-list, [{"id", "name"}, …] or the network's own answer, as id by name.

    >>> interests('[{"id": "6003", "name": "Nursing"}]')
    {'nursing': '6003'}
    """
    try:
        data = json.loads(text)
        rows = data["data"] if isinstance(data, Mapping) else data
        return {str(r["name"]).casefold(): str(r["id"]) for r in rows}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"is no list of interests: {error!r}",
            where="--interests",
            mend='write [{"id": "600…", "name": "Nursing"}, …]',
        ) from None
