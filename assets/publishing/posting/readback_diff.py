"""Is what the network holds what a person approved? Strict on ours, tolerant of its own fields."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

# A person or the posting itself may switch an object; content is compared, not the switch.
SWITCH = frozenset({"status", "entity_status"})
# Our own optional fields: one that was approved away may not linger. Zero clears a time.
_OPTIONAL = ("end_time",)
# Fields that may not be there unless they were approved: they narrow, steer or price delivery.
_UNWANTED = (
    "flexible_spec",
    "custom_locations",
    "cities",
    "regions",
    "countries",
    "end_date_time",
    "negative",
    "bid_modifier",
    "cpc_bid_ceiling_micros",
    "tracking_url_template",
    "final_mobile_urls",
    "path1",
    "path2",
    "pinned_field",
)
CLEARED = 0
_SETS = (list, tuple)  # their order says nothing


def differing(approved: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, str]:
    """Top-level fields of `approved` that `held` does not equal, each with what was found.

    >>> approved = {"daily_budget": 1500, "targeting": {"cities": ["Berlin", "Bonn"]}}
    >>> held = {"daily_budget": "1500", "targeting": {"cities": ["Bonn", "Berlin"]}, "id": "7"}
    >>> differing(approved, held)
    {}
    >>> differing(approved, {**held, "daily_budget": "9000"})
    {'daily_budget': "daily_budget: approved '1500', the network holds '9000'"}
    """
    found: dict[str, str] = {}
    for key, value in approved.items():
        if key in SWITCH:
            continue
        path = _first(key, value, held.get(key))
        if path:
            found[key] = path
    for key in _OPTIONAL:
        if key not in approved and held.get(key):
            found[key] = _said(key, "nothing", held[key])
    return found


def _first(path: str, ours: Any, theirs: Any) -> str:
    """The first path where `theirs` lacks or changes something of `ours`, or ""."""
    if isinstance(ours, Mapping):
        if not isinstance(theirs, Mapping):
            return _said(path, ours, theirs)
        extra = next((k for k in _UNWANTED if theirs.get(k) and not ours.get(k)), None)
        if extra:
            return _said(f"{path}.{extra}", "nothing", theirs[extra])
        return next(
            (p for k, v in ours.items() if (p := _first(f"{path}.{k}", v, theirs.get(k)))), ""
        )
    if isinstance(ours, _SETS):
        return _lists(path, list(ours), theirs)
    return "" if _same(ours, theirs) else _said(path, ours, theirs)


def _lists(path: str, ours: list[Any], theirs: Any) -> str:
    if not isinstance(theirs, _SETS) or len(theirs) != len(ours):
        return _said(path, ours, theirs)
    left = list(theirs)
    for item in ours:
        match = next((i for i, other in enumerate(left) if not _first(path, item, other)), None)
        if match is None:
            return _said(path, item, left)
        del left[match]
    return ""


def _same(ours: Any, theirs: Any) -> bool:
    """Equal values in the network's spelling: numbers as strings, times in another zone."""
    if ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool):
        return True
    if theirs is None or isinstance(theirs, Mapping | list):
        return False
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return str(ours).lower() == str(theirs).lower() or str(int(ours)) == str(theirs)
    if isinstance(ours, int) or isinstance(theirs, int):
        return str(ours) == str(theirs)
    first, second = _moment(ours), _moment(theirs)
    return first is not None and first == second


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _said(path: str, ours: Any, theirs: Any) -> str:
    return f"{path}: approved {str(ours)[:80]!r}, the network holds {str(theirs)[:80]!r}"
