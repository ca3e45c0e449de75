"""What can be targeted: places, interests, languages."""

from collections.abc import Mapping
from typing import Any

from sandbox.x.errors import XError
from sandbox.x.lists import Body, plain_page
from sandbox.x.parameters import Field, read
from sandbox.x.places import TYPES
from sandbox.x.world import World

_PLAIN = {"count": Field("int"), "cursor": Field(), "q": Field()}
_LOCATIONS = {**_PLAIN, "country_code": Field(), "location_type": Field(values=TYPES)}


def lookup(world: World, kind: str, given: Mapping[str, Any]) -> Body:
    """GET targeting_criteria/:kind."""
    if kind == "locations":
        asked = read(given, _LOCATIONS)
        found = world.places.search(
            asked.get("q") or "", asked.get("country_code") or "", asked.get("location_type") or ""
        )
        return plain_page((place.as_api() for place in found), asked)
    asked = read(given, _PLAIN)
    names = {
        "interests": {value: one.name for value, one in world.interests.items()},
        "languages": {value: one.name for value, one in world.languages.items()},
    }.get(kind)
    if names is None:
        raise XError("ROUTE_NOT_FOUND", f"no targeting_criteria/{kind}")
    wanted = (asked.get("q") or "").casefold()
    targeting = kind.removesuffix("s").upper()
    rows = [
        {"name": name, "targeting_type": targeting, "targeting_value": value}
        for value, name in names.items()
        if wanted in name.casefold()
    ]
    return plain_page(rows, asked)
