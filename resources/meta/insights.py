"""Meta's report rows as numbers: strings become integers, major units become micros, exactly."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.platform import Insight

# Meta restates what it attributed for 28 days; longer spans are asked for in pieces.
WINDOW_DAYS = 28
ADS_A_CALL = 50
ATTRIBUTION = "7d_click"
# One type only: pixel, on-site and total variants of the same event would be counted several times.
APPLY = "submit_application_total"
FIELDS = (
    "ad_id",
    "date_start",
    "impressions",
    "inline_link_clicks",
    "spend",
    "account_currency",
    "actions",
    "conversions",
)


def spans(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Inclusive pieces of at most WINDOW_DAYS days."""
    while since <= until:
        end = min(until, since + timedelta(days=WINDOW_DAYS - 1))
        yield since, end
        since = end + timedelta(days=1)


def groups(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), ADS_A_CALL):
        yield ids[start : start + ADS_A_CALL]


def insight(row: Mapping[str, Any]) -> Insight:
    """One row of level "ad" and one day; a missing number is a zero that Meta leaves out."""
    return Insight(
        ad_id=str(row["ad_id"]),
        day=date.fromisoformat(row["date_start"]),
        impressions=int(row.get("impressions", 0)),
        clicks=int(row.get("inline_link_clicks", 0)),
        applies=applies(row),
        spend_micros=int((Decimal(row.get("spend", "0")) * 10**6).to_integral_value()),
        currency=str(row["account_currency"]),
        attribution_window=ATTRIBUTION,
    )


def applies(row: Mapping[str, Any]) -> int:
    """Applications of the one canonical type, wherever Meta lists it."""
    for edge in ("conversions", "actions"):
        for action in row.get(edge) or ():
            if action.get("action_type") == APPLY:
                return int(Decimal(str(action.get("value", 0))))
    return 0
