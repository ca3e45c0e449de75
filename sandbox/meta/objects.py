"""Creating, changing and showing campaigns, ad sets, creatives, ads and images."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.meta import rules
from sandbox.meta.delivery import REVIEW
from sandbox.meta.errors import GraphError, gone
from sandbox.meta.state import State, Stored
from sandbox.meta.world import Account, World

EDGES = {"campaigns": "campaign", "adsets": "adset", "adcreatives": "creative", "ads": "ad"}
PARENT = {"adset": "campaign_id", "ad": "adset_id"}
# A creative's content is fixed once made; only these may be changed.
CREATIVE_MUTABLE = {"name", "status"}
_TRANSPORT = {"access_token", "appsecret_proof", "execution_options", "format", "method"}


class Objects:
    def __init__(self, state: State, world: World) -> None:
        self._state, self._world = state, world

    def create(self, kind: str, account: Account, given: Mapping[str, Any]) -> dict[str, Any]:
        """Validate and store; with validate_only nothing is stored."""
        fields = {k: v for k, v in given.items() if k not in _TRANSPORT}
        # What Graph assumes when a caller says nothing: campaigns and ad sets start at once.
        if kind != "creative":
            fields.setdefault("status", "ACTIVE")
        self._validate(kind, account, fields)
        if "validate_only" in (given.get("execution_options") or []):
            return {"success": True}
        return {"id": self._state.add(kind, account.id, fields)}

    def update(self, stored: Stored, given: Mapping[str, Any]) -> dict[str, Any]:
        """Change the given fields; `targeting` is replaced as a whole."""
        changes = {k: v for k, v in given.items() if k not in _TRANSPORT}
        if stored.kind == "creative" and set(changes) - CREATIVE_MUTABLE:
            raise GraphError("(#100) A creative's content cannot be edited", 100, 1815573)
        if changes.get("status", "PAUSED") not in rules.STATUSES:
            raise GraphError(f"(#100) Param status must be one of {sorted(rules.STATUSES)}")
        merged = {**stored.fields, **changes}
        if merged.get("status") in ("ACTIVE", "PAUSED") or stored.kind == "creative":
            self._validate(stored.kind, self._world.accounts[stored.account], merged)
        if "validate_only" not in (given.get("execution_options") or []):
            self._state.replace(stored, merged)
        return {"success": True}

    def upload(self, account: Account, name: str, data: bytes) -> dict[str, Any]:
        """Images are named by their content: the same bytes again are the same image."""
        if not data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
            raise GraphError("(#100) The image file is not a supported format", 100, 1487242)
        digest = hashlib.md5(data).hexdigest()  # noqa: S324 the length that the network's have
        object_id = f"{account.id.removeprefix('act_')}:{digest}"
        if self._state.get(object_id) is None:
            fields = {"hash": digest, "name": name, "status": "ACTIVE"}
            self._state.add("image", account.id, fields, object_id)
        url = f"https://scontent.example/{digest}"
        return {"images": {name: {"hash": digest, "url": url}}}

    def get(self, object_id: str) -> Stored:
        stored = self._state.get(object_id)
        if stored is None:
            raise gone(object_id)
        return stored

    def show(self, stored: Stored, fields: list[str]) -> dict[str, Any]:
        """The asked-for fields; `id` always. Unknown ones are left out, as unset ones are."""
        known = {
            **stored.fields,
            "id": stored.id,
            "account_id": stored.account.removeprefix("act_"),
            "created_time": _graph_time(stored.created),
            "effective_status": self.effective(stored),
        }
        if stored.kind == "ad":
            known["creative"] = {"id": str(stored.fields["creative"]["creative_id"])}
        if stored.kind == "adset" and "daily_budget" in known:
            known["daily_budget"] = str(known["daily_budget"])  # Graph writes amounts as strings
        for name in ("start_time", "end_time"):
            if known.get(name):
                known[name] = _graph_time(datetime.fromisoformat(known[name]))
        return {"id": stored.id} | {f: known[f] for f in fields if known.get(f) is not None}

    def effective(self, stored: Stored) -> str:
        """The status that counts: a parent's pause and an ad's review show through."""
        own = str(stored.fields.get("status", "ACTIVE"))
        if own != "ACTIVE" or stored.kind not in PARENT:
            return own
        parent = self._state.get(str(stored.fields[PARENT[stored.kind]]))
        above = self.effective(parent) if parent else "DELETED"
        if above in ("DELETED", "ARCHIVED"):
            return above
        if above != "ACTIVE":
            return above if above.endswith("_PAUSED") else f"{parent.kind.upper()}_PAUSED"  # type: ignore[union-attr]
        if stored.kind == "ad" and self._state.now() < stored.created + REVIEW:
            return "PENDING_REVIEW"
        return own

    def children(self, kind: str, account: str | None, parent: str | None) -> list[Stored]:
        """Objects of an account, or those under one parent, oldest first."""
        found = self._state.all(kind, account)
        return found if parent is None else [s for s in found if parent in self._ancestors(s)]

    def _ancestors(self, stored: Stored) -> set[str]:
        ancestors: set[str] = set()
        current: Stored | None = stored
        while current is not None and current.kind in PARENT:
            above = str(current.fields[PARENT[current.kind]])
            ancestors.add(above)
            current = self._state.get(above)
        return ancestors

    def _validate(self, kind: str, account: Account, fields: Mapping[str, Any]) -> None:
        if kind == "campaign":
            rules.campaign(fields)
        elif kind == "adset":
            parent = self._of("campaign", fields.get("campaign_id"))
            rules.adset(fields, parent.fields, account, self._world)
        elif kind == "creative":
            images = {str(s.fields["hash"]) for s in self._state.all("image", account.id)}
            rules.creative(fields, images, set(account.pages))
        else:
            rules.ad(fields)
            self._of("adset", fields["adset_id"])
            self._of("creative", fields["creative"]["creative_id"])

    def _of(self, kind: str, object_id: Any) -> Stored:
        stored = self._state.get(str(object_id))
        if stored is None or stored.kind != kind:
            raise GraphError(f"(#100) {object_id} is not the id of a {kind}", 100, 1487790)
        return stored


def _graph_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S%z")
