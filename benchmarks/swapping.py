"""The same résumé as a man and as a woman of other names would have written it."""

import re
from collections.abc import Sequence

# (he, she): each word stands for the other; "her" is read as his, which résumés say more often.
PAIRS = (
    ("he", "she"), ("his", "her"), ("him", "her"), ("himself", "herself"), ("mr", "ms"),
    ("man", "woman"), ("men", "women"), ("male", "female"), ("boy", "girl"), ("boys", "girls"),
    ("father", "mother"), ("husband", "wife"), ("son", "daughter"), ("brother", "sister"),
    ("fraternity", "sorority"), ("chairman", "chairwoman"), ("salesman", "saleswoman"),
    ("businessman", "businesswoman"), ("spokesman", "spokeswoman"), ("foreman", "forewoman"),
    ("waiter", "waitress"), ("actor", "actress"), ("host", "hostess"), ("steward", "stewardess"),
    ("king", "queen"), ("gentleman", "lady"), ("guy", "gal"), ("masculine", "feminine"),
)  # fmt: skip
MEN = ("James Miller", "Juan Hernández", "DeShawn Washington", "Wei Zhang", "Mohammed Al-Farsi",
       "Piotr Kowalski", "Rahul Sharma", "Kwame Mensah")  # fmt: skip
WOMEN = ("Emily Clark", "María Rodríguez", "Latoya Jefferson", "Mei Lin", "Fatima Haddad",
         "Agnieszka Nowak", "Priya Patel", "Abena Owusu")  # fmt: skip
_TO_HER = {he: she for he, she in reversed(PAIRS)}
_TO_HIM = {she: he for he, she in reversed(PAIRS)}
_WORD = re.compile(r"[A-Za-z]+")


def gendered(text: str, words: dict[str, str]) -> str:
    """Every word of `words` replaced, in the case that it has."""

    def turn(match: re.Match[str]) -> str:
        word = match[0]
        other = words.get(word.lower())
        if other is None:
            return word
        if word.isupper() and len(word) > 1:
            return other.upper()
        return other.capitalize() if word[0].isupper() else other

    return _WORD.sub(turn, text)


def pair(text: str, number: int, planted: bool) -> tuple[str, str]:
    """The text headed by a man's name with his words, and by a woman's with hers. `planted`: also
    one sentence about the person, so that every text has some to turn."""
    return (
        _written(gendered(text, _TO_HIM), MEN, number, "He", "his", planted),
        _written(gendered(text, _TO_HER), WOMEN, number, "She", "her", planted),
    )


def _written(
    text: str, names: Sequence[str], number: int, they: str, their: str, planted: bool
) -> str:
    name = names[number % len(names)]
    mail = ".".join(name.lower().split())
    said = f"\n{they} is respected by {their} colleagues." if planted else ""
    return f"{name}\n{mail}@example.org\n{text}{said}\n{name}"
