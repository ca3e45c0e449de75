"""Creating, changing and showing campaigns, ad sets, creatives and ads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.meta import budgets, parameters, rules, story
from sandbox.meta.errors import GraphError, gone
from sandbox.meta.media import READY, Media
from sandbox.meta.review import Review
from sandbox.meta.showings import Showings
from sandbox.meta.state import State, Stored
from sandbox.meta.world import Account, World

EDGES = {
    "campaigns": "campaign",
    "adsets": "adset",
    "adcreatives": "creative",
    "ads": "ad",
    "advideos": "video",
}
PARENT = {"adset": "campaign_id", "ad": "adset_id"}
GONE = ("DELETED", "ARCHIVED")


class Objects:
    def __init__(
        self, state: State, world: World, media: Media, review: Review, showings: Showings
    ) -> None:
        self._state, self._world = state, world
        self._media, self._review, self._showings = media, review, showings
        self._budgets = budgets.Changes(state)

    def create(self, kind: str, account: Account, given: Mapping[str, Any]) -> dict[str, Any]:
        """Validate and store; with validate_only nothing is stored."""
        parameters.check("create", kind, given)
        fields = {k: v for k, v in given.items() if k not in parameters.COMMON}
        # What Graph assumes when a caller says nothing: campaigns and ad sets start at once.
        if kind != "creative":
            fields.setdefault("status", "ACTIVE")
        self._validate(kind, account, fields, set(fields))
        if "validate_only" in (given.get("execution_options") or []):
            return {"success": True}
        made = self.get(self._state.add(kind, account.id, fields))
        if kind == "ad":
            self._showings.note(made)
        return {"id": made.id}

    def update(self, stored: Stored, given: Mapping[str, Any]) -> dict[str, Any]:
        """Change the given fields; `targeting` is replaced as a whole."""
        changes = {k: v for k, v in given.items() if k not in parameters.COMMON}
        self._may_change(stored, changes)
        keep = "validate_only" not in (given.get("execution_options") or [])
        merged = {**stored.fields, **changes}
        if merged.get("status") in ("ACTIVE", "PAUSED") or stored.kind == "creative":
            account = self._world.accounts[stored.account]
            self._validate(stored.kind, account, merged, set(changes))
        self._budgets.count(stored, changes, keep)
        if keep:
            self._state.replace(stored, merged)
            self._noted(self.get(stored.id), changes)
        return {"success": True}

    def delete(self, stored: Stored) -> dict[str, Any]:
        self._state.replace(stored, {**stored.fields, "status": "DELETED"})
        return {"success": True}

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
            known |= self._review.verdict(stored).shown
        if stored.kind == "video":
            known |= {"status": READY, "picture": f"https://scontent.example/{stored.id}.jpg"}
        for name in budgets.AMOUNTS:
            if known.get(name):
                known[name] = str(known[name])  # Graph writes amounts as strings
        for name in ("start_time", "end_time"):
            if known.get(name):
                known[name] = _graph_time(datetime.fromisoformat(known[name]))
        return {"id": stored.id} | {f: known[f] for f in fields if known.get(f) is not None}

    def effective(self, stored: Stored) -> str:
        """The status that counts: what is gone above, then a bad review, a parent's pause, a
        review that lasts, and the object's own."""
        own = str(stored.fields.get("status", "ACTIVE"))
        if own in GONE or stored.kind not in PARENT:
            return own
        parent = self._state.get(str(stored.fields[PARENT[stored.kind]]))
        above = self.effective(parent) if parent else "DELETED"
        if above in GONE:
            return above
        verdict = self._review.verdict(stored).status if stored.kind == "ad" else "APPROVED"
        if verdict in ("DISAPPROVED", "WITH_ISSUES"):
            return verdict
        if own == "ACTIVE" and above != "ACTIVE" and parent is not None:
            return above if above.endswith("_PAUSED") else f"{parent.kind.upper()}_PAUSED"
        return verdict if verdict == "PENDING_REVIEW" else own

    def _may_change(self, stored: Stored, changes: Mapping[str, Any]) -> None:
        """A creative's content is fixed; what was archived can only be renamed or deleted, what
        was deleted only renamed."""
        if stored.kind not in PARENT and stored.kind not in ("campaign", "creative"):
            raise GraphError(f"(#100) Unsupported post request to {stored.id}", 100, 33)
        known = {"status", "name", "adlabels", "account_id"}
        if stored.kind == "creative" and set(changes) - known:
            raise GraphError("(#100) A creative's content cannot be edited", 100, 1815573)
        parameters.check("update", stored.kind, changes)
        if changes.get("status", "PAUSED") not in rules.STATUSES:
            raise GraphError(f"(#100) Param status must be one of {sorted(rules.STATUSES)}")
        held = stored.fields.get("status")
        if held in GONE:
            left = {k for k in changes if k != "name" and changes[k] != held}
            if held == "ARCHIVED" and changes.get("status") == "DELETED":
                left.discard("status")
            if left:
                raise GraphError(
                    f"(#100) This object is {held.lower()} and cannot be edited",
                    100,
                    1487056,
                    title="Cannot edit",
                    blame=[[name] for name in sorted(left)],
                )

    def _noted(self, stored: Stored, changes: Mapping[str, Any]) -> None:
        """A new creative is reviewed anew; what is shown from now on goes into the history."""
        if stored.kind == "ad" and "creative" in changes:
            self._review.begin(stored.id)
            self._showings.note(stored)
        elif stored.kind == "adset":
            self._showings.note_family(stored)

    def _validate(
        self, kind: str, account: Account, fields: Mapping[str, Any], given: set[str]
    ) -> None:
        """`given`: what the caller names now; a parent that is named must not be gone."""
        if kind == "campaign":
            rules.campaign(fields)
        elif kind == "adset":
            parent = self._of("campaign", fields.get("campaign_id"), "campaign_id" in given)
            rules.adset(fields, parent.fields, account, self._world)
        elif kind == "creative":
            story.check(fields, account, self._media)
        else:
            rules.ad(fields)
            self._of("adset", fields["adset_id"], "adset_id" in given)
            self._of("creative", fields["creative"]["creative_id"], "creative" in given)

    def _of(self, kind: str, object_id: Any, alive: bool) -> Stored:
        stored = self._state.get(str(object_id))
        lost = alive and stored is not None and stored.fields.get("status") in GONE
        if stored is None or stored.kind != kind or lost:
            raise GraphError(f"(#100) {object_id} is not the id of a {kind}", 100, 1487790)
        return stored


def _graph_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S%z")
