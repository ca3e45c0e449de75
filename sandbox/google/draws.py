"""One campaign's days, drawn from payloads, switches, the world and the twin's seed."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from sandbox.google.demand import Demand
from sandbox.google.history import Group, History, Span, Tree, overlap, schedule
from sandbox.google.kinds import KINDS
from sandbox.google.state import Stored
from sandbox.google.world import Customer

MOST_OF_A_DAY, MOST_OF_A_MONTH = 2.0, 30.4


@dataclass(frozen=True, slots=True)
class AdDay:
    """One ad's day. `arrivals` holds a number in [0, 1) for each apply that its clicks will ever
    bring: the later, the greater."""

    ad: str
    ad_group: int
    day: date
    impressions: int
    clicks: int
    cost_micros: int
    arrivals: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """An ad that ran on a day: its demand, the part of the day, what seeds it."""

    ad: Stored
    demand: Demand
    share: float
    salt: str


def whole_day(day: date, customer: Customer) -> Span:
    """From midnight to midnight in the account's zone; 23 or 25 hours are one day too."""
    start = datetime.combine(day, time(), customer.zone)
    return start, datetime.combine(day + timedelta(days=1), time(), customer.zone)


def ran(
    history: History, tree: Tree, group: Group, customer: Customer, day: Span, now: datetime
) -> list[Span]:
    """When an ad group and its campaign were on, inside the schedule, on a day."""
    spans = overlap(history.enabled(history.campaign.resource, now), [day])
    spans = overlap(spans, [schedule(tree.campaign, customer)])
    return overlap(spans, history.enabled(group.resource, now))


def rivals(group: Group) -> int:
    """How many ads share the ad group's impressions."""
    return sum(ad.status == KINDS["ad_group_ad"].enabled for ad in group.ads.values())


def draw(
    running: list[Running],
    campaign: Stored,
    day: date,
    budget: float,
    spent: int,
    behaviour: dict[str, float],
    seed: int,
) -> list[AdDay]:
    """`budget` and `spent` (this month, before the day) in micros.

    The day aims at a share of the budget between least_day and most_day; it costs at most twice
    the budget, and the month at most 30.4 times.
    """
    if not running:
        return []
    b = behaviour
    chance = np.random.default_rng(_seed(seed, campaign.salt, day))
    most = max(0, int(min(budget * MOST_OF_A_DAY, budget * MOST_OF_A_MONTH - spent)))
    part = max(one.share for one in running)
    aim = budget * part * chance.uniform(b["least_day"], b["most_day"]) * b["spent_share"]
    cost = sum(one.demand.cost_micros * one.share for one in running)
    scale = min(1.0, aim / cost) if cost else 0.0
    rows = []
    for one in running:
        row = _ad_day(one, day, scale, most, _seed(seed, f"{campaign.salt}/{one.salt}", day))
        most -= row.cost_micros
        rows.append(row)
    return rows


def _ad_day(one: Running, day: date, scale: float, most: int, seed: list[int]) -> AdDay:
    chance, wanted = np.random.default_rng(seed), one.demand
    impressions = int(chance.poisson(wanted.impressions * one.share * scale))
    clicks = int(chance.binomial(impressions, wanted.click))
    affordable = most // wanted.price_micros
    if clicks > affordable:
        impressions = round(impressions * affordable / clicks)
        clicks = affordable
    applies = int(chance.binomial(clicks, wanted.apply))
    arrivals = tuple(float(moment) for moment in chance.random(applies))
    cost = clicks * wanted.price_micros
    return AdDay(one.ad.resource, one.ad.ad_group, day, impressions, clicks, cost, arrivals)


def mean_cost(cost: float, budget: float, behaviour: dict[str, float]) -> float:
    """The mean of min(cost, aim) where aim is uniform as in `draw`; both in micros."""
    b = behaviour
    low, high = (budget * b["spent_share"] * b[end] for end in ("least_day", "most_day"))
    if cost <= low or high <= low:
        return min(cost, high)
    top = min(cost, high)
    return ((top**2 - low**2) / 2 + top * (high - top)) / (high - low)


def _seed(seed: int, salt: str, day: date) -> list[int]:
    digest = hashlib.sha256(f"{salt}/{day.isoformat()}".encode()).digest()
    return [seed, int.from_bytes(digest[:8])]
