"""Days of delivery: drawn from payloads, switches, the world and the twin's seed.

A day may cost up to twice the daily budget, a month at most 30.4 times. Nothing here reads a name
or a URL.
"""

import hashlib
import threading
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np

from sandbox.google.demand import Demand, demand
from sandbox.google.history import Group, History, Tree, overlap, schedule
from sandbox.google.kinds import KINDS
from sandbox.google.review import Review
from sandbox.google.state import State, Stored
from sandbox.google.world import Customer, World

MOST_OF_A_DAY, MOST_OF_A_MONTH = 2.0, 30.4
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class AdDay:
    """One ad's day. `applies` are all that its clicks will ever bring."""

    ad: str
    ad_group: int
    day: date
    impressions: int
    clicks: int
    cost_micros: int
    applies: int


class Delivery:
    def __init__(self, state: State, world: World, review: Review, seed: int) -> None:
        self._state, self._world, self._review, self._seed = state, world, review, seed
        self._lock = threading.Lock()
        self._demands: dict[bytes, Demand] = {}
        self._done: dict[int, tuple[int, dict[date, list[AdDay]]]] = {}

    def expected(self, stored: Stored) -> dict[str, float]:
        """Per full day in which everything that is not removed is on and approved."""
        campaign = self._state.campaign(stored.campaign)
        tree = History(self._state, campaign).at(self._state.now())
        total = {"impressions": 0.0, "clicks": 0.0, "applies": 0.0, "cost_micros": 0.0}
        if tree is None:
            return total
        wanted = {
            (group.resource, ad): self._demand(tree, group, ad, len(ads))
            for group in tree.groups if group.message.status != KINDS["ad_group"].removed
            for ads in [_standing(group)] for ad in ads
        }  # fmt: skip
        cost = sum(d.cost_micros for d in wanted.values())
        scale = self._mean_cost(cost, self._budget(tree, campaign)) / cost if cost else 0.0
        for (group_name, ad), d in wanted.items():
            if stored.resource in (campaign.resource, group_name, ad):
                clicks = d.impressions * scale * d.click
                total["impressions"] += d.impressions * scale
                total["clicks"] += clicks
                total["applies"] += clicks * d.apply
                total["cost_micros"] += clicks * d.price_micros
        return total

    def days(self, campaign: Stored, since: date, until: date) -> list[AdDay]:
        """What the network reports now of a campaign's ads; days without impressions are left
        out, and young days show a part of their applies."""
        customer = self._world.customers[campaign.customer]
        now = self._state.now()
        today = now.astimezone(customer.zone).date()
        with self._lock:
            known = self._known(campaign, customer, now)
        return [
            self._restated(row, today)
            for day in sorted(known) if since <= day <= until
            for row in known[day] if row.impressions
        ]  # fmt: skip

    def _known(
        self, campaign: Stored, customer: Customer, now: datetime
    ) -> dict[date, list[AdDay]]:
        """Every day from the campaign's first; finished ones are drawn once while nothing of the
        campaign changes."""
        stamp = self._state.stamp(campaign)
        old, finished = self._done.get(campaign.number, (0, {}))
        if old != stamp:
            finished = {}
        today = now.astimezone(customer.zone).date()
        first = campaign.created.astimezone(customer.zone).date()
        known: dict[date, list[AdDay]] = {}
        history: History | None = None
        spent, day = 0, first
        while day <= today:
            spent = 0 if day.day == 1 else spent
            if day in finished and day < today:
                known[day] = finished[day]
            else:
                history = history or History(self._state, campaign)
                known[day] = self._draw(campaign, history, customer, day, now, spent)
            spent += sum(row.cost_micros for row in known[day])
            day += timedelta(days=1)
        self._done[campaign.number] = (stamp, {d: r for d, r in known.items() if d < today})
        return known

    def _draw(
        self, campaign: Stored, history: History, customer: Customer, day: date, now: datetime,
        spent: int,
    ) -> list[AdDay]:  # fmt: skip
        start = datetime.combine(day, time(), customer.zone)
        end = datetime.combine(day + timedelta(days=1), time(), customer.zone)
        tree = history.at(min(end, now))
        if tree is None:
            return []
        shares = self._shares(campaign, history, tree, customer, (start, end), now)
        running = {ad: d for ad, d in shares.items() if d[1] > 0}
        if not running:
            return []
        chance = np.random.default_rng(self._seed_of(campaign.salt, day))
        b = self._world.behaviour
        budget = self._budget(tree, campaign)
        most = min(budget * MOST_OF_A_DAY, budget * MOST_OF_A_MONTH - spent)
        part = max(share for _, share, _ in running.values())
        aim = budget * part * chance.uniform(b["least_day"], b["most_day"]) * b["spent_share"]
        cost = sum(d.cost_micros * share for d, share, _ in running.values())
        scale = min(1.0, aim / cost) if cost else 0.0
        rows = []
        for ad, (wanted, share, group) in running.items():
            row = self._ad_day(ad, group, day, wanted, share * scale, int(max(most, 0)))
            most -= row.cost_micros
            rows.append(row)
        return rows

    def _ad_day(
        self, ad: Stored, group: Stored, day: date, wanted: Demand, share: float, most: int
    ) -> AdDay:
        salt = f"{group.salt}/{ad.salt}"
        chance = np.random.default_rng(self._seed_of(salt, day, ad.campaign))
        impressions = int(chance.poisson(wanted.impressions * share))
        clicks = int(chance.binomial(impressions, wanted.click))
        affordable = most // wanted.price_micros
        if clicks > affordable:
            impressions = round(impressions * affordable / clicks)
            clicks = affordable
        applies = int(chance.binomial(clicks, wanted.apply))
        cost = clicks * wanted.price_micros
        return AdDay(ad.resource, ad.ad_group, day, impressions, clicks, cost, applies)

    def _shares(
        self, campaign: Stored, history: History, tree: Tree, customer: Customer,
        day: tuple[datetime, datetime], now: datetime,
    ) -> dict[Stored, tuple[Demand, float, Stored]]:  # fmt: skip
        """Each ad with its demand, the part of the day that it ran, and its ad group."""
        spans = overlap(history.enabled(campaign.resource, now), [day])
        spans = overlap(spans, [schedule(tree.campaign, customer)])
        found = {}
        for group in tree.groups:
            on = overlap(spans, history.enabled(group.resource, now))
            rivals = [a for a in group.ads.values() if a.status == KINDS["ad_group_ad"].enabled]
            for ad in group.ads if on else ():
                stored = history.stored[ad]
                ran = overlap(overlap(on, history.enabled(ad, now)),
                              self._review.serving(stored, now))  # fmt: skip
                share = sum((b - a for a, b in ran), timedelta()) / (day[1] - day[0])
                wanted = self._demand(tree, group, ad, len(rivals))
                found[stored] = (wanted, share, history.stored[group.resource])
        return found

    def _demand(self, tree: Tree, group: Group, ad: str, rivals: int) -> Demand:
        """Remembered while the same messages stand together."""
        on = KINDS["ad_group_criterion"].enabled
        criteria = [c for c in group.criteria if c.status == on]
        parts = (tree.campaign, *tree.criteria, group.message, *criteria, group.ads[ad])
        key = b"".join(p.SerializeToString() for p in parts) + bytes([min(rivals, 255)])
        if key not in self._demands:
            if len(self._demands) >= MOST_REMEMBERED:
                self._demands.clear()
            self._demands[key] = demand(
                tree.campaign, tree.criteria, group.message, criteria, group.ads[ad], rivals,
                self._world,
            )  # fmt: skip
        return self._demands[key]

    def _budget(self, tree: Tree, campaign: Stored) -> float:
        """A shared budget is split evenly among the campaigns that use it now."""
        if not tree.budget.explicitly_shared:
            return float(tree.budget.amount_micros)
        users = self._state.select(
            "kind = 'campaign' AND budget = ? AND removed = 0", (campaign.budget,)
        )
        return float(tree.budget.amount_micros) / max(len(users), 1)

    def _mean_cost(self, cost: float, budget: float) -> float:
        """The mean of min(cost, aim) where aim is uniform as in `_draw`."""
        b = self._world.behaviour
        low, high = (budget * b["spent_share"] * b[end] for end in ("least_day", "most_day"))
        if cost <= low or high <= low:
            return min(cost, high)
        top = min(cost, high)
        return ((top**2 - low**2) / 2 + top * (high - top)) / (high - low)

    def _restated(self, row: AdDay, today: date) -> AdDay:
        """Applies are attributed to the day of the click, and come in over a week."""
        b = self._world.behaviour
        age = min((today - row.day).days / b["restated_days"], 1.0)
        return replace(
            row, applies=int(row.applies * (b["young_share"] + (1 - b["young_share"]) * age))
        )

    def _seed_of(self, salt: str, day: date, campaign: int = 0) -> list[int]:
        above = ""
        if campaign:
            above = self._state.campaign(campaign).salt
        digest = hashlib.sha256(f"{above}/{salt}/{day.isoformat()}".encode()).digest()
        return [self._seed, int.from_bytes(digest[:8])]


def _standing(group: Group) -> list[str]:
    removed = KINDS["ad_group_ad"].removed
    return [name for name, ad in group.ads.items() if ad.status != removed]
