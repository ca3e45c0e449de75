"""Bars for whoever runs long work in their own terminal; in the Dagster UI the log says it."""

from collections.abc import Callable
from contextvars import ContextVar

Bar = Callable[[str, int], Callable[[int], None]]
"""Begins a bar of that name and total; what it answers moves it on by so many."""


def silent(name: str, total: int) -> Callable[[int], None]:
    """No bar."""
    return lambda count: None


progress: ContextVar[Bar] = ContextVar("progress", default=silent)
