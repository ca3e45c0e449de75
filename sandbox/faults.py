"""Failures on demand, for tests: before the network acts, or after it has committed."""

import re
import threading
from dataclasses import dataclass
from typing import Any, Literal

Where = Literal["before", "after"]
KINDS = ("status", "drop", "throttle")


@dataclass(slots=True)
class Fault:
    """The `nth` request that matches fails; `drop` closes the connection without an answer."""

    where: Where
    kind: str
    method: str
    path: re.Pattern[str]
    nth: int
    status: int


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def plan(self, body: dict[str, Any]) -> None:
        """Add a fault: {where, kind, method, path, nth, status}."""
        if body.get("kind") not in KINDS or body.get("where") not in ("before", "after"):
            raise ValueError(f"a fault needs where (before, after) and kind ({', '.join(KINDS)})")
        fault = Fault(
            body["where"], body["kind"], body.get("method", ".*"), re.compile(body.get("path", "")),
            int(body.get("nth", 1)), int(body.get("status", 500)),
        )  # fmt: skip
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def due(self, method: str, path: str) -> Fault | None:
        """The fault that this request must suffer, counted down and taken off the list."""
        with self._lock:
            for fault in self._waiting:
                if re.fullmatch(fault.method, method) and fault.path.search(path):
                    fault.nth -= 1
                    if fault.nth == 0:
                        self._waiting.remove(fault)
                        return fault
        return None
