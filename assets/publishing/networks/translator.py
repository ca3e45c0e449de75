"""What the translator of a network does. Data in, data out: no client, no network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assets.publishing.networks.ad_context import Body, Brief
from assets.publishing.networks.copy import Copy
from assets.publishing.networks.truncation import Truncator
from assets.publishing.policy import Compiled, Target, Words
from domain.plan import Bodies


@dataclass(frozen=True, slots=True)
class ArmBrief:
    """What one arm adds to the ad's brief; `minor` is its share of a day's money, in minor units of
    the ad's currency."""

    name: str
    compiled: Compiled
    copy: Copy
    minor: int
    fitter: Truncator
    words: Words


@dataclass(frozen=True, slots=True)
class Constant:
    """What every job ad says on the network, in the body of `kind` ("" for none)."""

    name: str
    value: str
    kind: str
    reason: str


def _no_warnings(_: Copy) -> list[tuple[str, str]]:
    return []


def _at_any_time(_: str, body: Body, __: datetime) -> Body:
    return body


def _by_kind(_: str, found: dict[str, Body]) -> dict[str, Any]:
    return dict(found)


@dataclass(frozen=True, slots=True)
class Translator:
    """From compiled facts to the bodies of one network."""

    constants: Sequence[Constant]
    shared: Callable[[Brief, Sequence[Compiled]], dict[str, Body]]
    """Bodies by kind of what all arms share on an account: picture or video, and campaign."""
    arm: Callable[[Brief, ArmBrief], dict[str, Body]]
    """Bodies by kind of one arm."""
    query: Callable[[Target], Mapping[str, Any]]
    """The $lookup that stands in a body for a place whose id is not known."""
    warnings: Callable[[Copy], list[tuple[str, str]]] = _no_warnings
    """(field, warning) where the network may cut a text."""
    whole: Callable[[str, Body, Sequence[Bodies]], Body] | None = None
    """The campaign's body with its arms in one atomic request of an account; None where the network
    has no such request."""
    timely: Callable[[str, Body, datetime], Body] = _at_any_time
    """The body of a kind as it may be sent at a moment."""
    printed: Callable[[str, dict[str, Body]], dict[str, Any]] = _by_kind
    """What `jobads compile --network` shows of an account's bodies by kind."""
