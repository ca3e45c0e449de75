"""Job ads from a file: a row of text becomes a draft, or says which field breaks which rule."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from domain.errors import InputError
from domain.job_ad import LONG_MAX, JobAd
from domain.money import Money
from domain.platform import Network
from resources.files.addresses import same_site
from resources.files.faults import Fault, Rows
from resources.files.markup import plain
from resources.files.table import read_table
from resources.operations.records import Team

REQUIRED = (
    "title",
    "description_short",
    "target_url",
    "platforms",
    "budget_daily",
    "schedule_start",
    "location",
)
OPTIONAL = ("job_key", "description_long", "creative_asset_url", "currency", "schedule_end")
RAW_MAX = 10 * LONG_MAX
"""Most characters of a description as it comes, with its markup."""


def read_job_ads(
    path: Path,
    team: Team,
    *,
    user_id: UUID,
    now: datetime,
    mapping: Mapping[str, str] | None = None,
) -> Rows[JobAd]:
    """Drafts of a team. A row's identity is its `job_key`, or its title, address and place, so
    that the same file read again gives the same ads.

    >>> from resources.files.bundled import ROOT
    >>> team = Team(UUID(int=1), "Acme", "acme.example", "USD")
    >>> by = {"user_id": UUID(int=2), "now": datetime(2026, 12, 1, tzinfo=UTC)}
    >>> rows = read_job_ads(ROOT / "data/sample/job_ads.csv", team, **by)
    >>> len(rows.good), rows.faults, str(rows.good[0].status)
    (484, (), 'draft')
    """
    table = read_table(path, required=REQUIRED, optional=OPTIONAL, mapping=mapping)
    good: list[JobAd] = []
    faults, warnings = list(table.faults), list(table.warnings)
    lines: dict[UUID, int] = {}
    for line, row in table.good:
        parsed = parse(row, team, user_id=user_id, now=now)
        if isinstance(parsed, list):
            faults += [Fault(line, field, rule) for field, rule in parsed]
        elif parsed.id in lines:
            faults.append(Fault(line, "job_key", f"repeats the ad of line {lines[parsed.id]}"))
        else:
            lines[parsed.id] = line
            good.append(parsed)
            host = urlsplit(parsed.target_url).hostname or ""
            if team.domain and not same_site(host, team.domain):
                rule = f"{host} is not on the team's domain {team.domain}"
                warnings.append(Fault(line, "target_url", rule))
    return Rows(tuple(good), tuple(sorted(faults, key=lambda f: f.line)), tuple(warnings))


def edits(ad: JobAd, given: Mapping[str, str]) -> dict[str, Any]:
    """Fields of an ad, as text of a file would say them, for `edit_job_ad`; InputError for the
    first that is unknown or breaks a rule. A budget without a currency keeps the ad's own."""
    row = {
        "title": ad.title,
        "description_short": ad.description_short,
        "description_long": ad.description_long,
        "target_url": ad.target_url,
        "platforms": ",".join(sorted(ad.platforms)),
        "budget_daily": str(ad.budget_daily),
        "schedule_start": ad.schedule_start.isoformat(),
        "location": ad.location,
        "schedule_end": ad.schedule_end.isoformat() if ad.schedule_end else "",
        "creative_asset_url": ad.creative_asset_url or "",
    }
    for name in given.keys() - row.keys():
        raise InputError(f"{name!r} cannot be edited", mend=f"one of {', '.join(row)}")
    row |= given
    found = _parsed(
        row, ad.team_id, ad.budget_daily.currency, user_id=ad.created_by_user_id, now=ad.created_at
    )
    if isinstance(found, list):
        field, rule = found[0]
        raise InputError(f"{field} {rule}")
    return {name: getattr(found, name) for name in given}


