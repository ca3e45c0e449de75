"""GeoTargetConstantService: places by what people call them, or by their constants."""

from collections.abc import Sequence
from typing import Any

from google.ads.googleads.v26.services.types import geo_target_constant_service as service

from sandbox.google.errors import Refusal, problem
from sandbox.google.search import geo_message
from sandbox.google.world import Geo, World

_Answer: Any = service.SuggestGeoTargetConstantsResponse.pb()
_FAMILY = "geo_target_constant_suggestion_error"
MOST_NAMES, LONGEST_NAME, MOST_FOR_A_NAME = 25, 100, 10


def suggest(world: World, request: Any) -> Any:
    """The answer to a SuggestGeoTargetConstantsRequest; the likeliest place of a name first."""
    if request.country_code and world.country(request.country_code) is None:
        raise Refusal(
            problem(
                _FAMILY,
                "INVALID_COUNTRY_CODE",
                "No such country.",
                "country_code",
                trigger=request.country_code,
            )
        )
    chosen = request.WhichOneof("query")
    if chosen is None:
        raise Refusal(problem(_FAMILY, "REQUEST_PARAMETERS_UNSET", "Nothing is asked for."))
    answer = _Answer()
    if chosen == "geo_targets":
        for name in request.geo_targets.geo_target_constants:
            geo = world.geo(name)
            if geo is not None:
                _add(answer, world, geo, "", request.locale)
        return answer
    names = request.location_names.names
    _bounded(names)
    for name in names:
        for geo in world.named(name, request.country_code)[:MOST_FOR_A_NAME]:
            _add(answer, world, geo, name, request.locale)
    return answer


def _bounded(names: Sequence[str]) -> None:
    if len(names) > MOST_NAMES:
        raise Refusal(
            problem(
                _FAMILY, "LOCATION_NAME_LIMIT", f"At most {MOST_NAMES} names.", "location_names"
            )
        )
    for number, name in enumerate(names):
        if len(name) > LONGEST_NAME:
            raise Refusal(
                problem(
                    _FAMILY,
                    "LOCATION_NAME_SIZE_LIMIT",
                    "The name is too long.",
                    "location_names",
                    ("names", number),
                )
            )


def _add(answer: Any, world: World, geo: Geo, term: str, locale: str) -> None:
    suggestion = answer.geo_target_constant_suggestions.add(
        locale=locale or "en", reach=geo.population, search_term=term
    )
    suggestion.geo_target_constant.CopyFrom(geo_message(geo))
    suggestion.geo_target_constant_parents.extend(geo_message(g) for g in world.parents(geo))
