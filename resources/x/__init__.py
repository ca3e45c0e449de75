"""X's Ads API, version 12, through tweepy's signing and session."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from domain.networks import x as facts
from domain.platform import Mode, Network, Pace
from resources.files.images import Images
from resources.oauth.token_renewal import Connections
from resources.operations.records import Connection
from resources.security import network_addresses
from resources.security.network_guard import check_token
from resources.settings import Settings
from resources.shared_rate_limits import UNPACED

if TYPE_CHECKING:
    from resources.x.adapter import XPlatform

ADS, MEDIA = facts.ADS.live, "https://upload.x.com"


def _utc_now() -> datetime:
    return datetime.now(UTC)


def platform(
    *,
    token: str,
    account_id: str,
    images: Path,
    consumer_key: str,
    consumer_secret: str,
    mode: Mode = Mode.SANDBOX,
    address: str = ADS,
    pace: Pace = UNPACED,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = _utc_now,
) -> "XPlatform":
    """The adapter for one account; SetupError when address, keys and mode do not belong together.

    `token` is "<access token>:<token secret>". X takes uploads at a host of their own; any other
    `address` answers everything."""
    from resources.x.adapter import XPlatform
    from resources.x.client import AdsClient, Keys

    check_token(mode, token)
    check_token(mode, consumer_key)
    access, _, secret = token.partition(":")
    keys = Keys(consumer_key, consumer_secret, access, secret)
    ads = address.rstrip("/")
    client = AdsClient(
        keys, ads=ads, media=MEDIA if ads == ADS else ads, mode=mode, pace=pace, now=now
    )
    return XPlatform(client, account_id, mode, images, sleep)


def connect(
    connection: Connection,
    settings: Settings,
    images: Images,
    pace: Pace,
    connections: Connections | None,
) -> "XPlatform":
    """The adapter for a team's connection, under the application that the consumer key names."""
    app = settings.app(Network.X)
    return platform(
        token=connection.token,
        account_id=connection.account_id,
        images=images.folder,
        consumer_key=app.id,
        consumer_secret=app.secret,
        mode=settings.mode,
        address=network_addresses.address(settings, facts.ADS),
        pace=pace,
    )


__all__ = ["ADS", "MEDIA", "connect", "platform"]
