"""The same résumé as a man and as a woman of other names would have written it."""

from collections.abc import Sequence

from assets.segmentation.trust.gender_swap_test import feminine, masculine

MEN = (
    "James Miller",
    "Juan Hernández",
    "DeShawn Washington",
    "Wei Zhang",
    "Mohammed Al-Farsi",
    "Piotr Kowalski",
    "Rahul Sharma",
    "Kwame Mensah",
)
WOMEN = (
    "Emily Clark",
    "María Rodríguez",
    "Latoya Jefferson",
    "Mei Lin",
    "Fatima Haddad",
    "Agnieszka Nowak",
    "Priya Patel",
    "Abena Owusu",
)


def pair(text: str, number: int, planted: bool) -> tuple[str, str]:
    """The text headed by a man's name with his words, and by a woman's with hers. `planted`: also
    one sentence about the person, so that every text has some to turn."""
    return (
        _written(masculine(text), MEN, number, "He", "his", planted),
        _written(feminine(text), WOMEN, number, "She", "her", planted),
    )


def _written(
    text: str, names: Sequence[str], number: int, they: str, their: str, planted: bool
) -> str:
    name = names[number % len(names)]
    mail = ".".join(name.lower().split())
    said = f"\n{they} is respected by {their} colleagues." if planted else ""
    return f"{name}\n{mail}@example.org\n{text}{said}\n{name}"
