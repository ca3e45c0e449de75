"""When an ad ran, and the share of its ad set's budget that it had."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sandbox.history import both, until
from sandbox.meta.review import Review
from sandbox.meta.showings import Showing, Showings
from sandbox.meta.state import State, Stored


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end` the ad ran with one payload."""

    start: datetime
    end: datetime
    shown: Showing


class Running:
    """An ad runs while it and all above it are ACTIVE, its review allows it, and its time is."""

    def __init__(self, state: State, review: Review, showings: Showings) -> None:
        self._state, self._review, self._showings = state, review, showings

    def spans(self, adset: Stored) -> dict[str, list[Span]]:
        """By ad of the set, oldest first."""
        campaign = self._state.get(str(adset.fields["campaign_id"]))
        if campaign is None:
            return {}
        now = self._state.now()
        start, end = adset.fields.get("start_time"), adset.fields.get("end_time")
        first = datetime.fromisoformat(start) if start else adset.created
        last = min(now, datetime.fromisoformat(end)) if end else now
        above = both([(first, last)], self._active(adset, now))
        above = both(above, self._active(campaign, now))
        return {
            ad.id: self._of(ad, both(above, self._active(ad, now)), now)
            for ad in self._state.under(adset.id, "ad")
        }

    def _of(self, ad: Stored, on: list[tuple[datetime, datetime]], now: datetime) -> list[Span]:
        told = self._review.timeline(ad, now)
        approved = [
            (at, end) for (at, verdict), end in until(told, now) if verdict.status == "APPROVED"
        ]
        on = both(on, approved)
        return [
            Span(start, end, shown)
            for (_, shown), replaced in until([(s.at, s) for s in self._showings.of(ad)], now)
            for start, end in both(on, [(shown.at, replaced)])
        ]

    def _active(self, stored: Stored, now: datetime) -> list[tuple[datetime, datetime]]:
        switches = until(self._state.switches(stored.id), now)
        return [(at, end) for (at, status), end in switches if status == "ACTIVE"]

    @staticmethod
    def pieces(
        spans: dict[str, list[Span]], start: datetime, end: datetime
    ) -> dict[str, list[tuple[float, Showing]]]:
        """By ad: (share of the day's budget, payload). Ads that run at once share equally; a day
        of 23 or 25 hours is one day."""
        cut = [
            (max(s.start, start), min(s.end, end), ad, s.shown)
            for ad, own in spans.items()
            for s in own
            if s.start < end and s.end > start
        ]
        edges = sorted({edge for piece in cut for edge in piece[:2]})
        shares: dict[tuple[str, str], float] = defaultdict(float)
        shown = {(ad, s.digest): s for _, _, ad, s in cut}
        for low, high in pairwise(edges):
            live = {(ad, s.digest) for a, b, ad, s in cut if a <= low and b >= high}
            for key in live:
                # Timestamps: the difference of two moments in one zone forgets a change of clocks.
                part = high.timestamp() - low.timestamp()
                shares[key] += part / (end.timestamp() - start.timestamp()) / len(live)
        found: dict[str, list[tuple[float, Showing]]] = defaultdict(list)
        for (ad, digest), share in sorted(shares.items()):
            found[ad].append((round(share, 9), shown[(ad, digest)]))
        return found
