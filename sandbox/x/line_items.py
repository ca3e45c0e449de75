"""Line items: schedule, budgets, bids. Without targeting one is shown to the whole world."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.x.errors import XError, invalid, missing
from sandbox.x.lists import Body, stored_page
from sandbox.x.money import DAILY, TOTAL, check_budgets
from sandbox.x.parameters import IDS, PAGING, Field, read, shown
from sandbox.x.schedules import Schedules
from sandbox.x.showings import Showings
from sandbox.x.state import State, Stored
from sandbox.x.world import Account, World

MOST_IN_CAMPAIGN, MOST_ACTIVE = 100, 256
_OBJECTIVES = (
    "APP_ENGAGEMENTS",
    "APP_INSTALLS",
    "REACH",
    "FOLLOWERS",
    "ENGAGEMENTS",
    "VIDEO_VIEWS",
    "PREROLL_VIEWS",
    "WEBSITE_CLICKS",
)
_GOALS = (
    "ENGAGEMENT",
    "FOLLOWERS",
    "LINK_CLICKS",
    "MAX_REACH",
    "SITE_VISITS",
    "VIDEO_VIEW",
    "WEBSITE_CONVERSIONS",
)
_PLACEMENTS = (
    "ALL_ON_TWITTER",
    "TWITTER_PROFILE",
    "TWITTER_REPLIES",
    "TWITTER_SEARCH",
    "TWITTER_TIMELINE",
)
# The goal that is taken when none is given; only those of the objectives that tests use.
_USUAL_GOAL = {
    "WEBSITE_CLICKS": "LINK_CLICKS",
    "REACH": "MAX_REACH",
    "FOLLOWERS": "FOLLOWERS",
    "VIDEO_VIEWS": "VIDEO_VIEW",
}
_LIST = {
    **PAGING,
    "campaign_ids": IDS,
    "line_item_ids": IDS,
    "funding_instrument_ids": IDS,
    "q": Field(most=255),
    "with_draft": Field("bool"),
}
_UPDATE = {
    "advertiser_domain": Field(),
    "audience_expansion": Field(values=("BROAD", "DEFINED", "EXPANDED")),
    "bid_amount_local_micro": Field("int"),
    "bid_strategy": Field(values=("AUTO", "MAX", "TARGET")),
    DAILY: Field("int"),
    "end_time": Field("time"),
    "entity_status": Field(values=("ACTIVE", "PAUSED")),
    "goal": Field(values=_GOALS),
    "name": Field(most=255),
    "pay_by": Field(values=("APP_CLICK", "IMPRESSION", "LINK_CLICK")),
    "primary_web_event_tag": Field(),
    "standard_delivery": Field("bool"),
    "start_time": Field("time"),
    TOTAL: Field("int"),
}
_CREATE = {
    **_UPDATE,
    "campaign_id": Field(required=True),
    "end_time": Field("time", required=True),
    "entity_status": Field(values=("ACTIVE", "DRAFT", "PAUSED")),
    "objective": Field(required=True, values=_OBJECTIVES),
    "placements": Field("list", required=True, values=_PLACEMENTS),
    "product_type": Field(required=True, values=("MEDIA", "PROMOTED_ACCOUNT", "PROMOTED_TWEETS")),
    "start_time": Field("time", required=True),
}
_SHOWN = (
    "advertiser_domain",
    "audience_expansion",
    "bid_amount_local_micro",
    "bid_strategy",
    DAILY,
    "end_time",
    "entity_status",
    "goal",
    "name",
    "objective",
    "pay_by",
    "placements",
    "primary_web_event_tag",
    "product_type",
    "standard_delivery",
    "start_time",
    TOTAL,
    "campaign_id",
    "currency",
    "funding_instrument_id",
)


class LineItems:
    def __init__(self, state: State, world: World, showings: Showings) -> None:
        self._state, self._world, self._showings = state, world, showings
        self._schedules = Schedules(state)

    def page(self, account: Account, given: Mapping[str, Any]) -> Body:
        asked = read(given, _LIST)
        also: list[tuple[str, Any]] = []
        if not asked.get("with_draft"):
            also.append(("status <> ?", "DRAFT"))
        if asked.get("funding_instrument_ids") is not None:
            mine = account.funding_instrument in asked["funding_instrument_ids"]
            also.append(("1 = ?", int(mine)))
        return stored_page(
            self._state,
            "line_item",
            account.id,
            asked,
            self.show,
            ids="line_item_ids",
            parents="campaign_ids",
            also=also,
        )

    def create(self, account: Account, given: Mapping[str, Any]) -> Body:
        fields = read(given, _CREATE)
        campaign = self._state.get("campaign", fields["campaign_id"])
        if campaign is None or campaign.deleted or campaign.account != account.id:
            raise XError("CAMPAIGN_NOT_FOUND", "no such campaign", "campaign_id")
        fields.setdefault("entity_status", "ACTIVE")
        fields.setdefault("bid_strategy", "AUTO")
        fields.setdefault("standard_delivery", True)
        fields.setdefault("pay_by", "IMPRESSION")
        fields.setdefault("goal", _USUAL_GOAL.get(fields["objective"], "ENGAGEMENT"))
        fields |= {
            "currency": account.currency,
            "funding_instrument_id": account.funding_instrument,
        }
        self._check(fields, account)
        with self._state.change():
            self._fits(campaign, fields)
            if fields["entity_status"] == "ACTIVE":
                self._room(account)
            made = self._state.add(
                "line_item", account.id, fields, parent=campaign.id, root=campaign.id
            )
            self._schedules.note(made)
        return {"data": self.show(made)}

    def update(self, stored: Stored, account: Account, given: Mapping[str, Any]) -> Body:
        fields = {**stored.fields, **read(given, _UPDATE, partly=True)}
        self._check(fields, account)
        with self._state.change():
            if fields["entity_status"] == "ACTIVE" != stored.status:
                self._room(account)
            changed = self._state.replace(stored, fields)
            self._schedules.note(changed)
            self._showings.note_item(stored.id)
        return {"data": self.show(changed)}

    def delete(self, stored: Stored) -> Body:
        return {"data": self.show(self._state.replace(stored, stored.fields, deleted=True))}

    def show(self, stored: Stored) -> Body:
        reasons = self._reasons(stored)
        return {name: stored.fields.get(name) for name in _SHOWN} | {
            "id": stored.id,
            "servable": not reasons,
            "reasons_not_servable": reasons,
            "effective_status": "RUNNING" if not reasons else "PAUSED",
            "target_cpa_local_micro": None,
            "duration_in_days": None,
            "frequency_cap": None,
            "automatic_tweet_promotion": None,
            "categories": [],
            "creative_source": "MANUAL",
            "android_app_store_identifier": None,
            "ios_app_store_identifier": None,
            "created_at": shown(stored.created),
            "updated_at": shown(stored.updated),
            "deleted": stored.deleted,
        }

    def _reasons(self, stored: Stored) -> list[str]:
        reasons = ["PAUSED_BY_ADVERTISER"] if stored.status == "PAUSED" else []
        reasons += ["DRAFT"] if stored.status == "DRAFT" else []
        reasons += ["DELETED"] if stored.deleted else []
        if datetime.fromisoformat(stored.fields["end_time"]) <= self._state.now():
            reasons.append("EXPIRED")
        where = "kind = 'promoted_tweet' AND parent = ? AND deleted = 0"
        return reasons + ([] if self._state.count(where, stored.id) else ["INCOMPLETE"])

    def _check(self, fields: Mapping[str, Any], account: Account) -> None:
        for name in ("start_time", "end_time"):
            if not fields.get(name):
                raise missing(name)
        if fields["end_time"] <= fields["start_time"]:
            raise invalid("end_time", "end_time must come after start_time")
        check_budgets(fields, account)
        bid = fields.get("bid_amount_local_micro")
        if fields["bid_strategy"] != "AUTO" and bid is None:
            raise missing("bid_amount_local_micro")
        if bid is not None and bid <= 0:
            raise invalid("bid_amount_local_micro", "a bid is more than zero")
        tag = fields.get("primary_web_event_tag")
        if fields["goal"] == "WEBSITE_CONVERSIONS" and not tag:
            raise missing("primary_web_event_tag")
        known = self._world.event_tags.get(str(tag)) if tag else None
        if tag and (known is None or known.account != account.id):
            raise XError("WEB_EVENT_TAG_NOT_FOUND", f"no tag {tag}", "primary_web_event_tag")

    def _fits(self, campaign: Stored, fields: Mapping[str, Any]) -> None:
        siblings = self._state.under("line_item", campaign.id)
        if len(siblings) >= MOST_IN_CAMPAIGN:
            raise XError("TOO_MANY_LINE_ITEMS", f"at most {MOST_IN_CAMPAIGN} in one campaign")
        for name in ("product_type", "objective"):
            if siblings and siblings[0].fields[name] != fields[name]:
                raise invalid(name, f"the campaign's line items have another {name}")

    def _room(self, account: Account) -> None:
        active = "kind = 'line_item' AND account = ? AND status = 'ACTIVE' AND deleted = 0"
        if self._state.count(active, account.id) >= MOST_ACTIVE:
            raise XError("TOO_MANY_LINE_ITEMS", f"at most {MOST_ACTIVE} line items are active")
