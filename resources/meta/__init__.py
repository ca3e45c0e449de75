"""Meta's Marketing API through the real SDK."""

from pathlib import Path

from domain.platform import Mode
from resources.guard import TIMEOUT_S, check_token, guard
from resources.meta.adapter import MetaPlatform

GRAPH = "https://graph.facebook.com"


def connect(
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


__all__ = ["GRAPH", "MetaPlatform", "connect"]
