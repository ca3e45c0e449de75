"""How people of the world search for, click on and answer one ad: from payloads alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.google.criteria import KILOMETRES, PEOPLE
from sandbox.google.payload import texts
from sandbox.google.world import World

_WORD = re.compile(r"[^\W\d_]{3,}")
_MATCH = {2: "exact", 3: "phrase", 4: "broad"}
PRESENCE = 7
MICRO_DEGREES = 1_000_000


@dataclass(frozen=True, slots=True)
class Demand:
    """Impressions on a full day without a budget, two probabilities, and the price of a click."""

    impressions: float
    click: float
    price_micros: int
    apply: float

    @property
    def cost_micros(self) -> float:
        return self.impressions * self.click * self.price_micros


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a campaign may reach: people, their share that reads the language, the price's rise."""

    people: int
    anywhere: bool
    speaks: float


def audience(criteria: Sequence[Any], world: World) -> Audience:
    """`criteria` are the campaign's; without a place everybody in the world is meant."""
    people, countries, placed = 0, set(), False
    languages = []
    for criterion in criteria:
        kind = criterion.WhichOneof("criterion")
        if kind == "location":
            geo = world.geo(criterion.location.geo_target_constant)
            if geo is not None:
                people += -geo.population if criterion.negative else geo.population
                placed = placed or not criterion.negative
                countries.add(geo.country)
        elif kind == "proximity":
            towns = _towns(criterion.proximity, world)
            people, placed = people + sum(t.population for t in towns), True
            countries |= {t.country for t in towns}
        elif kind == "language":
            language = world.language(criterion.language.language_constant)
            languages += [language] if language else []
    if not placed:
        people += world.everyone()
    understood = (
        not languages or not placed or any(lang.countries & countries for lang in languages)
    )
    speaks = 1.0 if understood else world.behaviour["foreign_language"]
    return Audience(max(people, 0), not placed, speaks)


def _towns(circle: Any, world: World) -> list[Any]:
    unit = 1.0 if circle.radius_units == KILOMETRES else 1.609344
    point = circle.geo_point
    return world.within(
        point.latitude_in_micro_degrees / MICRO_DEGREES,
        point.longitude_in_micro_degrees / MICRO_DEGREES,
        circle.radius * unit,
    )


def demand(
    campaign: Any,
    criteria: Sequence[Any],
    group: Any,
    keywords: Sequence[Any],
    ad: Any,
    rivals: int,
    world: World,
) -> Demand:
    """`keywords` are the criteria of the ad group that are on, `rivals` its ads that share them."""
    b = world.behaviour
    who = audience(criteria, world)
    positive = [k.keyword for k in keywords if k.HasField("keyword") and not k.negative]
    negative = [k.keyword for k in (*criteria, *keywords) if k.HasField("keyword") and k.negative]
    wanted = [k for k in positive if not any(_blocks(n, k) for n in negative)]
    searched = set().union(*(_words(k.text) for k in wanted)) if wanted else set()
    said = _words(" ".join(texts(ad)))
    best, matched = _relevance(said, searched, world)
    share, price = _auction(campaign, group, who, world)
    volume = sum(_volume(k, world) for k in wanted) * who.people / 1e6 * who.speaks
    narrowed = 0.5 ** sum(any(k.HasField(p) for p in PEOPLE) for k in keywords)
    waste = _waste(wanted, len(negative), world)
    volume, click, answer = _reach_out(campaign, volume, world)
    click *= b["click"] * (1 + b["relevance_click"] * best + b["matched_click"] * matched)
    answer *= b["apply"] * (1 + b["relevance_apply"] * best + b["matched_apply"] * matched)
    answer *= (1 - waste) * (b["elsewhere_apply"] if who.anywhere else 1.0)
    return Demand(
        volume * share * narrowed / max(rivals, 1), min(click, 0.3), price, min(answer, 0.5)
    )


def _relevance(said: set[str], searched: set[str], world: World) -> tuple[float, float]:
    """How much the ad speaks of one field of work, and of the one that is searched for."""
    best = matched = 0.0
    for topic in world.topics:
        told = min(len(said & topic), 5) / 5
        best = max(best, told)
        matched = max(matched, told * min(len(searched & topic), 3) / 3)
    return best, matched


def _volume(keyword: Any, world: World) -> float:
    """Searches a day among a million people: longer keywords fewer, other fields fewer."""
    words = _words(keyword.text)
    b = world.behaviour
    known = 1.0 if any(words & topic for topic in world.topics) else b["off_topic"]
    return b["searches"] * known * b[_MATCH[keyword.match_type]] / max(len(words), 1) ** 0.5


def _waste(keywords: Sequence[Any], negatives: int, world: World) -> float:
    """The share of searches that meant something else; negative keywords mend a part."""
    if not keywords:
        return 0.0
    b = world.behaviour
    mean = sum(b[f"{_MATCH[k.match_type]}_waste"] for k in keywords) / len(keywords)
    return mean * (1 - min(b["negative_mends"] * negatives, b["most_mended"]))


def _auction(campaign: Any, group: Any, who: Audience, world: World) -> tuple[float, int]:
    """The share of auctions that is won, and the price of a click."""
    b = world.behaviour
    rise = b["narrow_price"] / (1 + who.people / b["comfortable_reach"])
    price = b["price_micros"] * (1 + rise)
    if campaign.WhichOneof("campaign_bidding_strategy") != "manual_cpc":
        return 1.0, round(price)
    bid = group.cpc_bid_micros
    return min(1.0, (bid / price) ** 2), max(1, round(min(bid, price)))


def _reach_out(campaign: Any, volume: float, world: World) -> tuple[float, float, float]:
    """Volume with the other networks, and how much their people click and answer beside those of
    Google Search."""
    b = world.behaviour
    networks, click, answer, total = campaign.network_settings, volume, volume, volume
    clicks_of = [(networks.target_search_network, b["partner_volume"], b["partner_click"], 1.0)]
    clicks_of += [
        (
            networks.target_content_network,
            b["display_volume"],
            b["display_click"],
            b["display_apply"],
        )
    ]
    if campaign.geo_target_type_setting.positive_geo_target_type != PRESENCE:
        clicks_of += [(True, b["interest_volume"], 1.0, b["interest_apply"])]
    for on, more, clicked, answered in clicks_of:
        if on:
            total += volume * more
            click += volume * more * clicked
            answer += volume * more * clicked * answered
    return (total, click / total, answer / click) if volume else (0.0, 1.0, 1.0)


def _blocks(negative: Any, keyword: Any) -> bool:
    """Whether a negative keyword shuts out all searches of a keyword."""
    shut, open_ = negative.text.casefold().split(), keyword.text.casefold().split()
    kind = _MATCH.get(negative.match_type)
    if kind == "exact":
        return shut == open_
    if kind == "phrase":
        return any(open_[i : i + len(shut)] == shut for i in range(len(open_)))
    return set(shut) <= set(open_)


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}
