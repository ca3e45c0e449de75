"""What people do with an ad, from what is stored about it and the world file alone.

Nothing here reads a name, a key or a URL tag: two ads with equal payloads expect equal numbers.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from sandbox.meta.running import Running
from sandbox.meta.showings import Showing, Showings
from sandbox.meta.state import State, Stored
from sandbox.meta.world import World

_WORD = re.compile(r"[^\W\d_]{3,}")
REMEMBERED = 1 << 17


@dataclass(frozen=True, slots=True)
class Rates:
    """Expected behaviour of one ad: money per thousand impressions and two probabilities."""

    cpm_minor: float
    click: float
    apply: float


@dataclass(frozen=True, slots=True)
class Day:
    """One ad's day; spend in minor units."""

    day: date
    impressions: int = 0
    clicks: int = 0
    link_clicks: int = 0
    applies: int = 0
    spend_minor: int = 0

    def __add__(self, other: "Day") -> "Day":
        return Day(
            self.day,
            self.impressions + other.impressions,
            self.clicks + other.clicks,
            self.link_clicks + other.link_clicks,
            self.applies + other.applies,
            self.spend_minor + other.spend_minor,
        )


def rates(text: str, targeting: Mapping[str, Any], world: World) -> Rates:
    """Relevance is the share of a topic's words that the copy holds, up to five; a matching
    interest raises it and the price; small places cost more."""
    b = world.behaviour
    words = {word.casefold() for word in _WORD.findall(text)}
    relevance = {t.name: min(len(words & t.words), 5) / 5 for t in world.topics}
    chosen = [
        world.interests[str(i["id"])]
        for spec in targeting.get("flexible_spec", [])
        for i in spec.get("interests", [])
        if str(i["id"]) in world.interests
    ]
    best = max(relevance.values(), default=0.0)
    matched = max((relevance.get(i.topic, 0.0) for i in chosen), default=0.0)
    narrow = 1.0 / (1.0 + world.reach(targeting["geo_locations"]) / b["comfortable_reach"])
    cpm = b["cpm_minor"] * (1 + b["narrow_cost"] * narrow) * (1 + b["interest_cost"] * bool(chosen))
    click = b["click"] * (1 + b["relevance_click"] * best + b["interest_click"] * matched)
    apply = b["apply"] * (1 + b["relevance_apply"] * best + b["interest_apply"] * matched)
    return Rates(cpm, min(click, 0.2), min(apply, 0.5))


class Delivery:
    """Days of delivery of stored ads, drawn with the twin's seed."""

    def __init__(
        self, state: State, world: World, seed: int, showings: Showings, running: Running
    ) -> None:
        self._state, self._world, self._seed = state, world, seed
        self._showings, self._running = showings, running
        self._rates: dict[str, Rates] = {}
        self._draw = lru_cache(REMEMBERED)(self._drawn)

    def expected(self, ad: Stored) -> dict[str, float]:
        """Per full day alone in its ad set, before the week's limit: impressions, link clicks,
        applies and spend in minor units."""
        shown = self._showings.of(ad)[-1]
        r = self._rates_of(shown)
        spend = shown.budget * self._world.behaviour["spent_share"]
        impressions = spend / r.cpm_minor * 1000
        clicks = impressions * r.click
        return {
            "impressions": impressions,
            "clicks": clicks,
            "applies": clicks * r.apply,
            "spend_minor": spend,
        }

    def days(self, adset: Stored, since: date, until: date) -> dict[str, list[Day]]:
        """By ad of the set: its days with any delivery, as reported at the present time.

        The ad set is the unit because its ads share its budget: on a day it spends at most
        `most_overspend` times the budget, in a week from Sunday on `most_week` times.
        """
        zone = ZoneInfo(self._world.accounts[adset.account].timezone)
        today = self._state.now().astimezone(zone).date()
        spans = self._running.spans(adset)
        found: dict[str, list[Day]] = {ad: [] for ad in spans}
        first = max(_sunday(since), adset.created.astimezone(zone).date())
        spent, day = 0, first
        while day <= min(until, today):
            if day == first or day == _sunday(day):
                spent = 0
            start, end = (datetime.combine(d, time(), zone) for d in (day, day + timedelta(1)))
            for ad, pieces in self._running.pieces(spans, start, end).items():
                total = Day(day)
                for share, shown in pieces:
                    left = self._world.behaviour["most_week"] * shown.budget - spent
                    drawn = self._draw(shown, day, share, int(left))
                    total, spent = total + drawn, spent + drawn.spend_minor
                if total.impressions and day >= since:
                    found[ad].append(_known(total, today))
            day += timedelta(days=1)
        return found

    def _drawn(self, shown: Showing, day: date, share: float, left: int) -> Day:
        """A payload's day: seeded by the payload, its place among equals and the day."""
        b = self._world.behaviour
        r = self._rates_of(shown)
        seed = hashlib.sha256(f"{shown.digest}/{shown.place}/{day.isoformat()}".encode()).digest()
        chance = np.random.default_rng([self._seed, int.from_bytes(seed[:8])])
        budget = shown.budget * share
        swing = 1 + b["day_swing"] * chance.uniform(-1, 1)
        wanted = chance.poisson(budget * b["spent_share"] * swing / r.cpm_minor * 1000)
        most = max(0, min(int(budget * b["most_overspend"]), left))
        impressions = min(int(wanted), int(most / r.cpm_minor * 1000))
        link_clicks = int(chance.binomial(impressions, r.click))
        applies = int(chance.binomial(link_clicks, r.apply))
        other = int(chance.binomial(impressions - link_clicks, r.click / 4))
        spend = min(round(impressions * r.cpm_minor / 1000), most)
        return Day(day, impressions, link_clicks + other, link_clicks, applies, spend)

    def _rates_of(self, shown: Showing) -> Rates:
        if shown.digest not in self._rates:
            self._rates[shown.digest] = rates(shown.text, json.loads(shown.targeting), self._world)
        return self._rates[shown.digest]


def _sunday(day: date) -> date:
    return day - timedelta(days=(day.weekday() + 1) % 7)


def _known(day: Day, today: date) -> Day:
    """Applies are attributed over three days: a young day shows a part of its own."""
    age = (today - day.day).days
    return replace(day, applies=day.applies * (7 + min(age, 3)) // 10)
