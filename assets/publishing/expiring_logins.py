"""Connections that a person must renew soon, before posting meets a dead token."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

WARN = timedelta(days=7)
"""How long before a token ends that only a person can renew a check warns."""


class LoginStatus(Protocol):
    """A connection as people are shown it; one that `renews` needs nobody."""

    @property
    def network(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def renews(self) -> bool: ...


def expiring(team: str, connections: Iterable[LoginStatus], now: datetime) -> list[str]:
    """A sentence for each that is dead, has ended, or ends within WARN, soonest first."""
    due = []
    for held in connections:
        account = f"{team}: {held.network} {held.account_id}"
        if held.status != "active":
            due.append((now, f"{account} needs a new login"))
        elif held.expires_at is not None and not held.renews and held.expires_at <= now + WARN:
            verb = "ends" if held.expires_at > now else "ended"
            due.append((held.expires_at, f"{account} {verb} on {held.expires_at:%Y-%m-%d}"))
    return [f"{said}: run jobads connect" for _, said in sorted(due)]
