"""Budgets: the least by goal, one level only, and four changes an hour for each ad set."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.meta.errors import GraphError
from sandbox.meta.state import State, Stored
from sandbox.meta.world import Account

_SCHEMA = """
CREATE TABLE IF NOT EXISTS budget_changes (id TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS budget_changes_of ON budget_changes (id, at);
"""
MOST_CHANGES = 4
# About 0.50, 2.50 and 40 dollars a day: an account's minimum is the one for clicks.
_PER_CLICK_MINIMUM = {"imp": 0.2, "high_freq": 1.0, "low_freq": 16.0}
_FREQUENCY = {
    "IMPRESSIONS": "imp",
    "REACH": "imp",
    "AD_RECALL_LIFT": "imp",
    "THRUPLAY": "imp",
    "LINK_CLICKS": "high_freq",
    "LANDING_PAGE_VIEWS": "high_freq",
    "PAGE_LIKES": "high_freq",
    "POST_ENGAGEMENT": "high_freq",
    "PROFILE_VISIT": "high_freq",
}
AMOUNTS = ("daily_budget", "lifetime_budget")


def minimums(account: Account) -> dict[str, int]:
    """Minor units a day for goals counted in impressions, frequent and rare events."""
    least = account.minimum_daily_budget
    return {name: max(1, round(least * share)) for name, share in _PER_CLICK_MINIMUM.items()}


def check(fields: Mapping[str, Any], parent: Mapping[str, Any], account: Account) -> None:
    """An ad set's budget against its campaign's and the least for its goal."""
    own = fields.get("daily_budget") or fields.get("lifetime_budget")
    above = parent.get("daily_budget") or parent.get("lifetime_budget")
    if own and above:
        raise GraphError("(#100) Budget on both campaign and ad set", 100, 1885621)
    if not own and not above:
        raise GraphError("(#100) Your ad set needs a budget", 100, 1885272, title="Budget missing")
    if own and not str(own).isdigit():
        raise GraphError("(#100) Param daily_budget must be an integer")
    frequency = _FREQUENCY.get(str(fields.get("optimization_goal")), "low_freq")
    least = minimums(account)[frequency]
    if own and int(own) < least:
        raise GraphError(
            f"Your budget is too low. It must be at least {least}",
            100,
            1885272,
            title="Budget is too low",
            blame=[["daily_budget"]],
        )


class Changes:
    """Remembers when a budget was changed."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.prepare(_SCHEMA)

    def count(self, stored: Stored, changes: Mapping[str, Any], keep: bool) -> None:
        """Refuse an ad set's fifth change within an hour; `keep` unless it is only validated."""
        if stored.kind != "adset" or not any(
            name in changes and str(changes[name]) != str(stored.fields.get(name, ""))
            for name in AMOUNTS
        ):
            return
        now = self._state.now()
        since = (now - timedelta(hours=1)).isoformat()
        ((recent,),) = self._state.rows(
            "SELECT count(*) FROM budget_changes WHERE id = ? AND at > ?", stored.id, since
        )
        if recent >= MOST_CHANGES:
            raise GraphError(
                "(#613) You can only change an ad set's budget four times an hour",
                613,
                1487632,
                title="Too many budget changes",
            )
        if keep:
            self._state.rows("INSERT INTO budget_changes VALUES (?, ?)", stored.id, now.isoformat())
