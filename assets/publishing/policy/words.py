"""Words that stand for a trait of people: in the ad's own text, and in keywords and interests."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import PolicyRefusal, SetupError

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_SPACES = re.compile(r"\s+")
# Letters of other scripts that look Latin: a common way past a filter of words.
_LOOKALIKE = str.maketrans("аеорсухіјѕԁɡοαɑ’‘`´", "aeopcyxijsdgoaa''''")


@dataclass(frozen=True, slots=True)
class Words:
    """`shut_out` by trait, for texts; `proxies` for keywords, but for `work` and `harmless`."""

    source: str
    shut_out: tuple[tuple[str, re.Pattern[str]], ...]
    proxies: re.Pattern[str]
    work: re.Pattern[str]
    harmless: re.Pattern[str]

    def shuts_out(self, text: str) -> tuple[str, str] | None:
        """(trait, words) of the first phrase that shuts people out, or None."""
        plain = plainly(text)
        for trait, pattern in self.shut_out:
            match = pattern.search(plain)
            if match:
                return trait, match.group().strip(" ,")
        return None

    def proxy(self, label: str) -> str:
        """The word of a keyword that stands for a trait of people, or ""."""
        said = self.shuts_out(label)
        if said:
            return said[1]
        plain = self.harmless.sub(" ", plainly(label))
        for match in self.proxies.finditer(plain):
            if not self.work.match(plain, match.end()):
                return match.group().strip()
        return ""


def plainly(text: str) -> str:
    """Lower case, one space between words, no invisible or look-alike letters."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return _SPACES.sub(" ", text.translate(_LOOKALIKE)).strip()


def lexicon(data: Mapping[str, Any]) -> Words:
    """The parsed table, compiled; SetupError names a pattern that is none."""
    try:
        return Words(
            data["source"],
            tuple((t, re.compile(p)) for t, patterns in data["shut_out"].items() for p in patterns),
            re.compile("|".join(f"(?:{p})" for p in data["proxies"])),
            re.compile(rf"(?:'s)? (?:{data['work']})\b"),
            re.compile("|".join(data["harmless"])),
        )
    except (re.error, KeyError, AttributeError) as error:
        raise SetupError(f"{error}", where="policy words") from None


def lint(text: str, words: Words, where: str) -> None:
    """PolicyRefusal when an ad's own words shut people out; they are named for a person to mend."""
    found = words.shuts_out(text)
    if found:
        trait, said = found
        raise PolicyRefusal(
            f"{said!r} shuts people out of a job ad ({trait})",
            where=where, mend="describe the work instead of the person",
        )  # fmt: skip
