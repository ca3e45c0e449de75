"""Reports: numbers as strings, money in major units, one row for each object and day."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.meta.delivery import Day, Delivery
from sandbox.meta.errors import GraphError
from sandbox.meta.objects import Objects
from sandbox.meta.state import Stored
from sandbox.meta.world import World

LEVELS = ("account", "campaign", "adset", "ad")
EXPONENT = {"JPY": 0, "KRW": 0, "CLP": 0}


def report(
    ads: Iterable[Stored],
    params: Mapping[str, Any],
    delivery: Delivery,
    objects: Objects,
    world: World,
    today: date,
) -> list[dict[str, Any]]:
    """Rows of the asked level; days without delivery have none, as at Meta."""
    since, until = _range(params, today)
    level = params.get("level", "account")
    if level not in LEVELS:
        raise GraphError(f"(#100) Param level must be one of {LEVELS}")
    daily = str(params.get("time_increment", "")) == "1"
    sums: dict[tuple[str, ...], dict[str, Any]] = {}
    for ad in _filtered(ads, params):
        ids = {"ad": ad.id, "adset": str(ad.fields["adset_id"]), "account": ad.account}
        ids["campaign"] = str(objects.get(ids["adset"]).fields["campaign_id"])
        for day in delivery.days(ad, since, until):
            key = (ids[level], day.day.isoformat() if daily else "")
            row = sums.setdefault(key, _empty(ids, level, ad, day if daily else None, since, until))
            _add(row, day)
    currency = {a.id: a.currency for a in world.accounts.values()}
    wanted = params.get("fields") or ["impressions", "spend"]
    names = wanted if isinstance(wanted, list) else str(wanted).split(",")
    return [_shown(row, names, currency[row["account"]]) for _, row in sorted(sums.items())]


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


def _filtered(ads: Iterable[Stored], params: Mapping[str, Any]) -> list[Stored]:
    found = list(ads)
    for clause in params.get("filtering") or []:
        if clause.get("field") not in ("ad.id", "adset.id", "campaign.id"):
            raise GraphError(f"(#100) filtering by {clause.get('field')} is not supported")
        if clause["field"] == "ad.id":
            ids = {str(v) for v in clause["value"]}
            found = [ad for ad in found if ad.id in ids]
    return found


def _empty(
    ids: Mapping[str, str], level: str, ad: Stored, day: Day | None, since: date, until: date
) -> dict[str, Any]:
    shown = LEVELS[: LEVELS.index(level) + 1]
    row: dict[str, Any] = {f"{name}_id": ids[name] for name in shown if name != "account"}
    return row | {
        "account": ad.account, "account_id": ad.account.removeprefix("act_"),
        "date_start": (day.day if day else since).isoformat(),
        "date_stop": (day.day if day else until).isoformat(),
        "impressions": 0, "clicks": 0, "inline_link_clicks": 0, "applies": 0, "spend": 0,
    }  # fmt: skip


def _add(row: dict[str, Any], day: Day) -> None:
    row["impressions"] += day.impressions
    row["clicks"] += day.clicks
    row["inline_link_clicks"] += day.link_clicks
    row["applies"] += day.applies
    row["spend"] += day.spend_minor


def _shown(row: dict[str, Any], names: list[str], currency: str) -> dict[str, Any]:
    exponent = EXPONENT.get(currency, 2)
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
