"""What a compilation is asked, what it is judged by, and what it answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from assets.publishing.policy.places import Place, Target, target
from assets.publishing.policy.rules import Rulebook
from assets.publishing.policy.words import Words
from domain.errors import InputError
from domain.plan import ProofLine
from domain.platform import Network
from domain.primitives import Primitive, Primitives

COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class Policy:
    """What compiling is judged by: the dated rules, the words, and the gazetteer by place id.

    `read_words` is called when a text is first judged: compiling their patterns takes more than a
    second, and a run that finds nothing new judges none."""

    rules: Rulebook
    read_words: Callable[[], Words]
    places: Mapping[str, Place]
    regions: Mapping[tuple[str, str], str]  # (country, code): name

    @cached_property
    def words(self) -> Words:
        return self.read_words()

    def target(self, place: Place, radius_km: int) -> Target:
        return target(place, radius_km, self.regions.get((place.country, place.region), ""))


@dataclass(frozen=True, slots=True)
class Subject:
    """One arm of one ad for one network and day.

    `countries` are where the ad may be shown: places outside are dropped, and without any place
    these countries are targeted whole. `others` are fields that no primitive of ours has.
    `allowed` is the account's own list of interests for job ads, id by lower-case name, or None
    where none is known. A broad arm targets nothing but place (and its title, on a search)."""

    network: Network
    primitives: Primitives
    countries: tuple[str, ...]
    on: date
    broad: bool = False
    others: Mapping[str, Any] = field(default_factory=dict)
    allowed: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        for code in self.countries:
            if not COUNTRY.fullmatch(code):
                raise InputError(f"country {code!r} is no ISO 3166 code", mend="use one such as DE")


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word to search by, from `field`."""

    field: str
    label: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """What survives: places, interests as (id, name), keywords, facts that the text may say."""

    network: Network
    targets: tuple[Target, ...]
    interests: tuple[tuple[str, str], ...]
    keywords: tuple[Keyword, ...]
    facts: tuple[Primitive, ...]
    countries: tuple[str, ...]
    on: date
    proof: tuple[ProofLine, ...]
