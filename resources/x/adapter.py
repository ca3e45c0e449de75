"""The AdPlatform contract for X, over its Ads API (v12)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from domain.errors import NotFound, Refused
from domain.networks.x import HELD
from domain.platform import (
    ACTIVE,
    FILES,
    Account,
    Activated,
    Candidate,
    Created,
    Found,
    Insight,
    Mode,
    Network,
    ReadBack,
)
from resources.x import account, insights, media, objects, places, remote_state
from resources.x.client import AdsClient


@dataclass(frozen=True, slots=True)
class XPlatform:
    """One account of X. `images` is the folder of stored files, named by content; places and
    what never changes about the account are asked for once."""

    client: AdsClient = field(repr=False)
    account_id: str
    mode: Mode
    images: Path
    sleep: Callable[[float], None] = field(repr=False)
    _places: dict[str, tuple[Candidate, ...]] = field(default_factory=dict, repr=False)
    _facts: dict[str, Any] = field(default_factory=dict, repr=False)
    _paused: set[tuple[str, str]] = field(default_factory=set, repr=False)
    """(kind, id) of what was paused here; the next read of it confirms that."""
    network: ClassVar[Network] = Network.X

    def verify(self, account_id: str) -> Account:
        """The account's currency, zone and what its campaigns must name; Refused when the user or
        the account may not run job ads."""
        return account.verify(self.client, account_id, self.mode)

    def find(self, account_id: str, kind: str, key: str, parent: str = "") -> Found:
        self._own(account_id)
        if kind in HELD:
            return Found(kind, remote_state.find(self.client, account_id, kind, parent))
        return Found(kind, objects.find(self.client, account_id, kind, key, parent))

    def create(self, account_id: str, kind: str, body: Mapping[str, Any]) -> Created:
        self._own(account_id)
        if kind in FILES:
            path = self.images / str(body["name"])
            made = media.create(self.client, account_id, path, self._poster(), self.sleep)
            return Created(kind, made)
        makers = remote_state if kind in HELD else objects
        return Created(kind, makers.create(self.client, account_id, kind, body))

    def read(self, kind: str, object_id: str) -> ReadBack:
        if kind in HELD:
            return remote_state.read(self.client, self.account_id, kind, object_id)
        urgent = (kind, object_id) in self._paused
        held = objects.read(self.client, self.account_id, kind, object_id, urgent=urgent)
        if held.status != ACTIVE:
            self._paused.discard((kind, object_id))
        return held

    def activate(self, kind: str, object_id: str) -> Activated:
        self._paused.discard((kind, object_id))
        return self._switch(kind, object_id, "ACTIVE")

    def pause(self, kind: str, object_id: str) -> Activated:
        """Sent through any silence that we keep, as is the read that confirms it."""
        paused = self._switch(kind, object_id, "PAUSED", urgent=True)
        self._paused.add((kind, object_id))
        return paused

    def update(self, kind: str, object_id: str, body: Mapping[str, Any]) -> ReadBack:
        """Set the fields of `body`; what a line item holds becomes the very set that is given."""
        changers = remote_state if kind in HELD else objects
        return changers.change(self.client, self.account_id, kind, object_id, body)

    def report(
        self, account_id: str, ad_ids: Sequence[str], since: date, until: date
    ) -> Sequence[Insight]:
        """Daily numbers of line items, both days inclusive, days of the account's zone."""
        self._own(account_id)
        if not ad_ids:
            return []
        zone, currency = self._counted_in()
        return insights.report(self.client, account_id, ad_ids, since, until, zone, currency)

    def lookup(self, kind: str, query: Mapping[str, Any]) -> Sequence[Candidate]:
        """Places for {"q", "country_code", "location_type"}, asked once each: X may allow as few
        as five of these questions in fifteen minutes."""

        if kind != "location":
            raise NotFound(f"X has no lookup {kind!r}")
        key = f"{query['location_type']} {query.get('country_code')} {query['q']}"
        if key not in self._places:
            self._places[key] = places.lookup(self.client, query)
        return self._places[key]

    def _switch(self, kind: str, object_id: str, status: str, *, urgent: bool = False) -> Activated:
        body = {"entity_status": status}
        now = objects.change(self.client, self.account_id, kind, object_id, body, urgent=urgent)
        return Activated(kind, object_id, now.status)

    def _poster(self) -> str:
        if "user" not in self._facts:
            self._facts["user"] = account.promotable_user(self.client, self.account_id)
        return str(self._facts["user"])

    def _counted_in(self) -> tuple[str, str]:
        if "counted" not in self._facts:
            self._facts["counted"] = account.zone_and_currency(self.client, self.account_id)
        zone, currency = self._facts["counted"]
        return zone, currency

    def _own(self, account_id: str) -> None:
        if account_id != self.account_id:
            raise Refused(
                f"this connection speaks for account {self.account_id}",
                where=account_id,
                mend="use the connection of that account",
            )
