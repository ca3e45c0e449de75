"""The taxonomy and the gazetteer from their files, checked as they are read."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from assets.segmentation.taxonomy import Industry, Level, Place, Skill, Taxonomy
from domain.errors import SetupError

ROOT = Path(__file__).resolve().parents[1]


@cache
def load_taxonomy(root: Path = ROOT) -> Taxonomy:
    """Read taxonomy/*.yaml and data/reference/*.parquet; SetupError names file, entry and fault."""
    reference = root / "data" / "reference"
    return Taxonomy(
        industries={i.id: i for i in map(_industry, _entries(root, "industries"))},
        levels={v.id: v for v in map(_level, _entries(root, "levels", "seniority"))},
        skills={
            row["id"]: Skill(row["id"], row["label"], tuple(row["phrases"]))
            for row in _rows(reference / "skills.parquet")
        },
        places=_places(reference / "places.parquet"),
        states=_states(reference / "us_states.parquet"),
        countries=_countries(reference / "countries.parquet"),
        never=frozenset(word for group in _entries(root, "never", "guards") for word in group),
    )


def _entries(root: Path, key: str, name: str = "") -> list[Any]:
    path = root / "taxonomy" / f"{name or key}.yaml"
    try:
        entries = yaml.safe_load(path.read_text("utf-8"))[key]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise SetupError(
            f"cannot be read: {error}", where=str(path), mend=f"it needs a list under {key!r}"
        ) from None
    if not isinstance(entries, list):
        raise SetupError(f"{key!r} is not a list", where=str(path))
    return entries


def _field(entry: Any, name: str, kind: type) -> Any:
    value = entry.get(name) if isinstance(entry, dict) else None
    if not isinstance(value, kind):
        raise SetupError(f"{name} of {entry!r:.80} is not a {kind.__name__}", where="taxonomy")
    return value


def _words(entry: Any, name: str) -> tuple[str, ...]:
    return tuple(str(word) for word in _field(entry, name, list))


def _industry(entry: Any) -> Industry:
    id_, label, description = (_field(entry, n, str) for n in ("id", "label", "description"))
    return Industry(id_, label, description, _words(entry, "terms"))


def _level(entry: Any) -> Level:
    id_, label = (_field(entry, name, str) for name in ("id", "label"))
    return Level(id_, label, _field(entry, "rank", int), _words(entry, "phrases"))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        raise SetupError(
            f"{path.name} is missing", where=str(path.parent), mend="see tools/build_reference.py"
        )
    return pl.read_parquet(path).iter_rows(named=True)


def _places(path: Path) -> dict[str, tuple[Place, ...]]:
    by_name: dict[str, list[Place]] = defaultdict(list)
    for row in _rows(path):
        place = Place(
            f"geo:{row['geoname_id']}", row["name"], "city", row["country"], row["admin1"],
            row["population"], row["lat"], row["lon"],
        )  # fmt: skip
        for name in {row["name"].lower(), row["ascii_name"].lower()}:
            by_name[name].append(place)
    return {name: tuple(places) for name, places in by_name.items()}


def _states(path: Path) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for row in _rows(path):
        state = Place(f"geo:{row['geoname_id']}", row["name"], "region", "US", row["code"])
        found[row["name"].lower()] = found[row["code"].lower()] = state
    return found


def _countries(path: Path) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for row in _rows(path):
        country = Place(f"country:{row['iso2']}", row["name"], "country", row["iso2"])
        found[row["name"].lower()] = country
        # Two letters alone mean a US state more often ("CA", "DE"); three are unmistakable.
        found[row["iso3"].lower()] = country
    aliases = {
        "usa": "US",
        "u.s.a.": "US",
        "us": "US",
        "uk": "GB",
        "deutschland": "DE",
        "sverige": "SE",
    }
    by_code = {place.country: place for place in found.values()}
    return found | {name: by_code[code] for name, code in aliases.items() if code in by_code}
