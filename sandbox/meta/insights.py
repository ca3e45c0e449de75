"""Reports: numbers as strings, money in major units, one row for each object and day."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.meta.delivery import Day, Delivery
from sandbox.meta.errors import GraphError
from sandbox.meta.state import Stored
from sandbox.meta.world import Account

LEVELS = ("account", "campaign", "adset", "ad")
WHOLE = frozenset({"CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"})
"""Currencies whose budgets are counted in whole units; all others in hundredths."""


def report(
    adsets: Iterable[Stored],
    ads: set[str] | None,
    params: Mapping[str, Any],
    delivery: Delivery,
    account: Account,
    today: date,
) -> list[dict[str, Any]]:
    """Rows of the asked level; days without delivery have none, as at Meta. `ads`: only these."""
    since, until = _range(params, today)
    level = params.get("level", "account")
    if level not in LEVELS:
        raise GraphError(f"(#100) Param level must be one of {LEVELS}")
    daily = str(params.get("time_increment", "")) == "1"
    chosen = filtered(params)
    sums: dict[tuple[str, ...], dict[str, Any]] = {}
    for adset in adsets:
        ids = {"adset": adset.id, "account": account.id}
        ids["campaign"] = str(adset.fields["campaign_id"])
        if any(ids[name] not in chosen[name] for name in ("adset", "campaign") if name in chosen):
            continue
        for ad, days in delivery.days(adset, since, until).items():
            ids["ad"] = ad
            if (ads is not None and ad not in ads) or ad not in chosen.get("ad", {ad}):
                continue
            for day in days:
                key = (ids[level], day.day.isoformat() if daily else "")
                shown = day if daily else None
                _add(sums.setdefault(key, _empty(ids, level, shown, since, until)), day)
    wanted = params.get("fields") or ["impressions", "spend"]
    names = wanted if isinstance(wanted, list) else str(wanted).split(",")
    return [_shown(row, names, account.currency) for _, row in sorted(sums.items())]


def _range(params: Mapping[str, Any], today: date) -> tuple[date, date]:
    given = params.get("time_range")
    if not given:
        return today - timedelta(days=30), today
    try:
        since, until = date.fromisoformat(given["since"]), date.fromisoformat(given["until"])
    except (KeyError, TypeError, ValueError):
        raise GraphError("(#100) time_range needs since and until as YYYY-MM-DD") from None
    if until < since:
        raise GraphError("(#100) time_range until is before since")
    if (today - since).days > 37 * 31:
        raise GraphError("(#3018) The start date of the time range is beyond 37 months", 3018)
    return since, until


def filtered(params: Mapping[str, Any]) -> dict[str, set[str]]:
    """By level: the ids that `filtering` wants; a level that it does not name is not in it."""
    found: dict[str, set[str]] = {}
    for clause in params.get("filtering") or []:
        name, _, part = str(clause.get("field")).partition(".")
        if part != "id" or name not in LEVELS[1:] or clause.get("operator") not in ("IN", "EQUAL"):
            raise GraphError(f"(#100) filtering by {clause.get('field')} is not supported")
        value = clause.get("value")
        ids = {str(v) for v in (value if isinstance(value, list) else [value])}
        found[name] = found.get(name, ids) & ids
    return found


def _empty(
    ids: Mapping[str, str], level: str, day: Day | None, since: date, until: date
) -> dict[str, Any]:
    shown = LEVELS[: LEVELS.index(level) + 1]
    row: dict[str, Any] = {f"{name}_id": ids[name] for name in shown if name != "account"}
    return row | {
        "account_id": ids["account"].removeprefix("act_"),
        "date_start": (day.day if day else since).isoformat(),
        "date_stop": (day.day if day else until).isoformat(),
        "impressions": 0,
        "clicks": 0,
        "inline_link_clicks": 0,
        "applies": 0,
        "spend": 0,
    }


def _add(row: dict[str, Any], day: Day) -> None:
    row["impressions"] += day.impressions
    row["clicks"] += day.clicks
    row["inline_link_clicks"] += day.link_clicks
    row["applies"] += day.applies
    row["spend"] += day.spend_minor


def _shown(row: dict[str, Any], names: list[str], currency: str) -> dict[str, Any]:
    exponent = 0 if currency in WHOLE else 2
    known = {
        **{k: v for k, v in row.items() if k.endswith("_id")},
        "account_currency": currency,
        "spend": f"{Decimal(row['spend']).scaleb(-exponent):.{exponent}f}",
        **{k: str(row[k]) for k in ("impressions", "clicks", "inline_link_clicks")},
        "actions": [{"action_type": "link_click", "value": str(row["inline_link_clicks"])}],
    }
    if row["applies"]:
        # Meta lists one event under several names; adding them up would count it three times.
        value = str(row["applies"])
        names_of_one = ("submit_application_total", "submit_application_website")
        known["conversions"] = [{"action_type": n, "value": value} for n in names_of_one]
        pixel = "offsite_conversion.fb_pixel_custom"
        known["actions"].append({"action_type": pixel, "value": value})
    dates = {"date_start": row["date_start"], "date_stop": row["date_stop"]}
    return {name: known[name] for name in names if name in known} | dates
