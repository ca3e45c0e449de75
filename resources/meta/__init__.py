"""Meta's Marketing API through the real SDK."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from domain.networks.meta import GRAPH as GRAPH_API
from domain.platform import Mode, Network, Pace
from resources.files.images import Images
from resources.meta.adapter import MetaPlatform
from resources.meta.errors import backoff_s
from resources.oauth.token_renewal import Connections
from resources.operations.records import Connection
from resources.security.network_addresses import address
from resources.security.network_guard import TIMEOUT_S, check_token, guard
from resources.settings import Settings
from resources.shared_rate_limits import UNPACED

GRAPH = GRAPH_API.live


def platform(
    *,
    token: str,
    images: Path,
    mode: Mode = Mode.SANDBOX,
    url: str | None = None,
    app_secret: str | None = None,
    pace: Pace = UNPACED,
) -> MetaPlatform:
    """The adapter for one token; SetupError when host, token and mode do not belong together.

    `FacebookAdsApi.init` is never called: it would replace the process's excepthook with one that
    sends tracebacks away, and keep the token in a global.
    """
    from facebook_business.api import FacebookAdsApi
    from facebook_business.session import FacebookSession

    host = (url or GRAPH).rstrip("/")
    check_token(mode, token)
    session = FacebookSession(access_token=token, app_secret=app_secret, timeout=TIMEOUT_S)
    session.GRAPH = host
    guard(session.requests, host, mode)
    session.requests.hooks["response"].append(_heeding(pace))
    return MetaPlatform(FacebookAdsApi(session), token, mode, images, pace)


def connect(
    connection: Connection,
    settings: Settings,
    images: Images,
    pace: Pace,
    connections: Connections | None,
) -> MetaPlatform:
    """The adapter for a team's connection. In the sandbox the twin that serves this home answers,
    unless JOBADS_META_URL names another server; live, requests carry a proof of the app secret when
    there is one."""
    app = settings.apps.get(Network.META) if settings.mode is Mode.LIVE else None
    return platform(
        token=connection.token,
        images=images.folder,
        mode=settings.mode,
        url=address(settings, GRAPH_API),
        app_secret=app.secret if app else None,
        pace=pace,
    )


def _heeding(pace: Pace) -> Callable[..., None]:
    """Every answer says how much of its quota an account has used, also one that succeeded."""

    def heed(response: Any, *_: Any, **__: Any) -> None:
        seconds = backoff_s(response.headers)
        if seconds:
            pace.heed(seconds)

    return heed


__all__ = ["GRAPH", "MetaPlatform", "connect", "platform"]
