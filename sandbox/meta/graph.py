"""Graph's paths: nodes, edges, searches and reports, as plain functions of parameters."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.meta.delivery import Delivery
from sandbox.meta.errors import GraphError, gone
from sandbox.meta.insights import report
from sandbox.meta.objects import EDGES, Objects
from sandbox.meta.state import State, Stored
from sandbox.meta.world import Account, World

Params = Mapping[str, Any]
DEFAULT_LIMIT = 25
MOST = 5_000


class Graph:
    def __init__(self, state: State, world: World, objects: Objects, delivery: Delivery) -> None:
        self._state, self._world = state, world
        self._objects, self._delivery = objects, delivery

    def answer(self, method: str, path: str, params: Params, address: str) -> dict[str, Any]:
        """The body that Graph would answer with; GraphError when it would refuse."""
        head, _, edge = path.partition("/")
        if method == "GET":
            return self._get(head, edge, params, address)
        with self._state.change():
            if method == "DELETE":
                return self._objects.update(self._objects.get(head), {"status": "DELETED"})
            return self._post(head, edge, params)

    def _get(self, head: str, edge: str, params: Params, address: str) -> dict[str, Any]:
        if head == "search":
            return {"data": self._search(params)}
        if head == "me":
            return {"id": "2000000009", "name": "Sandbox user"}
        if head == "debug_token":
            return {"data": {"is_valid": True, "scopes": ["ads_management", "ads_read"]}}
        account = self._world.accounts.get(head)
        if head.startswith("act_") and account is None:
            raise gone(head)
        if not edge:
            return _account(account, params) if account else self._node(head, params)
        if edge == "insights":
            return _page(self._insights(head, account, params), params, address)
        if account is not None and edge in ("targetingsearch", "targetingbrowse"):
            return {"data": self._interests(params)}
        if account is not None and edge == "minimum_budgets":
            least = account.minimum_daily_budget
            return {"data": [{"currency": account.currency, "min_daily_budget_imp": least}]}
        if account is not None and edge == "adimages":
            return _page(self._images(account, params), params, address)
        if edge in EDGES:
            return _page(self._list(head, account, EDGES[edge], params), params, address)
        raise GraphError(f"(#100) Tried accessing nonexisting field ({edge})")

    def _post(self, head: str, edge: str, params: Params) -> dict[str, Any]:
        account = self._world.accounts.get(head)
        if account is None:
            return self._objects.update(self._objects.get(head), params)
        if edge == "adimages":
            return self._upload(account, params)
        if edge in EDGES:
            return self._objects.create(EDGES[edge], account, params)
        raise GraphError(f"(#100) Unsupported post request to {edge}")

    def _upload(self, account: Account, params: Params) -> dict[str, Any]:
        files = [v for v in params.values() if isinstance(v, dict) and "bytes" in v]
        if "bytes" in params:
            files.append({"filename": str(params.get("name", "bytes")), "bytes": params["bytes"]})
        if not files:
            raise GraphError("(#100) One of filename or bytes is required")
        try:
            data = base64.b64decode(files[0]["bytes"], validate=True)
        except (binascii.Error, ValueError):
            raise GraphError("(#100) bytes is not base64") from None
        return self._objects.upload(account, files[0]["filename"], data)

    def _node(self, object_id: str, params: Params) -> dict[str, Any]:
        return self._objects.show(self._objects.get(object_id), _fields(params))

    def _list(
        self, head: str, account: Account | None, kind: str, params: Params
    ) -> list[dict[str, Any]]:
        if account is None:
            parent = self._objects.get(head)
            found = self._objects.children(kind, parent.account, parent.id)
        else:
            found = self._objects.children(kind, account.id, None)
        wanted = params.get("effective_status")
        # A list without a wish leaves out what was deleted or archived.
        keep: Callable[[Stored], bool] = (
            (lambda s: self._objects.effective(s) in wanted)
            if wanted
            else (lambda s: s.fields.get("status") not in ("DELETED", "ARCHIVED"))
        )
        shown = [s for s in found if keep(s) and _matches(s, params.get("filtering") or [])]
        # Newest first, as Graph lists them.
        return [self._objects.show(s, _fields(params)) for s in reversed(shown)]

    def _images(self, account: Account, params: Params) -> list[dict[str, Any]]:
        name, hashes = params.get("name"), params.get("hashes")
        return [
            self._objects.show(s, _fields(params))
            for s in self._state.all("image", account.id)
            if (not name or s.fields["name"] == name) and (not hashes or s.fields["hash"] in hashes)
        ]

    def _insights(self, head: str, account: Account | None, params: Params) -> list[dict[str, Any]]:
        if account is not None:
            ads, zone = self._state.all("ad", account.id), account.timezone
            level = "account"
        else:
            stored = self._objects.get(head)
            zone, level = self._world.accounts[stored.account].timezone, stored.kind
            ads = (
                [stored]
                if stored.kind == "ad"
                else self._objects.children("ad", stored.account, stored.id)
            )
        today = self._state.now().astimezone(ZoneInfo(zone)).date()
        asked = {"level": level, **params}
        return report(ads, asked, self._delivery, self._objects, self._world, today)

    def _search(self, params: Params) -> list[dict[str, Any]]:
        kind, query = params.get("type"), str(params.get("q", ""))
        limit = min(int(params.get("limit", 8)), 1_000)
        if kind == "adgeolocation":
            types = params.get("location_types") or ["country", "region", "city"]
            country = str(params.get("country_code", ""))
            places = self._world.search_places(query, types, country, limit)
            return [place.as_graph() for place in places]
        if kind == "adinterest":
            return [
                {"id": i.id, "name": i.name}
                for i in self._world.interests.values()
                if query.casefold() in i.name.casefold()
            ][:limit]
        raise GraphError(f"(#100) Param type {kind!r} is not supported")

    def _interests(self, params: Params) -> list[dict[str, Any]]:
        """Detailed targeting; for a regulated category only what its list allows."""
        query = str(params.get("q", "")).casefold()
        regulated = "EMPLOYMENT" in (params.get("regulated_categories") or [])
        return [
            {"id": i.id, "name": i.name, "type": "interests", "path": ["Interests", i.name]}
            for i in self._world.interests.values()
            if query in i.name.casefold() and (i.allowed or not regulated)
        ]


def _account(account: Account, params: Params) -> dict[str, Any]:
    known = {
        "id": account.id, "account_id": account.id.removeprefix("act_"), "account_status": 1,
        "currency": account.currency, "timezone_name": account.timezone,
        "min_daily_budget": account.minimum_daily_budget, "name": f"Sandbox {account.currency}",
        "business_country_code": account.country,
    }  # fmt: skip
    return {"id": account.id} | {f: known[f] for f in _fields(params) if f in known}


def _fields(params: Params) -> list[str]:
    given = params.get("fields") or []
    return given if isinstance(given, list) else [f.strip() for f in str(given).split(",")]


def _matches(stored: Stored, filtering: list[dict[str, Any]]) -> bool:
    for clause in filtering:
        field, operator, value = (clause.get(k) for k in ("field", "operator", "value"))
        name = str(field).rpartition(".")[2]
        held = stored.id if name == "id" else stored.fields.get(name)
        if operator == "CONTAIN":
            if str(value).casefold() not in str(held).casefold():
                return False
        elif operator == "IN":
            if str(held) not in {str(v) for v in value or []}:
                return False
        elif operator == "EQUAL":
            if str(held) != str(value):
                return False
        else:
            raise GraphError(f"(#100) filtering operator {operator} is not supported")
    return True


def _page(rows: list[dict[str, Any]], params: Params, address: str) -> dict[str, Any]:
    """A page after the cursor, with `next` only where more follows."""
    limit = max(1, min(int(params.get("limit", DEFAULT_LIMIT)), MOST))
    try:
        start = int(base64.b64decode(str(params.get("after", ""))) or 0)
    except ValueError:
        raise GraphError("(#100) Invalid cursor") from None
    part = rows[start : start + limit]
    if not part:
        return {"data": []}
    after = base64.b64encode(str(start + len(part)).encode()).decode()
    cursors = {"before": base64.b64encode(str(start).encode()).decode(), "after": after}
    paging: dict[str, Any] = {"cursors": cursors}
    if start + len(part) < len(rows):
        paging["next"] = f"{address}?after={after}"
    return {"data": part, "paging": paging}
