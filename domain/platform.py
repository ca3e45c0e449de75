"""The contract that every ad network's adapter keeps: few verbs, each answering a frozen record.

Adapters raise only the PlatformError family. Objects are keyed by kind ("campaign", "adset"); a
compiled payload refers to ids that only the network knows as {"$id": kind} or
{"$lookup": {"network", "kind", "query"}}. An adapter speaks for one connection: one account.

What networks spell in their own ways has one spelling here: `status` is ACTIVE or PAUSED (any other
word means that the object is gone), `review` is a Review, times carry a zone, spend is in micros,
clicks are link clicks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable


class Network(StrEnum):
    META = "meta"
    X = "x"
    GOOGLE = "google"


class Mode(StrEnum):
    SANDBOX = "sandbox"
    LIVE = "live"


ACTIVE, PAUSED = "ACTIVE", "PAUSED"
# Kinds that are stored files: a network finds them by a name that tells their content.
FILES = frozenset({"image", "video"})


class Review(StrEnum):
    """What the network's review says of an ad; the network's own words are in `issues`."""

    UNKNOWN = "unknown"  # this kind of object is not reviewed, or nobody said anything yet
    PENDING = "pending"
    APPROVED = "approved"
    LIMITED = "limited"
    DISAPPROVED = "disapproved"


@dataclass(frozen=True, slots=True)
class Account:
    """An advertising account as the network describes it; `minimum_daily_minor` in its currency.

    `ids` are what its campaigns must name: "page", "funding_instrument", "promotable_user"."""

    account_id: str
    currency: str
    timezone: str
    minimum_daily_minor: int
    mode: Mode
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Objects of one kind whose name starts with the key, oldest first."""

    kind: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Created:
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class ReadBack:
    """An object as the network now holds it, `fields` in the form of the body that made it;
    `issues` are the network's own words about what hinders it."""

    kind: str
    id: str
    fields: Mapping[str, Any]
    status: str
    review: Review = Review.UNKNOWN
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Activated:
    kind: str
    id: str
    status: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer of a lookup (a place, an interest) with the network's own id."""

    id: str
    label: str
    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Insight:
    """One day of one arm's delivery; `ad_id` is the object of the kind that the network reports
    for. Clicks are link clicks; spend in micros of `currency`."""

    ad_id: str
    day: date
    impressions: int
    clicks: int
    applies: int
    spend_micros: int
    currency: str
    attribution_window: str


class Pace(Protocol):
    """The silence that a network asked of an account, kept by every process that calls it."""

    def check(self) -> None:
        """Throttled while the silence lasts."""
        ...

    def heed(self, wait_s: float) -> None:
        """The network wants no call for `wait_s` seconds."""
        ...


@runtime_checkable
class AdPlatform(Protocol):
    @property
    def network(self) -> Network: ...

    @property
    def mode(self) -> Mode: ...

    def verify(self, account_id: str) -> Account: ...

    def find(self, account_id: str, kind: str, key: str, parent: str = "") -> Found:
        """What is alive and has a name that starts with `key`; `parent` is the id of the object
        that it stands under, for networks that list by it."""
        ...

    def create(self, account_id: str, kind: str, body: Mapping[str, Any]) -> Created: ...

    def read(self, kind: str, object_id: str) -> ReadBack: ...

    def activate(self, kind: str, object_id: str) -> Activated: ...

    def pause(self, kind: str, object_id: str) -> Activated: ...

    def update(self, kind: str, object_id: str, body: Mapping[str, Any]) -> ReadBack: ...

    def report(
        self, account_id: str, ad_ids: Sequence[str], since: date, until: date
    ) -> Sequence[Insight]: ...

    def lookup(self, kind: str, query: Mapping[str, Any]) -> Sequence[Candidate]: ...
