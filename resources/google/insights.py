"""Google's report rows as numbers."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from domain.platform import Insight
from resources.google.gaql import number, query

GROUPS_A_CALL = 500
# Each conversion action of the account has its own window of lookback; a report names none.
ATTRIBUTION = "account_default"
_FIELDS = (
    "customer.currency_code",
    "ad_group.resource_name",
    "segments.date",
    "metrics.impressions",
    "metrics.clicks",
    "metrics.conversions",
    "metrics.cost_micros",
)


def queries(ad_group_ids: Sequence[str], since: date, until: date) -> Iterator[str]:
    """Daily numbers of the ad groups, both days inclusive; at most GROUPS_A_CALL in each query."""
    ids = [number(name, "adGroups") for name in dict.fromkeys(ad_group_ids)]
    for start in range(0, len(ids), GROUPS_A_CALL):
        yield query(
            _FIELDS,
            "ad_group",
            f"ad_group.id IN ({', '.join(ids[start : start + GROUPS_A_CALL])})",
            f"segments.date BETWEEN '{since.isoformat()}' AND '{until.isoformat()}'",
        )


def insight(row: Any) -> Insight:
    """One ad group's day. Applies are `metrics.conversions`, the one metric that sums the account's
    primary conversions once; it may be a fraction and is rounded half to even."""
    return Insight(
        ad_id=row.ad_group.resource_name,
        day=date.fromisoformat(row.segments.date),
        impressions=row.metrics.impressions,
        clicks=row.metrics.clicks,
        applies=round(row.metrics.conversions),
        spend_micros=row.metrics.cost_micros,
        currency=row.customer.currency_code,
        attribution_window=ATTRIBUTION,
    )
