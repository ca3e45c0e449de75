"""The vocabulary that texts are read with: records only, loaded elsewhere."""

from dataclasses import dataclass, field

from assets.segmentation.phrases import PhraseIndex


@dataclass(frozen=True, slots=True)
class Industry:
    id: str
    label: str
    description: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """A step of seniority, 1 lowest."""

    id: str
    label: str
    rank: int
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skill:
    id: str
    label: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A city, state or country; `id` is "geo:<GeoNames id>" or "country:<ISO-2>". Coordinates in
    degrees, for cities only."""

    id: str
    label: str
    kind: str
    country: str
    region: str = ""
    population: int = 0
    lat: float = 0.0
    lon: float = 0.0


@dataclass(frozen=True)
class Taxonomy:
    """Industries, levels, skills and places, indexed for search. `never` are proxy terms of a
    protected trait: no keyword may hold one."""

    industries: dict[str, Industry]
    levels: dict[str, Level]
    skills: dict[str, Skill]
    places: dict[str, tuple[Place, ...]]  # by lower-case name
    states: dict[str, Place]  # by lower-case name and by code
    countries: dict[str, Place]  # by lower-case name and by code
    never: frozenset[str]
    industry_index: PhraseIndex = field(init=False)
    level_index: PhraseIndex = field(init=False)
    skill_index: PhraseIndex = field(init=False)
    never_index: PhraseIndex = field(init=False)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        terms = ((t, i.id) for i in self.industries.values() for t in i.terms)
        set_(self, "industry_index", PhraseIndex(terms))
        set_(
            self,
            "level_index",
            PhraseIndex((p, v.id) for v in self.levels.values() for p in v.phrases),
        )
        set_(
            self,
            "skill_index",
            PhraseIndex((p, s.id) for s in self.skills.values() for p in s.phrases),
        )
        set_(self, "never_index", PhraseIndex((word, word) for word in self.never))

    def forbidden(self, words: str) -> bool:
        """Whether `words` hold a proxy term."""
        return next(self.never_index.find(words), None) is not None
