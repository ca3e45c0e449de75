"""Graph's paths: nodes, edges, searches and reports, as plain functions of parameters."""

import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.meta import lookups, tokens
from sandbox.meta.delivery import Delivery
from sandbox.meta.errors import GraphError, gone
from sandbox.meta.insights import filtered, report
from sandbox.meta.jobs import Jobs
from sandbox.meta.lists import Lists, names_of, page
from sandbox.meta.media import Media
from sandbox.meta.objects import EDGES, Objects
from sandbox.meta.state import State, Stored
from sandbox.meta.world import Account, World

Params = Mapping[str, Any]


class Graph:
    def __init__(
        self, state: State, world: World, objects: Objects, media: Media, delivery: Delivery
    ) -> None:
        self._state, self._world = state, world
        self._objects, self._media, self._delivery = objects, media, delivery
        self._lists, self._jobs = Lists(state, objects), Jobs(state)
        self._report: tuple[Any, list[dict[str, Any]]] = (None, [])

    def answer(self, method: str, path: str, params: Params, address: str) -> dict[str, Any]:
        """The body that Graph would answer with; GraphError when it would refuse."""
        head, _, edge = path.partition("/")
        if method == "GET":
            return self._get(head, edge, params, address)
        with self._state.change():
            if method == "DELETE":
                return self._objects.delete(self._objects.get(head))
            return self._post(head, edge, params)

    def account_of(self, head: str) -> str:
        """The ad account that a path's first part belongs to; empty for none."""
        if head in self._world.accounts:
            return head
        stored = self._state.get(head)
        return stored.account if stored else ""

    def _get(self, head: str, edge: str, params: Params, address: str) -> dict[str, Any]:
        if head == "search":
            return {"data": lookups.search(params, self._world)}
        if head == "me":
            return self._me(edge, params, address)
        account = self._world.accounts.get(head)
        if head.startswith("act_") and account is None:
            raise gone(head)
        if not edge:
            return lookups.account(account, params) if account else self._node(head, params)
        if edge == "insights":
            return page(self._reported(head, account, params), params, address)
        if account is not None and edge in ("targetingsearch", "targetingbrowse"):
            return {"data": lookups.interests(params, self._world)}
        if account is not None and edge == "minimum_budgets":
            return {"data": lookups.minimum_budgets(account)}
        if account is not None and edge == "adimages":
            return page(self._images(account, params), params, address)
        if edge in EDGES:
            parent = "" if account else head
            held = account.id if account else self._objects.get(head).account
            return self._lists.children(EDGES[edge], held, parent, params, address)
        raise GraphError(f"(#100) Tried accessing nonexisting field ({edge})")

    def _me(self, edge: str, params: Params, address: str) -> dict[str, Any]:
        if not edge:
            return {"id": tokens.USER, "name": "Sandbox user"}
        if edge == "adaccounts":
            held = self._world.accounts.values()
            return page([lookups.account(a, params) for a in held], params, address)
        if edge == "accounts":
            return page(lookups.pages(self._world, params), params, address)
        raise GraphError(f"(#100) Tried accessing nonexisting field ({edge}) on node type (User)")

    def _post(self, head: str, edge: str, params: Params) -> dict[str, Any]:
        account = self._world.accounts.get(head)
        if edge == "insights":
            held = account.id if account else self._objects.get(head).account
            return self._jobs.begin(head, held, params)
        if account is None:
            return self._objects.update(self._objects.get(head), params)
        if edge == "adimages":
            return self._media.image(account, params)
        if edge == "advideos":
            return self._media.video(account, params)
        if edge in EDGES:
            return self._objects.create(EDGES[edge], account, params)
        raise GraphError(f"(#100) Unsupported post request to {edge}")

    def _node(self, object_id: str, params: Params) -> dict[str, Any]:
        stored = self._objects.get(object_id)
        if stored.kind == "report":
            return self._jobs.look(stored)
        return self._objects.show(stored, names_of(params))

    def _images(self, account: Account, params: Params) -> list[dict[str, Any]]:
        name, hashes = params.get("name"), params.get("hashes")
        return [
            self._objects.show(s, names_of(params))
            for s in self._state.all("image", account.id)
            if (not name or s.fields["name"] == name) and (not hashes or s.fields["hash"] in hashes)
        ]

    def _reported(self, head: str, account: Account | None, params: Params) -> list[dict[str, Any]]:
        """The rows of a report, kept for its next pages: it is drawn once, not once a page."""
        asked = {k: v for k, v in params.items() if k not in ("after", "limit")}
        key = (head, json.dumps(asked, sort_keys=True), self._state.version())
        held = self._report  # read once: requests are answered by several threads
        if held[0] != key:
            held = self._report = (key, self._insights(head, account, params))
        return held[1]

    def _insights(self, head: str, account: Account | None, params: Params) -> list[dict[str, Any]]:
        asked = dict(params)
        job = None if account else self._objects.get(head)
        if job is not None and job.kind == "report":
            head, asked = self._jobs.asked(job)
        adsets, ads, level = self._subject(head)
        if wanted := filtered(asked).get("ad"):
            # Only the sets of these ads are walked: an account may hold thousands.
            found = [ad for ad in map(self._state.get, wanted) if ad and ad.kind == "ad"]
            sets = {str(ad.fields["adset_id"]) for ad in found}
            adsets = [adset for adset in adsets if adset.id in sets]
        held = self._world.accounts[self.account_of(head)]
        today = self._state.now().astimezone(ZoneInfo(held.timezone)).date()
        return report(adsets, ads, {"level": level, **asked}, self._delivery, held, today)

    def _subject(self, head: str) -> tuple[list[Stored], set[str] | None, str]:
        """What a report is about: ad sets, only these ads of them (None: all), its usual level."""
        if head in self._world.accounts:
            return self._state.all("adset", head), None, "account"
        stored = self._objects.get(head)
        if stored.kind == "ad":
            return [self._objects.get(str(stored.fields["adset_id"]))], {stored.id}, "ad"
        if stored.kind == "adset":
            return [stored], None, "adset"
        if stored.kind == "campaign":
            return self._state.under(head, "adset"), None, "campaign"
        raise GraphError("(#100) Tried accessing nonexisting field (insights)")
