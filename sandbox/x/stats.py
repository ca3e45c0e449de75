"""Reports: numbers in arrays, one element for each hour, day or the whole; null means nothing."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sandbox.x.delivery import HOUR, Delivery, Hour
from sandbox.x.errors import XError, invalid
from sandbox.x.lists import Body
from sandbox.x.parameters import IDS, Field, read, shown
from sandbox.x.state import State, Stored
from sandbox.x.world import Account, World

MOST_DAYS, MOST_IDS, MOST_ACTIVE_DAYS = 7, 20, 90
_ENTITIES = ("ACCOUNT", "FUNDING_INSTRUMENT", "CAMPAIGN", "LINE_ITEM", "PROMOTED_TWEET")
_GROUPS = ("ENGAGEMENT", "BILLING", "VIDEO", "WEB_CONVERSION")
_NOTHING = {
    "ENGAGEMENT": (
        "likes",
        "retweets",
        "replies",
        "follows",
        "card_engagements",
        "app_clicks",
        "qualified_impressions",
        "carousel_swipes",
        "tweets_send",
        "unfollows",
        "poll_card_vote",
    ),
    "VIDEO": (
        "video_total_views",
        "video_views_25",
        "video_views_50",
        "video_views_75",
        "video_views_100",
        "video_cta_clicks",
        "video_content_starts",
        "video_3s100pct_views",
        "video_6s_views",
        "video_15s_views",
    ),
}
# The metric that counts conversions of a tag's type.
_CONVERSIONS = {
    "CUSTOM": "conversion_custom",
    "DOWNLOAD": "conversion_downloads",
    "PURCHASE": "conversion_purchases",
    "SIGN_UP": "conversion_sign_ups",
    "SITE_VISIT": "conversion_site_visits",
}
_ASKED = {
    "entity": Field(required=True, values=_ENTITIES),
    "entity_ids": Field("list", required=True),
    "start_time": Field("time", required=True),
    "end_time": Field("time", required=True),
    "granularity": Field(required=True, values=("DAY", "HOUR", "TOTAL")),
    "metric_groups": Field("list", required=True, values=_GROUPS),
    "placement": Field(
        required=True, values=("ALL_ON_TWITTER", "PUBLISHER_NETWORK", "SPOTLIGHT", "TREND")
    ),
}
_ACTIVE = {
    "entity": Field(required=True, values=_ENTITIES[1:]),
    "start_time": Field("time", required=True),
    "end_time": Field("time", required=True),
    "campaign_ids": IDS,
    "funding_instrument_ids": IDS,
    "line_item_ids": IDS,
}
_FINAL = timedelta(hours=24)


class Stats:
    def __init__(self, state: State, world: World, delivery: Delivery) -> None:
        self._state, self._world, self._delivery = state, world, delivery

    def answer(self, account: Account, rest: Sequence[str], given: Mapping[str, Any]) -> Body:
        if not rest:
            return self._report(account, read(given, _ASKED, zone=account.zone))
        if rest[0] != "active_entities":
            raise XError("ROUTE_NOT_FOUND", f"no stats of {rest[0]}")
        return self._active(account, read(given, _ACTIVE, zone=account.zone))

    def _report(self, account: Account, asked: Mapping[str, Any]) -> Body:
        if len(asked["entity_ids"]) > MOST_IDS:
            raise invalid("entity_ids", f"at most {MOST_IDS} ids in one request")
        start, end = _window(asked, MOST_DAYS)
        edges = _edges(start, end, asked["granularity"], account)
        served = asked["placement"] == "ALL_ON_TWITTER"
        data = []
        for entity_id in asked["entity_ids"]:
            rows = self._rows(account, asked["entity"], entity_id)
            rows = [row for row in rows if start <= row.at < end] if served else []
            metrics = self._metrics(rows, edges, asked["metric_groups"], self._state.now())
            data.append({"id": entity_id, "id_data": [{"segment": None, "metrics": metrics}]})
        return {"data_type": "stats", "time_series_length": len(edges) - 1, "data": data}

    def _rows(self, account: Account, entity: str, entity_id: str) -> list[Hour]:
        """Hours of an entity; deleted ones have theirs too. XError for an id that is unknown."""
        if entity in ("ACCOUNT", "FUNDING_INSTRUMENT"):
            if entity_id not in (account.id, account.funding_instrument):
                raise invalid("entity_ids", f"no {entity} {entity_id}")
            return [r for c in self._campaigns(account) for r in self._delivery.hours(c)]
        stored = self._state.get(entity.lower(), entity_id)
        if stored is None or stored.account != account.id:
            raise invalid("entity_ids", f"no {entity} {entity_id}")
        rows = self._delivery.hours(self._state.must("campaign", stored.root))
        return [row for row in rows if entity_id in (stored.root, row.item, row.ad)]

    def _campaigns(self, account: Account, ids: Sequence[str] | None = None) -> list[Stored]:
        """Those that a post was ever promoted in."""
        found = self._state.select(
            "kind = 'campaign' AND account = ? AND id IN (SELECT root FROM objects "
            "WHERE kind = 'promoted_tweet' AND account = ?)",
            [account.id, account.id],
        )
        return [c for c in found if ids is None or c.id in ids]

    def _metrics(
        self, rows: Sequence[Hour], edges: Sequence[datetime], groups: Sequence[str], now: datetime
    ) -> Body:
        """By metric: an array or null."""
        stamps = [edge.timestamp() for edge in edges]
        buckets = {at: bisect_right(stamps, at.timestamp()) - 1 for at in {row.at for row in rows}}

        def array(count: Callable[[Hour], int], among: Iterable[Hour] = rows) -> list[int] | None:
            sums = [0] * (len(edges) - 1)
            for row in among:
                sums[buckets[row.at]] += count(row)
            return sums if any(sums) else None

        metrics: Body = {}
        for group in groups:
            metrics |= dict.fromkeys(_NOTHING.get(group, ()))
        if "ENGAGEMENT" in groups:
            metrics |= {
                "impressions": array(lambda r: r.impressions),
                "engagements": array(lambda r: r.url_clicks + r.other_clicks),
                "clicks": array(lambda r: r.url_clicks + r.other_clicks),
                "url_clicks": array(lambda r: r.url_clicks),
            }
        if "BILLING" in groups:
            metrics |= {
                "billed_engagements": array(lambda r: r.impressions),
                "billed_charge_local_micro": array(lambda r: self._billed(r, now)),
            }
        if "WEB_CONVERSION" in groups:
            for event, metric in _CONVERSIONS.items():
                mine = [row for row in rows if row.event == event]
                metrics[metric] = _conversions(
                    array(lambda r: r.early if _young(r, now) else r.applies, mine),
                    array(lambda r: r.early_viewed if _young(r, now) else r.viewed, mine),
                )
        return metrics

    def _billed(self, row: Hour, now: datetime) -> int:
        """Spend is an estimate, a little too high, until it is some days old."""
        b = self._world.behaviour
        young = now < row.at + timedelta(days=b["spend_final_days"])
        return int(row.cost_micros * b["young_spend"]) if young else row.cost_micros

    def _active(self, account: Account, asked: Mapping[str, Any]) -> Body:
        start, end = _window(asked, MOST_ACTIVE_DAYS)
        narrowed = [
            k
            for k in ("campaign_ids", "funding_instrument_ids", "line_item_ids")
            if asked.get(k) is not None
        ]
        if len(narrowed) > 1:
            raise XError("EXCLUSIVE_PARAMETERS", f"{' and '.join(narrowed)} exclude each other")
        items = asked.get("line_item_ids")
        money = asked.get("funding_instrument_ids")
        changed: dict[str, list[Hour]] = {}
        for campaign in self._campaigns(account, asked.get("campaign_ids")):
            for row in self._delivery.hours(campaign):
                mine = {"CAMPAIGN": campaign.id, "LINE_ITEM": row.item, "PROMOTED_TWEET": row.ad}
                wanted = items is None or row.item in items
                wanted &= money is None or account.funding_instrument in money
                if wanted and self._changed(row, start, end):
                    key = mine.get(asked["entity"], account.funding_instrument)
                    changed.setdefault(key, []).append(row)
        return {
            "data": [
                {
                    "entity_id": key,
                    "activity_start_time": shown(min(r.at for r in rows)),
                    "activity_end_time": shown(max(r.at for r in rows) + HOUR),
                    "placements": ["ALL_ON_TWITTER"],
                }
                for key, rows in sorted(changed.items())
            ]
        }

    def _changed(self, row: Hour, start: datetime, end: datetime) -> bool:
        """Whether an hour's numbers were new, or became final, between two moments."""
        final = timedelta(days=self._world.behaviour["spend_final_days"])
        return any(start <= row.at + late < end for late in (timedelta(), _FINAL, final))


