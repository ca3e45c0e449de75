"""Names become the network's own ids before a person accepts a plan, and each choice is kept.

A place that the network does not know widens to its country; an interest that it does not list for
job ads is left out. What is accepted is therefore concrete.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assets.publishing.plans import collapse
from domain.plan import Plan, PlannedArm, ProofLine, Verdict
from domain.platform import Candidate

Lookup = Callable[[str, Mapping[str, Any]], Sequence[Candidate]]

_ASIDE = re.compile(r"\s*\([^)]*\)\s*$")


def resolve(plan: Plan, lookup: Lookup) -> Plan:
    """The plan with every $lookup answered by `lookup(kind, query)` or removed, with proof; arms
    that are equal afterwards become one."""
    memory: dict[str, tuple[Candidate | None, int]] = {}

    def choose(kind: str, query: Mapping[str, Any]) -> tuple[Candidate | None, int]:
        key = f"{kind} {sorted(query.items())}"
        if key not in memory:
            candidates = lookup(kind, query)
            memory[key] = (_best(kind, query, candidates), len(candidates))
        return memory[key]

    arms = tuple(_arm(arm, choose) for arm in plan.arms)
    return collapse(replace(plan, arms=arms))


def _best(kind: str, query: Mapping[str, Any], candidates: Sequence[Candidate]) -> Candidate | None:
    """The first candidate that carries the very name, and for a place the country and region too:
    a near match could be another town or another trade."""
    wanted = str(query["q"]).casefold()
    for candidate in candidates:
        if _ASIDE.sub("", candidate.label).casefold() != wanted:
            continue
        if kind == "interest" or _same_place(query, candidate):
            return candidate
    return None


def _same_place(query: Mapping[str, Any], candidate: Candidate) -> bool:
    fields = candidate.fields
    if fields.get("country_code", query["country_code"]) != query["country_code"]:
        return False
    if candidate.kind not in query["location_types"]:
        return False
    wanted = query.get("region")
    return wanted is None or str(fields.get("region", "")).casefold() == str(wanted).casefold()


Choose = Callable[[str, Mapping[str, Any]], tuple[Candidate | None, int]]


def _arm(arm: PlannedArm, choose: Choose) -> PlannedArm:
    adset = dict(arm.bodies["adset"])
    said: dict[tuple[str, str], tuple[Candidate | None, int]] = {}

    def ask(kind: str, query: Mapping[str, Any]) -> Candidate | None:
        said[kind, str(query["q"])] = answer = choose(kind, query)
        return answer[0]

    targeting = dict(adset["targeting"])
    targeting["geo_locations"] = _geo(targeting["geo_locations"], ask)
    interests = _interests(targeting.pop("flexible_spec", []), ask)
    if interests:
        targeting["flexible_spec"] = [{"interests": interests}]
    adset["targeting"] = targeting
    text = str(arm.bodies["creative"]).casefold()
    proof = tuple(_said(line, said, text) for line in arm.proof)
    return replace(arm, bodies={**arm.bodies, "adset": adset}, proof=proof)


Ask = Callable[[str, Mapping[str, Any]], Candidate | None]


def _geo(geo: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    countries = set(geo.get("countries", ()))
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for edge in ("regions", "cities"):
        for entry in geo.get(edge, ()):
            query = entry["key"]["$lookup"]["query"]
            best, country = ask("geolocation", query), query["country_code"]
            if best is None:
                countries.add(country)
            else:
                found.setdefault(edge, []).append((country, {**entry, "key": best.id}))
    # A whole country would overlap with its own towns, which the network refuses.
    narrow = {e: [v for code, v in pairs if code not in countries] for e, pairs in found.items()}
    whole = {"countries": sorted(countries)} if countries else {}
    return {**whole, **{edge: values for edge, values in narrow.items() if values}}


def _interests(spec: Sequence[Mapping[str, Any]], ask: Ask) -> list[dict[str, Any]]:
    queries = [e["id"]["$lookup"]["query"] for clause in spec for e in clause["interests"]]
    chosen = [best.id for query in queries if (best := ask("interest", query))]
    return [{"id": id_} for id_ in dict.fromkeys(chosen)]


def _said(
    line: ProofLine, said: Mapping[tuple[str, str], tuple[Candidate | None, int]], text: str
) -> ProofLine:
    """The proof line of a fact after its lookup: what was chosen, or what became of it instead."""
    kind = "geolocation" if line.field == "locations" else "interest"
    if line.verdict != "targeted" or (kind, line.label) not in said:
        return line
    best, many = said[kind, line.label]
    if best is not None:
        return replace(line, why=f"{line.why}; {best.label!r} is {best.id}, of {many} candidates")
    missing = f"none of {many} candidates has this very name"
    if kind == "geolocation":
        whole = "adset.targeting.geo_locations.countries"
        return replace(line, target=whole, why=f"{missing}: its whole country instead")
    spoken = line.label.casefold() in text
    verdict: Verdict = "copy" if spoken else "dropped"
    return replace(line, verdict=verdict, target="creative" if spoken else "", why=missing)
