"""Posts of the account's user. They are made to be promoted: nobody follows them (nullcast)."""

import html
from collections.abc import Mapping
from typing import Any

from sandbox.x.errors import XError, invalid, missing
from sandbox.x.lists import Body, stored_page
from sandbox.x.media import Media
from sandbox.x.parameters import IDS, PAGING, Field, read
from sandbox.x.state import State, Stored
from sandbox.x.text import LINK, MOST, weighted_length, with_short_links
from sandbox.x.tokens import HANDLE, USER, USER_NAME
from sandbox.x.world import Account

MOST_NAME, MOST_MEDIA = 80, 4
_CREATE = {
    "as_user_id": Field(required=True),
    "text": Field(),
    "card_uri": Field(),
    "conversation_settings": Field(values=("EVERYONE", "FOLLOWING", "MENTIONED_USERS")),
    "media_keys": Field("list", most=MOST_MEDIA),
    "name": Field(most=MOST_NAME),
    "nullcast": Field("bool"),
    "trim_user": Field("bool"),
    "tweet_mode": Field(values=("compat", "extended")),
    "video_cta": Field(values=("VISIT_SITE", "WATCH_NOW")),
    "video_cta_value": Field(),
    "video_description": Field(most=200),
    "video_title": Field(most=70),
}
_LIST = {
    **{name: PAGING[name] for name in ("count", "cursor")},
    "tweet_type": Field(required=True, values=("DRAFT", "PUBLISHED", "SCHEDULED")),
    "timeline_type": Field(values=("ALL", "NULLCAST", "ORGANIC")),
    "name": Field(most=MOST_NAME),
    "tweet_ids": IDS,
    "trim_user": Field("bool"),
    "user_id": Field(),
    "include_mentions_and_replies": Field("bool"),
}


class Tweets:
    def __init__(self, state: State, media: Media) -> None:
        self._state, self._media = state, media

    def create(self, account: Account, given: Mapping[str, Any]) -> Body:
        fields = read(given, _CREATE)
        trim = bool(fields.pop("trim_user", False))
        if fields["as_user_id"] != USER:
            raise XError("PROMOTABLE_USER_NOT_FOUND", "not a user of this account", "as_user_id")
        self._check(account, fields)
        fields = {"nullcast": True, **fields}
        with self._state.change():
            self._new(fields)
            made = self._state.add("tweet", account.id, fields)
        return {"data": _shown(made, trim=trim)}

    def rename(self, account: Account, tweet_id: str, given: Mapping[str, Any]) -> Body:
        """PUT tweets/:tweet_id/name: all of a post that can be changed."""
        name = read(given, {"name": Field(required=True, most=MOST_NAME)})["name"]
        stored = self._state.get("tweet", tweet_id)
        if stored is None or stored.deleted or stored.account != account.id:
            raise XError("TWEET_NOT_FOUND", f"no tweet {tweet_id}", "tweet_id")
        named = self._state.replace(stored, {**stored.fields, "name": name})
        return {"data": {"name": name, "tweet_id": named.id}}

    def page(self, account: Account, given: Mapping[str, Any]) -> Body:
        asked = read(given, _LIST)
        also: list[tuple[str, Any]] = []
        if asked["tweet_type"] != "PUBLISHED" or asked.get("user_id") not in (None, USER):
            also.append(("1 = ?", 0))  # drafts and schedules are not imitated
        kind = asked.get("timeline_type") or "NULLCAST"
        if kind != "ALL":
            wanted = int(kind == "NULLCAST")
            also.append(("json_extract(fields, '$.nullcast') = ?", wanted))
        trim = bool(asked.get("trim_user"))
        return stored_page(
            self._state,
            "tweet",
            account.id,
            asked,
            lambda t: _shown(t, trim=trim, full=True),
            ids="tweet_ids",
            name="name",
            also=also,
        )

    def _check(self, account: Account, fields: Mapping[str, Any]) -> None:
        text, keys = fields.get("text") or "", fields.get("media_keys") or []
        if not text and not keys:
            raise missing("text")
        if text and not text.strip():
            raise XError("TWEET_CANNOT_BE_BLANK", "the text is blank", "text")
        if weighted_length(text) > MOST:
            raise invalid("text", f"the text weighs {weighted_length(text)}, more than {MOST}")
        for key in keys:
            if self._media.find(account.id, key) is None:
                raise XError("MEDIA_NOT_FOUND", f"no media {key}", "media_keys")
        uri = fields.get("card_uri")
        if uri:
            card = self._state.get("card", uri.removeprefix("card://"))
            if card is None or card.deleted or card.account != account.id:
                raise XError("CARD_NOT_FOUND", f"no card {uri}", "card_uri")
            if keys:
                raise XError("EXCLUSIVE_PARAMETERS", "a card and media exclude each other")

    def _new(self, fields: Mapping[str, Any]) -> None:
        """A user does not say the same words with the same card twice."""
        same = self._state.count(
            "kind = 'tweet' AND deleted = 0 AND json_extract(fields, '$.text') = ? "
            "AND coalesce(json_extract(fields, '$.card_uri'), '') = ?",
            fields.get("text") or "",
            fields.get("card_uri") or "",
        )
        if same:
            raise XError("DUPLICATE_TWEET", "the user has said this already", "text")


def has_link(stored: Stored) -> bool:
    return bool(LINK.search(str(stored.fields.get("text") or "")))


def _shown(stored: Stored, *, trim: bool = False, full: bool = False) -> Body:
    text, urls = with_short_links(str(stored.fields.get("text") or ""))
    user: Body = {"id": int(USER), "id_str": USER}
    if not trim:
        user |= {"screen_name": HANDLE, "name": USER_NAME}
    shown: Body = {
        "created_at": stored.created.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "id": int(stored.id),
        "id_str": stored.id,
        "tweet_id": stored.id,
        "name": stored.fields.get("name"),
        "truncated": False,
        "lang": "en",
        "user": user,
        "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": urls},
        "nullcast": stored.fields["nullcast"],
        "card_uri": stored.fields.get("card_uri"),
        "source": '<a href="https://ads-api.x.com" rel="nofollow">Sandbox app</a>',
        "favorite_count": 0,
        "retweet_count": 0,
        "tweet_type": "PUBLISHED",
    }
    if full:
        length = len(html.unescape(text))
        settings = stored.fields.get("conversation_settings") or "EVERYONE"
        return shown | {
            "full_text": text,
            "display_text_range": [0, length],
            "conversation_settings": settings,
            "scheduled_at": None,
        }
    return shown | {"text": text}
