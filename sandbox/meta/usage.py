"""How much of its limits an ad account has used: the headers, and the block beyond them."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sandbox.meta.errors import GraphError

READ, WRITE = 1, 3


@dataclass(frozen=True, slots=True)
class Tier:
    """`cap` points that drain away in `decay_s`; beyond them nothing for `block_s`. `blocks` is
    False for a tier that only counts. `hourly`: points an hour in the business use case."""

    name: str
    cap: int
    decay_s: float
    block_s: float
    hourly: int
    blocks: bool


TIERS = {
    "open": Tier("standard_access", 9_000, 300, 60, 100_000, False),
    "full": Tier("standard_access", 9_000, 300, 60, 100_000, True),
    "limited": Tier("development_access", 60, 300, 300, 300, True),
}


@dataclass(slots=True)
class _Meter:
    """An account's points, and those of its hour, as of `at` (simulated), `ticked` (real)."""

    score: float
    hour: float
    at: datetime
    ticked: float
    blocked_s: float = 0.0


class Usage:
    """Points drain on the shared clock, and in real seconds too: the simulated clock stands still
    between the steps of a demo, and a limit that never recovers would imitate nothing."""

    def __init__(
        self, tier: Tier, now: Callable[[], datetime], ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._tier, self._now, self._ticks = tier, now, ticks
        self._lock = threading.Lock()
        self._meters: dict[str, _Meter] = {}

    def spend(self, account: str, points: int) -> None:
        """Count a request; GraphError 80004 while the account is blocked."""
        if not account:
            return
        with self._lock:
            meter = self._drained(account)
            if meter.blocked_s > 0:
                raise _blocked()
            meter.score += points
            meter.hour += points
            if self._tier.blocks and meter.score > self._tier.cap:
                meter.blocked_s = self._tier.block_s
                raise _blocked()

    def headers(self, account: str) -> dict[str, str]:
        """Graph's headers for an answer about one ad account; none without an account."""
        if not account:
            return {}
        with self._lock:
            meter = self._drained(account)
            wait = meter.blocked_s
            most = 100 if wait else 99
            hour = min(most, int(meter.hour / self._tier.hourly * 100))
            share = min(most, round(meter.score / self._tier.cap * 100, 2))
        number = account.removeprefix("act_")
        return usage_headers(number, hour, share, ceil(wait / 60), self._tier.name)

    def _drained(self, account: str) -> _Meter:
        """The account's meter as of now."""
        now, ticked = self._now(), self._ticks()
        meter = self._meters.setdefault(account, _Meter(0.0, 0.0, now, ticked))
        past = max(0.0, (now - meter.at).total_seconds()) + ticked - meter.ticked
        meter.score = max(0.0, meter.score - past * self._tier.cap / self._tier.decay_s)
        meter.hour = max(0.0, meter.hour - past * self._tier.hourly / 3600)
        meter.blocked_s = max(0.0, meter.blocked_s - past)
        meter.at, meter.ticked = now, ticked
        return meter


def usage_headers(account: str, hour: int, share: float, minutes: int, tier: str) -> dict[str, str]:
    """The three headers; `minutes` until access is regained, 0 when it was not lost."""
    use = {
        "type": "ads_management",
        "call_count": hour,
        "total_cputime": hour,
        "total_time": hour,
        "estimated_time_to_regain_access": minutes,
        "ads_api_access_tier": tier,
    }
    own = {
        "acc_id_util_pct": share,
        "reset_time_duration": minutes * 60,
        "ads_api_access_tier": tier,
    }
    app = {"call_count": hour, "total_cputime": hour, "total_time": hour}
    return {
        "x-business-use-case-usage": json.dumps({account: [use]}),
        "x-ad-account-usage": json.dumps(own),
        "x-app-usage": json.dumps(app),
    }


def _blocked() -> GraphError:
    return GraphError(
        "(#80004) There have been too many calls to this ad-account. Wait a bit and try again.",
        80004,
        2446079,
        transient=True,
    )
