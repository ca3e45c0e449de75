"""Sorts the facts of one arm by dated rules, default deny, and leaves one proof line for each.

Pure: rules, words and gazetteer come in, and targets, keywords and proof go out.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from assets.publishing.policy.places import Target, countries_of, disjoint
from assets.publishing.policy.rules import Rule
from assets.publishing.policy.subject import Compiled, Keyword, Policy, Subject
from domain.errors import InputError
from domain.plan import Fate, ProofLine
from domain.primitives import Primitive

MOST_PLACES = 50
"""Most places of one plan."""
_NAME = re.compile(r"[^\W_][\w +#./&',()-]{0,78}[\w+#)]|[^\W_]")
_GEO = ("country", "region", "city")


@dataclass(slots=True)
class _Draft:
    policy: Policy
    subject: Subject
    countries: tuple[str, ...] = ()
    targets: list[Target] = field(default_factory=list)
    interests: list[tuple[str, str]] = field(default_factory=list)
    keywords: list[Keyword] = field(default_factory=list)
    facts: list[Primitive] = field(default_factory=list)
    proof: list[ProofLine] = field(default_factory=list)

    def rule(self, name: str) -> Rule:
        s = self.subject
        return self.policy.rules.strictest(s.network, self.countries, name, s.on)

    def note(
        self, name: str, fact: str, label: str, fate: Fate, to: str, rule: Rule, reason: str = ""
    ) -> None:
        said = reason or rule.reason
        self.proof.append(ProofLine(name, fact, label, fate, to, rule.id, rule.source, said))


def compile(subject: Subject, policy: Policy) -> Compiled:
    """Sort every fact of `subject`; InputError when no place and no country is left.

    >>> from datetime import date
    >>> from assets.publishing.policy.files import load_policy
    >>> from domain.platform import Network
    >>> from domain.primitives import Evidence, Primitives
    >>> triage = Primitive("triage", "Triage", 1.0, evidence=(Evidence("title", 0, 6, "Triage"),))
    >>> facts = Primitives(skills_keywords=(triage,))
    >>> for network in (Network.GOOGLE, Network.META):
    ...     ad = Subject(network, facts, ("US",), date(2026, 12, 1))
    ...     print(*(f"{p.label}: {p.fate} in {p.target}" for p in compile(ad, load_policy()).proof))
    US: keep in place Triage: keep in keyword
    US: keep in place Triage: rewrite in text
    """
    draft = _Draft(policy, subject, subject.countries)
    _places(draft)
    draft.countries = countries_of(draft.targets)
    p = subject.primitives
    levels = (p.seniority,) if p.seniority else ()
    for name, facts in (
        ("skills_keywords", p.skills_keywords),
        ("industries", p.industries),
        ("seniority", levels),
        ("occupation", p.occupation),
    ):
        left = draft.rule(name).most
        for fact in facts:
            left -= _fact(draft, name, fact, left)
    for name, value in subject.others.items():
        draft.note(name, name, str(value)[:200], "drop", "", draft.rule(name))
    return Compiled(
        subject.network,
        tuple(draft.targets),
        tuple(draft.interests),
        tuple(draft.keywords),
        tuple(draft.facts),
        draft.countries,
        subject.on,
        tuple(draft.proof),
    )


def _fact(draft: _Draft, name: str, fact: Primitive, left: int) -> bool:
    """Note the fact's fate; whether it took one of the places that are `left`."""
    subject, rule = draft.subject, draft.rule(name)

    def note(fate: Fate, to: str, reason: str = "", by: Rule = rule) -> None:
        draft.note(name, fact.id, fact.label, fate, to, by, reason)

    word = draft.policy.words.proxy(fact.label) or next(
        filter(None, (draft.policy.words.proxy(e.text) for e in fact.evidence)), ""
    )
    if word:
        note("drop", "", f"{word!r} stands for a trait of people, not for the work")
        return False
    if rule.fate == "drop":
        note("drop", "")
        return False
    inferred = fact.source == "inferred"
    if inferred:
        against = draft.policy.rules.forbids(
            subject.network, draft.countries, "inferred", subject.on
        )
        if against:
            note("drop", "", by=against)
            return False
    if not inferred:
        draft.facts.append(fact)
    elif rule.to == "text":
        note("drop", "", "only the ad's own words may become its text")
        return False
    return _way(draft, name, fact, rule, left, note)


