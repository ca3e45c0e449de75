"""Hours of delivery: drawn from payloads, switches, the world and the twin's seed.

Nothing here reads a name, a key or a link: equal payloads expect equal numbers.
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from sandbox.x.budgets import Purse, budgets
from sandbox.x.demand import Demand, demand
from sandbox.x.review import Review
from sandbox.x.running import Running, Span
from sandbox.x.showings import Showing, Showings
from sandbox.x.state import State, Stored
from sandbox.x.world import World

HOUR = timedelta(hours=1)
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Hour:
    """One ad's hour with its final numbers. `applies` are all that it will ever bring, `viewed`
    those of them without a click; of both, `early` and `early_viewed` are known on the first day.
    `event` is the type of conversion that they are."""

    ad: str
    item: str
    at: datetime
    impressions: int
    url_clicks: int
    other_clicks: int
    applies: int
    viewed: int
    early: int
    early_viewed: int
    cost_micros: int
    event: str


@dataclass(frozen=True, slots=True)
class _Part:
    """One payload of an ad on one day, and the part of each hour that it ran."""

    ad: Stored
    shown: Showing
    payload: dict[str, Any]
    ran: np.ndarray


class Delivery:
    def __init__(
        self, state: State, world: World, seed: int, showings: Showings, review: Review
    ) -> None:
        self._state, self._world, self._seed = state, world, seed
        self._showings = showings
        self._running = Running(state, review, showings)
        self._lock = threading.Lock()
        self._demands: dict[str, Demand] = {}
        self._done: dict[str, tuple[int, datetime, dict[date, list[Hour]]]] = {}

    def expected(self, ad: Stored) -> dict[str, float]:
        """Per full day alone in its campaign: impressions, link clicks, applies, micros."""
        shown = self._showings.of(ad)[-1]
        payload = json.loads(shown.payload)
        wanted = self._demand(shown, payload)
        budget = budgets(payload).of_item * self._world.behaviour["spent_share"]
        impressions = min(budget / wanted.cost_micros, wanted.impressions)
        clicks = impressions * wanted.click
        return {
            "impressions": impressions,
            "clicks": clicks,
            "applies": clicks * wanted.apply,
            "cost_micros": impressions * wanted.cost_micros,
        }

    def hours(self, campaign: Stored) -> list[Hour]:
        """Every hour with an impression from the campaign's start until now, oldest first."""
        zone = self._world.accounts[campaign.account].zone
        now = self._state.now()
        today = now.astimezone(zone).date()
        with self._lock:
            stamp = self._state.stamp(campaign.id)
            old, then, finished = self._done.get(campaign.id, (0, now, {}))
            finished = finished if old == stamp and then <= now else {}
            if then != now:  # its last day went on since
                finished.pop(then.astimezone(zone).date(), None)
            known: dict[date, list[Hour]] = {}
            purse = Purse(self._world.behaviour)
            spans: dict[str, list[tuple[Stored, list[Span]]]] | None = None
            day = campaign.created.astimezone(zone).date()
            while day <= today:
                if day in finished:
                    known[day] = finished[day]
                    purse.remember(known[day])
                else:
                    spans = self._running.spans(campaign) if spans is None else spans
                    edges = [
                        datetime.combine(d, time(), zone).astimezone(UTC)
                        for d in (day, day + timedelta(days=1))
                    ]
                    known[day] = self._draw(spans, day, edges[0], edges[1], purse)
                day += timedelta(days=1)
            if len(self._done) >= MOST_REMEMBERED:
                self._done.clear()
            self._done[campaign.id] = (stamp, now, known)
        return [row for rows in known.values() for row in rows]

    def _draw(
        self,
        spans: dict[str, list[tuple[Stored, list[Span]]]],
        day: date,
        start: datetime,
        end: datetime,
        purse: Purse,
    ) -> list[Hour]:
        """A day of a campaign; the day has 23 to 25 hours."""
        count = round((end - start) / HOUR)
        parts = {item: _parts(ads, start, end, count) for item, ads in spans.items()}
        parts = {item: own for item, own in parts.items() if own}
        if not parts:
            return []
        crowd = {item: np.sum([p.ran for p in own], axis=0) for item, own in parts.items()}
        scale = _campaign_scale(parts, crowd, count)
        drawn = [
            (part, self._part(part, day, scale / np.maximum(crowd[item], 1.0)))
            for item, own in parts.items()
            for part in own
        ]
        purse.new_day()
        rows = []
        for hour in range(count):
            for part, numbers in drawn:
                if numbers[0][hour]:
                    row = self._hour(part, [int(n[hour]) for n in numbers], start + hour * HOUR)
                    rows.append(purse.pay(row, part.payload))
        return [row for row in rows if row.impressions]

    def _part(self, part: _Part, day: date, share: np.ndarray) -> list[np.ndarray]:
        """By hour: impressions, link clicks, other clicks, applies, those by view, and of both
        what is known on the first day.

        Each metric has its own stream, so that a finished hour stays as it is while the day goes
        on. Seeded by the payload, its place among equals and the day.
        """
        b = self._world.behaviour
        key = f"{part.shown.digest}/{part.shown.place}/{day.isoformat()}".encode()
        seed = int.from_bytes(hashlib.sha256(key).digest()[:8])
        streams = [np.random.default_rng([self._seed, seed, metric]) for metric in range(7)]
        wanted = self._demand(part.shown, part.payload)
        swing = 1 + b["day_swing"] * streams[0].uniform(-1, 1)
        hours = len(part.ran)
        paid = budgets(part.payload).of_item * b["spent_share"] * swing / wanted.cost_micros
        mean = part.ran * share * min(paid, wanted.impressions) / hours
        impressions = streams[0].poisson(mean)
        links = streams[1].binomial(impressions, wanted.click)
        other = streams[2].binomial(impressions - links, wanted.other)
        applies = streams[3].binomial(links, wanted.apply)
        viewed = streams[4].binomial(applies, b["view_share"])
        seen = streams[5].binomial(viewed, b["young_share"])
        early = seen + streams[6].binomial(applies - viewed, b["young_share"])
        return [impressions, links, other, applies, viewed, early, seen]

    def _hour(self, part: _Part, numbers: Sequence[int], at: datetime) -> Hour:
        impressions, links, other, applies, viewed, early, early_viewed = numbers
        cost = self._demand(part.shown, part.payload).cost_micros
        return Hour(
            part.ad.id,
            part.ad.parent,
            at,
            impressions,
            links,
            other,
            applies,
            viewed,
            early,
            early_viewed,
            round(impressions * cost),
            part.payload["event"],
        )

    def _demand(self, shown: Showing, payload: dict[str, Any]) -> Demand:
        if shown.digest not in self._demands:
            if len(self._demands) >= MOST_REMEMBERED:
                self._demands.clear()
            self._demands[shown.digest] = demand(payload, self._world)
        return self._demands[shown.digest]


