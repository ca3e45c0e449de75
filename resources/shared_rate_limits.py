"""Rate limits that networks imposed, kept in the operations store for all processes."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import JobadsError, Throttled
from domain.platform import Network


class RateLimits(Protocol):
    def extend(self, network: Network, account_id: str, until: datetime) -> None: ...
    def ends_at(self, network: Network, account_id: str) -> datetime | None: ...


FRESH_S = 0.25
"""How long one look at the store serves: a request takes longer than that to be heard of."""
LONGEST_WAIT_S = 86_400.0
"""No limit of a network lasts longer than a day; an answer that names more is not believed."""
_LOG = logging.getLogger("jobads")


def bounded(seconds: float) -> float:
    """A wait that a network named: 0 for what is negative or no number, a day at most.

    >>> bounded(90.0), bounded(1e9), bounded(float("nan"))
    (90.0, 86400.0, 0.0)
    """
    return min(seconds, LONGEST_WAIT_S) if seconds > 0 else 0.0


class SharedPace:
    """`domain.platform.Pace` of one account over the operations store.

    Adapters do not ask it before a pause and the read that confirms it: an ad must always be
    taken off, and only the network itself may refuse that."""

    def __init__(
        self, limits: RateLimits, network: Network, account_id: str, now: Callable[[], datetime]
    ) -> None:
        self._limits, self._now = limits, now
        self._place = (network, account_id)
        self._quiet_until = 0.0  # on the machine's own clock: nothing was asked for when we looked

    def check(self) -> None:
        if time.monotonic() < self._quiet_until:
            return
        until = self._limits.ends_at(*self._place)
        if until is not None:
            network, account = self._place
            raise Throttled(
                f"{network} asked for silence until {until.isoformat()}",
                where=account,
                wait_s=max((until - self._now()).total_seconds(), 0.0),
            )
        self._quiet_until = time.monotonic() + FRESH_S

    def heed(self, wait_s: float) -> None:
        """Never raises: the network has answered already, and its answer counts."""
        self._quiet_until = 0.0
        until = self._now() + timedelta(seconds=bounded(wait_s))
        try:
            self._limits.extend(*self._place, until)
        except JobadsError as error:
            _LOG.warning("%s %s: its silence could not be stored: %s", *self._place, error)


class NoPacing:
    """For one process alone that needs no memory of silence, such as a first look at an account."""

    def check(self) -> None:
        pass

    def heed(self, wait_s: float) -> None:
        pass


UNPACED = NoPacing()