def _way(draft: _Draft, name: str, fact: Primitive, rule: Rule, left: int, note: Any) -> bool:
    spoken = "text" if fact.source == "text" else ""
    rest: Fate = "rewrite" if spoken else "drop"
    if rule.to == "text" or draft.subject.broad:
        why = "" if rule.to == "text" else "broad targets nothing but place; the text may say it"
        note(rest, spoken, why)
        return False
    if left <= 0:
        note(rest, spoken, f"beyond the first {rule.most}; the text may say it")
        return False
    if not _NAME.fullmatch(fact.label):
        note(rest, spoken, "its label is no plain name")
        return False
    if rule.to == "keyword":
        draft.keywords.append(Keyword(name, fact.label))
        note(rule.fate, "keyword")
        return True
    return _interest(draft, fact, note, rest, spoken)


def _interest(draft: _Draft, fact: Primitive, note: Any, rest: Fate, spoken: str) -> bool:
    allowed = draft.subject.allowed
    if allowed is None:
        note(rest, spoken, "the account's list of interests for job ads is not known")
        return False
    id_ = allowed.get(fact.label.casefold())
    if id_ is None:
        note(rest, spoken, "not on the account's list of interests for job ads")
        return False
    if all(id_ != known for known, _ in draft.interests):
        draft.interests.append((id_, fact.label))
    note("keep", "interest", f"interest {id_} of the account's own list for job ads")
    return True


def _places(draft: _Draft) -> None:
    subject = draft.subject
    remote = [f for f in subject.primitives.locations if f.id == "remote"]
    for fact in subject.primitives.locations:
        if fact.id != "remote":
            _place(draft, fact)
    if remote:
        rule = draft.rule("locations.remote")
        where = countries_of(draft.targets) or subject.countries
        draft.note("locations", "remote", remote[0].label, rule.fate, "place", rule)
        if rule.fate != "drop":
            draft.targets.clear()
            draft.countries = where
    if not draft.targets:
        _whole(draft)
    draft.targets[:] = disjoint(draft.targets)


def _place(draft: _Draft, fact: Primitive) -> None:
    subject, place = draft.subject, draft.policy.places.get(fact.id)
    if place is None or place.kind not in _GEO:
        name = f"locations.{fact.id.partition(':')[0]}"
        draft.note("locations", fact.id, fact.label, "drop", "", draft.rule(name))
        return
    if subject.countries and place.country not in subject.countries:
        rule = draft.rule(f"locations.{place.kind}")
        why = f"in {place.country}; the ad is asked for in {', '.join(subject.countries)}"
        draft.note("locations", fact.id, fact.label, "drop", "", rule, why)
        return
    rule = draft.policy.rules.strictest(
        subject.network, (place.country,), f"locations.{place.kind}", subject.on
    )
    full = len(draft.targets) >= MOST_PLACES
    if rule.fate == "drop" or full:
        why = f"more than {MOST_PLACES} places" if full else ""
        draft.note("locations", fact.id, fact.label, "drop", "", rule, why)
        return
    draft.targets.append(draft.policy.target(place, rule.radius_km))
    draft.note("locations", fact.id, place.label, rule.fate, "place", rule)


def _whole(draft: _Draft) -> None:
    if not draft.countries:
        raise InputError(
            "the ad names no place that is known, and no country is given for it",
            mend="write the location as city, region, country",
        )
    for code in draft.countries:
        rule = draft.policy.rules.strictest(
            draft.subject.network, (code,), "locations.country", draft.subject.on
        )
        if rule.fate == "drop":
            raise InputError(f"no rule allows {code} on {draft.subject.on}", where="country")
        draft.targets.append(Target("country", code, code))
        said = "no narrower place: the whole country"
        draft.note("locations", f"country:{code}", code, "keep", "place", rule, said)
