"""The seniority that an ad's own words name."""

import re
from collections.abc import Mapping

from assets.segmentation.reference.taxonomy import SeniorityLevel, Taxonomy
from assets.segmentation.text.phrases import Field
from domain.primitives import Evidence, Primitive

# How sure the words are the position's own, by where they stand. (LinkedIn's level, which whoever
# posts the ad picks from a list, agrees with fewer: `python -m benchmarks.primitives`.)
IN_TITLE, IN_TEXT, BY_YEARS = 0.9, 0.6, 0.5
# "reports to the senior manager" is no word about the job's own level.
_OF_ANOTHER = re.compile(
    r"\b(?:to|for|with|under|supports?|assists?)\s+(?:the|an?|our)?\s*$", re.IGNORECASE
)
_LEVEL_NOUN = re.compile(
    r"^[\s-]*(?:level|grade|position|role|opportunity|candidates?)\b", re.IGNORECASE
)
_YEARS = re.compile(
    r"\b(?P<from>\d{1,2})(?:\s?(?:-|–|to)\s?\d{1,2})?\s?\+?\s?(?:years?|yrs?)\b['’]?"
    r"(?=[^.\n]{0,60}\bexperience\b)",
    re.IGNORECASE,
)
MAX_YEARS = 20  # more are a company's own


def seniority(title: Field, description: Field, taxonomy: Taxonomy) -> Primitive | None:
    """The level that the title names, else one that the text gives the position, else the one that
    the years of experience asked for speak for."""
    for field, score in ((title, IN_TITLE), (description, IN_TEXT)):
        for match in taxonomy.seniority_index.find(field.words):
            if _OF_ANOTHER.search(field.text[max(0, match.start - 30) : match.start]):
                continue
            # In running text "senior" is everywhere; it counts where it names the position.
            after = field.text[match.end : match.end + 20]
            if field is description and not _LEVEL_NOUN.match(after):
                continue
            return _said(
                taxonomy.seniority_levels[match.value], field, match.start, match.end, score
            )
    return _by_years(description, taxonomy.seniority_levels)


def _by_years(description: Field, levels: Mapping[str, SeniorityLevel]) -> Primitive | None:
    """The highest level that the first number of years asked for reaches."""
    for match in _YEARS.finditer(description.text):
        years = int(match["from"])
        if years > MAX_YEARS:
            continue
        reached = [v for v in levels.values() if 0 <= v.years <= years]
        if reached:
            level = max(reached, key=lambda v: v.rank)
            return _said(level, description, match.start(), match.end(), BY_YEARS)
    return None


def _said(level: SeniorityLevel, field: Field, start: int, end: int, score: float) -> Primitive:
    evidence = Evidence(field.name, start, end, field.text[start:end])
    return Primitive(level.id, level.label, score, "text", (evidence,))
