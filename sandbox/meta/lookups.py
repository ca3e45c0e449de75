"""Searches for places and interests, and what Graph tells of accounts and pages."""

from collections.abc import Mapping
from typing import Any

from sandbox.meta import budgets
from sandbox.meta.errors import GraphError
from sandbox.meta.lists import names_of
from sandbox.meta.world import Account, World

Params = Mapping[str, Any]


def search(params: Params, world: World) -> list[dict[str, Any]]:
    """GET /search by type; 8 rows unless a limit is given."""
    kind, query = params.get("type"), str(params.get("q", ""))
    limit = min(int(params.get("limit", 8)), 1_000)
    if kind == "adgeolocation":
        types = params.get("location_types") or ["country", "region", "city"]
        country = str(params.get("country_code", ""))
        places = world.search_places(query, types, country, limit)
        return [place.as_graph() for place in places]
    if kind == "adinterest":
        return [
            {"id": i.id, "name": i.name}
            for i in world.interests.values()
            if query.casefold() in i.name.casefold()
        ][:limit]
    raise GraphError(f"(#100) Param type {kind!r} is not supported")


def interests(params: Params, world: World) -> list[dict[str, Any]]:
    """Detailed targeting; for a regulated category only what its list allows."""
    query = str(params.get("q", "")).casefold()
    regulated = "EMPLOYMENT" in (params.get("regulated_categories") or [])
    return [
        {"id": i.id, "name": i.name, "type": "interests", "path": ["Interests", i.name]}
        for i in world.interests.values()
        if query in i.name.casefold() and (i.allowed or not regulated)
    ]


def account(held: Account, params: Params) -> dict[str, Any]:
    known = {
        "id": held.id,
        "account_id": held.id.removeprefix("act_"),
        "account_status": 1,
        "currency": held.currency,
        "timezone_name": held.timezone,
        "min_daily_budget": held.minimum_daily_budget,
        "name": f"Sandbox {held.currency}",
        "business_country_code": held.country,
    }
    return {"id": held.id} | {f: known[f] for f in names_of(params) if f in known}


def pages(world: World, params: Params) -> list[dict[str, Any]]:
    """The pages that the sandbox's user manages: every account's, once."""
    ids = dict.fromkeys(page for held in world.accounts.values() for page in held.pages)
    wanted = names_of(params) or ["name", "category", "tasks"]
    known = [
        {
            "id": page,
            "name": f"Sandbox page {page[-2:]}",
            "category": "Employment agency",
            "tasks": ["ADVERTISE", "ANALYZE", "CREATE_CONTENT"],
        }
        for page in ids
    ]
    return [{"id": p["id"]} | {f: p[f] for f in wanted if f in p} for p in known]


def minimum_budgets(held: Account) -> list[dict[str, Any]]:
    return [
        {"currency": held.currency}
        | {f"min_daily_budget_{name}": least for name, least in budgets.minimums(held).items()}
    ]
