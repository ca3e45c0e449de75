"""Names become the network's own ids before a person accepts a plan, and each choice is kept.

A place that the network does not know widens to its country; an interest that it does not list for
job ads is left out. What is accepted is therefore concrete.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assets.publishing.plans import collapse
from domain.plan import Plan, PlannedArm, ProofLine
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
    lines: list[ProofLine] = []
    targeting = dict(adset["targeting"])
    targeting["geo_locations"] = _geo(targeting["geo_locations"], choose, lines)
    interests = _interests(targeting.pop("flexible_spec", []), choose, lines)
    if interests:
        targeting["flexible_spec"] = [{"interests": interests}]
    adset["targeting"] = targeting
    return replace(arm, bodies={**arm.bodies, "adset": adset}, proof=(*arm.proof, *lines))


def _geo(geo: Mapping[str, Any], choose: Choose, lines: list[ProofLine]) -> dict[str, Any]:
    countries = set(geo.get("countries", ()))
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for edge in ("regions", "cities"):
        for entry in geo.get(edge, ()):
            query = entry["key"]["$lookup"]["query"]
            best, many = choose("geolocation", query)
            lines.append(_line("locations", query, best, many, f"geo_locations.{edge}"))
            if best is None:
                countries.add(query["country_code"])
            else:
                found.setdefault(edge, []).append(
                    (query["country_code"], {**entry, "key": best.id})
                )
    # A whole country would overlap with its own towns, which the network refuses.
    narrow = {e: [v for code, v in pairs if code not in countries] for e, pairs in found.items()}
    whole = {"countries": sorted(countries)} if countries else {}
    return {**whole, **{edge: values for edge, values in narrow.items() if values}}


def _interests(
    spec: Sequence[Mapping[str, Any]], choose: Choose, lines: list[ProofLine]
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for clause in spec:
        for entry in clause["interests"]:
            query = entry["id"]["$lookup"]["query"]
            best, many = choose("interest", query)
            lines.append(_line("interests", query, best, many, "flexible_spec"))
            if best is not None:
                found[best.id] = {"id": best.id}
    return list(found.values())


def _line(
    field: str, query: Mapping[str, Any], best: Candidate | None, many: int, edge: str
) -> ProofLine:
    asked = str(query["q"])
    rule = "lookup.exact_name"
    if best is None:
        why = f"none of {many} candidates has this very name"
        why += ": the whole country instead" if field == "locations" else ": left out"
        return ProofLine(field, asked, asked, "dropped", "", rule, why)
    why = f"{best.id}, chosen among {many} candidates"
    return ProofLine(field, best.id, best.label, "targeted", f"adset.targeting.{edge}", rule, why)