def parse(
    row: Mapping[str, str], team: Team, *, user_id: UUID, now: datetime
) -> JobAd | list[tuple[str, str]]:
    """A draft, or every (field, rule) that the row breaks.

    >>> team = Team(UUID(int=1), "Acme", "acme.example", "EUR")
    >>> row = {
    ...     "title": "Nurse", "description_short": "Nights", "target_url": "https://acme.example/1",
    ...     "platforms": "meta, x", "budget_daily": "25.50", "schedule_start": "2026-12-01T08:00Z",
    ...     "location": "Bonn, DE",
    ... }
    >>> ad = parse(row, team, user_id=UUID(int=2), now=datetime(2026, 12, 1, tzinfo=UTC))
    >>> print(ad.title, ad.budget_daily, ad.status)
    Nurse 25.50 EUR draft
    >>> parse(row | {"budget_daily": "cheap"}, team, user_id=UUID(int=2), now=ad.created_at)
    [('budget_daily', "'cheap' is not an amount; write it as 25.00")]
    """
    return _parsed(row, team.id, team.currency, user_id=user_id, now=now)


def _parsed(
    row: Mapping[str, str], team_id: UUID, default: str, *, user_id: UUID, now: datetime
) -> JobAd | list[tuple[str, str]]:
    """As `parse`; a budget that names no currency is in the `default` one."""
    broken: list[tuple[str, str]] = []

    def take(field: str, read):  # type: ignore[no-untyped-def]
        try:
            return read(row.get(field, "").strip())
        except InputError as error:
            broken.append((field, _rule(error, field)))
            return None

    title, short, long = (
        take(f, _words) for f in ("title", "description_short", "description_long")
    )
    platforms = take("platforms", _platforms)
    start, end = take("schedule_start", _moment), take("schedule_end", _end)
    budget = take("budget_daily", lambda text: _budget(text, row.get("currency", ""), default))
    url, asset = row["target_url"].strip(), row.get("creative_asset_url", "").strip() or None
    if broken:
        return broken
    place = row["location"].strip()
    key = row.get("job_key", "").strip() or "\x1f".join((title, url, place))
    try:
        return JobAd(
            id=uuid5(team_id, key),
            team_id=team_id,
            title=title,
            description_short=short,
            description_long=long or short,
            target_url=url,
            platforms=platforms,
            budget_daily=budget,
            schedule_start=start,
            schedule_end=end,
            location=place,
            creative_asset_url=asset,
            created_by_user_id=user_id,
            created_at=now,
            updated_at=now,
        )
    except InputError as error:
        field = error.what.split(" ", 1)[0]
        return [(field, _rule(error, field))]


def _rule(error: InputError, field: str) -> str:
    what = error.what.removeprefix(field).strip()
    return f"{what}; {error.mend}" if error.mend else what


def _words(text: str) -> str:
    if len(text) > RAW_MAX:
        raise InputError(f"has {len(text)} characters", mend=f"use at most {LONG_MAX}")
    return plain(text)


def _platforms(text: str) -> frozenset[Network]:
    names = [name for name in re.split(r"[\s,;|]+", text.lower()) if name]
    unknown = sorted(set(names) - set(Network))
    if unknown or not names:
        given = f"names {', '.join(unknown)[:60]}" if unknown else "is empty"
        raise InputError(given, mend=f"name any of {', '.join(Network)}, separated by commas")
    return frozenset(map(Network, names))


def _budget(text: str, currency: str, default: str) -> Money:
    """ "25", "25.50", or with its own currency as in "25.50 EUR"."""
    amount, _, own = text.partition(" ")
    if not amount:
        raise InputError("is empty", mend="write it as 25.00")
    return Money.parse(amount, own.strip() or currency.strip() or default)


def _end(text: str) -> datetime | None:
    return _moment(text) if text else None


def _moment(text: str) -> datetime:
    if not text:
        raise InputError("is empty", mend="write it as 2026-01-31T09:00:00Z")
    try:
        moment = datetime.fromisoformat(text)
        if moment.utcoffset() is None:
            raise InputError(
                f"{text[:40]!r} has no time zone", mend="write it as 2026-01-31T09:00:00Z"
            )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(
            f"{text[:40]!r} is not an ISO 8601 time", mend="write it as 2026-01-31T09:00:00Z"
        ) from None
