"""Reports of the networks as rows of the performance log."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from assets.isolation import Isolation
from domain.errors import PlatformError
from domain.networks import FACTS
from domain.platform import Insight, Network

if TYPE_CHECKING:
    from assets.outside import Outside

MOST = 10**16
"""The most of anything that one ad can have on one day; micros of ten billion, so that sums of many
days still fit into 64 bits."""
_CURRENCY = re.compile(r"[A-Z]{3}")
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
    guard: Isolation,
) -> int:
    """Ask each account for its arms' days from `since` to `until` and merge what it says. One
    account's failure does not cost the others' numbers, nor one ad's impossible numbers the other
    ads' of its account; `guard` keeps both. The ledger says what was posted: a posting that was
    killed before it wrote to the lake is asked about all the same."""
    rows: list[dict[str, Any]] = []
    for (team_id, network, account_id), owners in sorted(_posted(outside).items()):
        found = guard.attempt(
            partial(reported, outside, team_id, network, account_id, owners, since, until, guard),
            team_id=team_id,
            network=network,
            account_id=account_id,
        )
        rows += [{**row, "as_of": as_of} for row in found or ()]
    return outside.warehouse.merge("performance_log", frame(rows, "performance_log"))


def _posted(outside: "Outside") -> dict[tuple[str, Network, str], dict[str, dict[str, Any]]]:
    """Of each (team, network, account) the slots by the object that the network reports of."""
    found: dict[tuple[str, Network, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in outside.store.projections.postings():
        network = Network(row["network"])
        if row["kind"] == FACTS[network].reported:
            found[row["team_id"], network, row["account_id"]][row["object_id"]] = row
    return found


def reported(
    outside: "Outside",
    team_id: str,
    network: Network,
    account_id: str,
    owners: Mapping[str, Mapping[str, Any]],
    since: date,
    until: date,
    guard: Isolation,
) -> list[dict[str, Any]]:
    """Rows of the log, but for `as_of`, for one account's slots by object id. What no day can have
    is left out, and is its own ad's failure."""
    said = outside.platform(team_id, network, account_id).report(
        account_id, list(owners), since, until
    )
    insights, faults = _possible((i for i in said if i.ad_id in owners), owners)
    place = {"team_id": team_id, "network": str(network), "account_id": account_id}
    for job_id in {str(owner["job_id"]) for owner in owners.values()}:
        if job_id in faults:
            guard.fail(faults[job_id], **place, job_id=job_id)
        else:
            guard.succeed(**place, job_id=job_id)
    return [
        {
            "team_id": team_id,
            "network": str(network),
            "account_id": account_id,
            "ad_id": insight.ad_id,
            "arm": owner["arm"],
            "day": insight.day,
            "attribution_window": insight.attribution_window,
            "origin": "report",
            "job_id": owner["job_id"],
            "cluster_key": owner["arm"],
            "mode": owner["mode"],
            "impressions": insight.impressions,
            "clicks": insight.clicks,
            "applies": insight.applies,
            "spend_micros": insight.spend_micros,
            "currency": insight.currency,
        }
        for insight, owner in ((insight, owners[insight.ad_id]) for insight in insights)
    ]


def _possible(
    said: Iterable[Insight], owners: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Insight], dict[str, PlatformError]]:
    """What a day of its ad can have, and by ad (`job_id`) the first fault of what cannot be."""
    sound: list[Insight] = []
    faults: dict[str, PlatformError] = {}
    for insight in said:
        owner = owners[insight.ad_id]
        try:
            check_possible(insight, owner["currency"])
        except PlatformError as error:
            faults.setdefault(str(owner["job_id"]), error)
        else:
            sound.append(insight)
    return sound, faults


def check_possible(insight: Insight, currency: str | None) -> None:
    """PlatformError for numbers that no day of an ad can have: they would keep all others out of
    the log, or count under a cap as another currency's.

    >>> day = Insight("23842", date(2026, 11, 30), 900, 12, 1, 4_100_000, "EUR", "7d_click")
    >>> check_possible(day, "EUR")
    >>> check_possible(day, "USD")
    Traceback (most recent call last):
        ...
    domain.errors.PlatformError: reports ad 23842 in EUR, but it was posted in USD - ...
    """
    counts = (insight.impressions, insight.clicks, insight.applies, insight.spend_micros)
    named = isinstance(insight.currency, str) and _CURRENCY.fullmatch(insight.currency)
    sound = named and all(0 <= count <= MOST for count in counts)
    if currency not in (None, insight.currency):
        raise PlatformError(
            f"reports ad {insight.ad_id} in {insight.currency}, but it was posted in {currency}",
            mend="give the account the currency of its ads again, or connect the right account",
        )
    if not sound or not insight.attribution_window.isascii():
        raise PlatformError(
            f"reports impossible numbers of ad {insight.ad_id} on {insight.day}: {insight}"[:300],
            mend="ask for that day again later; if it stays, show it to the network's support",
        )
