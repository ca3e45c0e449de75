"""The routes under /12/: which object a request is about, and what is done with it."""

from collections.abc import Mapping
from typing import Any

from sandbox.x import batch
from sandbox.x.accounts import EDGES, Accounts
from sandbox.x.campaigns import Campaigns
from sandbox.x.cards import Cards
from sandbox.x.errors import XError, invalid
from sandbox.x.line_items import LineItems
from sandbox.x.lists import Body
from sandbox.x.lookups import lookup
from sandbox.x.media import Media
from sandbox.x.parameters import Field, read
from sandbox.x.promoted import Promoted
from sandbox.x.showings import Showings
from sandbox.x.state import State, Stored
from sandbox.x.stats import Stats
from sandbox.x.targeting import Targeting
from sandbox.x.tweets import Tweets
from sandbox.x.world import Account, World

_KINDS = {
    "campaigns": "campaign",
    "line_items": "line_item",
    "cards": "card",
    "targeting_criteria": "targeting_criterion",
    "promoted_tweets": "promoted_tweet",
    "media_library": "media",
}
_CHANGED = ("campaigns", "line_items", "cards")
_IDS = {
    "targeting_criteria": "targeting_criterion_id",
    "campaigns": "campaign_id",
    "line_items": "line_item_id",
}


class Api:
    def __init__(
        self,
        state: State,
        world: World,
        showings: Showings,
        media: Media,
        promoted: Promoted,
        stats: Stats,
    ) -> None:
        self._state, self._world, self._showings = state, world, showings
        self._accounts, self._stats = Accounts(world), stats
        self._tweets = Tweets(state, media)
        self._rooms: dict[str, Any] = {
            "campaigns": Campaigns(state, world, showings),
            "cards": Cards(state, media, showings),
            "line_items": LineItems(state, world, showings),
            "media_library": media,
            "promoted_tweets": promoted,
            "targeting_criteria": Targeting(state, world, showings),
        }

    def answer(self, method: str, path: str, given: Mapping[str, Any], body: Any) -> Body:
        """`path` is what follows /12/. XError, or BatchError for a batch."""
        parts = path.split("/")
        if parts[0] == "accounts":
            if len(parts) == 1:
                _only(method, "GET")
                return self._accounts.page(given)
            return self._below(method, parts[1], parts[2:], given, body)
        if parts[:2] == ["batch", "accounts"] and len(parts) == 4:
            _only(method, "POST")
            return self._batch(self._accounts.get(parts[2]), parts[3], body)
        if parts[:2] == ["stats", "accounts"] and len(parts) in (3, 4):
            _only(method, "GET")
            return self._stats.answer(self._accounts.get(parts[2]), parts[3:], given)
        if parts[0] == "targeting_criteria" and len(parts) == 2:
            _only(method, "GET")
            return lookup(self._world, parts[1], given)
        raise XError("ROUTE_NOT_FOUND", f"no route {path}")

    def _below(
        self, method: str, account_id: str, rest: list[str], given: Mapping[str, Any], body: Any
    ) -> Body:
        account = self._accounts.get(account_id)
        if not rest:
            _only(method, "GET")
            return self._accounts.one(account, given)
        edge, ids = rest[0], rest[1:]
        if edge in EDGES and not ids:
            _only(method, "GET")
            return self._accounts.edge(account, edge, given)
        if edge in ("tweet", "tweets") and not ids:
            _only(method, "POST" if edge == "tweet" else "GET")
            act = self._tweets.create if edge == "tweet" else self._tweets.page
            return act(account, given)
        if edge == "tweets" and ids[1:] == ["name"]:
            _only(method, "PUT")
            return self._tweets.rename(account, ids[0], given)
        if edge not in self._rooms or len(ids) > 1:
            raise XError("ROUTE_NOT_FOUND", f"no route {'/'.join(rest)}")
        room = self._rooms[edge]
        if ids:
            told = body if edge == "cards" and method == "PUT" else given
            return self._one(method, account, edge, ids[0], told)
        _only(method, "GET", "POST")
        if method == "GET":
            return dict(room.page(account, given))
        return dict(room.create(account, body if edge == "cards" else given))

    def _one(self, method: str, account: Account, edge: str, object_id: str, given: Any) -> Body:
        room = self._rooms[edge]
        with_deleted = False
        if method == "GET":
            with_deleted = bool(
                read(given or {}, {"with_deleted": Field("bool")}).get("with_deleted")
            )
        stored = self._find(account, edge, object_id, with_deleted=with_deleted)
        if method == "GET":
            return {"data": [room.show(stored)] if edge == "cards" else room.show(stored)}
        if method == "PUT" and edge in _CHANGED:
            return dict(room.update(stored, account, given))
        _only(method, "DELETE")
        return dict(room.delete(stored))

    def _batch(self, account: Account, edge: str, body: Any) -> Body:
        if edge not in batch.MOST:
            raise XError("ROUTE_NOT_FOUND", f"no batch of {edge}")
        room = self._rooms[edge]

        def act(kind: str, params: Mapping[str, Any]) -> Body:
            given = {name: value for name, value in params.items() if name != "account_id"}
            if kind == "Create":
                return dict(room.create(account, given))
            stored = self._find(account, edge, str(given.pop(_IDS[edge], "")))
            if kind == "Update" and edge in _CHANGED:
                return dict(room.update(stored, account, given))
            if kind == "Delete":
                return dict(room.delete(stored))
            raise invalid("operation_type", f"{edge} have no {kind}")

        return batch.run(self._state, self._showings, edge, body, act)

    def _find(
        self, account: Account, edge: str, object_id: str, *, with_deleted: bool = False
    ) -> Stored:
        kind = _KINDS[edge]
        key = object_id.partition("_")[2] if kind == "media" else object_id
        stored = self._state.get(kind, key)
        mine = stored is not None and stored.account == account.id
        if stored is None or not mine or (stored.deleted and not with_deleted):
            raise XError(f"{kind.upper()}_NOT_FOUND", f"no {kind} {object_id}", f"{kind}_id")
        return stored


def _only(method: str, *allowed: str) -> None:
    if method not in allowed:
        raise XError("METHOD_NOT_ALLOWED", f"{method} is not allowed here")
