"""Campaigns. The status that is not given is ACTIVE, as at X."""

from collections.abc import Mapping
from typing import Any

from sandbox.x.errors import XError, missing
from sandbox.x.lists import Body, stored_page
from sandbox.x.money import DAILY, TOTAL, check_budgets
from sandbox.x.parameters import IDS, PAGING, Field, read, shown
from sandbox.x.showings import Showings
from sandbox.x.state import State, Stored
from sandbox.x.world import Account, World

MOST_ACTIVE = 200
_LIST = {
    **PAGING,
    "campaign_ids": IDS,
    "funding_instrument_ids": IDS,
    "q": Field(most=255),
    "with_draft": Field("bool"),
}
_CREATE = {
    "funding_instrument_id": Field(required=True),
    "name": Field(required=True, most=255),
    "budget_optimization": Field(values=("LINE_ITEM",)),
    DAILY: Field("int"),
    "entity_status": Field(values=("ACTIVE", "DRAFT", "PAUSED")),
    "purchase_order_number": Field(most=50),
    "standard_delivery": Field("bool"),
    TOTAL: Field("int"),
}
_UPDATE = {
    **{name: field for name, field in _CREATE.items() if name != "funding_instrument_id"},
    "entity_status": Field(values=("ACTIVE", "PAUSED")),
}


class Campaigns:
    def __init__(self, state: State, world: World, showings: Showings) -> None:
        self._state, self._world, self._showings = state, world, showings

    def page(self, account: Account, given: Mapping[str, Any]) -> Body:
        asked = read(given, _LIST)
        also: list[tuple[str, Any]] = []
        if not asked.get("with_draft"):
            also.append(("status <> ?", "DRAFT"))
        if asked.get("funding_instrument_ids") is not None:
            mine = account.funding_instrument in asked["funding_instrument_ids"]
            also.append(("1 = ?", int(mine)))
        return stored_page(
            self._state, "campaign", account.id, asked, self.show, ids="campaign_ids", also=also
        )

    def create(self, account: Account, given: Mapping[str, Any]) -> Body:
        fields = read(given, _CREATE)
        self._funded(account, fields["funding_instrument_id"])
        if fields.get(DAILY) is None:
            raise missing(DAILY)
        check_budgets(fields, account)
        usual = {
            "entity_status": "ACTIVE",
            "budget_optimization": "LINE_ITEM",
            "standard_delivery": True,
            "currency": account.currency,
        }
        fields = {**usual, **fields}
        with self._state.change():
            if fields["entity_status"] == "ACTIVE":
                self._room(account)
            made = self._state.add("campaign", account.id, fields)
        return {"data": self.show(made)}

    def update(self, stored: Stored, account: Account, given: Mapping[str, Any]) -> Body:
        changes = read(given, _UPDATE, partly=True)
        fields = {**stored.fields, **changes}
        for name in ("name", DAILY):
            if not fields.get(name):
                raise missing(name)
        check_budgets(fields, account)
        with self._state.change():
            if fields["entity_status"] == "ACTIVE" != stored.status:
                self._room(account)
            changed = self._state.replace(stored, fields)
            if {DAILY, TOTAL} & set(changes):
                self._showings.note_campaign(stored.id)
        return {"data": self.show(changed)}

    def delete(self, stored: Stored) -> Body:
        """Gone for good. What hangs under it keeps its own `deleted`, as at X, and is listed
        only together with deleted things."""
        return {"data": self.show(self._state.replace(stored, stored.fields, deleted=True))}

    def show(self, stored: Stored) -> Body:
        fields, reasons = stored.fields, self._reasons(stored)
        return {
            "name": fields["name"],
            "budget_optimization": fields["budget_optimization"],
            "reasons_not_servable": reasons,
            "servable": not reasons,
            "purchase_order_number": fields.get("purchase_order_number"),
            "effective_status": _effective(reasons),
            DAILY: fields.get(DAILY),
            "funding_instrument_id": fields["funding_instrument_id"],
            "duration_in_days": None,
            "standard_delivery": fields["standard_delivery"],
            TOTAL: fields.get(TOTAL),
            "id": stored.id,
            "entity_status": fields["entity_status"],
            "frequency_cap": None,
            "currency": fields["currency"],
            "created_at": shown(stored.created),
            "updated_at": shown(stored.updated),
            "deleted": stored.deleted,
        }

    def _reasons(self, stored: Stored) -> list[str]:
        reasons = {"PAUSED": ["PAUSED_BY_ADVERTISER"], "DRAFT": ["DRAFT"]}.get(stored.status, [])
        reasons += ["DELETED"] if stored.deleted else []
        where = "kind = 'line_item' AND parent = ? AND deleted = 0 AND status = 'ACTIVE'"
        return reasons + ([] if self._state.count(where, stored.id) else ["INCOMPLETE"])

    def _funded(self, account: Account, instrument: str) -> None:
        if instrument == account.funding_instrument:
            return
        known = {other.funding_instrument for other in self._world.accounts.values()}
        code = "ACCESS_NOT_ALLOWED" if instrument in known else "NOT_FOUND"
        raise XError(
            f"FUNDING_INSTRUMENT_{code}", f"no money from {instrument}", "funding_instrument_id"
        )

    def _room(self, account: Account) -> None:
        active = "kind = 'campaign' AND account = ? AND status = 'ACTIVE' AND deleted = 0"
        if self._state.count(active, account.id) >= MOST_ACTIVE:
            raise XError("TOO_MANY_CAMPAIGNS", f"at most {MOST_ACTIVE} campaigns are active")


def _effective(reasons: list[str]) -> str:
    """As in the documentation's examples, which show UNKNOWN for what is not complete."""
    if not reasons:
        return "RUNNING"
    return "UNKNOWN" if "INCOMPLETE" in reasons else "PAUSED"
