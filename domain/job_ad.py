"""A job advertisement as a recruiter wrote it; one that breaks a rule cannot be built."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from domain.errors import InputError
from domain.lifecycle import AdStatus
from domain.money import Money, minimum
from domain.platform import Network

TITLE_MAX = 100
"""Most characters of a title."""
SHORT_MAX = 280
"""Most characters of a short description."""
LONG_MAX = 100_000
"""Most characters of a long description."""
URL_MAX = 2048
"""Most characters of an address."""
LOCATION_MAX = 300
"""Most characters of a location."""


@dataclass(frozen=True, slots=True)
class JobAd:
    """One advertisement of one team. Times carry a zone; an ad without an end is open-ended."""

    id: UUID
    team_id: UUID
    title: str
    description_short: str
    description_long: str
    target_url: str
    platforms: frozenset[Network]
    budget_daily: Money
    schedule_start: datetime
    location: str
    created_by_user_id: UUID
    created_at: datetime
    updated_at: datetime
    schedule_end: datetime | None = None
    creative_asset_url: str | None = None
    status: AdStatus = AdStatus.DRAFT

    def __post_init__(self) -> None:
        _text("title", self.title, TITLE_MAX)
        _text("description_short", self.description_short, SHORT_MAX)
        _text("description_long", self.description_long, LONG_MAX)
        if self.location:  # empty for work that has no place
            _text("location", self.location, LOCATION_MAX)
        _https("target_url", self.target_url)
        if self.creative_asset_url is not None:
            _asset(self.creative_asset_url)
        if not self.platforms:
            raise InputError("platforms is empty", mend=f"name any of {', '.join(Network)}")
        least = minimum(self.budget_daily.currency)
        if self.budget_daily.minor < least.minor:
            raise InputError(
                f"budget_daily is {self.budget_daily}", mend=f"give at least {least} a day"
            )
        for name in ("schedule_start", "schedule_end", "created_at", "updated_at"):
            _zoned(name, getattr(self, name))
        if self.schedule_end is not None and self.schedule_end <= self.schedule_start:
            raise InputError(
                f"schedule_end {self.schedule_end.isoformat()} is not after schedule_start "
                f"{self.schedule_start.isoformat()}",
                mend="leave schedule_end empty for an open-ended ad",
            )

    @property
    def content(self) -> dict[str, Any]:
        """What a person writes on the ad, as plain JSON values. Status and the times of its record
        are not in it."""
        return {
            "title": self.title,
            "description_short": self.description_short,
            "description_long": self.description_long,
            "target_url": self.target_url,
            "platforms": sorted(map(str, self.platforms)),
            "budget_daily": [self.budget_daily.minor, self.budget_daily.currency],
            "schedule_start": _instant(self.schedule_start),
            "schedule_end": _instant(self.schedule_end),
            "location": self.location,
            "creative_asset_url": self.creative_asset_url,
        }

    @property
    def version(self) -> str:
        """Content hash of `content`: 16 hex digits. An edit that is taken back gives the earlier
        version again."""
        text = json.dumps(self.content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def due(self, now: datetime) -> bool:
        """Whether the ad should be on the networks at `now`."""
        started = self.schedule_start <= now
        over = self.schedule_end is not None and self.schedule_end <= now
        return started and not over and self.status in (AdStatus.SCHEDULED, AdStatus.LIVE)


def live_status(states: Iterable[str]) -> AdStatus | None:
    """The ad's status from its postings' states: live if any is active, failed only if all are.

    >>> live_status(["failed", "active"]), live_status(["failed"]), live_status(["paused"])
    (<AdStatus.LIVE: 'live'>, <AdStatus.FAILED: 'failed'>, None)
    """
    seen = set(states)
    if "active" in seen:
        return AdStatus.LIVE
    if seen == {"failed"}:
        return AdStatus.FAILED
    return None


def _text(name: str, value: str, most: int) -> None:
    if not value.strip():
        raise InputError(f"{name} is empty")
    if "\x00" in value:
        raise InputError(f"{name} contains a NUL character", mend="remove it")
    if len(value) > most:
        raise InputError(f"{name} has {len(value)} characters", mend=f"use at most {most}")


def _https(name: str, value: str) -> None:
    _text(name, value, URL_MAX)
    try:
        parts = urlsplit(value)
        right = parts.scheme == "https" and parts.hostname and value.isprintable()
    except ValueError:
        right = False
    if not right or " " in value:
        raise InputError(f"{name} is {value[:80]!r}", mend="use an https:// address")
    if parts.username or parts.password:
        raise InputError(f"{name} carries a user name or password", mend="remove it")


def _asset(value: str) -> None:
    """`file:` addresses are sandbox fixtures; the image fetcher refuses them in live mode."""
    if not value.lower().startswith("file:"):
        _https("creative_asset_url", value)


def _instant(value: datetime | None) -> str | None:
    """The same text for the same moment, whatever its zone."""
    return None if value is None else value.astimezone(UTC).isoformat()


def _zoned(name: str, value: datetime | None) -> None:
    if value is not None and value.utcoffset() is None:
        raise InputError(f"{name} {value.isoformat()} has no time zone", mend="add one, such as Z")
