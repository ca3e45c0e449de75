"""The world file: customers, places, languages, and how people search and react."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from sandbox.distances import kilometres

SUB_UNIT_MICROS = 10_000


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    currency: str
    timezone: str
    minimum_budget_micros: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Geo:
    """A geo target constant; `parent` is 0 for a country."""

    id: int
    name: str
    canonical: str
    target_type: str
    country: str
    parent: int
    population: int
    lat: float = 0.0
    lon: float = 0.0

    @property
    def resource(self) -> str:
        return f"geoTargetConstants/{self.id}"


@dataclass(frozen=True, slots=True)
class Language:
    id: int
    code: str
    name: str
    countries: frozenset[str]

    @property
    def resource(self) -> str:
        return f"languageConstants/{self.id}"


class World:
    """Everything that does not change while the twin runs."""

    def __init__(self, path: Path) -> None:
        data = json.loads(path.read_text("utf-8"))
        self.behaviour: dict[str, float] = data["behaviour"]
        self.customers = {c["id"]: Customer(**c) for c in data["customers"]}
        topics = json.loads((path.parent / data["topics"]).read_text("utf-8"))["topics"]
        self.topics = tuple(frozenset(topic["words"]) for topic in topics)
        self.languages = {
            lang["id"]: Language(**{**lang, "countries": frozenset(lang["countries"])})
            for lang in data["languages"]
        }
        self.geos: dict[int, Geo] = {}
        self._countries: dict[str, Geo] = {}
        self._by_name: dict[str, list[Geo]] = {}
        for row in data["countries"]:
            geo = Geo(
                row["id"], row["name"], row["name"], "Country", row["code"], 0, row["population"]
            )
            self._countries[geo.country] = geo
            self._keep(geo)
        self._read_places(json.loads((path.parent / data["places"]).read_text("utf-8")))
        self._towns = [geo for geo in self.geos.values() if geo.target_type == "City"]
        self._latitudes = np.array([town.lat for town in self._towns])
        self._longitudes = np.array([town.lon for town in self._towns])

    def geo(self, resource: str) -> Geo | None:
        """The constant that `geoTargetConstants/<id>` names."""
        head, _, number = resource.partition("/")
        known = head == "geoTargetConstants" and number.isdigit()
        return self.geos.get(int(number)) if known else None

    def language(self, resource: str) -> Language | None:
        head, _, number = resource.partition("/")
        known = head == "languageConstants" and number.isdigit()
        return self.languages.get(int(number)) if known else None

    def country(self, code: str) -> Geo | None:
        return self._countries.get(code)

    def named(self, words: str, country: str = "") -> list[Geo]:
        """Places called or starting with `words`; exact names first, then the largest. "Berlin,
        Germany" narrows by what stands after the comma."""
        name, *within = (plain(part) for part in words.split(","))
        found = [
            geo
            for start, geos in self._by_name.items()
            if start.startswith(name)
            for geo in geos
            if country in ("", geo.country) and all(part in plain(geo.canonical) for part in within)
        ]
        return sorted(found, key=lambda g: (plain(g.name) != name, -g.population, g.id))

    def within(self, lat: float, lon: float, radius_km: float) -> list[Geo]:
        """Towns of a circle."""
        away = kilometres(lat, lon, self._latitudes, self._longitudes)
        return [self._towns[i] for i in np.flatnonzero(away <= radius_km)]

    def everyone(self) -> int:
        return sum(geo.population for geo in self._countries.values())

    def parents(self, geo: Geo) -> Iterable[Geo]:
        while geo.parent:
            geo = self.geos[geo.parent]
            yield geo

    def _keep(self, geo: Geo) -> None:
        self.geos[geo.id] = geo
        self._by_name.setdefault(plain(geo.name), []).append(geo)

    def _read_places(self, rows: list[dict[str, Any]]) -> None:
        """Ids of states and towns are made up, and stable; countries' follow ISO 3166 as Google's
        do."""
        states: dict[tuple[str, str], Geo] = {}
        regions = sorted((r for r in rows if r["type"] == "region"), key=lambda r: r["name"])
        for number, row in enumerate(regions, 21_132):
            home = self._countries[row["country"]]
            geo = Geo(
                number,
                row["name"],
                f"{row['name']},{home.name}",
                "State",
                home.country,
                home.id,
                row["population"],
            )
            states[home.country, geo.name] = geo
            self._keep(geo)
        for row in rows:
            if row["type"] == "city":
                home = self._countries[row["country"]]
                above = states.get((row["country"], row["region"]), home)
                self._keep(
                    Geo(
                        self._free_id(f"{row['country']}/{row['region']}/{row['name']}"),
                        row["name"],
                        f"{row['name']},{above.canonical}",
                        "City",
                        row["country"],
                        above.id,
                        row["population"],
                        row["lat"],
                        row["lon"],
                    )
                )

    def _free_id(self, name: str) -> int:
        number = 1_000_000 + int(hashlib.sha256(name.encode()).hexdigest()[:10], 16) % 8_000_000
        while number in self.geos:
            number += 1
        return number


def plain(name: str) -> str:
    """Without case, accents and outer spaces."""
    letters = unicodedata.normalize("NFKD", name.strip())
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold()
