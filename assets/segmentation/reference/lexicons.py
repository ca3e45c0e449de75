"""The vocabularies of data/reference, read as they were compiled by tools/build_lexicons.py."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.segmentation.primitives.gazetteer import Gazetteer, Place
from assets.segmentation.primitives.occupations import Occupations
from assets.segmentation.primitives.skills import CURATED, Skills
from assets.segmentation.reference.taxonomy import OccupationTitles, SkillAliases
from assets.segmentation.text.phrases import PhraseIndex, longest_by_prefix, plain_key, stem_key
from domain.errors import SetupError

# How people write countries, beside their names and three letters.
COUNTRY_ALIASES = {
    "usa": "US",
    "u.s.a.": "US",
    "us": "US",
    "united states of america": "US",
    "uk": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "great britain": "GB",
    "deutschland": "DE",
    "sverige": "SE",
    "españa": "ES",
    "italia": "IT",
    "schweiz": "CH",
    "österreich": "AT",
    "polska": "PL",
    "nederland": "NL",
    "brasil": "BR",
}


@dataclass(frozen=True, slots=True)
class Codes:
    """Labels by code of NAICS, ISCO-08, O*NET-SOC and ESCO's groups, and by id of the skills."""

    naics: Mapping[str, str]
    isco: Mapping[str, str]
    onet: Mapping[str, str]
    esco_groups: Mapping[str, str]
    skills: Mapping[str, str]


def table(reference: Path, name: str) -> pl.DataFrame:
    """data/reference/NAME.parquet; SetupError when it is missing."""
    path = reference / f"{name}.parquet"
    if not path.exists():
        raise SetupError(
            f"{path.name} is missing", where=str(path.parent), mend="see tools/build_lexicons.py"
        )
    return pl.read_parquet(path)


def codes(reference: Path) -> Codes:
    """What ids there are."""
    by_system: dict[str, dict[str, str]] = {n: {} for n in ("naics", "isco", "onet", "esco")}
    for system, code, label in table(reference, "codes").iter_rows():
        by_system[system][code] = label
    vocabulary = table(reference, "skills")
    skills = dict(zip(vocabulary["id"].to_list(), vocabulary["label"].to_list(), strict=True))
    naics, isco, onet, groups = by_system.values()
    return Codes(naics, isco, onet, groups, skills)


def skills(
    reference: Path, known: Mapping[str, str], everyday: Iterable[str], also: Iterable[SkillAliases]
) -> Skills:
    """The closed set with its compiled phrases, less those of `everyday` and with those of
    `also`, whose ids are among the `known` labels by id."""
    phrases, starts = table(reference, "skill_phrases"), table(reference, "skill_prefixes")
    number = {id_: row for row, id_ in enumerate(known)}
    skill, phrase_kind, exact = (phrases[c].to_list() for c in ("skill", "shape", "exact"))
    plain, stemmed = (_rows(phrases, plain) for plain in (True, False))
    reach, stem_reach = (_longest(starts, plain) for plain in (True, False))
    for words in everyday:
        plain.pop(plain_key(words), None)
        stemmed.pop(stem_key(words), None)
    more: dict[str, int] = {}
    for entry in also:
        for words, form in [*((w, "") for w in entry.phrases), *((w, w) for w in entry.exact)]:
            more[plain_key(words)] = len(skill)
            skill.append(number[entry.id])
            phrase_kind.append(CURATED)
            exact.append(form)
    for prefix, n in longest_by_prefix(more).items():
        reach[prefix] = max(n, reach.get(prefix, 0))
    return Skills(
        list(known),
        list(known.values()),
        skill,
        phrase_kind,
        exact,
        PhraseIndex(plain | more, reach),
        PhraseIndex(stemmed, stem_reach),
    )


def _rows(phrases: pl.DataFrame, plain: bool) -> dict[str, int]:
    """Row by key of the phrases that are looked up word for word, or of those by their stems."""
    part = phrases.with_row_index("row").filter(pl.col("plain") == plain)
    return dict(zip(part["key"].to_list(), part["row"].to_list(), strict=True))


def _longest(starts: pl.DataFrame, plain: bool) -> dict[str, int]:
    part = starts.filter(pl.col("plain") == plain)
    return dict(zip(part["prefix"].to_list(), part["longest"].to_list(), strict=True))


def occupations(reference: Path, known: Codes, meant: Iterable[OccupationTitles]) -> Occupations:
    """Titles and their codes; `meant` ones have theirs for certain."""
    titles = table(reference, "titles")
    keys, endings = titles["key"].to_list(), titles["ending"].to_list()
    labels = {f"onet:{code}": label for code, label in known.onet.items()}
    labels |= {f"isco:{code}": label for code, label in known.isco.items()}
    onet, onet_share, isco, isco_share = (
        titles[c].to_list() for c in ("onet", "onet_share", "isco", "isco_share")
    )
    whole = {
        key: row for row, (key, ends) in enumerate(zip(keys, endings, strict=True)) if not ends
    }
    for entry in meant:
        for title in entry.titles:
            whole[stem_key(title)] = len(onet)
        for column, value in (
            (onet, entry.onet),
            (onet_share, 1.0),
            (isco, entry.isco),
            (isco_share, 1.0),
        ):
            column.append(value)
    return Occupations(
        whole,
        {key: row for row, (key, ends) in enumerate(zip(keys, endings, strict=True)) if ends},
        onet,
        onet_share,
        isco,
        isco_share,
        labels,
    )


def gazetteer(reference: Path) -> Gazetteer:
    """Cities, US states and countries of GeoNames."""
    rows = table(reference, "places").select(
        "geoname_id", "name", "ascii_name", "country", "admin1", "population", "lat", "lon"
    )
    return Gazetteer(rows.rows(), _states(reference), _countries(reference))


def _states(reference: Path) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for row in table(reference, "us_states").iter_rows(named=True):
        state = Place(f"geo:{row['geoname_id']}", row["name"], "region", "US", row["code"])
        found[row["name"].lower()] = found[row["code"].lower()] = state
    return found


def _countries(reference: Path) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for row in table(reference, "countries").iter_rows(named=True):
        country = Place(f"country:{row['iso2']}", row["name"], "country", row["iso2"])
        found[row["name"].lower()] = country
        # Two letters alone mean a US state more often ("CA", "DE"); three are unmistakable.
        found[row["iso3"].lower()] = country
    by_code = {place.country: place for place in found.values()}
    aliases = COUNTRY_ALIASES.items()
    return found | {name: by_code[code] for name, code in aliases if code in by_code}
