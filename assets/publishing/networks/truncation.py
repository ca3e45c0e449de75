"""Shortens texts to what a network takes, the same way every time, and says what it shortened.

Pay, place and legal lines are never cut: a text that cannot be fitted without is refused.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from domain.errors import InputError

Measure = Callable[[str], int]

# A sentence, a bracket, or what stands between two separators; separators are pieces of their own.
_PIECE = re.compile(
    r"[^\n]+?(?:[.!?…](?=\s)|(?=\n)|(?= [-–—|·] )|(?= \()|$)|\n+| [-–—|·] ", re.DOTALL
)
_AMOUNT = r"\d[\d.,' ]*(?:k\b)?"
_UNIT = (
    r"(?:[$€£₹¥]|usd|eur|gbp|cad|inr|brl|sek|kr\b|per (?:hour|year|annum|month)"
    r"|/ ?(?:hr?|hour|year|yr)\b)"
)
_PROTECTED = re.compile(
    "|".join(
        (
            r"[$€£₹¥]\s?\d",
            rf"\b(?:usd|eur|gbp|cad|inr|brl|sek|chf|r\$)\s?{_AMOUNT}",
            rf"{_AMOUNT}\s?{_UNIT}",
            r"\b(?:salary|pay range|wage|gehalt|salaire|lön|salário)\b",
            r"\b[mfwdx] ?/ ?[mfwdx](?: ?/ ?[mfwdx])?\b|\b(?:h/f|f/h)\b|\ball genders\b",
            r"\bequal opportunity\b|\beeo\b|\be-verify\b|\bschwerbehindert",
            r"\breasonable accommodation\b|\bwithout regard to\b",
        )
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TruncatedText:
    """One text that was shortened: its measure before and after."""

    text: str
    before: int
    after: int
    how: str


@dataclass(slots=True)
class Truncator:
    """Fits the texts of one ad; `place` is its place's name, which stays whole."""

    place: str = ""
    fitted: list[TruncatedText] = field(default_factory=list)

    def fit(self, name: str, text: str, most: int, measure: Measure = len) -> str:
        """`text` within `most`; InputError when the protected words alone are too long.

        >>> truncator = Truncator(place="Berlin")
        >>> said = "Registered nurse for our wards. Berlin. 25 EUR per hour."
        >>> truncator.fit("headline", said, 45)
        'Registered nurse… Berlin. 25 EUR per hour.'
        >>> [(f.before, f.after) for f in truncator.fitted]
        [(56, 42)]
        """
        text = text.strip()
        if measure(text) <= most:
            return text
        short = self._shorten(text, most, measure)
        if not short or measure(short) > most:
            raise InputError(
                f"{name} cannot be brought to {most} characters without cutting pay, place or a "
                "legal line",
                where=name,
                mend="shorten it by hand",
            )
        self.fitted.append(
            TruncatedText(name, measure(text), measure(short), f"shortened to {most}")
        )
        return short

    def protected(self, piece: str) -> bool:
        return bool(_PROTECTED.search(piece)) or (
            bool(self.place) and self.place.casefold() in piece.casefold()
        )

    def _shorten(self, text: str, most: int, measure: Measure) -> str:
        """Drop free pieces from the end; then cut the first free one between two words."""
        pieces = [p for p in _PIECE.findall(text) if p]
        free = [i for i, p in enumerate(pieces) if p.strip(" -–—|·\n") and not self.protected(p)]
        gone: set[int] = set()
        for i in reversed(free[1:]):
            gone.add(i)
            kept = _joined(p for j, p in enumerate(pieces) if j not in gone)
            if measure(kept) <= most:
                return kept
        if not free:
            return _joined(p for j, p in enumerate(pieces) if j not in gone)
        first = pieces[free[0]].strip()
        words = first.split()
        for count in range(len(words) - 1, 0, -1):
            cut = " ".join(words[:count]).rstrip(" ,;:-–&/") + "…"
            kept = _joined(
                cut if j == free[0] else p for j, p in enumerate(pieces) if j not in gone
            )
            if measure(kept) <= most:
                return kept
        if any(self.protected(p) for p in pieces):
            return _joined(p for j, p in enumerate(pieces) if j not in gone | {free[0]})
        return first[: most - 1].rstrip() + "…"


def _joined(pieces: Iterable[str]) -> str:
    """Pieces as one text: no separator is left at an end or twice in a row."""
    text = " ".join(p.strip(" ") if p.strip() else p for p in pieces)
    text = re.sub(r" ?\n ?", "\n", text)
    text = re.sub(r"(?: [-–—|·])+(?= [-–—|·]|$|\n)", "", text)
    return re.sub(r" {2,}", " ", text).strip(" -–—|·\n")


# twitter-text, configuration v3: code points of these ranges weigh one, all others two.
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def x_length(text: str) -> int:
    """Length as X counts it, without links.

    >>> x_length("Nurse"), x_length("看護師")
    (5, 6)
    """
    return sum(1 if any(a <= ord(c) <= b for a, b in _LIGHT) else 2 for c in text)