def _parts(
    ads: Sequence[tuple[Stored, list[Span]]], start: datetime, end: datetime, count: int
) -> list[_Part]:
    """Which payloads ran on a day, and the part of each of its hours."""
    found: dict[tuple[str, str], _Part] = {}
    for ad, spans in ads:
        for span in spans:
            low = max((span.start - start) / HOUR, 0.0)
            high = min((span.end - start) / HOUR, float(count))
            if low >= high:
                continue
            ran = np.clip(
                np.minimum(np.arange(1, count + 1), high) - np.maximum(np.arange(count), low),
                0.0,
                1.0,
            )
            key = (ad.id, span.shown.digest)
            if key in found:
                ran = np.minimum(found[key].ran + ran, 1.0)
            found[key] = _Part(ad, span.shown, json.loads(span.shown.payload), ran)
    return list(found.values())


def _campaign_scale(
    parts: dict[str, list[_Part]], crowd: dict[str, np.ndarray], count: int
) -> np.ndarray:
    """By hour, how much of their budgets the line items may aim at within the campaign's."""
    wanted = np.zeros(count)
    most = 0.0
    for item, own in parts.items():
        own_budgets = budgets(own[-1].payload)
        wanted += own_budgets.of_item * np.minimum(crowd[item], 1.0)
        most = own_budgets.of_campaign
    return np.minimum(1.0, most / np.maximum(wanted, 1.0))
