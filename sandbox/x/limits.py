"""How much may be asked: by account and category in windows of real time, told in headers.

By default the twin counts and never blocks, and never says that less than a tenth is left: a
demo that moves its clock by weeks in a minute would wait for real quarters of an hour.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.x.errors import XError


@dataclass(frozen=True, slots=True)
class Quota:
    calls: int
    seconds: int


# By X's chart; which quota lookups without an account have is not certain.
QUOTAS = {
    "write": Quota(450, 60),
    "stats": Quota(250, 900),
    "read": Quota(10_000, 900),
    "targeting": Quota(400, 900),
    "upload": Quota(615, 900),
}


def category(method: str, path: str) -> str:
    """Which quota a request under /12/ draws on."""
    if path.startswith("stats/"):
        return "stats"
    if "targeting_criteria" in path and method == "GET":
        return "targeting"
    return "read" if method == "GET" else "write"


class Limits:
    def __init__(self, *, blocking: bool, seconds: Callable[[], float] = time.time) -> None:
        self._blocking, self._seconds = blocking, seconds
        self._lock = threading.Lock()
        self._used: dict[tuple[str, str], tuple[int, int]] = {}

    def spend(self, account: str, kind: str) -> dict[str, str]:
        """Count one call; answers the headers. XError TOO_MANY_REQUESTS where limits block."""
        quota = QUOTAS[kind]
        window = int(self._seconds()) // quota.seconds
        with self._lock:
            seen, used = self._used.get((account, kind), (window, 0))
            used = used + 1 if seen == window else 1
            self._used[(account, kind)] = (window, used)
        if self._blocking and used > quota.calls:
            raise XError("TOO_MANY_REQUESTS", "the rate limit is exceeded")
        floor = 0 if self._blocking else quota.calls // 10
        left = max(quota.calls - used, floor)
        return headers(quota.calls, left, (window + 1) * quota.seconds)

    def blocked(self, kind: str) -> dict[str, str]:
        """The headers of a refusal."""
        quota = QUOTAS[kind]
        window = int(self._seconds()) // quota.seconds
        return headers(quota.calls, 0, (window + 1) * quota.seconds)


def headers(limit: int, left: int, reset: int) -> dict[str, str]:
    """`reset` is a moment of real time, in seconds since 1970."""
    return {
        f"{kind}-{name}": str(value)
        for kind in ("x-account-rate-limit", "x-rate-limit")
        for name, value in (("limit", limit), ("remaining", left), ("reset", reset))
    }
