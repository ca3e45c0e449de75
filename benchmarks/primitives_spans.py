"""Spans that people marked, and how well ours meet them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.segmentation.primitives.skills import Mention, Skills
from assets.segmentation.text.phrases import Field

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence of SkillSpan with its spans [start, end) in code points."""

    text: str
    skills: tuple[Span, ...]
    knowledge: tuple[Span, ...]

    @property
    def both(self) -> tuple[Span, ...]:
        return (*self.skills, *self.knowledge)


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of one way of counting, and the counts behind them."""

    hits: int
    said: int
    found: int
    marked: int

    @property
    def precision(self) -> float:
        return self.hits / max(1, self.said)

    @property
    def recall(self) -> float:
        return self.found / max(1, self.marked)

    @property
    def f1(self) -> float:
        p, r = self.precision, self.recall
        return 2 * p * r / max(1e-9, p + r)

    def __str__(self) -> str:
        return f"{self.precision:.3f} | {self.recall:.3f} | {self.f1:.3f}"


def sentences(corpus: Path, *splits: str) -> list[Marked]:
    """SkillSpan's sentences, words joined by blanks as its authors split them."""
    frame = pl.read_parquet(corpus / "skill_spans.parquet").filter(pl.col("split").is_in(splits))
    found = []
    for words, skill, knowledge in frame.select(
        "tokens", "tags_skill", "tags_knowledge"
    ).iter_rows():
        parts = words.split(" ")
        spans = [tuple(_spans(parts, tags.split(" "))) for tags in (skill, knowledge)]
        found.append(Marked(words, *spans))
    return found


def _spans(words: Sequence[str], tags: Sequence[str]) -> Iterator[Span]:
    at, start, end = 0, -1, -1
    for word, tag in zip(words, tags, strict=True):
        if tag != "I" and start >= 0:
            yield start, end
            start = -1
        if tag == "B" or (tag == "I" and start < 0):
            start = at
        end = at + len(word)
        at = end + 1
    if start >= 0:
        yield start, end


def predicted(marked: Iterable[Marked], skills: Skills, least: float) -> list[list[Mention]]:
    """Mentions of at least that certainty in each sentence."""
    return [
        [m for m in skills.mentions(Field("description", s.text)) if m.certainty >= least]
        for s in marked
    ]


def scores(ours: Sequence[Sequence[Span]], theirs: Sequence[Sequence[Span]]) -> dict[str, Score]:
    """By exact spans, by spans that share a letter, and by letters."""
    ways: dict[str, Callable[[Sequence[Span], Sequence[Span]], Score]] = {
        "same span": _same,
        "overlap": _overlap,
        "letters": _letters,
    }
    found = {}
    for name, way in ways.items():
        parts = [way(a, b) for a, b in zip(ours, theirs, strict=True)]
        found[name] = Score(
            *(sum(getattr(p, f) for p in parts) for f in ("hits", "said", "found", "marked"))
        )
    return found


def _same(ours: Sequence[Span], theirs: Sequence[Span]) -> Score:
    hits = len(set(ours) & set(theirs))
    return Score(hits, len(set(ours)), hits, len(set(theirs)))


def _overlap(ours: Sequence[Span], theirs: Sequence[Span]) -> Score:
    mine, yours = set(ours), set(theirs)
    hits = sum(any(meet(a, b) for b in yours) for a in mine)
    found = sum(any(meet(a, b) for a in mine) for b in yours)
    return Score(hits, len(mine), found, len(yours))


def _letters(ours: Sequence[Span], theirs: Sequence[Span]) -> Score:
    mine, yours = ({i for a, b in spans for i in range(a, b)} for spans in (ours, theirs))
    return Score(len(mine & yours), len(mine), len(mine & yours), len(yours))


def meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
