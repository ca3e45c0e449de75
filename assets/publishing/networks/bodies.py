"""What of a network's bodies is only money or a name."""

import json
import re
from collections.abc import Mapping
from typing import Any

from domain.networks import FACTS
from domain.plan import Bodies
from domain.platform import Network

_ARM_NAME = re.compile(r"utm_content=[^&\"\s]*")


def with_money(bodies: Bodies, network: Network, minor: int, currency: str) -> Bodies:
    """The bodies with another daily amount; as they are where arms share one budget."""
    facts = FACTS[network]
    kind = facts.arm_budget
    if not kind:
        return bodies
    amount = facts.amount(minor, currency)
    return {**bodies, kind: {**bodies[kind], facts.budget_field: amount}}


def without_arm_names(bodies: Bodies, network: Network) -> Mapping[str, Any]:
    """Bodies without what only tells arms apart: their money and the arm's name in the link.

    >>> link = "https://acme.example/1?utm_content="
    >>> nurses = {"adset": {"daily_budget": 500, "link": link + "nurses"}}
    >>> broad = {"adset": {"daily_budget": 700, "link": link + "broad"}}
    >>> without_arm_names(nurses, Network.META) == without_arm_names(broad, Network.META)
    True
    """
    facts = FACTS[network]
    found: dict[str, dict[str, Any]] = json.loads(
        _ARM_NAME.sub("utm_content=", json.dumps(bodies, sort_keys=True))
    )
    if facts.arm_budget:
        found[facts.arm_budget].pop(facts.budget_field, None)
    return found
