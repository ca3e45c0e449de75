"""Reports of the networks as rows of the performance log."""

import json
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from domain.errors import JobadsError
from domain.platform import SHAPES, Network

if TYPE_CHECKING:
    from assets.outside import Outside

# The newest word on each day: a later pull restates an earlier one.
LATEST = (
    "SELECT * FROM performance_log QUALIFY as_of = max(as_of) OVER "
    "(PARTITION BY team_id, network, account_id, ad_id, arm, day, attribution_window, origin)"
)


def pull(
    outside: "Outside",
    since: date,
    until: date,
    as_of: date,
    frame: Callable[[list[dict[str, Any]], str], pl.DataFrame],
) -> int:
    """Ask each account for its arms' days from `since` to `until` and merge what it says. One
    account's failure does not cost the others' numbers: the first is raised after these are stored.
    """
    posted = outside.warehouse.sql(
        "SELECT * FROM posted_campaigns WHERE objects IS NOT NULL ORDER BY team_id, account_id"
    )
    rows: list[dict[str, Any]] = []
    failures: list[JobadsError] = []
    for (team_id, network, account_id), group in posted.group_by(
        "team_id", "network", "account_id", maintain_order=True
    ):
        kind = SHAPES[Network(str(network))].reported
        owners = {
            objects[kind]: row
            for row in group.iter_rows(named=True)
            if kind in (objects := json.loads(row["objects"]))
        }
        if not owners:
            continue
        try:
            platform = outside.platform(str(team_id), Network(str(network)))
            insights = platform.report(str(account_id), list(owners), since, until)
        except JobadsError as error:
            failures.append(error)
            continue
        for insight in insights:
            owner = owners[insight.ad_id]
            rows.append({
                "team_id": team_id, "network": owner["network"], "account_id": account_id,
                "ad_id": insight.ad_id, "arm": owner["arm"], "day": insight.day,
                "attribution_window": insight.attribution_window, "origin": "report",
                "as_of": as_of, "job_id": owner["job_id"], "cluster_key": owner["cluster_key"],
                "mode": owner["mode"], "impressions": insight.impressions,
                "clicks": insight.clicks, "applies": insight.applies,
                "spend_micros": insight.spend_micros, "currency": insight.currency,
            })  # fmt: skip
    count = outside.warehouse.merge("performance_log", frame(rows, "performance_log"))
    if failures:
        raise failures[0]
    return count
