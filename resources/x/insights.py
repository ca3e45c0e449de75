"""X's statistics as numbers: arrays of days become records of one day, nulls become zeros."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.platform import Insight
from resources.x.client import AdsClient

DAYS_A_CALL, IDS_A_CALL = 7, 20
# One type only, else one application counts several times: X has none for applications, so the web
# event tag of the page that thanks for one is CUSTOM. Conversions after a click alone, as on the
# other networks; how long after is a setting of the tag.
APPLY, ATTRIBUTION = "conversion_custom", "post_engagement"
_ASKED = {
    "entity": "LINE_ITEM",
    "granularity": "DAY",
    "placement": "ALL_ON_TWITTER",
    "metric_groups": "ENGAGEMENT,BILLING,WEB_CONVERSION",
}
_METRICS = ("impressions", "url_clicks", APPLY, "billed_charge_local_micro")


def report(
    client: AdsClient,
    account_id: str,
    ids: Sequence[str],
    since: date,
    until: date,
    zone: str,
    currency: str,
) -> list[Insight]:
    """Days from `since` to `until`, both inclusive, of the account's `zone`, on which a line item
    of `ids` showed, was clicked, applied through or charged."""
    found: list[Insight] = []
    for start, end in spans(since, until):
        for some in groups(ids):
            asked = {
                **_ASKED,
                "entity_ids": list(some),
                "start_time": midnight(start, zone),
                "end_time": midnight(end + timedelta(days=1), zone),
            }
            answer = client.ask("GET", f"stats/accounts/{account_id}", "stats", params=asked)
            for entity in answer.get("data") or ():
                found += _days(entity, start, (end - start).days + 1, currency)
    return found


def spans(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Inclusive pieces of at most DAYS_A_CALL days."""
    while since <= until:
        end = min(until, since + timedelta(days=DAYS_A_CALL - 1))
        yield since, end
        since = end + timedelta(days=1)


def groups(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), IDS_A_CALL):
        yield ids[start : start + IDS_A_CALL]


def midnight(day: date, zone: str) -> str:
    """When `day` begins in `zone`; with the zone's own offset where UTC would be no whole hour,
    which X wants."""
    begins = datetime.combine(day, time(), ZoneInfo(zone))
    moment = begins.astimezone(UTC)
    if moment.minute:
        return begins.strftime("%Y-%m-%dT%H:%M:%S%z")
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _days(entity: Mapping[str, Any], start: date, days: int, currency: str) -> list[Insight]:
    metrics: Mapping[str, Any] = next((d["metrics"] for d in entity.get("id_data") or ()), {})
    values = [_array(metrics.get(name), days) for name in _METRICS]
    return [
        Insight(
            ad_id=str(entity["id"]),
            day=start + timedelta(days=i),
            impressions=numbers[0],
            clicks=numbers[1],
            applies=numbers[2],
            spend_micros=numbers[3],
            currency=currency,
            attribution_window=ATTRIBUTION,
        )
        for i, numbers in enumerate(zip(*values, strict=True))
        if any(numbers)
    ]


def _array(metric: Any, days: int) -> list[int]:
    """One number a day; null is zero, for the whole metric or for one day."""
    if isinstance(metric, Mapping):
        metric = metric.get(ATTRIBUTION)
    numbers = [int(value or 0) for value in metric or ()][:days]
    return numbers + [0] * (days - len(numbers))
