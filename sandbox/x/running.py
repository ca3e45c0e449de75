"""When a promoted tweet ran, and with which payload."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.history import Moments, both, until
from sandbox.x.review import Review
from sandbox.x.schedules import Schedules
from sandbox.x.showings import Showing, Showings
from sandbox.x.state import State, Stored


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end` the ad ran with one payload."""

    start: datetime
    end: datetime
    shown: Showing


class Running:
    """An ad runs while it is there and accepted, all above it is ACTIVE, and its time is."""

    def __init__(self, state: State, review: Review, showings: Showings) -> None:
        self._state, self._review, self._showings = state, review, showings
        self._schedules = Schedules(state)

    def spans(self, campaign: Stored) -> dict[str, list[tuple[Stored, list[Span]]]]:
        """By line item, oldest first: its ads with what they ran, deleted ones too."""
        now = self._state.now()
        above = self._active(campaign, now)
        found = {}
        for item in self._all("line_item", campaign.id):
            scheduled = both(both(above, self._active(item, now)), self._schedules.spans(item, now))
            found[item.id] = [
                (ad, self._of(ad, scheduled, now)) for ad in self._all("promoted_tweet", item.id)
            ]
        return found

    def _of(self, ad: Stored, on: list[Moments], now: datetime) -> list[Span]:
        verdicts = until(self._review.timeline(ad), now)
        accepted = [(at, end) for (at, verdict), end in verdicts if verdict.status == "ACCEPTED"]
        on = both(both(on, self._active(ad, now)), accepted)
        told = [(s.at, s) for s in self._showings.of(ad)]
        return [
            Span(start, end, shown)
            for (_, shown), replaced in until(told, now)
            for start, end in both(on, [(shown.at, replaced)])
        ]

    def _active(self, stored: Stored, now: datetime) -> list[Moments]:
        switches = until(self._state.switches(stored.id), now)
        return [(at, end) for (at, status), end in switches if status == "ACTIVE"]

    def _all(self, kind: str, parent: str) -> list[Stored]:
        return self._state.select("kind = ? AND parent = ?", [kind, parent])
