"""An ad network as an immutable tuple of objects: each request is one atomic step on it.

Nothing is ever deleted and lists are consistent at once. Meta, X and Google differ as in
`domain.networks.FACTS`: held kinds live at their parent, Google takes a whole ad at once and
refuses a name twice, X and Google list children by their parent, Meta by the account.
"""

import json
from functools import cache
from typing import Any, NamedTuple

from domain.errors import Refused
from domain.networks import FACTS
from domain.platform import ACTIVE, PAUSED, Network
from tests.publishing.test_networks import taken_apart

SWITCHES = frozenset({"status", "entity_status"})
ON = frozenset({"ACTIVE", "ENABLED"})
PARENTS = {
    "adset": "campaign_id",
    "ad": "adset_id",
    "line_item": "campaign_id",
    "promoted_tweet": "line_item_id",
}


class Thing(NamedTuple):
    """One object; `text` is its content as JSON without its switch, `on` the switch."""

    kind: str
    id: str
    name: str
    parent: str
    on: bool
    text: str

    @property
    def status(self) -> str:
        return ACTIVE if self.on else PAUSED


Things = tuple[Thing, ...]


@cache
def fields_of(text: str) -> dict[str, Any]:
    return json.loads(text)


def written(fields: dict[str, Any]) -> str:
    return json.dumps({k: v for k, v in fields.items() if k not in SWITCHES}, sort_keys=True)


def find(network: Network, things: Things, kind: str, key: str, parent: str) -> tuple[str, ...]:
    """Ids of what is called so, oldest first."""
    if kind in FACTS[network].held:
        return tuple(t.id for t in things if (t.kind, t.id) == (kind, parent))
    by_parent = network is not Network.META and kind in FACTS[network].parent
    return tuple(
        t.id
        for t in things
        if t.kind == kind and t.name.startswith(key) and not (by_parent and t.parent != parent)
    )


def create(network: Network, things: Things, kind: str, body: dict[str, Any]) -> tuple[Things, str]:
    """The things with one more (Google: a whole ad), and its id."""
    if network is Network.GOOGLE:
        return _mutate(things, body["mutate_operations"])
    if kind in FACTS[network].held:
        parent = body.get("line_item_id") or body["operations"][0]["params"]["line_item_id"]
        if any((t.kind, t.id) == (kind, parent) for t in things):
            raise Refused(f"{kind} of {parent} is there already")
        return _with(things, Thing(kind, parent, kind, parent, False, written(body))), parent
    switch = next((str(body[s]) for s in SWITCHES if s in body), PAUSED)
    parent = body.get(PARENTS.get(kind, ""), "")
    thing = Thing(kind, _next(things, kind), body["name"], parent, switch in ON, written(body))
    return _with(things, thing), thing.id


def _with(things: Things, thing: Thing) -> Things:
    return tuple(sorted((*things, thing), key=lambda t: t.kind))  # stable: oldest first in a kind


def _next(things: Things, kind: str) -> str:
    return f"{kind}-{sum(t.kind == kind for t in things) + 1}"


def _mutate(things: Things, operations: list[Any]) -> tuple[Things, str]:
    """All operations or none; temporary resource names become the ids of what was made."""
    first, campaign = "", ("", "")
    for kind, name, temporary, own in taken_apart(operations):
        if any((t.kind, t.name) == (kind, name) for t in things):
            raise Refused(f"DUPLICATE NAME {name}")
        made, text = _next(things, kind), json.dumps({"mutate_operations": own}, sort_keys=True)
        parent = ""
        if kind == "campaign":
            campaign = (temporary, made)
        else:
            text = text.replace(temporary, temporary.rpartition("/")[0] + "/-3")
            text = text.replace(*campaign) if campaign[0] else text
            parent = _campaign_of(json.loads(text)["mutate_operations"])
        things = _with(things, Thing(kind, made, name, parent, False, text))
        first = first or made
    return things, first


def _campaign_of(operations: list[Any]) -> str:
    made = (o["ad_group_operation"]["create"] for o in operations if "ad_group_operation" in o)
    return next(made)["campaign"]


def at(things: Things, kind: str, object_id: str) -> Thing:
    return next(t for t in things if (t.kind, t.id) == (kind, object_id))


def switch(things: Things, kind: str, object_id: str, on: bool) -> Things:
    return _put(things, at(things, kind, object_id)._replace(on=on))


def update(things: Things, kind: str, object_id: str, body: dict[str, Any]) -> Things:
    """The whole change or nothing of it."""
    held = at(things, kind, object_id)
    text = written({**fields_of(held.text), **body})
    return _put(things, held._replace(text=text, name=body.get("name", held.name)))


def _put(things: Things, thing: Thing) -> Things:
    return tuple(thing if (t.kind, t.id) == (thing.kind, thing.id) else t for t in things)
