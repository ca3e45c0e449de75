"""Meta's Marketing API through the real SDK."""

from pathlib import Path

from domain.errors import SetupError
from domain.platform import Mode
from resources.guard import TIMEOUT_S, check_token, guard
from resources.images import Images
from resources.meta.adapter import MetaPlatform
from resources.operations.records import Connection
from resources.settings import Settings

GRAPH = "https://graph.facebook.com"


def platform(
    *,
    token: str,
    images: Path,
    mode: Mode = Mode.SANDBOX,
    url: str | None = None,
    app_secret: str | None = None,
) -> MetaPlatform:
    """The adapter for one token; SetupError when host, token and mode do not belong together.

    `FacebookAdsApi.init` is never called: it would replace the process's excepthook with one that
    sends tracebacks away, and keep the token in a global.
    """
    from facebook_business.api import FacebookAdsApi
    from facebook_business.session import FacebookSession

    address = (url or GRAPH).rstrip("/")
    check_token(mode, token)
    session = FacebookSession(access_token=token, app_secret=app_secret, timeout=TIMEOUT_S)
    session.GRAPH = address
    guard(session.requests, address, mode)
    return MetaPlatform(FacebookAdsApi(session), token, mode, images)


def connect(connection: Connection, settings: Settings, images: Images) -> MetaPlatform:
    """The adapter for a team's connection. In the sandbox the twin that serves this home answers,
    unless JOBADS_META_URL names another server."""
    return platform(
        token=connection.token, images=images.folder, mode=settings.mode, url=address(settings)
    )


def address(settings: Settings) -> str:
    """Where Meta answers: the setting, else the twin of this home, else (live) Meta itself."""
    if settings.meta_url:
        return settings.meta_url
    if settings.mode is Mode.LIVE:
        return GRAPH
    try:
        return (settings.home / "twin" / "address").read_text().strip()
    except OSError:
        raise SetupError(
            "no sandbox network is running", where="Meta", mend="start it with: jobads up"
        ) from None


__all__ = ["GRAPH", "MetaPlatform", "address", "connect", "platform"]
