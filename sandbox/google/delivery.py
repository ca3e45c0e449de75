"""What a campaign's ads did, as the network reports it at its present time.

Nothing here reads a name or a URL: two ads with equal payloads expect equal numbers.
"""

import threading
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sandbox.google.demand import Demand, demand
from sandbox.google.draws import AdDay, Running, draw, mean_cost, ran, rivals, whole_day
from sandbox.google.history import Group, History, Span, Tree, overlap
from sandbox.google.kinds import KINDS
from sandbox.google.review import Review
from sandbox.google.state import State, Stored
from sandbox.google.world import World

MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """One ad's day with the applies that are known by now."""

    ad: str
    ad_group: int
    day: date
    impressions: int
    clicks: int
    cost_micros: int
    applies: int


class _Known(NamedTuple):
    """A campaign's days as drawn at `now`, when `changes` had happened to everything and the
    campaign's own last change was `stamp`."""

    changes: int
    stamp: int
    now: datetime
    days: dict[date, list[AdDay]]


class Delivery:
    def __init__(self, state: State, world: World, review: Review, seed: int) -> None:
        self._state, self._world, self._review, self._seed = state, world, review, seed
        self._lock = threading.Lock()
        self._demands: dict[bytes, Demand] = {}
        self._drawn: dict[int, _Known] = {}

    def expected(self, stored: Stored) -> dict[str, float]:
        """Per full day in which everything that is not removed is on and approved."""
        campaign = self._state.campaign(stored.campaign)
        tree = History(self._state, campaign).at(self._state.now())
        total = {"impressions": 0.0, "clicks": 0.0, "applies": 0.0, "cost_micros": 0.0}
        if tree is None:
            return total
        wanted = {
            (group.resource, ad): self._demand(tree, group, ad, len(ads))
            for group in tree.groups
            if group.message.status != KINDS["ad_group"].removed
            for ads in [_standing(group)]
            for ad in ads
        }
        cost = sum(d.cost_micros for d in wanted.values())
        mean = mean_cost(cost, self._budget(tree, campaign), self._world.behaviour)
        scale = mean / cost if cost else 0.0
        for (group_name, ad), d in wanted.items():
            if stored.resource in (campaign.resource, group_name, ad):
                clicks = d.impressions * scale * d.click
                total["impressions"] += d.impressions * scale
                total["clicks"] += clicks
                total["applies"] += clicks * d.apply
                total["cost_micros"] += clicks * d.price_micros
        return total

    def days(self, campaign: Stored) -> list[Row]:
        """Days with impressions, oldest first; young days show a part of their applies."""
        now = self._state.now()
        today = now.astimezone(self._world.customers[campaign.customer].zone).date()
        with self._lock:
            known = self._known(campaign, now, today)
        return [
            self._restated(row, today) for rows in known.values() for row in rows if row.impressions
        ]

    def _known(self, campaign: Stored, now: datetime, today: date) -> dict[date, list[AdDay]]:
        """Every day from the campaign's first; finished ones are drawn once while nothing of the
        campaign changes."""
        changes, old = self._state.changes, self._drawn.get(campaign.number)
        if old and (old.changes, old.now) == (changes, now):
            return old.days
        same = old is not None and old.changes == changes
        stamp = old.stamp if old and same else self._state.stamp(campaign)
        customer = self._world.customers[campaign.customer]
        finished = {}
        if old and old.stamp == stamp:
            then = min(old.now.astimezone(customer.zone).date(), today)
            finished = {day: rows for day, rows in old.days.items() if day < then}
        days = self._draw_all(campaign, now, today, finished)
        self._drawn[campaign.number] = _Known(changes, stamp, now, days)
        return days

    def _draw_all(
        self, campaign: Stored, now: datetime, today: date, finished: dict[date, list[AdDay]]
    ) -> dict[date, list[AdDay]]:
        customer = self._world.customers[campaign.customer]
        history = History(self._state, campaign)
        serving: dict[str, list[Span]] = {}
        days, spent = {}, 0
        day = campaign.created.astimezone(customer.zone).date()
        while day <= today:
            spent = 0 if day.day == 1 else spent
            if day not in finished:
                span = whole_day(day, customer)
                tree = history.at(min(span[1], now))
                running = self._running(history, tree, span, now, serving) if tree else []
                budget = self._budget(tree, campaign) if tree else 0.0
                days[day] = draw(
                    running, campaign, day, budget, spent, self._world.behaviour, self._seed
                )
            else:
                days[day] = finished[day]
            spent += sum(row.cost_micros for row in days[day])
            day += timedelta(days=1)
        return days

    def _running(
        self, history: History, tree: Tree, day: Span, now: datetime, serving: dict[str, list[Span]]
    ) -> list[Running]:
        customer = self._world.customers[history.campaign.customer]
        found = []
        for group in tree.groups:
            on = ran(history, tree, group, customer, day, now)
            for ad in group.ads if on else ():
                stored = history.stored[ad]
                if ad not in serving:
                    serving[ad] = self._review.serving(stored, now)
                spans = overlap(overlap(on, history.enabled(ad, now)), serving[ad])
                share = sum((b - a for a, b in spans), timedelta()) / (day[1] - day[0])
                if share:
                    salt = f"{history.stored[group.resource].salt}/{stored.salt}"
                    wanted = self._demand(tree, group, ad, rivals(group))
                    found.append(Running(stored, wanted, share, salt))
        return found

    def _demand(self, tree: Tree, group: Group, ad: str, sharing: int) -> Demand:
        """Remembered while the same messages stand together."""
        on = KINDS["ad_group_criterion"].enabled
        criteria = [c for c in group.criteria if c.status == on]
        parts = (tree.campaign, *tree.criteria, group.message, *criteria, group.ads[ad])
        key = b"".join(p.SerializeToString() for p in parts) + bytes([min(sharing, 255)])
        if key not in self._demands:
            if len(self._demands) >= MOST_REMEMBERED:
                self._demands.clear()
            self._demands[key] = demand(
                tree.campaign,
                tree.criteria,
                group.message,
                criteria,
                group.ads[ad],
                sharing,
                self._world,
            )
        return self._demands[key]

    def _budget(self, tree: Tree, campaign: Stored) -> float:
        """Micros a day; a shared budget is split evenly among the campaigns that use it now."""
        if not tree.budget.explicitly_shared:
            return float(tree.budget.amount_micros)
        users = self._state.select(
            "budget = ? AND kind = 'campaign' AND removed = 0", (campaign.budget,)
        )
        return float(tree.budget.amount_micros) / max(len(users), 1)

    def _restated(self, row: AdDay, today: date) -> Row:
        """Applies count on the day of the click, and come in over restated_days."""
        b = self._world.behaviour
        age = min((today - row.day).days / b["restated_days"], 1.0)
        known = b["young_share"] + (1 - b["young_share"]) * age
        applies = sum(moment <= known for moment in row.arrivals)
        return Row(
            row.ad, row.ad_group, row.day, row.impressions, row.clicks, row.cost_micros, applies
        )


def _standing(group: Group) -> list[str]:
    removed = KINDS["ad_group_ad"].removed
    return [name for name, ad in group.ads.items() if ad.status != removed]
