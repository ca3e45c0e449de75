"""One way to ask for bodies, whatever the network; and what of them is only money or a name."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from assets.publishing.networks import google, meta, x
from assets.publishing.networks.ad_context import Body, Brief, micros
from assets.publishing.networks.copy import Copy
from assets.publishing.networks.truncation import Fitter
from assets.publishing.policy import Compiled, Words
from domain.plan import Bodies
from domain.platform import Network

# Where an arm's own daily money stands: (kind, field). Ad groups share their campaign's budget.
MONEY = {
    Network.META: ("adset", "daily_budget"),
    Network.X: ("line_item", "daily_budget_amount_local_micro"),
}
_ARM_NAME = re.compile(r"utm_content=[^&\"\s]*")


def shared(brief: Brief, compiled: Sequence[Compiled], network: Network) -> dict[str, Body]:
    """What all arms share on an account: picture or video, and campaign."""
    if network is Network.META:
        return meta.shared(brief)
    if network is Network.X:
        return x.shared(brief)
    if network is Network.GOOGLE:
        return google.shared(brief, compiled)
    assert_never(network)


def arm(
    brief: Brief,
    name: str,
    compiled: Compiled,
    copy: Copy,
    minor: int,
    fitter: Fitter,
    words: Words,
) -> dict[str, Body]:
    """Bodies by kind of one arm; `minor` is its share of a day's money."""
    if compiled.network is Network.META:
        return meta.arm(brief, name, compiled, copy, minor)
    if compiled.network is Network.X:
        return x.arm(brief, name, compiled, copy, minor, fitter)
    if compiled.network is Network.GOOGLE:
        return google.arm(brief, name, compiled, copy, fitter, words)
    assert_never(compiled.network)


def with_money(bodies: Bodies, network: Network, minor: int, currency: str) -> Bodies:
    """The bodies with another daily amount; as they are where arms share one budget."""
    if network not in MONEY:
        return bodies
    kind, field = MONEY[network]
    amount = minor if network is Network.META else micros(minor, currency)
    return {**bodies, kind: {**bodies[kind], field: amount}}


def nameless(bodies: Bodies, network: Network) -> Mapping[str, Any]:
    """Bodies without what only tells arms apart: their money and the arm's name in the link."""
    found: dict[str, dict[str, Any]] = json.loads(
        _ARM_NAME.sub("utm_content=", json.dumps(bodies, sort_keys=True))
    )
    if network in MONEY:
        kind, field = MONEY[network]
        found[kind].pop(field, None)
    return found
