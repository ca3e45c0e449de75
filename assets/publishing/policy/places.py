"""Where an ad may be shown: whole countries, regions, or wide circles around towns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


class Place(Protocol):
    """What the gazetteer knows of a place: `kind` is city, region or country."""

    @property
    def label(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Target:
    """A place to show the ad in. Coordinates in degrees and a radius in km for cities only.

    `region` is the gazetteer's code and `region_label` its name, where it knows one; `id` is the
    network's own, once it was asked."""

    kind: str
    label: str
    country: str
    region: str = ""
    region_label: str = ""
    radius_km: int = 0
    lat: float = 0.0
    lon: float = 0.0
    id: str = ""


def target(place: Place, radius_km: int, region_label: str) -> Target:
    city = place.kind == "city"
    return Target(
        place.kind,
        place.label,
        place.country,
        place.region,
        region_label,
        radius_km if city else 0,
        round(place.lat, 4) if city else 0.0,
        round(place.lon, 4) if city else 0.0,
    )


def disjoint(targets: Sequence[Target]) -> list[Target]:
    """Without places that lie inside another target: networks refuse overlaps."""
    whole = {t.country for t in targets if t.kind == "country"}
    regions = {(t.country, t.region) for t in targets if t.kind == "region"}
    kept = [
        t
        for t in targets
        if t.kind == "country"
        or (t.country not in whole and (t.kind == "region" or (t.country, t.region) not in regions))
    ]
    return list(dict.fromkeys(kept))


def countries_of(targets: Iterable[Target]) -> tuple[str, ...]:
    return tuple(sorted({t.country for t in targets}))
