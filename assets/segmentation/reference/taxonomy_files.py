"""The taxonomy from its files, checked as they are read; `lexicons` reads its tables."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from assets.segmentation.reference.lexicons import Codes, codes, gazetteer, occupations, skills
from assets.segmentation.reference.taxonomy import (
    Industry,
    OccupationTitles,
    SeniorityLevel,
    SkillAliases,
    Taxonomy,
    WorkMode,
)
from assets.segmentation.text.languages import Languages
from domain.errors import SetupError
from resources.files.bundled import ROOT
from resources.files.checked_yaml import INTEGERS, STRINGS, Entry, Field, entries, lists, texts

JOB_ZONES = range(1, 6)
_NAMED = {"id": Field(str), "label": Field(str)}
_GROUPS = {"isco": Field(STRINGS), "esco": Field(STRINGS)}
SCHEMAS: Mapping[str, Mapping[str, Field]] = {
    "industries": {
        **_NAMED,
        "description": Field(str),
        "onet": Field(STRINGS),
        **_GROUPS,
        "terms": Field(STRINGS),
    },
    "levels": {
        **_NAMED,
        "rank": Field(int),
        "job_zones": Field(INTEGERS),
        **_GROUPS,
        "phrases": Field(STRINGS),
        "years": Field(int, needed=False),
    },
    "work_modes": {
        **_NAMED,
        "esco": Field(STRINGS),
        "title": Field(STRINGS),
        "text": Field(STRINGS),
    },
    "occupations": {"onet": Field(str), "isco": Field(str), "titles": Field(STRINGS)},
    "languages": _NAMED,
    "also": {**_NAMED, "phrases": Field(STRINGS), "exact": Field(STRINGS, needed=False)},
}
T = TypeVar("T", Industry, SeniorityLevel, WorkMode, SkillAliases, OccupationTitles)


@cache
def load_taxonomy(root: Path = ROOT) -> Taxonomy:
    """Read taxonomy/*.yaml; what lies in data/reference is read when it is first asked for.

    SetupError names file, line and fault: a wrong shape, or an id that no table has."""
    folder, reference = root / "taxonomy", root / "data" / "reference"
    known = codes(reference)

    def read(file: str, key: str, record: Callable[[Entry, Codes], T]) -> list[T]:
        return [record(e, known) for e in entries(folder / f"{file}.yaml", key, SCHEMAS[key])]

    also = read("skills", "also", _also)
    meant = read("occupations", "occupations", _titles)
    everyday = texts(folder / "skills.yaml", "everyday")
    return Taxonomy(
        industries={i.id: i for i in read("industries", "industries", _industry)},
        seniority_levels={v.id: v for v in read("seniority", "levels", _level)},
        work_modes={m.id: m for m in read("work_modes", "work_modes", _mode)},
        proxy_terms=frozenset(w for group in lists(folder / "guards.yaml", "never") for w in group),
        languages=_languages(folder / "languages.yaml"),
        read_skills=lambda: skills(reference, known.skills, everyday, also),
        read_occupations=lambda: occupations(reference, known, meant),
        read_gazetteer=lambda: gazetteer(reference),
    )


def _languages(path: Path) -> Languages:
    known = entries(path, "languages", SCHEMAS["languages"])
    return Languages({e["id"]: e["label"] for e in known})


def _industry(e: Entry, known: Codes) -> Industry:
    system, _, code = e["id"].partition(":")
    if system != "naics" or code not in known.naics:
        raise SetupError(f"{e['id']!r} is no id of NAICS", where=e.where, mend="as in naics:622")
    for begin in e["onet"]:
        if not any(code.startswith(begin) for code in known.onet):
            raise SetupError(f"no O*NET-SOC code begins with {begin!r}", where=e.where)
    _in(e, "isco", known.isco, "ISCO-08 groups")
    _in(e, "esco", known.esco_groups, "ESCO's skill groups")
    return Industry(
        e["id"], e["label"], e["description"], e["terms"], e["onet"], e["isco"], e["esco"]
    )


def _level(e: Entry, known: Codes) -> SeniorityLevel:
    _in(e, "job_zones", JOB_ZONES, "O*NET job zones")
    _in(e, "isco", known.isco, "ISCO-08 groups")
    _in(e, "esco", known.skills, "ESCO skills")
    return SeniorityLevel(e["id"], e["label"], e["rank"], e["phrases"], e.get("years", -1))


def _mode(e: Entry, known: Codes) -> WorkMode:
    _in(e, "esco", known.skills, "ESCO skills")
    return WorkMode(e["id"], e["label"], e["title"], e["text"])


def _titles(e: Entry, known: Codes) -> OccupationTitles:
    if e["onet"] not in known.onet:
        raise SetupError(f"{e['onet']!r} is no O*NET-SOC code", where=e.where)
    if e["isco"] not in known.isco:
        raise SetupError(f"{e['isco']!r} is no ISCO-08 group", where=e.where)
    return OccupationTitles(e["onet"], e["isco"], e["titles"])


def _also(e: Entry, known: Codes) -> SkillAliases:
    label = known.skills.get(e["id"])
    if label != e["label"]:
        said = f"is called {label!r}, not {e['label']!r}" if label else "is no skill of the set"
        raise SetupError(f"{e['id']!r} {said}", where=e.where)
    return SkillAliases(e["id"], e["label"], e["phrases"], e.get("exact", ()))


def _in(entry: Entry, name: str, known: object, what: str) -> None:
    """SetupError for a value of the entry's list `name` that is not among the `known`."""
    for value in entry[name]:
        if value not in known:  # type: ignore[operator]
            raise SetupError(f"{name}: {value!r} is not among {what}", where=entry.where)
