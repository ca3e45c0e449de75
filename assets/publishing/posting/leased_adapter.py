"""An adapter under a lease: no request starts that may outlive the right to send it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.errors import LeaseLost
from domain.ledger import Lease, Leases
from domain.platform import (
    Account,
    Activated,
    AdPlatform,
    Candidate,
    Created,
    Found,
    Insight,
    Mode,
    Network,
    ReadBack,
)

# Renewed while work goes on; what a killed process held is free again after this.
LEASE_S = 300.0
REQUEST_S = 90.0
"""Longer than any adapter waits for one answer."""


@dataclass(slots=True)
class LeasedAdapter:
    """Asks for its lease before each request; LeaseLost instead of a request when another took the
    place. A lease that runs out is renewed, if it still is ours."""

    inner: AdPlatform
    leases: Leases
    lease: Lease

    @property
    def network(self) -> Network:
        return self.inner.network

    @property
    def mode(self) -> Mode:
        return self.inner.mode

    def _held(self) -> AdPlatform:
        try:
            self.leases.holds(self.lease, REQUEST_S)
        except LeaseLost:
            self.lease = self.leases.renew(self.lease, LEASE_S)
        return self.inner

    def verify(self, account_id: str) -> Account:
        return self._held().verify(account_id)

    def find(self, account_id: str, kind: str, key: str, parent: str = "") -> Found:
        return self._held().find(account_id, kind, key, parent)

    def create(self, account_id: str, kind: str, body: Mapping[str, Any]) -> Created:
        return self._held().create(account_id, kind, body)

    def read(self, kind: str, object_id: str) -> ReadBack:
        return self._held().read(kind, object_id)

    def activate(self, kind: str, object_id: str) -> Activated:
        return self._held().activate(kind, object_id)

    def pause(self, kind: str, object_id: str) -> Activated:
        return self._held().pause(kind, object_id)

    def update(self, kind: str, object_id: str, body: Mapping[str, Any]) -> ReadBack:
        return self._held().update(kind, object_id, body)

    def report(
        self, account_id: str, ad_ids: Sequence[str], since: date, until: date
    ) -> Sequence[Insight]:
        return self._held().report(account_id, ad_ids, since, until)

    def lookup(self, kind: str, query: Mapping[str, Any]) -> Sequence[Candidate]:
        return self._held().lookup(kind, query)
