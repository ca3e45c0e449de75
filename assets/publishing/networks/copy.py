"""The words of an ad for one arm: the ad's own text, and terms that the ad's own text holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.primitives import Primitive

MOST_TERMS = 3


@dataclass(frozen=True, slots=True)
class Copy:
    """`terms` are the words of the ad that this arm puts in front, at most three."""

    headline: str
    primary: str
    description: str
    terms: tuple[str, ...] = ()


def write(title: str, short: str, own: Sequence[Primitive], arm: Sequence[Primitive]) -> Copy:
    """Title and short text as the recruiter wrote them, then up to three terms in the ad's words.

    `own` are the facts that every arm shares and `arm` those that only this one adds; the latter
    come first. A bare list of words promises nothing and needs no translation.

    >>> from domain.primitives import Evidence
    >>> triage = Primitive("s1", "Triage", 0.9, evidence=(Evidence("long", 40, 46, "triage"),))
    >>> write("Nurse", "Nights in  Berlin.", [triage], []).primary
    'Nights in Berlin.\\n\\ntriage'
    """
    terms = _terms(short, [*arm, *own])
    primary = f"{_clean(short)}\n\n{' · '.join(terms)}" if terms else _clean(short)
    return Copy(_clean(title), primary, terms[0] if terms else "", tuple(terms))


def _terms(short: str, facts: Sequence[Primitive]) -> list[str]:
    """The ad's words for each fact that they name outright and its short text does not say yet.

    A fact that was only read between the lines (its words are not its name) is no word to print.
    """
    said, found = short.casefold(), dict[str, str]()
    for fact in facts:
        words = " ".join(fact.evidence[0].text.split()) if fact.evidence else ""
        named = words.casefold() == " ".join(fact.label.split()).casefold()
        if named and words.casefold() not in said:
            found.setdefault(words.casefold(), words)
    return list(found.values())[:MOST_TERMS]


def _clean(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
