"""What the campaigns cost, by arm, with intervals that say how much is known."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from assets.performance.reports import LATEST
from assets.publishing.planning.stored_plans import stored_plans

CONFIDENCE = 0.95


class Reader(Protocol):
    """Whatever answers queries: the warehouse, or its read-only side."""

    def sql(self, query: str, parameters: list[Any] | None = None) -> pl.DataFrame: ...


@dataclass(frozen=True, slots=True)
class Cost:
    """Sums of one group of ads; `low` and `high` bound the cost per apply, None if none applied."""

    name: str
    currency: str
    ads: int
    impressions: int
    clicks: int
    applies: int
    spend: float
    low: float | None
    high: float | None

    @property
    def per_apply(self) -> float | None:
        return self.spend / self.applies if self.applies else None


def by_arm(warehouse: Reader, team_id: str) -> list[Cost]:
    """Each segment's arm and broad, currencies apart, the cheapest apply first. Segments are called
    by their terms; where two have the same, as one and a coarser one that holds it may, by their
    keys too."""
    frame = warehouse.sql(
        "SELECT l.arm, coalesce(t.name, l.arm) AS name, l.currency, "
        "count(DISTINCT l.ad_id) AS ads, sum(impressions)::BIGINT AS impressions, "
        "sum(clicks)::BIGINT AS clicks, sum(applies)::BIGINT AS applies, "
        "sum(spend_micros)::BIGINT AS micros "
        f"FROM ({LATEST}) AS l LEFT JOIN (SELECT team_id, cluster_key, "
        "nullif(array_to_string(terms[1:3], ', '), '') AS name FROM profiles) AS t "
        "ON t.team_id = l.team_id AND t.cluster_key = l.arm WHERE l.team_id = ? GROUP BY ALL",
        [team_id],
    )
    alike = Counter(frame.select("arm", "name").unique()["name"])
    costs = [
        cost(row | {"name": f"{row['name']} ({row['arm']})"} if alike[row["name"]] > 1 else row)
        for row in frame.iter_rows(named=True)
    ]
    return sorted(costs, key=lambda c: (c.currency, c.per_apply or float("inf")))


def cost(row: Mapping[str, Any]) -> Cost:
    """Sums with the exact Poisson interval of the applies (Garwood 1936) turned into money.

    >>> sums = {"ads": 3, "impressions": 90_000, "clicks": 700, "applies": 20, "micros": 3 * 10**8}
    >>> arm = cost({"name": "broad", "currency": "EUR", **sums})
    >>> arm.per_apply, round(arm.low, 2), round(arm.high, 2)
    (15.0, 9.71, 24.56)
    """
    from scipy.special import gammaincinv  # scipy.stats would take a second to import

    spend, applies = row["micros"] / 1e6, row["applies"]
    tail = (1 - CONFIDENCE) / 2
    most = gammaincinv(applies + 1, 1 - tail)
    least = gammaincinv(applies, tail) if applies else 0.0
    return Cost(
        row["name"],
        row["currency"],
        row["ads"],
        row["impressions"],
        row["clicks"],
        applies,
        spend,
        float(spend / most),
        float(spend / least) if applies else None,
    )


def differing(warehouse: Reader, team_id: str) -> dict[str, int]:
    """Payload fields in which the arms of posted ads differ, and in how many ads."""
    from assets.publishing.planning.plan_compiler import differences

    plans = stored_plans(
        warehouse.sql,
        "p.team_id = ? AND p.job_id IN (SELECT job_id FROM posted_campaigns WHERE team_id = ?)",
        [team_id, team_id],
    )
    counts: dict[str, int] = {}
    for plan in plans:
        for path, _ in differences(plan):
            counts[path] = counts.get(path, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def counts(warehouse: Reader, team_id: str) -> dict[str, int]:
    """How many ads, segments (those that hold no other), arms and posted ads the team has."""
    row = warehouse.sql(
        "SELECT (SELECT count(*) FROM job_ads WHERE team_id = $t) AS ads, "
        "(SELECT count(*) - count(DISTINCT nullif(parent, '')) FROM segment_model "
        "WHERE team_id = $t) AS segments, "
        "(SELECT count(*) FROM posted_campaigns WHERE team_id = $t AND arm <> 'campaign' "
        "AND state = 'active') AS arms, "
        "(SELECT count(DISTINCT job_id) FROM posted_campaigns WHERE team_id = $t "
        "AND state = 'active') AS posted".replace("$t", "?"),
        [team_id] * 4,
    )
    return dict(row.row(0, named=True))


def frame_of(costs: list[Cost]) -> pl.DataFrame:
    """The same as a frame, for notebooks."""
    return pl.DataFrame(
        [{**{f: getattr(c, f) for f in Cost.__slots__}, "per_apply": c.per_apply} for c in costs]
    )
