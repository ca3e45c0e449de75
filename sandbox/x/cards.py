"""Cards: one piece of media over a title with a website, or over a button for an app."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.x.errors import XError, invalid, missing
from sandbox.x.lists import Body, stored_page
from sandbox.x.media import Media
from sandbox.x.parameters import IDS, PAGING, Field, read, shown
from sandbox.x.showings import Showings
from sandbox.x.state import State, Stored
from sandbox.x.world import Account

MOST_NAME, MOST_TITLE = 80, 70
_LIST = {
    **PAGING,
    "card_types": IDS,
    "card_id": IDS,
    "card_uris": IDS,
    "q": Field(most=MOST_NAME),
    "name": Field(most=MOST_NAME),
    "include_legacy_cards": Field("bool"),
}
_KEYS = {
    "MEDIA": {"type", "media_key"},
    "SWIPEABLE_MEDIA": {"type", "media_keys"},
    "DETAILS": {"type", "title", "destination"},
    "BUTTON": {"type", "label", "destination"},
}
_LABELS = ("BOOK", "CONNECT", "INSTALL", "OPEN", "ORDER", "PLAY", "SHOP")


class Cards:
    def __init__(self, state: State, media: Media, showings: Showings) -> None:
        self._state, self._media, self._showings = state, media, showings

    def page(self, account: Account, given: Mapping[str, Any]) -> Body:
        asked = read(given, _LIST)
        asked["q"] = asked.get("q") or asked.pop("name", None)
        also = []
        if asked.get("card_uris") is not None:
            asked["card_id"] = [uri.removeprefix("card://") for uri in asked["card_uris"]]
        if asked.get("card_types") is not None:
            types = ",".join(asked["card_types"])
            also.append(("instr(?, json_extract(fields, '$.card_type')) > 0", types))
        return stored_page(
            self._state,
            "card",
            account.id,
            asked,
            self.show,
            ids="card_id",
            also=also,
            most=200,
            usual=100,
        )

    def create(self, account: Account, body: Any) -> Body:
        """The body is JSON; as a form it is refused, as at X."""
        fields = self._read(account, body, {})
        return {"data": self.show(self._state.add("card", account.id, fields))}

    def update(self, stored: Stored, account: Account, body: Any) -> Body:
        """What is given replaces what was; posts that carry the card show it from now on."""
        with self._state.change():
            changed = self._state.replace(stored, self._read(account, body, stored.fields))
            for ad in self._state.select(
                "kind = 'promoted_tweet' AND json_extract(fields, '$.tweet_id') IN (SELECT id FROM "
                "objects WHERE kind = 'tweet' AND json_extract(fields, '$.card_uri') = ?)",
                [f"card://{stored.id}"],
            ):
                self._state.note(ad.root, f"card of {ad.id}", "ACTIVE")
                self._showings.note(ad)
        return {"data": [self.show(changed)]}

    def _read(self, account: Account, body: Any, before: Mapping[str, Any]) -> Body:
        """The fields of a card, with what it had before."""
        if not isinstance(body, dict):
            raise XError("INVALID_PARAMETER", "cards are written with a JSON body only")
        for name in body:
            if name not in ("name", "components"):
                raise invalid(name, f'"{name}" is not a parameter of this endpoint')
        given = {**before, **body}
        name, components = given.get("name"), given.get("components")
        if not name:
            raise missing("name")
        if not isinstance(name, str) or len(name) > MOST_NAME:
            raise invalid("name", f"a name has at most {MOST_NAME} characters")
        if not isinstance(components, list):
            raise missing("components")
        card_type = self._check(account, components)
        return {"name": name, "components": components, "card_type": card_type}

    def delete(self, stored: Stored) -> Body:
        return {"data": [self.show(self._state.replace(stored, stored.fields, deleted=True))]}

    def show(self, stored: Stored) -> Body:
        return {
            "name": stored.fields["name"],
            "components": stored.fields["components"],
            "card_uri": f"card://{stored.id}",
            "id": stored.id,
            "card_type": stored.fields["card_type"],
            "created_at": shown(stored.created),
            "updated_at": shown(stored.updated),
            "deleted": stored.deleted,
        }

    def _check(self, account: Account, components: list[Any]) -> str:
        kinds = [c.get("type") if isinstance(c, dict) else None for c in components]
        if (
            len(kinds) != 2
            or kinds[0] not in ("MEDIA", "SWIPEABLE_MEDIA")
            or kinds[1] not in ("DETAILS", "BUTTON")
        ):
            raise invalid("components", "a card is one media component over DETAILS or BUTTON")
        for component, kind in zip(components, kinds, strict=True):
            if set(component) != _KEYS[str(kind)]:
                needed = ", ".join(sorted(_KEYS[str(kind)]))
                raise invalid("components", f"{kind} has exactly {needed}")
        video = self._check_media(account, components[0])
        described = components[1]
        if described["type"] == "DETAILS":
            _check_details(described)
        else:
            _check_button(described)
        shape = "VIDEO" if video else "IMAGE"
        if components[0]["type"] == "SWIPEABLE_MEDIA":
            shape += "_CAROUSEL"
        return f"{shape}_{'WEBSITE' if described['type'] == 'DETAILS' else 'APP'}"

    def _check_media(self, account: Account, component: Mapping[str, Any]) -> bool:
        """Whether it is a video."""
        swiped = component["type"] == "SWIPEABLE_MEDIA"
        keys = component["media_keys"] if swiped else [component["media_key"]]
        if not isinstance(keys, list) or (swiped and not 2 <= len(keys) <= 6):
            raise invalid("components", "SWIPEABLE_MEDIA holds 2 to 6 media_keys")
        kinds = set()
        for key in keys:
            media = self._media.find(account.id, str(key))
            if media is None or not media.account:
                raise XError("MEDIA_NOT_FOUND", f"{key} is not in the library", "media_key")
            kinds.add(media.fields["media_type"])
        return "VIDEO" in kinds


def _check_details(details: Mapping[str, Any]) -> None:
    title, destination = details["title"], details["destination"]
    if not isinstance(title, str) or not 0 < len(title) <= MOST_TITLE:
        raise invalid("components", f"a title has 1 to {MOST_TITLE} characters")
    if not isinstance(destination, dict) or set(destination) != {"type", "url"}:
        raise invalid("components", "a website destination has type and url")
    if destination["type"] != "WEBSITE":
        raise invalid("components", "DETAILS lead to a WEBSITE")
    where = urlsplit(str(destination["url"]))
    if where.scheme not in ("http", "https") or not where.hostname:
        raise invalid("components", f"{destination['url']} is no address of a website")


def _check_button(button: Mapping[str, Any]) -> None:
    destination, label = button["destination"], button["label"]
    if not isinstance(destination, dict) or destination.get("type") != "APP":
        raise invalid("components", "a BUTTON leads to an APP")
    if not isinstance(label, dict) or label.get("value") not in _LABELS:
        raise invalid("components", f"a label is one of {', '.join(_LABELS)}")
