"""What an ad showed since when: its payload over time, so that an edit never rewrites the past."""

import json
from dataclasses import dataclass
from datetime import datetime

from sandbox.history import History
from sandbox.meta.state import State, Stored

_TEXT = ("name", "message", "description", "image_hash", "title", "link_description", "video_id")


@dataclass(frozen=True, slots=True)
class Showing:
    """Content, targeting and budget from `at` on. `place` tells equal payloads of an account
    apart by their age; a name, key, label or URL tag is no part of it. `targeting` is JSON."""

    at: datetime
    digest: str
    place: int
    text: str
    targeting: str
    budget: int


class Showings:
    """The history of payloads of every ad."""

    def __init__(self, state: State) -> None:
        self._state, self._history = state, History(state)

    def note(self, ad: Stored) -> None:
        """Remember what the ad shows from now on, if that is new."""
        self._write(ad, self._state.now())

    def note_family(self, adset: Stored) -> None:
        """The same for every ad of an ad set that has changed."""
        for ad in self._state.under(adset.id, "ad"):
            self.note(ad)

    def of(self, ad: Stored) -> list[Showing]:
        """Oldest first; never empty."""
        rows = self._history.of(ad.id)
        if not rows:  # an ad of a state file that is older than this table
            self._write(ad, ad.created)
            rows = self._history.of(ad.id)
        return [_showing(*row) for row in rows]

    def _write(self, ad: Stored, at: datetime) -> None:
        self._history.write(ad.id, ad.account, at, self._payload(ad))

    def _payload(self, ad: Stored) -> str:
        adset = self._state.get(str(ad.fields["adset_id"]))
        creative = self._state.get(str(ad.fields["creative"]["creative_id"]))
        if adset is None or creative is None:
            raise LookupError(f"ad {ad.id} lost a parent")
        story = creative.fields["object_story_spec"]
        data = story.get("link_data") or story.get("video_data") or {}
        parts = {
            "targeting": adset.fields["targeting"],
            "budget": int(adset.fields.get("daily_budget") or 0),
            "text": [data.get(part) for part in _TEXT],
        }
        return json.dumps(parts, sort_keys=True)


def _showing(at: str, digest: str, place: int, payload: str) -> Showing:
    parts = json.loads(payload)
    words = [
        str(part)
        for name, part in zip(_TEXT, parts["text"], strict=True)
        if part and name not in ("image_hash", "video_id")
    ]
    return Showing(
        datetime.fromisoformat(at),
        digest,
        place,
        " ".join(words),
        json.dumps(parts["targeting"]),
        parts["budget"],
    )
