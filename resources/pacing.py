"""The networks' wishes for silence, kept in the operations store for all processes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import Throttled
from domain.platform import Network


class Silences(Protocol):
    def throttle(self, network: Network, account_id: str, until: datetime) -> None: ...
    def throttled_until(self, network: Network, account_id: str) -> datetime | None: ...


class SharedPace:
    """`domain.platform.Pace` of one account over the operations store."""

    def __init__(
        self, silences: Silences, network: Network, account_id: str, now: Callable[[], datetime]
    ) -> None:
        self._silences, self._now = silences, now
        self._place = (network, account_id)

    def check(self) -> None:
        until = self._silences.throttled_until(*self._place)
        if until is not None:
            network, account = self._place
            raise Throttled(
                f"{network} asked for silence until {until.isoformat()}", where=account,
                wait_s=max((until - self._now()).total_seconds(), 0.0),
            )  # fmt: skip

    def heed(self, wait_s: float) -> None:
        self._silences.throttle(*self._place, self._now() + timedelta(seconds=wait_s))


class Unpaced:
    """For one process alone that needs no memory of silence, such as a first look at an account."""

    def check(self) -> None:
        pass

    def heed(self, wait_s: float) -> None:
        pass


UNPACED = Unpaced()
