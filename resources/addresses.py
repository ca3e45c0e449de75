"""Where each network answers: a setting, else the twin that serves this home, else the network."""

from collections.abc import Mapping
from enum import StrEnum

from domain.errors import SetupError
from domain.platform import Mode, Network
from resources.settings import Settings


class Service(StrEnum):
    """What is reached by an address of its own. A twin that serves a home leaves the addresses of
    its network's services, in this order, in `<home>/twin/<network>.address`."""

    META = "meta"
    X = "x"
    GOOGLE = "google"  # gRPC: host:port
    GOOGLE_LOGIN = "google login"


TWINS: Mapping[Service, tuple[Network, int]] = {
    Service.META: (Network.META, 0),
    Service.X: (Network.X, 0),
    Service.GOOGLE: (Network.GOOGLE, 0),
    Service.GOOGLE_LOGIN: (Network.GOOGLE, 1),
}
REAL: Mapping[Service, str] = {
    Service.META: "https://graph.facebook.com",
    Service.X: "https://ads-api.x.com",
    Service.GOOGLE: "googleads.googleapis.com",
    Service.GOOGLE_LOGIN: "https://oauth2.googleapis.com",
}


def address(settings: Settings, service: Service) -> str:
    """SetupError in the sandbox when no twin serves this home."""
    given = {
        Service.META: settings.meta_url,
        Service.X: settings.x_url,
        Service.GOOGLE: settings.google_addr,
        Service.GOOGLE_LOGIN: settings.google_oauth_url,
    }[service]
    if given:
        return given.rstrip("/")
    if settings.mode is Mode.LIVE:
        return REAL[service]
    network, place = TWINS[service]
    try:
        return (settings.home / "twin" / f"{network}.address").read_text().split()[place]
    except (OSError, IndexError):
        raise SetupError(
            "no sandbox network is running", where=str(service), mend="start it with: jobads up"
        ) from None
