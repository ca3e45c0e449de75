"""What a promoted tweet showed since when: its payload over time, so that an edit never rewrites
the past."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.history import History
from sandbox.x.money import DAILY, TOTAL
from sandbox.x.state import State, Stored
from sandbox.x.text import without_links
from sandbox.x.world import World

_ITEM = (
    "objective",
    "goal",
    "placements",
    "product_type",
    "bid_strategy",
    "bid_amount_local_micro",
    "audience_expansion",
)


@dataclass(frozen=True, slots=True)
class Showing:
    """Content, targeting and budgets from `at` on. `place` tells equal payloads of an account
    apart by their age; a name, key, link or URL tag is no part of it."""

    at: datetime
    digest: str
    place: int
    payload: str


class Showings:
    """The history of payloads of every promoted tweet."""

    def __init__(self, state: State, world: World) -> None:
        self._state, self._world = state, world
        self._history = History(state)
        self._later: set[str] | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Changes inside are noted once at the end; the caller holds the state's change."""
        self._later = set()
        try:
            yield
            items, self._later = self._later, None
            for item in sorted(items):
                self.note_item(item)
        finally:
            self._later = None

    def note_campaign(self, campaign: str) -> None:
        """Remember what the tweets of a campaign show from now on, where that is new."""
        for item in self._state.under("line_item", campaign):
            self.note_item(item.id)

    def note_item(self, item_id: str) -> None:
        """The same for the tweets of a line item."""
        if self._later is not None:
            self._later.add(item_id)
            return
        for ad in self._state.under("promoted_tweet", item_id):
            self.note(ad)

    def note(self, ad: Stored) -> None:
        self._history.write(ad.id, ad.account, self._state.now(), self._payload(ad))

    def of(self, ad: Stored) -> list[Showing]:
        """Oldest first; never empty."""
        return [Showing(datetime.fromisoformat(at), *rest) for at, *rest in self._history.of(ad.id)]

    def _payload(self, ad: Stored) -> str:
        item = self._state.must("line_item", ad.parent)
        campaign = self._state.must("campaign", item.parent)
        tweet = self._state.must("tweet", ad.fields["tweet_id"]).fields
        criteria = self._state.under("targeting_criterion", item.id)
        tag = self._world.event_tags.get(str(item.fields.get("primary_web_event_tag")))
        parts = {
            "targeting": sorted(
                [c.fields[part] for part in ("targeting_type", "operator_type", "targeting_value")]
                for c in criteria
            ),
            "item": {name: item.fields.get(name) for name in _ITEM},
            "event": tag.type if tag else "CUSTOM",
            "budgets": [[o.fields.get(DAILY), o.fields.get(TOTAL)] for o in (item, campaign)],
            "text": without_links(str(tweet.get("text") or "")),
            "media": [self._content(key) for key in tweet.get("media_keys") or []],
            "card": self._card(str(tweet.get("card_uri") or "")),
        }
        return json.dumps(parts, sort_keys=True)

    def _card(self, uri: str) -> dict[str, Any] | None:
        card = self._state.get("card", uri.removeprefix("card://")) if uri else None
        if card is None:
            return None
        components = card.fields["components"]
        keys = [k for c in components for k in c.get("media_keys") or [c.get("media_key")] if k]
        titles = [str(c["title"]) for c in components if c.get("title")]
        return {"title": " ".join(titles), "media": [self._content(key) for key in keys]}

    def _content(self, media_key: str) -> str:
        media = self._state.get("media", media_key.partition("_")[2])
        return str(media.fields["digest"]) if media else ""
