"""The world file: accounts, places, interests, and how people react to what they are shown."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sandbox.distances import kilometres


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    currency: str
    timezone: str
    country: str
    minimum_daily_budget: int
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    key: str
    name: str
    type: str
    country: str
    region: str
    region_key: str
    population: int
    lat: float = 0.0
    lon: float = 0.0

    def as_graph(self) -> dict[str, Any]:
        shown = {
            "key": self.key,
            "name": self.name,
            "type": self.type,
            "country_code": self.country,
            "supports_region": True,
            "supports_city": True,
        }
        if self.type == "city" and self.region:
            shown |= {"region": self.region, "region_id": int(self.region_key)}
        return shown


@dataclass(frozen=True, slots=True)
class Interest:
    id: str
    name: str
    allowed: bool
    topic: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A field of work that people of the world care about: its words draw their eye."""

    name: str
    words: frozenset[str]


class World:
    """Everything that does not change while the twin runs."""

    def __init__(self, path: Path) -> None:
        data = json.loads(path.read_text("utf-8"))
        self.behaviour: dict[str, float] = data["behaviour"]
        self.accounts = {
            a["id"]: Account(**{**a, "pages": tuple(a["pages"])}) for a in data["accounts"]
        }
        self.topics = tuple(Topic(t["name"], frozenset(t["words"])) for t in data["topics"])
        self.interests = {
            _number("interest", i["name"]): Interest(
                _number("interest", i["name"]), i["name"], i["allowed"], i.get("topic", "")
            )
            for i in data["interests"]
        }
        self._places: dict[str, Place] = {}
        self._by_name: dict[str, list[Place]] = {}
        self._read_places(path.parent / data["places"])
        self._towns = [p for p in self._places.values() if p.type == "city"]
        self._latitudes = np.array([p.lat for p in self._towns])
        self._longitudes = np.array([p.lon for p in self._towns])

    def place(self, key: str) -> Place | None:
        return self._places.get(key)

    def search_places(self, query: str, types: list[str], country: str, limit: int) -> list[Place]:
        """Places whose name starts with the query, the largest first; accents do not matter."""
        wanted = _plain(query)
        found = [
            place
            for name, places in self._by_name.items()
            if name.startswith(wanted)
            for place in places
            if place.type in types and country in ("", place.country)
        ]
        exact = {p.key for p in self._by_name.get(wanted, [])}
        return sorted(found, key=lambda p: (p.key not in exact, -p.population, p.key))[:limit]

    def countries_of(self, geo: dict[str, Any]) -> set[str]:
        """Country codes of a geo_locations object."""
        found = set(geo.get("countries", []))
        for edge in ("cities", "regions"):
            places = (self.place(str(entry.get("key", ""))) for entry in geo.get(edge, []))
            found |= {p.country for p in places if p}
        nearest = (self.nearest(entry) for entry in geo.get("custom_locations", []))
        return found | {p.country for p in nearest if p}

    def reach(self, geo: dict[str, Any]) -> int:
        """People of the targeted places, overlaps counted twice as the estimate does."""
        national = self.behaviour["country_population"]
        total = float(national * len(geo.get("countries", [])))
        for edge in ("cities", "regions"):
            places = (self.place(str(entry.get("key", ""))) for entry in geo.get(edge, []))
            total += sum(p.population for p in places if p)
        for entry in geo.get("custom_locations", []):
            total += sum(p.population for p in self._within(entry))
        return int(total)

    def nearest(self, circle: dict[str, Any]) -> Place | None:
        """The town closest to a circle's middle; None when it lies more than 500 km away."""
        away = self._away(circle)
        best = int(np.argmin(away)) if len(away) else -1
        return self._towns[best] if best >= 0 and away[best] <= 500 else None

    def _within(self, circle: dict[str, Any]) -> list[Place]:
        unit = 1.0 if circle.get("distance_unit", "mile") == "kilometer" else 1.609344
        radius = float(circle.get("radius", 0)) * unit
        return [self._towns[i] for i in np.flatnonzero(self._away(circle) <= radius)]

    def _away(self, circle: dict[str, Any]) -> np.ndarray:
        """Kilometres from a circle's middle to each town."""
        middle = float(circle["latitude"]), float(circle["longitude"])
        return kilometres(*middle, self._latitudes, self._longitudes)

    def _read_places(self, path: Path) -> None:
        for row in json.loads(path.read_text("utf-8")):
            key = _number(row["type"], f"{row['country']}/{row['region']}/{row['name']}")
            region_key = _number("region", f"{row['country']}//{row['region']}")
            place = Place(
                key,
                row["name"],
                row["type"],
                row["country"],
                row["region"],
                region_key,
                row["population"],
                row.get("lat", 0.0),
                row.get("lon", 0.0),
            )
            self._places[key] = place
            self._by_name.setdefault(_plain(place.name), []).append(place)


def _number(kind: str, name: str) -> str:
    """A stable number that looks like a network's id and says nothing."""
    digest = hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()
    return str(6_000_000_000_000 + int(digest[:10], 16) % 900_000_000_000)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name)
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold()
