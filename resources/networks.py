"""How each network is reached: its adapter and its login, imported when a door is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from domain.networks import ByNetwork
from domain.platform import AdPlatform, Network, Pace

if TYPE_CHECKING:
    from resources.files.images import Images
    from resources.oauth.flow import Flow, Grant
    from resources.oauth.token_renewal import Connections
    from resources.operations.records import Connection
    from resources.settings import Settings


class Connect(Protocol):
    """The adapter for a team's connection. With `connections`, an access token that ends is renewed
    there, once for all processes."""

    def __call__(
        self,
        connection: "Connection",
        settings: "Settings",
        images: "Images",
        pace: Pace,
        connections: "Connections | None",
    ) -> AdPlatform: ...


@dataclass(frozen=True, slots=True)
class Connector:
    """`renew` asks for a new access token by the refresh token; None where tokens are not renewed
    without a person."""

    connect: Connect
    login: "Callable[[Settings], Flow]"
    renew: "Callable[[Settings, str], Grant] | None" = None


def _meta() -> Connector:
    from resources import meta
    from resources.oauth.meta import login

    return Connector(meta.connect, login)


def _x() -> Connector:
    from resources import x
    from resources.oauth.x import login

    return Connector(x.connect, login)


def _google() -> Connector:
    from resources import google
    from resources.oauth.google import login, renew

    return Connector(google.connect, login, renew)


CONNECTORS: ByNetwork[Callable[[], Connector]] = ByNetwork(
    "door in resources/networks.py", {Network.META: _meta, Network.X: _x, Network.GOOGLE: _google}
)
