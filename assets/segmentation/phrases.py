"""Known phrases found in a text, whole words only, with where each one stands."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?(?:[+#]+)?")
_END = ""


@dataclass(frozen=True, slots=True)
class Match:
    """`id` of the phrase and its place [start, end) in code points."""

    id: str
    start: int
    end: int


def tokens(text: str) -> list[tuple[str, int, int]]:
    """Lower-case words with their places; `C++` and `C#` are words."""
    return [(m.group().lower(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


class PhraseIndex:
    """A trie over words: searching n words takes about n steps, whatever the vocabulary."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """`phrases`: pairs of (phrase, id); the first id of a phrase keeps it."""
        self._root: dict[str, Any] = {}
        for phrase, id_ in phrases:
            node = self._root
            for word, *_ in tokens(phrase):
                node = node.setdefault(word, {})
            if node is not self._root:
                node.setdefault(_END, id_)

    def find(self, text: str) -> Iterator[Match]:
        """Longest matches from the left; they do not overlap."""
        words = tokens(text)
        at = 0
        while at < len(words):
            last, id_ = self._longest(words, at)
            if id_ is None:
                at += 1
                continue
            yield Match(id_, words[at][1], words[last][2])
            at = last + 1

    def _longest(self, words: list[tuple[str, int, int]], at: int) -> tuple[int, str | None]:
        node, best, found = self._root, at, None
        for position in range(at, len(words)):
            node = node.get(words[position][0])  # type: ignore[assignment]
            if node is None:
                break
            if _END in node:
                best, found = position, node[_END]
        return best, found
