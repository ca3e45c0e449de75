"""English words brought to a common form, so that "managing projects" meets "manage project"."""

from functools import lru_cache

from simplemma import lemmatize

SHORTEST = 4  # letters


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The lemma of a lower-case word. Words with digits or signs (`c++`, `s3`) and short ones stay
    as they are; docs/adr/0011 says why no stemmer cuts them."""
    word = word.replace("’", "'").removesuffix("'s")
    if len(word) < SHORTEST or not word.isalpha():
        return word
    return lemmatize(word, "en").lower()
