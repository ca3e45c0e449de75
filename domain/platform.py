"""The contract that every ad network's adapter keeps: few verbs, each answering a frozen record.

Adapters raise only the PlatformError family. Objects are keyed by kind ("campaign", "adset"); a
compiled payload refers to ids that only the network knows as {"$id": kind} or
{"$lookup": {"network", "kind", "query"}}.
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
    """An object as the network now holds it; `review` is its effective status in its own words."""

    kind: str
    id: str
    fields: Mapping[str, Any]
    status: str
    review: str = ""
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
    """One day of one ad's delivery. Clicks are link clicks; spend in micros of `currency`."""

    ad_id: str
    day: date
    impressions: int
    clicks: int
    applies: int
    spend_micros: int
    currency: str
    attribution_window: str


@runtime_checkable
class AdPlatform(Protocol):
    @property
    def network(self) -> Network: ...

    @property
    def mode(self) -> Mode: ...

    @property
    def kinds(self) -> tuple[str, ...]:
        """Creation order, parents first."""
        ...

    def verify(self, account_id: str) -> Account: ...

    def find(self, account_id: str, kind: str, key: str) -> Found: ...

    def create(self, account_id: str, kind: str, body: Mapping[str, Any]) -> Created: ...

    def read(self, kind: str, object_id: str) -> ReadBack: ...

    def activate(self, kind: str, object_id: str) -> Activated: ...

    def pause(self, kind: str, object_id: str) -> Activated: ...

    def update(self, kind: str, object_id: str, body: Mapping[str, Any]) -> ReadBack: ...

    def report(
        self, account_id: str, ad_ids: Sequence[str], since: date, until: date
    ) -> Sequence[Insight]: ...

    def lookup(self, kind: str, query: Mapping[str, Any]) -> Sequence[Candidate]: ...
