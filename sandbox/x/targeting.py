"""Targeting criteria of line items. Nothing here keeps a job ad from being unlawful: nor does X."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.x.errors import XError, invalid
from sandbox.x.lists import Body, stored_page
from sandbox.x.parameters import IDS, PAGING, Field, read, shown
from sandbox.x.showings import Showings
from sandbox.x.state import State, Stored
from sandbox.x.world import Account, World

KEYWORDS = ("BROAD_KEYWORD", "EXACT_KEYWORD", "PHRASE_KEYWORD", "UNORDERED_KEYWORD")
_OTHERS = (
    "AGE",
    "APP_LIST",
    "APP_STORE_CATEGORY",
    "APP_STORE_CATEGORY_LOOKALIKE",
    "CAMPAIGN_ENGAGEMENT",
    "CAMPAIGN_ENGAGEMENT_LOOKALIKE",
    "CONVERSATION",
    "CUSTOM_AUDIENCE",
    "CUSTOM_AUDIENCE_EXPANDED",
    "DEVICE",
    "ENGAGEMENT_TYPE",
    "EVENT",
    "FOLLOWERS_OF_USER",
    "GENDER",
    "INTEREST",
    "LANGUAGE",
    "LIVE_TV_EVENT",
    "LOCATION",
    "NETWORK_ACTIVATION_DURATION",
    "NETWORK_OPERATOR",
    "PLATFORM",
    "PLATFORM_VERSION",
    "SIMILAR_TO_FOLLOWERS_OF_USER",
    "TV_SHOW",
    "USER_ENGAGEMENT",
    "USER_ENGAGEMENT_LOOKALIKE",
    "WIFI_ONLY",
)
TYPES = frozenset([*KEYWORDS, *_OTHERS])
MOST_LOCATIONS, MOST_KEYWORDS, MOST_INTERESTS = 2_000, 1_000, 100
_LIST = {
    **PAGING,
    "line_item_ids": Field("list", required=True, most=200),
    "targeting_criterion_ids": IDS,
    "lang": Field(),
}
_CREATE = {
    "line_item_id": Field(required=True),
    "targeting_type": Field(required=True),
    "targeting_value": Field(required=True),
    "operator_type": Field(required=True, values=("EQ", "NE", "GTE", "LT")),
}


class Targeting:
    def __init__(self, state: State, world: World, showings: Showings) -> None:
        self._state, self._world, self._showings = state, world, showings
        self._known: Mapping[str, Callable[[str], bool]] = {
            "LOCATION": lambda value: world.places.get(value) is not None,
            "INTEREST": lambda value: value in world.interests,
            "LANGUAGE": lambda value: value in world.languages,
            "GENDER": lambda value: value in ("1", "2"),
        }

    def page(self, account: Account, given: Mapping[str, Any]) -> Body:
        return stored_page(
            self._state,
            "targeting_criterion",
            account.id,
            read(given, _LIST),
            self.show,
            ids="targeting_criterion_ids",
            parents="line_item_ids",
        )

    def create(self, account: Account, given: Mapping[str, Any]) -> Body:
        fields = read(given, _CREATE)
        item = self._item(account, fields["line_item_id"])
        with self._state.change():
            self._check(item, fields)
            made = self._state.add(
                "targeting_criterion", account.id, fields, parent=item.id, root=item.root
            )
            self._showings.note_item(item.id)
        return {"data": self.show(made)}

    def delete(self, stored: Stored) -> Body:
        with self._state.change():
            gone = self._state.replace(stored, stored.fields, deleted=True)
            self._showings.note_item(stored.parent)
        return {"data": self.show(gone)}

    def show(self, stored: Stored) -> Body:
        kind, value = stored.fields["targeting_type"], stored.fields["targeting_value"]
        place = self._world.places.get(value) if kind == "LOCATION" else None
        more = {"location_type": place.type} if place else {}
        return more | {
            "line_item_id": stored.parent,
            "name": self._name(kind, value),
            "id": stored.id,
            "operator_type": stored.fields["operator_type"],
            "targeting_type": kind,
            "targeting_value": value,
            "created_at": shown(stored.created),
            "updated_at": shown(stored.updated),
            "deleted": stored.deleted,
        }

    def _name(self, kind: str, value: str) -> str:
        place = self._world.places.get(value) if kind == "LOCATION" else None
        if place is not None:
            return place.name
        interest, language = self._world.interests.get(value), self._world.languages.get(value)
        if kind == "INTEREST" and interest is not None:
            return interest.name
        return language.name if kind == "LANGUAGE" and language is not None else value

    def _item(self, account: Account, item_id: str) -> Stored:
        item = self._state.get("line_item", item_id)
        if item is None or item.deleted or item.account != account.id:
            raise XError("LINE_ITEM_NOT_FOUND", f"no line item {item_id}", "line_item_id")
        return item

    def _check(self, item: Stored, fields: Mapping[str, Any]) -> None:
        kind, value = fields["targeting_type"], fields["targeting_value"]
        if kind not in TYPES:
            raise XError("INVALID_TARGETING_TYPE", f"{kind} is no targeting type", "targeting_type")
        if kind in self._known and not self._known[kind](value):
            raise invalid("targeting_value", f"{value} is no {kind}")
        if kind == "APP_LIST" and fields["operator_type"] != "NE":
            raise invalid("operator_type", "APP_LIST can only be excluded")
        group = KEYWORDS if kind in KEYWORDS else (kind,)
        most = {"LOCATION": MOST_LOCATIONS, "INTEREST": MOST_INTERESTS, "AGE": 1}.get(
            kind, MOST_KEYWORDS if kind in KEYWORDS else None
        )
        if most is not None and self._held(item.id, group) >= most:
            raise XError(
                "TOO_MANY_TARGETING_CRITERIA",
                f"at most {most} of {kind} in a line item",
                "targeting_type",
            )

    def _held(self, item_id: str, kinds: tuple[str, ...]) -> int:
        places = ", ".join("?" * len(kinds))
        return self._state.count(
            "kind = 'targeting_criterion' AND parent = ? AND deleted = 0 AND "
            f"json_extract(fields, '$.targeting_type') IN ({places})",
            item_id,
            *kinds,
        )
