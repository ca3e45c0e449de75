"""Words that no keyword and no text of a job ad may hold, as the second pair of eyes knows them.

Reads single words and what stands beside them; shares neither table nor code with the compiler.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from assets.publishing.payload_validator import vocabulary as known
from assets.publishing.payload_validator.refusal import refuse

# Letters that another script lends to a Latin word.
_LENT = dict(
    zip(
        "аеорсухіјѕнкмтвԁѵԝοαεικντρυχϲıłøđɡßΜΝΗΕΟ",
        "aeopcyxijshkmtbdvwoaeikvtpuxcilodgsMNHEO",
        strict=True,
    )
)
_DIGITS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
_SIGNS = {"♀": " femina ", "♂": " masculus "}
_WORD = re.compile(r"[a-z0-9@$]+(?:-[a-z]+)*|/")
_POSTCODE_WORDS = 3  # a longer keyword with a number is a norm or a model
_GROWN = 20  # from this age on a limit keeps grown people out
_SHORT = 2  # words between a group's name and the word that shuts it out


def read_words(path: str, text: str, *, keyword: bool = False) -> None:
    """PolicyRefusal when `text` names people by a trait; a keyword may be no postcode either."""
    said = _said(text, keyword)
    if said:
        refuse(path, said)


@lru_cache(maxsize=8_192)
def _said(text: str, keyword: bool) -> str:
    read = tuple(_words(text))
    if keyword and len(read) < _POSTCODE_WORDS:
        for word in read:
            if len(word) == 5 and word.isdigit():
                return f"{word!r} may be a postcode"
    chosen = [w for w in read if keyword and _is(w, known.CHOOSING)]
    if chosen:
        return f"{chosen[0]!r} stands for people, not for work"
    for words in dict.fromkeys((read, tuple(map(_unnumbered, read)))):
        for found in (_alone(words), _near(words), _burdened(words), _young(words), _years(words)):
            if found:
                return found
    return ""


def _words(text: str) -> list[str]:
    """Latin words without case, accents and invisible letters; letters set apart are joined."""
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    kept = (
        _LENT.get(c, c)
        for c in unicodedata.normalize("NFKD", text)
        if unicodedata.category(c) not in ("Mn", "Cf")
    )
    flat = "".join(_LENT.get(c, c) for c in "".join(kept).casefold())
    flat = re.sub(
        r"(?<!\w)[a-z](?:([ .*_·-])[a-z])(?:\1[a-z])+(?!\w)",
        lambda m: m.group().replace(m[1], ""),
        flat,
    )
    return _WORD.findall(flat)


def _unnumbered(word: str) -> str:
    if word.isdigit() or word.isalpha():
        return word
    return "".join(_DIGITS.get(c, c) for c in word)


def _is(word: str, kind: tuple[frozenset[str], tuple[str, ...]]) -> bool:
    whole, stems = kind
    return word in whole or (bool(stems) and word.startswith(stems))


def _alone(words: tuple[str, ...]) -> str:
    for word in words:
        if _is(word, known.ALONE):
            return f"{word!r} stands for people, not for work"
    for pair in pairwise(words):
        if " ".join(pair) in known.PAIRS:
            return f"{' '.join(pair)!r} shuts people out"
    return ""


def _near(words: tuple[str, ...]) -> str:
    """A group named beside a word that keeps everybody else, or the group, out."""
    for i, word in enumerate(words):
        sexed = _is(word, known.SEX_A) or _is(word, known.SEX_B)
        if not sexed and not _is(word, known.PEOPLE):
            continue
        after = words[i + 1 : i + 1 + _SHORT]
        if after and _is(after[0], known.FIELD) and not _is(after[-1], known.AWAY):
            continue
        if sexed and _both(words[max(0, i - _SHORT) : i + 1 + _SHORT]):
            continue
        before = words[max(0, i - _SHORT) : i]
        near = [w for w in words[i + 1 : i + 4] if w != "s" and not _is(w, known.ASIDE)][:1]
        only = [w for w in (*before, *near) if _is(w, known.ONLY)]
        if "not" in before or "nicht" in before:
            only = []
        shut = [w for w in before[-1:] if _is(w, known.SHUT)]
        shut += [w for w in near if _is(w, known.AWAY)]
        if sexed:
            shut += [w for w in words[max(0, i - 3) : i] if _is(w, known.SEEK)]
        if only or shut:
            return f"{(only or shut)[0]!r} beside {word!r} shuts people out"
    return ""


def _burdened(words: tuple[str, ...]) -> str:
    for first, second in pairwise(words):
        if _is(first, known.SHUT) and _is(second, known.BURDENS):
            return f"{first!r} beside {second!r} shuts people out"
    return ""


def _young(words: tuple[str, ...]) -> str:
    for i, word in enumerate(words):
        if _is(word, known.YOUNG) and any(_is(w, known.STAFF) for w in words[i + 1 : i + 4]):
            return f"{word!r} asks for an age"
    return ""


def _both(words: tuple[str, ...]) -> bool:
    return any(_is(w, known.SEX_A) for w in words) and any(_is(w, known.SEX_B) for w in words)


def _years(words: tuple[str, ...]) -> str:
    """A limit of age, or a year of birth."""
    for i, word in enumerate(words):
        if _is(word, known.BIRTH) and any(
            re.fullmatch("(19|20)\\d\\d", w) for w in words[i + 1 : i + 4]
        ):
            return f"{word!r} and a year say an age"
        if not re.fullmatch(r"1[89]|[2-6]\d", word):
            continue
        if int(word) >= _GROWN and any(_is(w, known.AGE) for w in words[max(0, i - 2) : i]):
            return f"{word!r} is an age"
        if i + 1 == len(words):
            continue
        old = _is(words[i + 1], known.UNIT) or words[i + 1 : i + 3] in (
            ("years", "old"),
            ("years", "of"),
        )
        before, after = words[max(0, i - 4) : i], words[i + 2 : i + 4]
        if not old or any(_is(w, known.CLIENTS) for w in before):
            continue
        if words[i + 1] != "years" and after and _is(after[0], known.BESIDE):
            continue
        limit = int(word) >= _GROWN and any(_is(w, known.LIMIT) for w in before[-3:])
        away = any(_is(w, known.AWAY) for w in words[i + 2 : i + 5])
        limit |= any(_is(w, known.LIMIT) for w in after[:1])
        band = any(re.fullmatch(r"1[4-9]|[2-6]\d", w) for w in before[-2:])
        if limit or away or band:
            return f"{word!r} {words[i + 1]!r} says an age"
    return ""
