"""English words brought to a common form, so that "managing projects" meets "manage project"."""

from functools import lru_cache

_VOWELS = frozenset("aeiouy")
_KEEPS_S = ("ss", "us", "is")
SHORTEST = 4


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A lower-case word without plural, -ing, -ed and final e: steps 1a and 1b of Porter (1980),
    and its 5a. Words with digits or signs (`c++`, `s3`) and short ones stay as they are."""
    word = word.replace("’", "'").removesuffix("'s")
    if len(word) < SHORTEST or not word.isalpha():
        return word
    word = _singular(word)
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and not _VOWELS.isdisjoint(rest):
            doubled = len(rest) > 3 and rest[-1] == rest[-2] and rest[-1] not in "lsz"
            word = rest[:-1] if doubled else rest
            break
    if len(word) > SHORTEST and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if len(word) >= SHORTEST and word.endswith("y") else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > SHORTEST:
        return word[:-3] + "y"
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(_KEEPS_S) else word
