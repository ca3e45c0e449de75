"""How people of the world meet a promoted tweet: from its payload alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.x.world import World

_WORD = re.compile(r"[^\W\d_]{3,}")
_KEYWORDS = ("BROAD_KEYWORD", "EXACT_KEYWORD", "PHRASE_KEYWORD", "UNORDERED_KEYWORD")
_FOLLOWED = ("FOLLOWERS_OF_USER", "SIMILAR_TO_FOLLOWERS_OF_USER", "CUSTOM_AUDIENCE")
# What halves the people who may see it, and teaches nothing about who applies.
_PERSONS = ("AGE", "GENDER")


@dataclass(frozen=True, slots=True)
class Demand:
    """Impressions on a full day without a budget, money for one of them, and probabilities."""

    impressions: float
    cost_micros: float
    click: float
    other: float
    apply: float


def demand(payload: Mapping[str, Any], world: World) -> Demand:
    """Followers, interests and keywords widen each other and lie within place and language."""
    b = world.behaviour
    chosen: dict[str, list[str]] = {}
    for kind, operator, value in payload["targeting"]:
        if operator != "NE":
            chosen.setdefault(kind, []).append(value)
    people, anywhere, countries = _within(chosen.get("LOCATION", []), world)
    said = _words(f"{payload['text']} {(payload['card'] or {}).get('title', '')}")
    share, wanted = _targeted(chosen, world)
    best, matched = _relevance(said, wanted, world)
    speaks = _speaks(chosen.get("LANGUAGE", []), countries, anywhere, world)
    narrowed = b["person_share"] ** sum(kind in chosen for kind in _PERSONS)
    reached = people * b["on_network"] * share * speaks * narrowed
    rise = b["narrow_cost"] / (1 + people / b["comfortable_reach"])
    cost = b["cpm_micros"] / 1000 * (1 + rise) * (1 + b["targeted_cost"] * (share < 1))
    shown = bool(payload["card"] or payload["media"])
    click = b["click"] * (1 + b["relevance_click"] * best + b["matched_click"] * matched)
    click = min(click * (1 + b["card_click"] * shown), 0.2)
    won, cost = _auction(payload["item"], cost, click)
    answer = b["apply"] * (1 + b["relevance_apply"] * best + b["matched_apply"] * matched)
    answer *= b["elsewhere_apply"] if anywhere else 1.0
    return Demand(
        reached * b["shown_per_person"] * won, cost, click, b["other_engagement"], min(answer, 0.5)
    )


def _within(places: Sequence[str], world: World) -> tuple[int, bool, set[str]]:
    """People, whether the whole world is meant, and the countries."""
    found = [place for place in (world.places.get(value) for value in places) if place]
    if not found:
        return world.places.everyone, True, set()
    return sum(p.population for p in found), False, {p.country for p in found}


def _targeted(chosen: Mapping[str, Sequence[str]], world: World) -> tuple[float, set[str]]:
    """The share of people that is meant, and the words that brought them."""
    b = world.behaviour
    interests = [world.interests[v] for v in chosen.get("INTEREST", []) if v in world.interests]
    keywords = [word for kind in _KEYWORDS for word in chosen.get(kind, [])]
    share = b["interest_share"] * len({i.topic for i in interests})
    share += b["keyword_share"] * len(keywords)
    share += b["interest_share"] * any(kind in chosen for kind in _FOLLOWED)
    words = _words(" ".join(keywords))
    for interest in interests:
        words |= set(world.topics.get(interest.topic, frozenset()))
    return (min(share, b["most_targeted"]) if share else 1.0), words


def _relevance(said: set[str], wanted: set[str], world: World) -> tuple[float, float]:
    """How much the post speaks of one field of work, and of the one that was targeted."""
    best = matched = 0.0
    for topic in world.topics.values():
        told = min(len(said & topic), 5) / 5
        best = max(best, told)
        matched = max(matched, told * min(len(wanted & topic), 3) / 3)
    return best, matched


def _speaks(codes: Sequence[str], countries: set[str], anywhere: bool, world: World) -> float:
    """The share of people that has one of the languages."""
    languages = [world.languages[code] for code in codes if code in world.languages]
    if not languages:
        return 1.0
    at_home = any(language.countries & countries for language in languages)
    return 1.0 if at_home else world.behaviour["foreign_language"]


def _auction(item: Mapping[str, Any], cost: float, click: float) -> tuple[float, float]:
    """The share of auctions that is won, and the price; for link clicks a bid is for one of them,
    else for a thousand impressions."""
    bid = item.get("bid_amount_local_micro")
    if item.get("bid_strategy") in (None, "AUTO") or not bid:
        return 1.0, cost
    offered = bid * click if item.get("goal") in ("LINK_CLICKS", "SITE_VISITS") else bid / 1000
    return min(1.0, (offered / cost) ** 2), min(cost, offered)


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}
