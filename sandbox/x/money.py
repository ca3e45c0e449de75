"""Budgets in micros of the account's currency: the least a day, and daily within total."""

from collections.abc import Mapping
from typing import Any

from sandbox.x.errors import XError, invalid
from sandbox.x.world import Account

DAILY, TOTAL = "daily_budget_amount_local_micro", "total_budget_amount_local_micro"
# The smallest amount that the account's currency can pay.
_UNIT = {"JPY": 1_000_000, "KRW": 1_000_000}


def check_budgets(fields: Mapping[str, Any], account: Account) -> None:
    """XError INVALID_PARAMETER or INVALID_DENOMINATION for amounts that X does not take."""
    daily, total = fields.get(DAILY), fields.get(TOTAL)
    for name, amount in ((DAILY, daily), (TOTAL, total)):
        if amount is None:
            continue
        if amount % _UNIT.get(account.currency, 10_000):
            raise XError("INVALID_DENOMINATION", f"{name} is no amount of {account.currency}", name)
        if amount < account.minimum_daily_budget_micros:
            least = account.minimum_daily_budget_micros
            raise invalid(name, f"{name} is at least {least}, not {amount}")
    if daily is not None and total is not None and daily > total:
        raise invalid(DAILY, f"{DAILY} is more than {TOTAL}")
