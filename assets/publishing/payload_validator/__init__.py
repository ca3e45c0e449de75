"""The second pair of eyes: reads only the final payload, right before it is sent or after it was
read back, and shares no table or code with the compiler.

`check` allows what is listed and refuses the rest; `check_held` reads what a network says it holds,
where the network adds fields of its own, and refuses what a job ad may never carry.
"""

from collections.abc import Mapping
from typing import Any

from assets.publishing.payload_validator import google, meta, x
from assets.publishing.payload_validator.refusal import refuse, unresolved

_BY_NETWORK = {"meta": meta, "x": x, "google": google}


def check(network: str, kind: str, body: Mapping[str, Any], *, resolved: bool = True) -> None:
    """PolicyRefusal naming path and rule unless every field of `body` is one a job ad may send.

    `resolved` False reads a payload that nobody is about to send: ids may still be unknown."""
    if network not in _BY_NETWORK:
        refuse(kind, f"no rule allows {network}")
    if resolved:
        for path in unresolved(kind, body):
            refuse(path, "an id is still unresolved")
    _BY_NETWORK[network].check(kind, body)


def check_held(network: str, kind: str, fields: Mapping[str, Any]) -> None:
    """PolicyRefusal when an object on the network carries what a job ad may never carry."""
    _BY_NETWORK[network].check_held(kind, fields)


__all__ = ["check", "check_held"]
