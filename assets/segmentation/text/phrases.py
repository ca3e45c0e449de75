"""Known phrases found in a text, whole words only, with the span of each."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from assets.segmentation.text.stemming import stem

Word = tuple[str, int, int]
"""A word in its common form and its span [start, end) in code points; "" ends a phrase."""
V = TypeVar("V")

WORD = r"[^\W_]+(?:['’][^\W_]+)?(?:[+#]+)?"
"""A word as a pattern; `C++` and `C#` are words."""
# A full stop inside a name ("node.js") ends nothing.
_TOKEN_OR_END = re.compile(rf"({WORD})|[,;:!?•()\n]|\.(?=\s|$)")
_END: Word = ("", 0, 0)
# Words that stand between those of a skill without changing it: "manage a team of our staff".
FILLERS = frozenset(
    [
        *("a", "an", "the", "of", "our", "your", "their", "its", "his", "her", "this", "these"),
        *("those", "own", "to", "in", "on", "for", "with", "within", "across", "other", "various"),
        *("new", "such", "more"),
    ]
)


@dataclass(frozen=True)
class Field:
    """One field of an ad, read once for every vocabulary that is looked up in it."""

    name: str
    text: str

    @cached_property
    def words(self) -> list[Word]:
        """Lower-case words; punctuation that ends a phrase is a word that is in none."""
        return [
            (m[1].lower(), m.start(), m.end()) if m[1] else _END
            for m in _TOKEN_OR_END.finditer(self.text)
        ]

    @cached_property
    def stems(self) -> list[Word]:
        """Stems without fillers."""
        return [(stem(w), s, e) for w, s, e in self.words if w not in FILLERS]


def plain_key(phrase: str) -> str:
    """A phrase as `Field.words` would show it."""
    return " ".join(word for word, *_ in Field("", phrase).words if word)


def stem_key(phrase: str) -> str:
    """A phrase as `Field.stems` would show it."""
    return " ".join(word for word, *_ in Field("", phrase).stems if word)


@dataclass(frozen=True, slots=True)
class Match(Generic[V]):
    """What the phrase stands for, and its span [start, end) in code points."""

    value: V
    start: int
    end: int


class PhraseIndex(Generic[V]):
    """A dictionary of phrases by their words, and for each one or two words that begin phrases the
    longest that they begin: a search looks up about two strings at each word, whatever the size of
    the vocabulary."""

    def __init__(self, table: dict[str, V], longest: dict[str, int] | None = None) -> None:
        """`table` is by key (see `plain_key`, `stem_key`), `longest` as `longest_by_prefix` counts
        it."""
        self.table = table
        self._longest = longest_by_prefix(table) if longest is None else longest

    @classmethod
    def of(cls, phrases: Iterable[tuple[str, V]]) -> "PhraseIndex[V]":
        """From pairs of a phrase and its value; the first value of a phrase stays."""
        table: dict[str, V] = {}
        for phrase, value in phrases:
            table.setdefault(plain_key(phrase), value)
        table.pop("", None)
        return cls(table)

    def first(self, text: str) -> Match[V] | None:
        """The first match in a text, or None.

        >>> PhraseIndex.of([("data engineer", 7)]).first("Senior Data Engineer, remote")
        Match(value=7, start=7, end=20)
        """
        return next(self.find(Field("", text).words), None)

    def find(self, words: Sequence[Word]) -> Iterator[Match[V]]:
        """Longest matches from the left; they do not overlap."""
        at, end = 0, len(words)
        table, longest = self.table, self._longest
        while at < end:
            n, word = 0, words[at][0]
            if word in longest:
                n = self._longer(words, at) if longest[word] > 1 and at + 1 < end else 0
                n = n or (word in table)
            if n:
                key = " ".join([w[0] for w in words[at : at + n]])
                yield Match(table[key], words[at][1], words[at + n - 1][2])
            at += n or 1

    def _longer(self, words: Sequence[Word], at: int) -> int:
        """Words of the longest phrase of two or more that begins there, or 0."""
        most = self._longest.get(f"{words[at][0]} {words[at + 1][0]}", 0)
        for n in range(min(most, len(words) - at), 1, -1):
            if " ".join([w[0] for w in words[at : at + n]]) in self.table:
                return n
        return 0


def longest_by_prefix(keys: Iterable[str]) -> dict[str, int]:
    """For the first word and the first two words of the keys, the words of the longest key that
    they begin."""
    found: dict[str, int] = {}
    for key in keys:
        words = key.split(" ")
        n = len(words)
        for prefix in (words[0], " ".join(words[:2])):
            if found.get(prefix, 0) < n:
                found[prefix] = n
    return found
