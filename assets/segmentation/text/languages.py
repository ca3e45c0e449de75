"""Which language a text is in, by the words that stand in almost every sentence of it."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

OTHER, ALL = "other", "all"
LEAST_WORDS = 8
"""Fewer words than these, and none of a language's own: the language is not told."""
LEAST_SHARE = 0.08
"""Share of a text's words that must be a language's own; running text of one has 0.25 to 0.5, a
list of English nouns 0.1."""
NEIGHBOUR_SHARE = 0.15
"""The same for a neighbour, whose words of one letter a list may hold."""
READ = 2_000  # characters
_NOT_LATIN = re.compile(r"[^\W\d_A-Za-zÀ-ɏ]")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Languages:
    """Ids and labels of the languages that are told apart, and by word the groups that own it: the
    position of a language, or one past them for a neighbour that is told as other."""

    labels: Mapping[str, str]
    owners: Mapping[str, Sequence[int]]

    def detect(self, text: str) -> str:
        """A language's id, "other", or "" where too little is said to tell."""
        text = text[:READ].lower()
        words = _WORD.findall(text)
        letters = sum(map(len, words))
        if letters < LEAST_WORDS:
            return ""
        if not text.isascii() and len(_NOT_LATIN.findall(text)) > letters / 2:
            return OTHER
        counts: defaultdict[int, float] = defaultdict(float)
        for word in words:
            groups = self.owners.get(word, ())
            for group in groups:  # a word of several languages speaks for each of them less
                counts[group] += 1 / len(groups)
        ids = list(self.labels)
        best = max(counts, key=lambda group: (counts[group], -group), default=len(ids))
        least = LEAST_SHARE if best < len(ids) else NEIGHBOUR_SHARE
        if counts[best] < least * len(words):
            return OTHER if len(words) >= LEAST_WORDS and not _ascii(text) else ""
        return ids[best] if best < len(ids) else OTHER


def _ascii(text: str) -> bool:
    """Whether at most one letter in a hundred has an accent: a list of English nouns may be."""
    return sum(not c.isascii() for c in text) <= len(text) / 100


def languages(
    words: Mapping[str, Sequence[str]], labels: Mapping[str, str], none: Sequence[Sequence[str]]
) -> Languages:
    """From the `words` of each language by id, and those of its neighbours, `none`."""
    owners: dict[str, list[int]] = {}
    for group, own in enumerate([*words.values(), *none]):
        for word in dict.fromkeys(own):
            owners.setdefault(word.lower(), []).append(group)
    return Languages(labels, owners)


def unread(language: str, reads: Sequence[str], labels: Mapping[str, str]) -> str:
    """Why a text in `language` may not be placed by an encoder that reads the languages `reads`
    ("all" for any), or "" where it may. Too short a text to tell passes."""
    if not language or language in reads or ALL in reads:
        return ""
    return f"language {language}: the encoder reads {', '.join(labels.get(r, r) for r in reads)}"


def reader(languages: Languages, reads: Sequence[str]) -> Callable[[str], bool]:
    """Whether an encoder that reads the languages `reads` may place a text in a language."""
    return lambda language: not unread(language, reads, languages.labels)
