"""X's Ads API, version 12, through tweepy's signing and session."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import SetupError
from domain.platform import Mode, Pace
from resources.guard import check_token
from resources.images import Images
from resources.operations.records import Connection
from resources.pacing import Unpaced
from resources.settings import Settings

if TYPE_CHECKING:
    from resources.x.adapter import XPlatform

ADS, MEDIA = "https://ads-api.x.com", "https://upload.x.com"
# The app that the sandbox knows; live keys come from the settings.
SANDBOX_KEY, SANDBOX_SECRET = "EMU-x-app", "EMU-x-app-secret"
UNPACED = Unpaced()


def _utc_now() -> datetime:
    return datetime.now(UTC)


def platform(
    *,
    token: str,
    account_id: str,
    images: Path,
    consumer_key: str = SANDBOX_KEY,
    consumer_secret: str = SANDBOX_SECRET,
    mode: Mode = Mode.SANDBOX,
    url: str | None = None,
    pace: Pace = UNPACED,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = _utc_now,
) -> "XPlatform":
    """The adapter for one account; SetupError when host, keys and mode do not belong together.

    `token` is "<access token>:<token secret>". A `url` answers everything; without one X itself
    does, uploads at a host of their own.
    """
    from resources.x.adapter import XPlatform
    from resources.x.client import AdsClient, Keys

    check_token(mode, token)
    check_token(mode, consumer_key)
    access, _, secret = token.partition(":")
    keys = Keys(consumer_key, consumer_secret, access, secret)
    ads = (url or ADS).rstrip("/")
    media = ads if url else MEDIA
    client = AdsClient(keys, ads=ads, media=media, mode=mode, pace=pace, now=now)
    return XPlatform(client, account_id, mode, images, sleep)


def connect(
    connection: Connection,
    settings: Settings,
    images: Images,
    *,
    url: str | None,
    consumer_key: str = SANDBOX_KEY,
    consumer_secret: str = SANDBOX_SECRET,
    pace: Pace = UNPACED,
) -> "XPlatform":
    """The adapter for a team's connection; in the sandbox `url` is where the twin answers."""
    if url is None and settings.mode is Mode.SANDBOX:
        raise SetupError("no sandbox network is running", where="X", mend="start it: jobads up")
    return platform(
        token=connection.token, account_id=connection.account_id, images=images.folder,
        consumer_key=consumer_key, consumer_secret=consumer_secret, mode=settings.mode, url=url,
        pace=pace,
    )  # fmt: skip


__all__ = ["ADS", "MEDIA", "connect", "platform"]
