"""Geo target constants as candidates of a lookup."""

from collections.abc import Iterable
from typing import Any

from domain.platform import Candidate

# Google's words for what a country is divided into (the geo targets table of its API).
_KINDS = {
    "country": {"Country"},
    "region": {
        "State",
        "Province",
        "Region",
        "Territory",
        "Department",
        "Canton",
        "Prefecture",
        "Governorate",
        "Autonomous Community",
        "Union Territory",
        "Okrug",
    },
    "city": {"City", "Municipality"},
}
_KIND = {word: kind for kind, words in _KINDS.items() for word in words}
FIELDS = tuple(
    f"geo_target_constant.{name}"
    for name in ("resource_name", "name", "country_code", "target_type", "canonical_name")
)


def candidates(constants: Iterable[Any], target_type: str) -> list[Candidate]:
    """Those of the kind that `target_type` ("Country", "State", "City") asks for, in order."""
    wanted = _KIND.get(target_type, target_type.lower())
    found = [_candidate(c) for c in constants]
    return [c for c in found if c.kind == wanted]


def _candidate(constant: Any) -> Candidate:
    kind = _KIND.get(constant.target_type, constant.target_type.lower())
    fields = {"country_code": constant.country_code, "kind": kind}
    steps = constant.canonical_name.split(",")  # Austin,Texas,United States
    if kind == "city" and len(steps) > 2:
        fields["region"] = steps[-2]
    return Candidate(constant.resource_name, constant.name, kind, fields)
