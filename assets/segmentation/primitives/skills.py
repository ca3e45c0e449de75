"""Skills of a closed set (ESCO, O*NET technologies) found in a text, each with its span."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assets.segmentation.text.phrases import Field, Match, PhraseIndex

CURATED = "said otherwise"
"""Kind of the phrases that taxonomy/skills.yaml names."""
# Share of mentions that meet a span which people marked, by how the phrase was had: SkillSpan's
# train and dev parts, `python -m benchmarks.primitives --corpus DIR certainties`.
CERTAINTY: dict[str, float] = {
    CURATED: 0.62,
    "attitude's name, three or more": 0.60,
    "attitude's name, two": 0.68,
    "attitude's other name, three or more": 0.59,
    "knowledge's name, one": 0.54,
    "knowledge's name, one rare": 0.62,
    "knowledge's name, three or more": 0.51,
    "knowledge's name, two": 0.59,
    "knowledge's other name, one": 0.57,
    "knowledge's other name, three or more": 0.65,
    "knowledge's other name, two": 0.55,
    "language's name, one": 0.66,
    "language's name, one rare": 0.41,
    "language's name, two": 0.68,
    "skill's name, three or more": 0.68,
    "skill's name, two": 0.57,
    "skill's other name, three or more": 0.68,
    "skill's other name, two": 0.52,
    "technology one": 0.70,
    "technology one as written": 0.64,
    "technology several": 0.67,
    "technology several as written": 0.68,
    "transversal's name, one": 0.57,
    "transversal's name, two": 0.71,
}
UNMEASURED = 0.5


@dataclass(frozen=True, slots=True)
class Mention:
    """A skill's row, the span [start, end) that names it, and the chance that it is meant."""

    skill: int
    start: int
    end: int
    certainty: float


@dataclass(frozen=True, slots=True)
class Skills:
    """The closed set by row, and its phrases by theirs: `skill`, `phrase_kind` (name, other name,
    technology …) and `exact` (the spelling that it must have, "" for any). `plain` finds phrases
    among words as they stand, `stemmed` among stems."""

    ids: Sequence[str]
    labels: Sequence[str]
    skill: Sequence[int]
    phrase_kind: Sequence[str]
    exact: Sequence[str]
    plain: PhraseIndex[int]
    stemmed: PhraseIndex[int]

    def mentions(self, field: Field) -> Iterator[Mention]:
        """Skills that the field names, in its order; of two that overlap the longer, and of two as
        long the one whose words stand as they are."""
        for match in self.matches(field):
            sure = CERTAINTY.get(self.phrase_kind[match.value], UNMEASURED)
            yield Mention(self.skill[match.value], match.start, match.end, sure)

    def matches(self, field: Field) -> list[Match[int]]:
        """Rows of the phrases that name those skills."""
        found = [*self.plain.find(field.words), *self.stemmed.find(field.stems)]
        found = [m for m in found if self._written(m, field.text)]
        found.sort(key=lambda m: (m.start - m.end, m.start))
        kept: list[Match[int]] = []
        taken = bytearray(len(field.text))
        for match in found:
            if not any(taken[match.start : match.end]):
                taken[match.start : match.end] = b"\1" * (match.end - match.start)
                kept.append(match)
        return sorted(kept, key=lambda m: m.start)

    def _written(self, match: Match[int], text: str) -> bool:
        """Whether the text has the spelling that the name must have; "R&D" is no R."""
        exact = self.exact[match.value]
        if exact and text[match.start : match.end] != exact:
            return False
        return match.end - match.start > 2 or text[match.end : match.end + 1] != "&"
