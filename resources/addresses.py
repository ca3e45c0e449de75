"""Where each network answers: a setting, else the twin that serves this home, else the network."""

from collections.abc import Mapping
from enum import StrEnum

from domain.errors import SetupError
from domain.platform import Mode
from resources.settings import Settings


class Service(StrEnum):
    """The name of the file under `<home>/twin/` that holds a twin's address, less `.address`."""

    META = "meta"
    X = "x"
    GOOGLE = "google"  # gRPC: host:port
    GOOGLE_HTTP = "google-http"  # OAuth


REAL: Mapping[Service, str] = {
    Service.META: "https://graph.facebook.com",
    Service.X: "https://ads-api.x.com",
    Service.GOOGLE: "googleads.googleapis.com",
    Service.GOOGLE_HTTP: "https://oauth2.googleapis.com",
}


def address(settings: Settings, service: Service) -> str:
    """SetupError in the sandbox when no twin serves this home."""
    given = {
        Service.META: settings.meta_url,
        Service.X: settings.x_url,
        Service.GOOGLE: settings.google_addr,
        Service.GOOGLE_HTTP: settings.google_oauth_url,
    }[service]
    if given:
        return given.rstrip("/")
    if settings.mode is Mode.LIVE:
        return REAL[service]
    try:
        return (settings.home / "twin" / f"{service}.address").read_text().strip()
    except OSError:
        raise SetupError(
            "no sandbox network is running", where=str(service), mend="start it with: jobads up"
        ) from None
