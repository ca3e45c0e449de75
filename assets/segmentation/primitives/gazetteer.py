"""Places by name and by id; a place is made when it is asked for, since there are 34,000."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

Row = tuple[int, str, str, str, str, int, float, float]
"""GeoNames id, name, plain-letter name, country, region, population, latitude, longitude."""


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


@dataclass(frozen=True, eq=False)
class Gazetteer(Mapping[str, Place]):
    """Places by id. `states` and `countries` also by lower-case name and code."""

    rows: Sequence[Row]
    states: Mapping[str, Place]
    countries: Mapping[str, Place]

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for at, (_, name, plain, *_rest) in enumerate(self.rows):
            found.setdefault(name.lower(), []).append(at)
            if plain != name:
                found.setdefault(plain.lower(), []).append(at)
        # "New York City" is called New York; where another place is called so, both are meant.
        for said in [name for name in found if name.endswith(" city")]:
            found.setdefault(said.removesuffix(" city"), []).extend(found[said])
        return found

    @cached_property
    def _wide(self) -> dict[str, Place]:
        return {p.id: p for p in (*self.states.values(), *self.countries.values())}

    @cached_property
    def _at(self) -> dict[str, int]:
        return {f"geo:{row[0]}": at for at, row in enumerate(self.rows)}

    def cities(self, name: str) -> list[Place]:
        """Cities of a lower-case name."""
        return [self._city(at) for at in self._by_name.get(name, ())]

    def __getitem__(self, id_: str) -> Place:
        wide = self._wide.get(id_)
        return wide if wide is not None else self._city(self._at[id_])

    def __iter__(self) -> Iterator[str]:
        yield from self._at
        yield from self._wide

    def __len__(self) -> int:
        return len(self._at) + len(self._wide)

    def _city(self, at: int) -> Place:
        id_, name, _, country, region, population, lat, lon = self.rows[at]
        return Place(f"geo:{id_}", name, "city", country, region, population, lat, lon)
