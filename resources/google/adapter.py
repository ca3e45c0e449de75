"""The AdPlatform contract over the real google-ads SDK.

An object is a bundle: a campaign with its budget and places, an ad group with its keywords and
ads. Each bundle is made and changed by one atomic Mutate; ids are resource names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from domain.errors import InputError, NotFound, Refused
from domain.money import minimum
from domain.platform import (
    ACTIVE,
    PAUSED,
    Account,
    Activated,
    Candidate,
    Created,
    Found,
    Insight,
    Mode,
    Network,
    Pace,
    ReadBack,
)
from resources.google import insights, places, remote_state
from resources.google.canonical_form import value
from resources.google.changes import changes, switch
from resources.google.errors import called
from resources.google.gaql import customer, literal, number, prefix, query

if TYPE_CHECKING:
    from resources.google.sdk_client import SdkClient

T = TypeVar("T")
_COLLECTIONS = {"campaign": "campaigns", "ad_group": "adGroups"}
_READS = {"campaign": remote_state.campaign, "ad_group": remote_state.ad_group}


@dataclass(frozen=True, slots=True)
class GooglePlatform:
    """One connection's view of Google Ads; `account_id` answers lookups that need a customer."""

    wire: "SdkClient" = field(repr=False)
    mode: Mode
    pace: Pace = field(repr=False)
    account_id: str = ""
    _paused: set[str] = field(default_factory=set, repr=False)
    """Resource names of what was paused here; the next read of one confirms that."""
    network: ClassVar[Network] = Network.GOOGLE

    def verify(self, account_id: str) -> Account:
        """Currency and zone; Refused for a manager and for an account that may not spend.

        Google tells no account's minimum: it is what domain.money accepts at least, and a budget
        below Google's own is refused with BUDGET_BELOW_PER_DAY_MINIMUM when it is posted."""
        names = ("id", "currency_code", "time_zone", "manager", "status")
        asked = query([f"customer.{n}" for n in names], "customer")
        rows = self._search(account_id, asked, f"account {account_id}")
        if not rows:
            raise Refused("the account is not visible", where=account_id, mend="connect again")
        found = rows[0].customer
        status = value(found, "status")
        if found.manager:
            raise Refused(
                "a manager account runs no ads",
                where=account_id,
                mend="connect one of its client accounts",
            )
        if status != "ENABLED":
            raise Refused(f"the account is {status}", where=account_id, mend="see Google Ads")
        try:
            least = minimum(found.currency_code).minor
        except InputError as error:
            raise Refused(error.what, where=account_id, mend=error.mend) from None
        return Account(account_id, found.currency_code, found.time_zone, least, self.mode)

    def accounts(self) -> Sequence[str]:
        """Ids of the accounts and managers that the token reaches by itself."""
        return self._call(self.wire.customers, "accounts")

    def find(self, account_id: str, kind: str, key: str, parent: str = "") -> Found:
        """What is not removed and named `key`…, oldest first. LIKE ignores case, so that names are
        compared once more here."""
        _collection(kind)
        conditions = [f"{kind}.name LIKE {prefix(key)}", f"{kind}.status != 'REMOVED'"]
        if kind != "campaign":
            conditions.append("campaign.status != 'REMOVED'")
        if parent:
            conditions.append(f"campaign.id = {number(parent, 'campaigns')}")
        fields = (f"{kind}.resource_name", f"{kind}.id", f"{kind}.name")
        rows = self._search(
            account_id, query(fields, kind, *conditions, order=f"{kind}.id"), f"find {kind}"
        )
        found = [getattr(row, kind) for row in rows]
        mine = sorted((f for f in found if f.name.startswith(key)), key=lambda f: f.id)
        return Found(kind, tuple(f.resource_name for f in mine))

    def create(self, account_id: str, kind: str, body: Mapping[str, Any]) -> Created:
        """All operations of `body` in one Mutate: the whole bundle is there, or nothing of it.
        Ambiguous when the name is taken: it begins with our key, so that a look finds it."""
        _collection(kind)
        answer = self._mutate(account_id, _operations(body), f"create {kind}", creates=True)
        results = (getattr(r, f"{kind}_result") for r in answer.mutate_operation_responses)
        name = next((r.resource_name for r in results if r.resource_name), "")
        if not name:
            raise Refused(f"the body makes no {kind}", where=f"Google create {kind}")
        return Created(kind, name)

    def read(self, kind: str, object_id: str) -> ReadBack:
        found = self._held(kind, object_id, urgent=object_id in self._paused)
        if found.status != ACTIVE:
            self._paused.discard(object_id)
        return found.read(kind, object_id)

    def activate(self, kind: str, object_id: str) -> Activated:
        self._paused.discard(object_id)
        return self._switch(kind, object_id, "ENABLED")

    def pause(self, kind: str, object_id: str) -> Activated:
        """Sent through any silence that we keep, as is the read that confirms it."""
        paused = self._switch(kind, object_id, "PAUSED", urgent=True)
        self._paused.add(object_id)
        return paused

    def update(self, kind: str, object_id: str, body: Mapping[str, Any]) -> ReadBack:
        """Bring the bundle to the operations of `body` in one Mutate, its switch untouched."""
        found = self._held(kind, object_id)
        wanted = changes(found.parts, _operations(body))
        if not wanted:
            return found.read(kind, object_id)
        self._mutate(object_id, wanted, f"update {kind}")
        return self.read(kind, object_id)

    def report(
        self, account_id: str, ad_ids: Sequence[str], since: date, until: date
    ) -> Sequence[Insight]:
        """Daily numbers of the ad groups `ad_ids`; a day without an impression has no row."""
        return [
            insights.insight(row)
            for asked in insights.queries(ad_ids, since, until)
            for row in self._search(account_id, asked, "report", slow=True)
        ]

    def lookup(self, kind: str, query: Mapping[str, Any]) -> Sequence[Candidate]:
        """Places for {"q", "country_code", "target_type": Country | State | City}."""
        if kind != "geo_target":
            raise NotFound(f"Google has no lookup {kind!r}")
        code, target_type = str(query["country_code"]), str(query["target_type"])
        if target_type == "Country" and self.account_id:
            return places.candidates(self._country(code), target_type)
        names = [str(query["q"])]
        suggested = self._call(lambda: self.wire.suggest(code, names), "suggest")
        return places.candidates(suggested, target_type)

    def _country(self, code: str) -> list[Any]:
        """A country is told by its code: its name would be a guess."""
        conditions = (
            f"geo_target_constant.country_code = {literal(code)}",
            "geo_target_constant.target_type = 'Country'",
            "geo_target_constant.status = 'ENABLED'",
        )
        asked = query(places.FIELDS, "geo_target_constant", *conditions)
        rows = self._search(self.account_id, asked, "geo_target_constant")
        return [row.geo_target_constant for row in rows]

    def _held(
        self, kind: str, object_id: str, *, urgent: bool = False
    ) -> remote_state.RemoteObject:
        _collection(kind)

        def search(asked: str) -> list[Any]:
            return self._search(object_id, asked, f"read {kind}", urgent=urgent)

        return _READS[kind](search, object_id)

    def _switch(self, kind: str, object_id: str, status: str, *, urgent: bool = False) -> Activated:
        number(object_id, _collection(kind))
        change = switch(kind, object_id, status)
        self._mutate(object_id, [change], f"{status} {kind}", urgent=urgent)
        return Activated(kind, object_id, ACTIVE if status == "ENABLED" else PAUSED)

    def _search(
        self, account: str, asked: str, what: str, *, slow: bool = False, urgent: bool = False
    ) -> list[Any]:
        digits = customer(account)
        return self._call(lambda: self.wire.search(digits, asked, slow=slow), what, urgent=urgent)

    def _mutate(
        self,
        account: str,
        operations: Sequence[Mapping[str, Any]],
        what: str,
        *,
        creates: bool = False,
        urgent: bool = False,
    ) -> Any:
        digits = customer(account)
        return self._call(
            lambda: self.wire.mutate(digits, operations),
            what,
            writes=True,
            creates=creates,
            urgent=urgent,
        )

    def _call(
        self,
        call: Callable[[], T],
        what: str,
        *,
        writes: bool = False,
        creates: bool = False,
        urgent: bool = False,
    ) -> T:
        return called(
            call,
            what=f"Google {what}",
            writes=writes,
            creates=creates,
            secrets=lambda: self.wire.secrets,
            pace=self.pace,
            urgent=urgent,
        )


def _collection(kind: str) -> str:
    if kind not in _COLLECTIONS:
        raise Refused(f"Google has no {kind!r}", mend=f"use {' or '.join(_COLLECTIONS)}")
    return _COLLECTIONS[kind]


def _operations(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    extra = set(body) - {"mutate_operations", "customer_id"}
    if extra or not body.get("mutate_operations"):
        raise Refused(f"a body is mutate_operations, not {', '.join(sorted(body))}")
    operations: Sequence[Mapping[str, Any]] = body["mutate_operations"]
    return operations
