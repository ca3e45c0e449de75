"""What one ad says about the job, as facts with their words; and what its cluster adds."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assets.segmentation.phrases import PhraseIndex
from assets.segmentation.places import locations
from assets.segmentation.taxonomy import Taxonomy
from domain.primitives import Evidence, Primitive, Primitives

TITLE_WEIGHT = 3.0  # a word of the title says what the job is; one of the text may be an aside
MOST_INDUSTRIES, MOST_SKILLS, MOST_EVIDENCE = 3, 15, 3
INFERRED_SCORE = 0.5  # what only the cluster says counts for half of what the text says
# "reports to the senior manager" is no word about the job's own level.
_OF_ANOTHER = re.compile(
    r"\b(?:to|for|with|under|supports?|assists?)\s+(?:the|an?|our)?\s*$", re.IGNORECASE
)
_LEVEL_NOUN = re.compile(
    r"^[\s-]*(?:level|grade|position|role|opportunity|candidates?)\b", re.IGNORECASE
)


def extract(title: str, description: str, location: str, taxonomy: Taxonomy) -> Primitives:
    """The ad's own primitives; each shows the words it was read from, by field and code points."""
    fields = (("title", title), ("description", description))
    return Primitives(
        industries=_ranked(fields, taxonomy.industry_index, _labels(taxonomy.industries), taxonomy)[
            :MOST_INDUSTRIES
        ],
        skills_keywords=_ranked(fields, taxonomy.skill_index, _labels(taxonomy.skills), taxonomy)[
            :MOST_SKILLS
        ],
        locations=locations(title, description, location, taxonomy),
        seniority=_seniority(title, description, taxonomy),
    )


def _labels(entries: Mapping[str, Any]) -> dict[str, str]:
    return {key: entry.label for key, entry in entries.items()}


def _ranked(
    fields: Iterable[tuple[str, str]],
    index: PhraseIndex,
    labels: dict[str, str],
    taxonomy: Taxonomy,
) -> tuple[Primitive, ...]:
    weights: dict[str, float] = defaultdict(float)
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    for name, text in fields:
        for match in index.find(text):
            words = text[match.start : match.end]
            if taxonomy.forbidden(words):
                continue
            weights[match.id] += TITLE_WEIGHT if name == "title" else 1.0
            evidence[match.id].append(Evidence(name, match.start, match.end, words))
    ranked = sorted(weights, key=lambda id_: (-weights[id_], id_))
    return tuple(
        Primitive(
            id_, labels[id_], _score(weights[id_]), "text", tuple(evidence[id_][:MOST_EVIDENCE])
        )
        for id_ in ranked
    )


def _score(weight: float) -> float:
    """Evidence in [0, 1): one mention 0.28, a title 0.63, growing ever more slowly."""
    return round(1 - math.exp(-weight / 3), 4)


def _seniority(title: str, description: str, taxonomy: Taxonomy) -> Primitive | None:
    for name, text, score in (("title", title, 0.9), ("description", description, 0.6)):
        for match in taxonomy.level_index.find(text):
            if _OF_ANOTHER.search(text[: match.start]):
                continue
            # In running text "senior" is everywhere; it counts where it names the position.
            if name == "description" and not _LEVEL_NOUN.match(text[match.end :]):
                continue
            level = taxonomy.levels[match.id]
            words = Evidence(name, match.start, match.end, text[match.start : match.end])
            return Primitive(level.id, level.label, score, "text", (words,))
    return None


def supported(
    own: Primitives,
    title: str,
    description: str,
    *,
    terms: Sequence[str],
    industries: Sequence[tuple[str, str, float]],
    taxonomy: Taxonomy,
) -> Primitives:
    """Add what the cluster says: a term that the ad's text holds comes with its words; one that it
    does not is `inferred`. `industries` are (id, label, score). Place and seniority stay.
    """
    fields = (("title", title), ("description", description))
    allowed = [t for t in terms if not taxonomy.forbidden(t)]
    keyed = {f"term:{'-'.join(t.split())}": t for t in allowed}
    index = PhraseIndex((term, key) for key, term in keyed.items())
    said = {p.id: p for p in _ranked(fields, index, keyed, taxonomy)}
    known = {p.label.lower() for p in own.skills_keywords}
    extra = [
        said.get(key) or Primitive(key, term, INFERRED_SCORE, "inferred")
        for key, term in keyed.items()
        if term not in known
    ]
    extra.sort(key=lambda p: p.source != "text")
    mine = {p.id for p in own.industries}
    guessed = [
        Primitive(id_, label, round(score * INFERRED_SCORE, 4), "inferred")
        for id_, label, score in industries
        if id_ not in mine and id_ != "unknown"
    ]
    return replace(
        own,
        skills_keywords=(*own.skills_keywords, *extra)[:MOST_SKILLS],
        industries=(*own.industries, *guessed)[:MOST_INDUSTRIES],
    )
