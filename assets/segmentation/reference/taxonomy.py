"""The vocabulary that texts are read with: records only, loaded elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from assets.segmentation.primitives.gazetteer import Gazetteer
from assets.segmentation.primitives.occupations import Occupations
from assets.segmentation.primitives.skills import Skills
from assets.segmentation.text.languages import Languages
from assets.segmentation.text.phrases import Field, PhraseIndex


@dataclass(frozen=True, slots=True)
class Industry:
    """`onet` are O*NET-SOC codes, or what they begin with, and `isco` and `esco` groups that the
    industry's typical occupations and their knowledge belong to."""

    id: str
    label: str
    description: str
    terms: tuple[str, ...]
    onet: tuple[str, ...] = ()
    isco: tuple[str, ...] = ()
    esco: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeniorityLevel:
    """A step of seniority, 1 lowest; `years` of experience that speak for it, -1 for none."""

    id: str
    label: str
    rank: int
    phrases: tuple[str, ...]
    years: int = -1


@dataclass(frozen=True, slots=True)
class WorkMode:
    """Remote or hybrid: `title` phrases say it in a title or location, `text` phrases anywhere."""

    id: str
    label: str
    title: tuple[str, ...]
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkillAliases:
    """How ads say a skill beyond its names: `phrases` word for word, `exact` letter for letter."""

    id: str
    label: str
    phrases: tuple[str, ...]
    exact: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OccupationTitles:
    """Titles that mean an O*NET-SOC code and an ISCO-08 group, whatever the tables say."""

    onet: str
    isco: str
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Taxonomy:
    """The vocabulary. What is large is read when it is first asked for. `proxy_terms` stand for a
    protected trait: no keyword may hold one."""

    industries: Mapping[str, Industry]
    seniority_levels: Mapping[str, SeniorityLevel]
    work_modes: Mapping[str, WorkMode]
    proxy_terms: frozenset[str]
    languages: Languages
    read_skills: Callable[[], Skills]
    read_occupations: Callable[[], Occupations]
    read_gazetteer: Callable[[], Gazetteer]

    @cached_property
    def skills(self) -> Skills:
        return self.read_skills()

    @cached_property
    def occupations(self) -> Occupations:
        return self.read_occupations()

    @cached_property
    def gazetteer(self) -> Gazetteer:
        return self.read_gazetteer()

    @cached_property
    def industry_index(self) -> PhraseIndex[str]:
        return PhraseIndex.of((t, i.id) for i in self.industries.values() for t in i.terms)

    @cached_property
    def seniority_index(self) -> PhraseIndex[str]:
        return PhraseIndex.of((p, v.id) for v in self.seniority_levels.values() for p in v.phrases)

    @cached_property
    def mode_index(self) -> PhraseIndex[str]:
        """What says a mode of work in a title or a location."""
        modes = self.work_modes.values()
        return PhraseIndex.of((p, m.id) for m in modes for p in (*m.text, *m.title))

    @cached_property
    def mode_text_index(self) -> PhraseIndex[str]:
        """What says it in running text."""
        return PhraseIndex.of((p, m.id) for m in self.work_modes.values() for p in m.text)

    @cached_property
    def proxy_term_index(self) -> PhraseIndex[str]:
        return PhraseIndex.of((word, word) for word in self.proxy_terms)

    def holds_proxy_term(self, words: str) -> bool:
        """Whether `words` hold a proxy term."""
        return self.proxy_term_index.first(words) is not None

    def proxy_term_positions(self, field: Field) -> frozenset[int]:
        """Positions of the field's letters that belong to a proxy term."""
        found = self.proxy_term_index.find(field.words)
        return frozenset(at for m in found for at in range(m.start, m.end))
