"""Calls timed in turn, so that a busy machine slows all of them."""

import time
from collections.abc import Callable

Call = Callable[[], object]
Line = tuple[str, str, list[float]]


def interleaved(calls: dict[str, Call], runs: int) -> dict[str, list[float]]:
    """Seconds of each call, `runs` times, in turn."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            taken[name].append(time.perf_counter() - start)
    return taken
