"""Where an ad may be shown: places that exist, and circles wide enough for the special category."""

from collections.abc import Mapping
from typing import Any

from sandbox.meta.errors import GraphError, employment
from sandbox.meta.world import World

_EUROPE = (
    "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS "
    "IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SK SM UA VA XK"
)
EUROPE = frozenset(_EUROPE.split())


def known_places(geo: Mapping[str, Any], world: World) -> None:
    for edge in ("cities", "regions"):
        for entry in geo.get(edge, []):
            if world.place(str(entry.get("key", ""))) is None:
                raise GraphError(
                    f"(#100) The location key {entry.get('key')} is not valid",
                    100,
                    1487756,
                    blame=[["targeting", "geo_locations", edge]],
                )


def circles(geo: Mapping[str, Any], world: World) -> None:
    """Coordinates that exist, and a radius within what the network draws."""
    for entry in geo.get("custom_locations", []):
        try:
            lat, lon = float(entry["latitude"]), float(entry["longitude"])
            radius = float(entry["radius"])
        except (KeyError, TypeError, ValueError):
            raise GraphError("(#100) custom_locations need latitude, longitude, radius") from None
        most = 80 if entry.get("distance_unit", "mile") == "kilometer" else 50
        if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 < radius <= most):
            raise GraphError("(#100) Invalid custom location", 100, 1487851)
        if world.nearest(entry) is None:
            raise GraphError("(#100) Nobody lives near this location", 100, 1487851)


def wide_enough(geo: Mapping[str, Any], world: World) -> None:
    for edge in ("cities", "custom_locations"):
        for entry in geo.get(edge, []):
            circle = edge == "custom_locations"
            place = world.nearest(entry) if circle else world.place(str(entry.get("key", "")))
            country = place.country if place else str(entry.get("country", ""))
            american = country in ("US", "CA")
            kilometres = entry.get("distance_unit", "mile") == "kilometer"
            least = (25 if kilometres else 15) if american else (15 if kilometres else 9.4)
            if float(entry.get("radius", 0)) < least and (american or country in EUROPE):
                raise employment(
                    2909039 if american else 2446830,
                    f"A radius of at least {least:g} is required",
                    "geo_locations",
                    edge,
                )
