"""Places that can be targeted: hex ids, names as X writes them, search by how words start."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sandbox.distances import kilometres

TYPES = ("COUNTRIES", "REGIONS", "METROS", "CITIES", "POSTAL_CODES")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Place:
    """`local` is the name without what it lies in."""

    id: str
    name: str
    local: str
    type: str
    country: str
    population: int

    def as_api(self) -> dict[str, str]:
        return {
            "name": self.name,
            "country_code": self.country,
            "location_type": self.type,
            "targeting_value": self.id,
            "targeting_type": "LOCATION",
        }


class Places:
    def __init__(self, world: Mapping[str, Any], towns: Sequence[Mapping[str, Any]]) -> None:
        self._by_id: dict[str, Place] = {}
        self._by_start: dict[str, list[Place]] = {}
        self._states: Mapping[str, str] = world["states"]
        self._countries = {c["code"]: c["name"] for c in world["countries"]}
        for country in world["countries"]:
            self._keep("COUNTRIES", country["name"], country["name"], country)
        for town in towns:
            kind = "REGIONS" if town["type"] == "region" else "CITIES"
            self._keep(kind, town["name"], self._named(town), {**town, "code": town["country"]})
        for metro in _metros(world, towns):
            name = f"{metro['name']} {self._states.get(metro['region'], '')}, US"
            self._keep("METROS", metro["name"], name, {**metro, "code": "US"})
        for code in world["postal_codes"]:
            place = {**code, "name": code["code"]}
            self._keep(
                "POSTAL_CODES", code["code"], self._named(place), {**place, "code": code["country"]}
            )
        self.everyone = sum(c["population"] for c in world["countries"])

    def get(self, place_id: str) -> Place | None:
        return self._by_id.get(place_id)

    def search(self, query: str, country: str = "", kind: str = "") -> list[Place]:
        """Each word of the query starts a word of the name; exact names first, then the largest."""
        words = _WORD.findall(_plain(query))
        if not words:
            found = list(self._by_id.values())
        else:
            first = self._by_start.get(words[0][:3], [])
            found = [p for p in first if _holds(_WORD.findall(_plain(p.name)), words)]
        chosen = [p for p in found if country in ("", p.country) and kind in ("", p.type)]
        return sorted(chosen, key=lambda p: (_plain(p.local) != _plain(query), -p.population, p.id))

    def _named(self, town: Mapping[str, Any]) -> str:
        """Los Banos, CA, USA; or Berlin, Germany."""
        country = "USA" if town["country"] == "US" else self._countries.get(town["country"], "")
        state = self._states.get(town["region"], town["region"])
        return ", ".join(part for part in (town["name"], state, country) if part)

    def _keep(self, kind: str, local: str, name: str, source: Mapping[str, Any]) -> None:
        digest = hashlib.sha256(f"{kind}:{source['code']}:{name}".encode()).hexdigest()
        place = Place(digest[:16], name, local, kind, source["code"], source["population"])
        if place.id in self._by_id:
            return
        self._by_id[place.id] = place
        for start in {word[:n] for word in _WORD.findall(_plain(name)) for n in (1, 2, 3)}:
            self._by_start.setdefault(start, []).append(place)


def _metros(world: Mapping[str, Any], towns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Market areas: the largest towns of the US with the people of all towns around."""
    american = [t for t in towns if t["country"] == "US" and t["type"] == "city"]
    latitudes, longitudes, people = (
        np.array([t[name] for t in american]) for name in ("lat", "lon", "population")
    )
    found = []
    for town in american:
        if town["population"] >= world["metro_least"]:
            near = kilometres(town["lat"], town["lon"], latitudes, longitudes)
            found.append(
                {**town, "population": int(people[near <= world["metro_kilometres"]].sum())}
            )
    return found


def _holds(words: Sequence[str], starts: Sequence[str]) -> bool:
    return all(any(word.startswith(start) for word in words) for start in starts)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name)
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold()
