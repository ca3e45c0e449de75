"""Which occupation an ad is for, by its title first: O*NET-SOC and ISCO-08 codes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assets.segmentation.text.phrases import Field, PhraseIndex, Word
from domain.primitives import Evidence, Primitive

MAX_TITLE_WORDS = 8  # words
# How much a match says, beside its code's share of the titles so called: federal titles against
# their series, `python -m benchmarks.primitives`.
WHOLE, PARTIAL, ENDING, IN_TEXT = 0.95, 0.75, 0.6, 0.4
MIN_SCORE = 0.15
"""A code less sure than this is not said at all."""
# What follows is no part of the title's name.
_ASIDE = re.compile(r"\s[-–—|/]\s|\(|\bat\b|\bfor\b")
_SOUGHT = re.compile(
    r"\b(?:seeking|looking for|hiring|recruiting|require|join us as|opportunity for|opening for"
    r"|(?:work|position|role) (?:as|of))\s+(?:an?|the|our)?\s*",
    re.IGNORECASE,
)
MAX_CHARACTERS = 1_500  # characters of the description


@dataclass(frozen=True, slots=True)
class Occupations:
    """Titles by key: rows of `whole` titles and of the `endings` of titles, and by row the codes
    ("" for none) with their share of the titles so called. `labels` by code."""

    whole: Mapping[str, int]
    endings: Mapping[str, int]
    onet: Sequence[str]
    onet_share: Sequence[float]
    isco: Sequence[str]
    isco_share: Sequence[float]
    labels: Mapping[str, str]

    def codes(self, row: int, certainty: float, evidence: Evidence) -> tuple[Primitive, ...]:
        """Primitives of a row's codes, O*NET first."""
        found = (
            (f"onet:{self.onet[row]}", self.onet[row], self.onet_share[row]),
            (f"isco:{self.isco[row]}", self.isco[row], self.isco_share[row]),
        )
        return tuple(
            Primitive(id_, self.labels[id_], round(certainty * share, 4), "text", (evidence,))
            for id_, code, share in found
            if code and certainty * share >= MIN_SCORE
        )


@dataclass(frozen=True, slots=True)
class _TitleMatch:
    row: int
    words: int
    start: int
    end: int
    certainty: float


def occupation(
    title: Field, description: Field, table: Occupations, seniority_index: PhraseIndex[str]
) -> tuple[Primitive, ...]:
    """The occupation that the title names, else the one that the text says is sought: at most one
    code of each system; nothing where neither says any."""
    found = _titled(title, table, seniority_index)
    if found is not None:
        field = title
    else:
        found, field = _sought(description, table), description
    if found is None:
        return ()
    evidence = Evidence(field.name, found.start, found.end, field.text[found.start : found.end])
    return table.codes(found.row, found.certainty, evidence)


def _titled(
    title: Field, table: Occupations, seniority_index: PhraseIndex[str]
) -> _TitleMatch | None:
    """The longest known title in the title's first part, else in the rest, else what titles are
    that end so."""
    aside = _ASIDE.search(title.text, 1)
    cut = aside.start() if aside else len(title.text)
    level = {i for m in seniority_index.find(title.words) for i in range(m.start, m.end)}
    parts = ([w for w in title.stems if w[1] < cut], [w for w in title.stems if w[1] >= cut])
    for words in parts:
        said = [w for w in words if w[1] not in level or not w[0]]
        found = _longest(words, said, table) or _ending(said, table)
        if found:
            return found
    return None


def _longest(words: Sequence[Word], said: Sequence[Word], table: Occupations) -> _TitleMatch | None:
    """The known title of most words; of equals the last, since English puts the noun there.

    `said` are the words without those of a level: "senior accountant" is looked up whole first."""
    best: _TitleMatch | None = None
    meant = sum(1 for word, *_ in said if word)
    for run in (words, said):
        for at in range(len(run)):
            for n in range(min(MAX_TITLE_WORDS, len(run) - at), 0, -1):
                key = " ".join([word for word, *_ in run[at : at + n]])
                row = table.whole.get(key)
                if row is not None:
                    if best is None or n >= best.words:
                        sure = WHOLE if n >= meant else PARTIAL
                        best = _TitleMatch(row, n, run[at][1], run[at + n - 1][2], sure)
                    break
        if best and best.words > 1:
            return best
    return best if best and (best.words > 1 or meant == 1) else None


def _ending(said: Sequence[Word], table: Occupations) -> _TitleMatch | None:
    """The two or one last words of the title, or of its first piece."""
    end = next((i for i, w in enumerate(said) if not w[0] and i), len(said))
    for n in (2, 1):
        run = said[max(0, end - n) : end]
        key = " ".join(word for word, *_ in run)
        row = table.endings.get(key)
        if row is not None and run:
            return _TitleMatch(row, n, run[0][1], run[-1][2], ENDING)
    return None


def _sought(description: Field, table: Occupations) -> _TitleMatch | None:
    """The title after "seeking a" and its like, near the text's start."""
    for match in _SOUGHT.finditer(description.text[:MAX_CHARACTERS]):
        words = [w for w in description.stems if match.end() <= w[1] < match.end() + 60][
            :MAX_TITLE_WORDS
        ]
        end = next((i for i, w in enumerate(words) if not w[0]), len(words))
        for at in range(min(end, 4)):
            for n in range(end - at, 0, -1):
                run = words[at : at + n]
                row = table.whole.get(" ".join([word for word, *_ in run]))
                if row is not None and n > 1:
                    return _TitleMatch(row, n, run[0][1], run[-1][2], IN_TEXT)
    return None
