"""The names that Graph knows, from the SDK's tables; a name that is not in them is refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.meta.errors import GraphError

_TABLES: dict[str, dict[str, list[str]]] = {
    name: table
    for name, table in json.loads(Path(__file__).with_name("parameters.json").read_text()).items()
    if name != "about"
}
CALLS_TO_ACTION = frozenset(_TABLES["values"]["call_to_action"])
GOALS = frozenset(_TABLES["values"]["optimization_goal"])
# What any Graph request may carry besides its own parameters.
_COMMON = (
    "access_token appsecret_proof execution_options fields format include_headers locale method "
    "pretty suppress_http_code debug"
)
COMMON = frozenset(_COMMON.split())
# Parts of targeting that the rules know and refuse by a subcode of their own.
_KNOWN_TARGETING = frozenset(["lookalike_audiences", "lookalike_spec", "saved_audience_id"])


def check(action: str, kind: str, given: Mapping[str, Any]) -> None:
    """`action`: create or update. GraphError 100 that blames every unknown parameter.

    >>> check("create", "campaign", {"name": "Nurse", "status": "PAUSED"})
    >>> check("create", "campaign", {"name": "Nurse", "colour": "red"})
    Traceback (most recent call last):
        ...
    sandbox.meta.errors.GraphError: (#100) Invalid parameter: colour
    """
    unknown = sorted(set(given) - set(_TABLES[action][kind]) - COMMON)
    if unknown:
        names = ", ".join(unknown)
        raise GraphError(
            f"(#100) Invalid parameter: {names}",
            100,
            title="Invalid parameter",
            blame=[[name] for name in unknown],
        )


def check_nested(spec: str, value: Mapping[str, Any], *path: str) -> None:
    """Unknown keys inside targeting, object_story_spec, link_data, video_data, call_to_action."""
    known = set(_TABLES["nested"][spec])
    unknown = sorted(set(value) - known - (_KNOWN_TARGETING if spec == "targeting" else set()))
    if unknown:
        where = "".join((path or (spec,))[:1]) + "".join(f"[{part}]" for part in path[1:])
        raise GraphError(
            f'(#100) Invalid keys "{", ".join(unknown)}" were found in param "{where}".',
            100,
            title="Invalid parameter",
            blame=[[*(path or (spec,)), name] for name in unknown],
        )
