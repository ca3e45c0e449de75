"""Failures on demand, for tests: before the network acts, or after it has committed.

A network's own app turns a Fault into its own kind of answer; `wire.carry` does it for HTTP.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Where = Literal["before", "after"]
KINDS = ("status", "drop", "stall", "throttle")
LONGEST_STALL = 600.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the requests that match, from the `nth` on, `times` times.

    `status`: refused with that HTTP status. `throttle`: refused as the network refuses when it is
    asked too much. `drop`: before, the request is lost and nothing is done; after, it is done and
    the answer is lost. `stall`: `seconds` of silence, then all goes on. `method` and `path` are
    regular expressions (whole method, any part of the path). `detail` is what only one network
    understands, such as Meta's {"code": 190, "error_subcode": 460}.
    """

    where: Where
    kind: str
    method: str = ".*"
    path: str = ""
    nth: int = 1
    times: int = 1
    status: int = 500
    seconds: float = 1.0
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.where not in ("before", "after"):
            raise ValueError(f"a fault needs where (before, after) and kind ({', '.join(KINDS)})")
        if self.nth < 1 or self.times < 1:
            raise ValueError(f"nth and times count from 1, not {self.nth} and {self.times}")
        if not 0 <= self.seconds <= LONGEST_STALL:
            raise ValueError(f"seconds lie between 0 and {LONGEST_STALL:g}, not {self.seconds}")
        if not isinstance(self.detail, Mapping):
            raise ValueError(f"detail is an object, not {self.detail!r}")
        for name in ("method", "path"):
            try:
                re.compile(getattr(self, name))
            except re.error as error:
                raise ValueError(f"{name} is no regular expression: {error}") from None

    def matches(self, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.method, method) and re.search(self.path, path))


class Faults:
    """The faults that still wait for their request; safe for threads.

    >>> faults = Faults()
    >>> _ = faults.plan({"where": "before", "kind": "status", "method": "POST", "nth": 2})
    >>> [faults.due("POST", "/campaigns") is not None for _ in range(3)]
    [False, True, False]
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, list[int]]] = []

    def plan(self, body: Mapping[str, Any]) -> Fault:
        """Add a fault, given as Fault's fields; ValueError says which is wrong."""
        unknown = set(body) - set(Fault.__dataclass_fields__)
        if unknown:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        if missing := {"where", "kind"} - set(body):
            raise ValueError(f"a fault needs {', '.join(sorted(missing))}")
        numbers = {"nth": int, "times": int, "status": int, "seconds": float}
        try:
            given = {k: numbers[k](v) if k in numbers else v for k, v in body.items()}
            fault = Fault(**given)
        except TypeError as error:
            raise ValueError(f"a field of the fault is of the wrong type: {error}") from None
        with self._lock:
            self._waiting.append((fault, [0]))
        return fault

    def waiting(self) -> list[dict[str, Any]]:
        """What is planned, oldest first, each with `seen`: how many requests matched so far."""
        with self._lock:
            return [asdict(fault) | {"seen": seen[0]} for fault, seen in self._waiting]

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def due(self, method: str, path: str) -> Fault | None:
        """The fault that this request must suffer, counted, and taken off when it is used up."""
        with self._lock:
            for planned in self._waiting:
                fault, seen = planned
                if not fault.matches(method, path):
                    continue
                seen[0] += 1
                if seen[0] >= fault.nth + fault.times - 1:
                    self._waiting.remove(planned)
                if seen[0] >= fault.nth:
                    return fault
        return None
