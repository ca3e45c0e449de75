"""Which facts a network may target, which only its text may say, and which it never learns.

Rules come from dated tables (`taxonomy/policy/<network>.yaml`), never from an ad: what no table
allows is dropped. Every fact leaves one proof line.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from domain.errors import InputError
from domain.plan import ProofLine, Verdict
from domain.platform import Network
from domain.primitives import Primitive, Primitives

_COUNTRY = re.compile(r"[A-Z]{2}")


class Place(Protocol):
    """What the gazetteer knows of a place: `kind` is city, region or country."""

    @property
    def label(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def region(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of a network's table; `fields` maps a primitive's field to its rule."""

    network: Network
    id: str
    source: str
    category: str
    fields: Mapping[str, Mapping[str, Any]]
    geo: Mapping[str, Any]
    interest: re.Pattern[str]
    text: Mapping[str, int]
    opt_out: tuple[str, ...]
    regions: Mapping[str, frozenset[str]]
    traits: re.Pattern[str]
    refused: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A place to show the ad in: `kind` is city, region or country; radius only for cities.

    `region` is the gazetteer's code and `region_label` its name, where it knows one."""

    kind: str
    label: str
    country: str
    region: str = ""
    region_label: str = ""
    radius_km: int = 0


@dataclass(frozen=True, slots=True)
class Compiled:
    """What survives: targets, candidate interests, facts that copy may say, and the proof."""

    targets: tuple[Target, ...]
    interests: tuple[tuple[str, Primitive], ...]  # (field, fact)
    facts: tuple[Primitive, ...]
    countries: tuple[str, ...]
    proof: tuple[ProofLine, ...]


@dataclass(slots=True)
class _Draft:
    rules: Rules
    targets: list[Target] = field(default_factory=list)
    interests: list[tuple[str, Primitive]] = field(default_factory=list)
    facts: list[Primitive] = field(default_factory=list)
    proof: list[ProofLine] = field(default_factory=list)

    def note(self, name: str, fact: Primitive, verdict: Verdict, target: str, why: str) -> None:
        line = ProofLine(name, fact.id, fact.label, verdict, target, self.rules.id, why)
        self.proof.append(line)


def compile(
    primitives: Primitives,
    *,
    rules: Rules,
    countries: Sequence[str],
    places: Mapping[str, Place],
    broad: bool,
) -> Compiled:
    """Sort the facts of one arm. `countries` (ISO 3166) hold where the facts name no place;
    `places` explains the ids of locations. A broad arm targets nothing but place."""
    draft = _Draft(rules)
    _places(draft, primitives.locations, countries, places)
    levels = (primitives.seniority,) if primitives.seniority else ()
    for name, facts in (
        ("skills_keywords", primitives.skills_keywords),
        ("industries", primitives.industries),
        ("seniority", levels),
    ):
        for fact in facts:
            _fact(draft, name, fact, broad=broad)
    return Compiled(
        tuple(draft.targets), tuple(draft.interests), tuple(draft.facts),
        tuple(sorted({t.country for t in draft.targets})), tuple(draft.proof),
    )  # fmt: skip


def _fact(draft: _Draft, name: str, fact: Primitive, *, broad: bool) -> None:
    rules = draft.rules
    rule = rules.fields.get(name, {})
    if rules.traits.search(fact.label) or any(rules.traits.search(e.text) for e in fact.evidence):
        draft.note(name, fact, "dropped", "", "stands for a protected trait")
        return
    spoken = fact.source == "text" and rule.get("use") in ("copy", "interest")
    if spoken:
        draft.facts.append(fact)
    left = rule.get("most", 0) - sum(1 for n, _ in draft.interests if n == name)
    if rule.get("use") == "interest" and not broad and left > 0:
        if rules.interest.fullmatch(fact.label):
            draft.interests.append((name, fact))
            draft.note(name, fact, "targeted", "adset.targeting.flexible_spec", rule["why"])
            return
        draft.note(name, fact, "dropped", "", "its label is no plain name")
        return
    if spoken:
        draft.note(name, fact, "copy", "creative", _why_not(rule, broad))
    else:
        draft.note(name, fact, "dropped", "", f"{fact.source}: {_why_not(rule, broad)}")


