"""Rate limits that networks imposed, kept in the operations store for all processes."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import Throttled
from domain.platform import Network


class RateLimits(Protocol):
    def throttle(self, network: Network, account_id: str, until: datetime) -> None: ...
    def throttled_until(self, network: Network, account_id: str) -> datetime | None: ...


FRESH_S = 0.25
"""How long one look at the store serves: a request takes longer than that to be heard of."""


class SharedPace:
    """`domain.platform.Pace` of one account over the operations store."""

    def __init__(
        self, limits: RateLimits, network: Network, account_id: str, now: Callable[[], datetime]
    ) -> None:
        self._limits, self._now = limits, now
        self._place = (network, account_id)
        self._quiet_until = 0.0  # on the machine's own clock: nothing was asked for when we looked

    def check(self) -> None:
        if time.monotonic() < self._quiet_until:
            return
        until = self._limits.throttled_until(*self._place)
        if until is not None:
            network, account = self._place
            raise Throttled(
                f"{network} asked for silence until {until.isoformat()}",
                where=account,
                wait_s=max((until - self._now()).total_seconds(), 0.0),
            )
        self._quiet_until = time.monotonic() + FRESH_S

    def heed(self, wait_s: float) -> None:
        self._quiet_until = 0.0
        self._limits.throttle(*self._place, self._now() + timedelta(seconds=wait_s))


class Unpaced:
    """For one process alone that needs no memory of silence, such as a first look at an account."""

    def check(self) -> None:
        pass

    def heed(self, wait_s: float) -> None:
        pass


UNPACED = Unpaced()
