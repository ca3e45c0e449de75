"""Accounts, and what belongs to each: money, users, rights, features, event tags."""

from collections.abc import Mapping
from typing import Any

from sandbox.x.errors import XError
from sandbox.x.lists import Body, plain_page
from sandbox.x.parameters import IDS, PAGING, Field, read
from sandbox.x.tokens import USER
from sandbox.x.world import Account, World

_LIST = {**PAGING, "account_ids": IDS, "q": Field(most=255)}
_ONE = {"with_deleted": Field("bool")}
_SINCE = "2026-01-01T00:00:00Z"
_DATES = {"created_at": _SINCE, "updated_at": _SINCE, "deleted": False}
_FEATURES = ("OPTIMIZED_ACTION_BIDDING", "VIDEO_VIEWS_OBJECTIVE")
EDGES = (
    "authenticated_user_access",
    "features",
    "funding_instruments",
    "promotable_users",
    "web_event_tags",
)


class Accounts:
    def __init__(self, world: World) -> None:
        self._world = world

    def page(self, given: Mapping[str, Any]) -> Body:
        asked = read(given, _LIST)
        wanted, start = asked.get("account_ids"), str(asked.get("q") or "").casefold()
        found = [
            _account(a)
            for a in self._world.accounts.values()
            if (wanted is None or a.id in wanted) and a.name.casefold().startswith(start)
        ]
        return plain_page(found, asked)

    def one(self, account: Account, given: Mapping[str, Any]) -> Body:
        read(given, _ONE)
        return {"data": _account(account)}

    def get(self, account_id: str) -> Account:
        account = self._world.accounts.get(account_id)
        if account is None:
            raise XError("ACCOUNT_NOT_FOUND", f"no account {account_id}", "account_id")
        return account

    def edge(self, account: Account, edge: str, given: Mapping[str, Any]) -> Body:
        """One of EDGES: what stands below an account and is never changed by a client."""
        if edge == "authenticated_user_access":
            read(given, {})
            rights = ["ACCOUNT_ADMIN", "TWEET_COMPOSER"]
            return {"data": {"user_id": USER, "permissions": rights}}
        if edge == "features":
            read(given, {"feature_keys": IDS})
            return {"data": list(_FEATURES)}
        rows = self._rows(account, edge)
        ids = edge.removesuffix("s") + "_ids"
        asked = read(given, {**PAGING, ids: IDS})
        wanted = asked.get(ids)
        return plain_page((r for r in rows if wanted is None or r["id"] in wanted), asked)

    def _rows(self, account: Account, edge: str) -> list[Body]:
        if edge == "funding_instruments":
            return [_funding(account)]
        if edge == "promotable_users":
            user = {"user_id": USER, "id": f"pu{account.id}", "promotable_user_type": "FULL"}
            return [user | _DATES]
        return [
            {
                "name": t.name,
                "id": t.id,
                "type": t.type,
                "status": "TRACKING",
                "click_window": 30,
                "view_through_window": 1,
                "retargeting_enabled": False,
                "deleted": False,
            }
            for t in self._world.event_tags.values()
            if t.account == account.id
        ]


def _funding(account: Account) -> Body:
    return _DATES | {
        "start_time": _SINCE,
        "description": "Sandbox card",
        "end_time": None,
        "credit_limit_local_micro": None,
        "id": account.funding_instrument,
        "entity_status": "ACTIVE",
        "account_id": account.id,
        "reasons_not_able_to_fund": [],
        "io_header": None,
        "currency": account.currency,
        "funded_amount_local_micro": None,
        "type": "CREDIT_CARD",
        "able_to_fund": True,
        "credit_remaining_local_micro": None,
    }


def _account(account: Account) -> Body:
    return _DATES | {
        "name": account.name,
        "business_name": None,
        "timezone": account.timezone,
        "timezone_switch_at": None,
        "id": account.id,
        "business_id": None,
        "approval_status": "ACCEPTED",
    }
