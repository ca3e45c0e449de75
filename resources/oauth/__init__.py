"""Connecting a team's accounts: the networks' own login, and the renewal of what it gave.

Each network's module imports what is heavy, and is imported when its login is asked for.
"""

import logging

from domain.platform import Network
from resources.networks import CONNECTORS
from resources.oauth.flow import Flow
from resources.settings import Settings

# These write tokens, codes and whole addresses into debug lines.
for name in ("oauthlib", "requests_oauthlib", "urllib3"):
    logging.getLogger(name).setLevel(logging.INFO)


def flow(network: Network, settings: Settings) -> Flow:
    """The login of a network; SetupError when live mode lacks the application's credentials."""
    return CONNECTORS[network]().login(settings)


__all__ = ["flow"]