def _window(asked: Mapping[str, Any], most: int) -> tuple[datetime, datetime]:
    start, end = (datetime.fromisoformat(asked[name]) for name in ("start_time", "end_time"))
    for name, moment in (("start_time", start), ("end_time", end)):
        if moment.minute or moment.second:
            raise invalid(name, f"{name} must be expressed in whole hours")
    if end <= start:
        raise invalid("end_time", "end_time must come after start_time")
    if end - start > timedelta(days=most) + HOUR:  # a week with the end of summer time
        raise XError("INVALID_TIME_WINDOW", f"at most {most} days in one request", "end_time")
    return start, end


def _edges(start: datetime, end: datetime, granularity: str, account: Account) -> list[datetime]:
    """Where buckets begin, and where the last one ends."""
    if granularity == "TOTAL":
        return [start, end]
    if granularity == "HOUR":
        return [start + n * HOUR for n in range(round((end - start) / HOUR) + 1)]
    local = [moment.astimezone(account.zone) for moment in (start, end)]
    for name, moment in zip(("start_time", "end_time"), local, strict=True):
        if moment.hour:
            raise invalid(name, f"{name} is no midnight in {account.timezone}")
    days = (local[1].date() - local[0].date()).days
    # Same wall clock, other days: midnights of the zone whatever its summer time does.
    return [local[0] + timedelta(days=n) for n in range(days + 1)]


def _young(row: Hour, now: datetime) -> bool:
    """Conversions are final after a day; until then a part of them is known."""
    return now < row.at + _FINAL


def _conversions(total: list[int] | None, viewed: list[int] | None) -> Body | None:
    """X's object of one type of conversion; without sales here."""
    if total is None:
        return dict.fromkeys(
            ("metric", "post_view", "post_engagement", "assisted", "order_quantity", "sale_amount")
        )
    seen = viewed or [0] * len(total)
    engaged = [all_ - some for all_, some in zip(total, seen, strict=True)]
    return {
        "metric": total,
        "post_view": viewed,
        "post_engagement": engaged if any(engaged) else None,
        "assisted": None,
        "order_quantity": None,
        "sale_amount": None,
    }
