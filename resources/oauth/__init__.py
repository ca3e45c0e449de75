"""Connecting a team's accounts: the networks' own login, and the renewal of what it gave.

Each network's module imports what is heavy, and is imported when its login is asked for.
"""

import logging
from typing import TYPE_CHECKING, assert_never

from domain.platform import Mode, Network
from resources.oauth.flow import Flow
from resources.security.network_addresses import Service, address
from resources.settings import Settings

if TYPE_CHECKING:
    from resources.oauth.google import GoogleFlow
    from resources.oauth.meta import MetaFlow
    from resources.oauth.x import XFlow

# These write tokens, codes and whole addresses into debug lines.
for name in ("oauthlib", "requests_oauthlib", "urllib3"):
    logging.getLogger(name).setLevel(logging.INFO)


def flow(network: Network, settings: Settings) -> Flow:
    """The login of a network; SetupError when live mode lacks the application's credentials."""
    if network is Network.META:
        return meta_flow(settings)
    if network is Network.X:
        return x_flow(settings)
    if network is Network.GOOGLE:
        return google_flow(settings)
    assert_never(network)


def meta_flow(settings: Settings) -> "MetaFlow":
    from resources.oauth.meta import DIALOG, MetaFlow

    graph = address(settings, Service.META)
    dialog = DIALOG if settings.mode is Mode.LIVE else graph
    return MetaFlow(settings.app(Network.META), graph, dialog, settings.mode)


def x_flow(settings: Settings) -> "XFlow":
    from resources.oauth.x import LOGIN, XFlow

    ads = address(settings, Service.X)
    login = LOGIN if settings.mode is Mode.LIVE else ads
    return XFlow(settings.app(Network.X), login, ads, settings.mode)


def google_flow(settings: Settings) -> "GoogleFlow":
    from resources.oauth.accessible_customers import customers
    from resources.oauth.google import AUTH_URI, TOKEN_URI, GoogleFlow

    live = settings.mode is Mode.LIVE
    base = "" if live else address(settings, Service.GOOGLE_LOGIN)
    return GoogleFlow(
        settings.app(Network.GOOGLE),
        AUTH_URI if live else f"{base}/o/oauth2/v2/auth",
        TOKEN_URI if live else f"{base}/token",
        settings.mode,
        lambda grant: customers(grant, settings),
    )


__all__ = ["flow", "google_flow", "meta_flow", "x_flow"]
