"""The second pair of eyes: reads only the final payload, right before it is sent or after it was
read back, and shares no table or code with the compiler.

`check` allows what is listed and refuses the rest; `check_live` reads what a network says it holds,
where the network adds fields of its own, and refuses what a job ad may never carry.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from assets.publishing.payload_validator import google, meta, x
from assets.publishing.payload_validator.refusal import refuse, unresolved
from domain.networks import ByNetwork
from domain.platform import Network


class Validator(Protocol):
    """What a network's module of this package has."""

    def check(self, kind: str, body: Mapping[str, Any]) -> None:
        """`body` is about to be sent."""
        ...

    def check_live(self, kind: str, fields: Mapping[str, Any]) -> None:
        """The network says that it holds `fields`."""
        ...


VALIDATORS: Mapping[Network, Validator] = ByNetwork(
    "validator in assets/publishing/payload_validator",
    {Network.META: meta, Network.X: x, Network.GOOGLE: google},
)


def check(network: str, kind: str, body: Mapping[str, Any], *, resolved: bool = True) -> None:
    """PolicyRefusal naming path and rule unless every field of `body` is one a job ad may send.

    `resolved` False reads a payload that nobody is about to send: ids may still be unknown.

    >>> place = {"targeting_type": "LOCATION", "targeting_value": "3376992a082d67c7"}
    >>> age = {"targeting_type": "AGE", "targeting_value": "AGE_25_TO_49"}
    >>> def body(**what):
    ...     params = {"line_item_id": "8x1", "operator_type": "EQ", **what}
    ...     return {"operations": [{"operation_type": "Create", "params": params}]}
    >>> check("x", "targeting", body(**place))
    >>> check("x", "targeting", body(**age))
    Traceback (most recent call last):
        ...
    domain.errors.PolicyRefusal: targeting.operations[0]... a job ad may not target by AGE - ...
    """
    validator = _of(network, kind)
    if resolved:
        for path in unresolved(kind, body):
            refuse(path, "an id is still unresolved")
    validator.check(kind, body)


def check_live(network: str, kind: str, fields: Mapping[str, Any]) -> None:
    """PolicyRefusal when an object on the network carries what a job ad may never carry."""
    _of(network, kind).check_live(kind, fields)


def _of(network: str, kind: str) -> Validator:
    if network not in set(Network):
        refuse(kind, f"no rule allows {network}")
    return VALIDATORS[Network(network)]


__all__ = ["VALIDATORS", "check", "check_live"]
