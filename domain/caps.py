"""What a day may really cost, and how far spending may pass a cap before we can stop it.

Networks treat a daily budget as an average. All amounts are integers of minor units in one
currency, rounded up. Each network's factor says whether it is documented or assumed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from domain.errors import InputError
from domain.money import Money
from domain.networks import FACTS
from domain.plan import Plan
from domain.platform import Network

DAY_S = 86_400
SYNC_S = DAY_S  # the daily pull
DELAY_S = 3 * 3600  # how old the newest numbers may be when they are pulled
PAUSE_S = 600  # from the decision to the pause that was read back, two ticks of the sensors


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that an ad (`job_id`), or with "" the whole team, may cost on all networks together:
    a day, in total, or both, in minor units of `currency`."""

    job_id: str
    currency: str
    daily_minor: int | None = None
    total_minor: int | None = None

    def __post_init__(self) -> None:
        given = [m for m in (self.daily_minor, self.total_minor) if m is not None]
        if not given:
            raise InputError("a cap needs a daily or a total amount", where="cap")
        for minor in given:
            if Money(minor, self.currency).minor < 1:
                raise InputError(f"a cap of {minor} lets nothing run", where="cap", mend="stop it")

    @property
    def daily(self) -> Money | None:
        return None if self.daily_minor is None else Money(self.daily_minor, self.currency)

    @property
    def total(self) -> Money | None:
        return None if self.total_minor is None else Money(self.total_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Running:
    """One ad's daily budget on one network, in minor units of `currency`."""

    job_id: str
    network: Network
    daily_minor: int
    currency: str


def daily_minor(plan: Plan, currency: str) -> int:
    """What the plan's bodies tell the network to spend a day; InputError when they do not say.

    Where both a campaign and its parts carry money the larger sum counts.

    >>> shared = {"campaign": {"daily_budget": 1500}}
    >>> daily_minor(Plan("t1", "ad1", Network.META, "act_7", "Nurse", shared, ()), "EUR")
    1500
    """
    facts = FACTS[plan.network]
    name = facts.budget_field
    shared = sum(_amounts(plan.shared, name))
    arms = sum(sum(_amounts(arm.bodies, name)) for arm in plan.arms)
    amount = max(shared, arms)
    if amount < 1:
        raise InputError(
            f"no body says {name}", where=f"plan of {plan.job_id}", mend="compile the plan anew"
        )
    return facts.minor(amount, currency)


def _amounts(body: Any, name: str) -> Iterable[int]:
    if isinstance(body, Mapping):
        for key, value in body.items():
            if key == name and type(value) is int:
                yield value
            elif not isinstance(value, (str, int, float)):
                yield from _amounts(value, name)
    elif isinstance(body, (list, tuple)):
        for part in body:
            yield from _amounts(part, name)


def worst_day(network: Network, daily_minor: int) -> int:
    """ceil(factor × daily): the most that one day may cost (`NetworkFacts.overspend`).

    >>> worst_day(Network.META, 1500), worst_day(Network.GOOGLE, 1500), worst_day(Network.X, 1500)
    (2625, 3000, 1800)
    """
    return ceil(FACTS[network].overspend * daily_minor)


def worst_month(network: Network, daily_minor: int) -> int:
    """The most that a month of 31 days may cost: the network's own limit in daily budgets, 31 worst
    days where none is documented."""
    days = FACTS[network].month_days
    return 31 * worst_day(network, daily_minor) if days is None else ceil(days * daily_minor)


def worst_window(network: Network, daily_minor: int, window_s: int) -> int:
    """(ceil(window / 1 day) + 1) × worst_day: a window touches one day more than it is long, and
    no network promises to spread a day's money over its hours.

    >>> worst_window(Network.META, 1500, DELAY_S + SYNC_S + PAUSE_S)  # three days of 26.25
    7875
    """
    return (-(-window_s // DAY_S) + 1) * worst_day(network, daily_minor)


def daily_overshoot(cap_minor: int, running: Iterable[Running]) -> int:
    """max(0, Σ worst_day − cap): how far one day may pass a daily cap that the budgets keep.

    >>> daily_overshoot(2000, [Running("ad1", Network.META, 1500, "EUR")])
    625
    """
    return max(0, sum(worst_day(r.network, r.daily_minor) for r in running) - cap_minor)


def total_overshoot(
    running: Iterable[Running],
    *,
    sync_s: int = SYNC_S,
    delay_s: int = DELAY_S,
    pause_s: int = PAUSE_S,
) -> int:
    """Σ worst_window(delay + sync + pause): what may be spent between the newest number that we
    have and the pause that follows the next one.

    An ad that is paused only when a cap is reached passes it by at most this. `must_pause` stops it
    this much earlier, so that the total cap itself holds as long as numbers come in time.

    >>> total_overshoot([Running("ad1", Network.META, 1500, "EUR")])
    7875
    """
    window_s = delay_s + sync_s + pause_s
    return sum(worst_window(r.network, r.daily_minor, window_s) for r in running)


def must_pause(cap_minor: int, spent_minor: int, overshoot_minor: int) -> bool:
    """spent + overshoot > cap: the total cap could be passed before another number is known.

    >>> must_pause(50_000, 42_000, 7_875), must_pause(50_000, 42_500, 7_875)
    (False, True)
    """
    return spent_minor + overshoot_minor > cap_minor
