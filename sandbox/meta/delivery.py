"""What people do with an ad, from what is stored about it and the world file alone.

Nothing here reads a name, a key or a URL tag: two ads with equal payloads expect equal numbers.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from sandbox.meta.state import State, Stored
from sandbox.meta.world import World

MOST_OVERSPEND = 1.25
REVIEW = timedelta(minutes=30)
_WORD = re.compile(r"[^\W\d_]{3,}")


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
    impressions: int
    clicks: int
    link_clicks: int
    applies: int
    spend_minor: int


def rates(creative: Mapping[str, Any], targeting: Mapping[str, Any], world: World) -> Rates:
    """Relevance is the share of a topic's words that the copy holds, up to five; a matching
    interest raises it and the price; small places cost more."""
    b = world.behaviour
    link = creative["object_story_spec"]["link_data"]
    text = " ".join(str(link.get(part, "")) for part in ("name", "message", "description"))
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

    def __init__(self, state: State, world: World, seed: int) -> None:
        self._state, self._world, self._seed = state, world, seed

    def expected(self, ad: Stored) -> dict[str, float]:
        """Per full day: impressions, link clicks, applies and spend in minor units."""
        adset, creative, _ = self._family(ad)
        r = rates(creative.fields, adset.fields["targeting"], self._world)
        spend = float(adset.fields.get("daily_budget", 0)) * self._world.behaviour["spent_share"]
        impressions = spend / r.cpm_minor * 1000
        clicks = impressions * r.click
        return {
            "impressions": impressions,
            "clicks": clicks,
            "applies": clicks * r.apply,
            "spend_minor": spend,
        }

    def days(self, ad: Stored, since: date, until: date) -> list[Day]:
        """Days with any delivery, as the network would report them at its present time."""
        zone = ZoneInfo(self._world.accounts[ad.account].timezone)
        now = self._state.now()
        last = min(until, now.astimezone(zone).date())
        spans = self._running(ad, now)
        found = []
        day = max(since, ad.created.astimezone(zone).date())
        while day <= last:
            share = _share_of(day, zone, spans)
            drawn = self._draw(ad, day, share) if share > 0 else None
            if drawn and drawn.impressions:
                found.append(_known(drawn, now.astimezone(zone).date()))
            day += timedelta(days=1)
        return found

    def _draw(self, ad: Stored, day: date, share: float) -> Day:
        adset, creative, _ = self._family(ad)
        r = rates(creative.fields, adset.fields["targeting"], self._world)
        chance = np.random.default_rng(self._seed_of(ad, adset, creative, day))
        budget = float(adset.fields.get("daily_budget", 0)) * share
        wanted = budget * self._world.behaviour["spent_share"]
        impressions = int(chance.poisson(wanted / r.cpm_minor * 1000))
        spend = min(round(impressions * r.cpm_minor / 1000), int(budget * MOST_OVERSPEND))
        link_clicks = int(chance.binomial(impressions, r.click))
        applies = int(chance.binomial(link_clicks, r.apply))
        other = int(chance.binomial(impressions - link_clicks, r.click / 4))
        return Day(day, impressions, link_clicks + other, link_clicks, applies, spend)

    def _seed_of(self, ad: Stored, adset: Stored, creative: Stored, day: date) -> list[int]:
        """Payload, the ad's place among equal payloads, and the day: never its name."""
        mine = _payload(adset, creative)
        twins = 0
        for other in self._state.all("ad", ad.account):
            if other.seq >= ad.seq:
                break
            theirs, made, _ = self._family(other)
            twins += _payload(theirs, made) == mine
        digest = hashlib.sha256(f"{mine}/{twins}/{day.isoformat()}".encode()).digest()
        return [self._seed, int.from_bytes(digest[:8])]

    def _family(self, ad: Stored) -> tuple[Stored, Stored, Stored]:
        adset = self._state.get(str(ad.fields["adset_id"]))
        creative = self._state.get(str(ad.fields["creative"]["creative_id"]))
        campaign = self._state.get(str(adset.fields["campaign_id"])) if adset else None
        if adset is None or creative is None or campaign is None:
            raise LookupError(f"ad {ad.id} lost a parent")
        return adset, creative, campaign

    def _running(self, ad: Stored, now: datetime) -> list[tuple[datetime, datetime]]:
        """Spans in which ad, ad set and campaign were all on, after review, inside the schedule."""
        adset, _, campaign = self._family(ad)
        first = ad.created + REVIEW
        start, end = adset.fields.get("start_time"), adset.fields.get("end_time")
        if start:
            first = max(first, datetime.fromisoformat(start))
        last = min(now, datetime.fromisoformat(end)) if end else now
        spans = [(first, last)] if first < last else []
        for stored in (ad, adset, campaign):
            on = _on(self._state.switches(stored.id), now)
            spans = [
                (max(a, c), min(b, d)) for a, b in spans for c, d in on if max(a, c) < min(b, d)
            ]
        return spans


def _on(switches: list[tuple[datetime, str]], now: datetime) -> list[tuple[datetime, datetime]]:
    ends = [at for at, _ in switches[1:]] + [now]
    return [
        (at, end) for (at, status), end in zip(switches, ends, strict=True) if status == "ACTIVE"
    ]


def _share_of(day: date, zone: ZoneInfo, spans: list[tuple[datetime, datetime]]) -> float:
    """The part of an account's day in which the ad ran; a day of 23 or 25 hours is one day."""
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    ran = sum((max(timedelta(), min(b, end) - max(a, start)) for a, b in spans), timedelta())
    return ran / (end - start)


def _payload(adset: Stored, creative: Stored) -> str:
    link = creative.fields["object_story_spec"]["link_data"]
    parts = {
        "targeting": adset.fields["targeting"],
        "budget": adset.fields.get("daily_budget"),
        "text": [link.get(part) for part in ("name", "message", "description", "image_hash")],
    }
    return json.dumps(parts, sort_keys=True)


def _known(day: Day, today: date) -> Day:
    """Applies are attributed over three days: a young day shows a part of its own."""
    age = (today - day.day).days
    known = day.applies * (7 + min(age, 3)) // 10
    return Day(day.day, day.impressions, day.clicks, day.link_clicks, known, day.spend_minor)
