"""Words that stand for a trait of people: in the ad's own text, and in keywords and interests."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from assets.publishing.policy.text_normalization import bare, readings, spaced_out
from domain.errors import PolicyRefusal, SetupError

_SLOT = re.compile(r"\{([a-zA-Z_]+)\}")
EVERY = "every"
MOST_REMEMBERED = 10_000  # texts
# Slots whose words stand for people, wherever they are read: as a keyword they choose by a trait.
TRAITS = ("women", "men", "origin", "religion", "orientation", "party", "family")
Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern that shuts people out by `trait`; it can match only where `gate` does."""

    trait: str
    pattern: Pattern
    gate: Pattern | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """`shut_out` for texts, but for what is `tolerated`; `proxies` for keywords, but for `work` and
    `harmless`."""

    source: str
    shut_out: tuple[Phrase, ...]
    tolerated: tuple[Pattern, ...]
    proxies: tuple[Pattern, ...]
    work: Pattern
    harmless: Pattern
    _memory: dict[str, tuple[str, str] | None] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    _keywords: dict[str, str] = field(init=False, default_factory=dict, compare=False, repr=False)

    def shuts_out(self, text: str) -> tuple[str, str] | None:
        """(trait, words) of the first phrase that shuts people out, or None.

        >>> from assets.publishing.policy.files import load_policy
        >>> words = load_policy().words
        >>> words.shuts_out("Young women only!"), words.shuts_out("Nurses of any age are welcome")
        (('sex', 'women only'), None)
        """
        if text not in self._memory:
            if len(self._memory) > MOST_REMEMBERED:
                self._memory.clear()
            found = next(self.phrases(text), None)
            self._memory[text] = found and (found[0].trait, found[1])
        return self._memory[text]

    def phrases(self, text: str) -> Iterator[tuple[Phrase, str]]:
        """(phrase, words) for each phrase that shuts people out, in every reading of the text."""
        hidden = spaced_out(text)
        if hidden:
            yield _HIDDEN, hidden
        for reading in readings(text):
            for pattern in self.tolerated:
                reading = pattern.sub(" ", reading)
            yield from self._in(reading)

    def _in(self, reading: str) -> Iterator[tuple[Phrase, str]]:
        open_: dict[Pattern | None, bool] = {None: True}
        for phrase in self.shut_out:
            gate = phrase.gate
            if gate not in open_:
                open_[gate] = bool(gate and gate.search(reading))
            if open_[gate]:
                match = phrase.pattern.search(reading)
                if match:
                    yield phrase, match.group().strip(" ,")

    def proxy(self, label: str) -> str:
        """The word of a keyword that stands for a trait of people, or ""."""
        if label not in self._keywords:
            if len(self._keywords) > MOST_REMEMBERED:
                self._keywords.clear()
            self._keywords[label] = self._proxy(label)
        return self._keywords[label]

    def _proxy(self, label: str) -> str:
        said = self.shuts_out(label)
        if said:
            return said[1]
        for reading in readings(label):
            plain = self.harmless.sub(" ", reading)
            for pattern in self.proxies:
                for match in pattern.finditer(plain):
                    if not self.work.match(plain, match.end()):
                        return match.group().strip()
        return ""


_HIDDEN = Phrase("letters set apart, which hide words", re.compile("(?!)"))


def lexicon(data: Mapping[str, Any]) -> Words:
    """The parsed table, compiled; SetupError names a pattern or slot that is none."""
    try:
        tongues = {n: _slots(held, data[EVERY]) for n, held in data["languages"].items()}
        phrases = [p for slots in tongues.values() for p in _frames(data, slots)]
        for name, slots in tongues.items():
            for trait, said in data["languages"][name]["said"].items():
                phrases += [Phrase(trait, _filled(p, slots, data)) for p in said]
        groups = [f"\\b(?:{slots[t]})\\b" for slots in tongues.values() for t in TRAITS]
        return Words(
            data["source"],
            tuple(phrases),
            tuple(_filled(p, s, data) for s in tongues.values() for p in data["tolerated"]),
            tuple(_compiled(p) for p in [*data["proxies"], *groups]),
            _compiled(rf"(?:'s)? (?:{data['work']})\b"),
            _compiled("|".join(data["harmless"])),
        )
    except (re.error, KeyError, AttributeError, TypeError) as error:
        raise SetupError(f"{error!r}", where="policy words") from None


def _slots(held: Mapping[str, Any], every: Mapping[str, Any]) -> dict[str, str]:
    """Each slot's words as alternatives, those of all languages included."""
    names = [n for n in {**held, **every} if n != "said"]
    return {n: "|".join([*held.get(n, ()), *every.get(n, ())]) or "(?!)" for n in names}


def _frames(data: Mapping[str, Any], slots: Mapping[str, str]) -> Iterator[Phrase]:
    """Every frame in the words of one language."""
    for trait, by_key in data["frames"].items():
        for key, frames in by_key.items():
            gate = _filled(rf"\b{{{key}}}", slots, data)
            for frame in frames:
                yield Phrase(trait, _filled(frame, slots, data), gate)
    for group in data["groups"]:
        gate = _filled(rf"\b{{{group}}}", slots, data)
        for frame in data["group_frames"]:
            yield Phrase(group, _filled(frame.replace("GROUP", group), slots, data), gate)


def _filled(pattern: str, slots: Mapping[str, str], data: Mapping[str, Any]) -> Pattern:
    """Slots and macros written out; KeyError for a name that is none."""
    while _SLOT.search(pattern):
        pattern = _SLOT.sub(
            lambda m: f"(?:{slots[m[1]] if m[1] in slots else data['macros'][m[1]]})", pattern
        )
    return _compiled(pattern)


@lru_cache(maxsize=2_048)
def _compiled(pattern: str) -> Pattern:
    """Accents left out as the texts leave them out; ä may have been written ae."""
    umlauts = re.sub("[äöü]", lambda m: bare(m.group()) + "e?", pattern)
    return re.compile(bare(umlauts.replace("ß", "ss")))


def lint(text: str, words: Words, where: str) -> None:
    """PolicyRefusal when an ad's own words shut people out; they are named for a person to mend."""
    found = words.shuts_out(text)
    if found:
        trait, said = found
        raise PolicyRefusal(
            f"{said!r} shuts people out of a job ad ({trait})",
            where=where,
            mend="describe the work instead of the person",
        )