def _why_not(rule: Mapping[str, Any], broad: bool) -> str:
    """Why a fact is no target."""
    if not rule:
        return "no rule allows this field"
    if rule.get("use") != "interest":
        return str(rule["why"])
    return "broad targets nothing but place" if broad else f"beyond the first {rule['most']}"


def _places(
    draft: _Draft, facts: Sequence[Primitive], countries: Sequence[str], known: Mapping[str, Place]
) -> None:
    geo = draft.rules.geo
    allowed = draft.rules.fields.get("locations", {}).get("use") == "geo"
    for fact in facts:
        place = known.get(fact.id)
        if fact.id == "remote":
            draft.note("locations", fact, "copy", "", "remote work: shown in whole countries")
        elif not allowed or place is None or place.kind not in geo["kinds"]:
            draft.note("locations", fact, "dropped", "", "no allowed kind of place")
        elif len(draft.targets) >= geo["most"]:
            draft.note("locations", fact, "dropped", "", f"more than {geo['most']} places")
        else:
            draft.targets.append(_target(place, draft.rules, known))
            path = f"adset.targeting.geo_locations.{geo['kinds'][place.kind]}"
            draft.note("locations", fact, "targeted", path, _why_place(draft))
    if any(f.id == "remote" for f in facts):
        countries = sorted({t.country for t in draft.targets}) or countries
        draft.targets.clear()
    if not draft.targets:
        _whole(draft, countries)
    draft.targets[:] = _disjoint(draft.targets)


def _why_place(draft: _Draft) -> str:
    target = draft.targets[-1]
    why = str(draft.rules.fields["locations"]["why"])
    return f"within {target.radius_km} km; {why}" if target.radius_km else why


def _whole(draft: _Draft, countries: Sequence[str]) -> None:
    if not countries:
        raise InputError(
            "the ad names no place that is known, and no country is given for it",
            mend="write the location as city, region, country",
        )
    for code in countries:
        if not _COUNTRY.fullmatch(code):
            raise InputError(f"country {code!r} is no ISO 3166 code", mend="use one such as DE")
        draft.targets.append(Target("country", code, code))
        fact = Primitive(f"country:{code}", code, 1.0, "inferred")
        path = "adset.targeting.geo_locations.countries"
        draft.note("locations", fact, "constant", path, "no narrower place: the whole country")


def _target(place: Place, rules: Rules, known: Mapping[str, Place]) -> Target:
    radius = 0
    if place.kind == "city":
        region = next(
            (r for r in ("us_ca", "europe") if place.country in rules.regions[r]), "elsewhere"
        )
        radius = max(rules.geo["radius_km"], rules.geo["minimum_radius_km"][region])
    around = (p.label for p in known.values() if p.kind == "region" and _area(p) == _area(place))
    return Target(place.kind, place.label, place.country, place.region, next(around, ""), radius)


def _area(place: Place) -> tuple[str, str]:
    return place.country, place.region


def _disjoint(targets: Sequence[Target]) -> list[Target]:
    """Without places that lie inside another target: the network refuses overlaps."""
    whole = {t.country for t in targets if t.kind == "country"}
    regions = {(t.country, t.region) for t in targets if t.kind == "region"}
    kept = [
        t
        for t in targets
        if t.kind == "country"
        or (t.country not in whole and (t.kind == "region" or (t.country, t.region) not in regions))
    ]
    return list(dict.fromkeys(kept))


def version(data: Mapping[str, Any], on_date: date) -> Rules:
    """The rules of a parsed table that hold on `on_date`; InputError when none does."""
    for entry in data["versions"]:
        start, end = entry["effective_from"], entry["effective_to"]
        if start <= on_date and (end is None or on_date < end):
            break
    else:
        raise InputError(
            f"no policy of {data['network']} holds on {on_date}", mend="add a dated version"
        )
    words = "|".join(re.escape(w) for w in data["traits"])
    return Rules(
        network=Network(data["network"]), id=entry["id"], source=entry["source"],
        category=entry["category"], fields=entry["fields"], geo=entry["geo"],
        interest=re.compile(entry["interest_pattern"]), text=entry["text"],
        opt_out=tuple(entry["opt_out"]),
        regions={name: frozenset(codes) for name, codes in data["regions"].items()},
        traits=re.compile(rf"\b(?:{words})\b", re.IGNORECASE),
        refused=tuple(re.compile(p, re.IGNORECASE) for p in data["refused_phrases"]),
    )  # fmt: skip
