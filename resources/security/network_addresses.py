"""Where each network answers: a setting, else the twin that serves this home, else the network."""

from collections.abc import Mapping
from enum import StrEnum

from domain.errors import SetupError
from domain.platform import Mode, Network
from resources.security.network_guard import loopback, mode_of
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


SETTINGS: Mapping[Service, str] = {
    Service.META: "JOBADS_META_URL",
    Service.X: "JOBADS_X_URL",
    Service.GOOGLE: "JOBADS_GOOGLE_ADDR",
    Service.GOOGLE_LOGIN: "JOBADS_GOOGLE_OAUTH_URL",
}


def check(settings: Settings) -> None:
    """SetupError for a configured address that does not belong to the mode: the sandbox's are on
    this machine, the live ones are not."""
    for service in Service:
        _configured(settings, service)


def address(settings: Settings, service: Service) -> str:
    """SetupError in the sandbox when no twin serves this home, or one beyond this machine."""
    if given := _configured(settings, service):
        return given.rstrip("/")
    if settings.mode is Mode.LIVE:
        return REAL[service]
    network, place = TWINS[service]
    file = settings.home / "twin" / f"{network}.address"
    try:
        found = file.read_text().split()[place]
    except (OSError, IndexError):
        raise SetupError(
            "no sandbox network is running", where=str(service), mend="start it with: jobads up"
        ) from None
    if not loopback(found):
        raise SetupError(
            f"{file.name} names an address beyond this machine",
            where=str(service),
            mend=f"delete {file}, then start the twins with: jobads up",
        )
    return found


def _configured(settings: Settings, service: Service) -> str | None:
    given = {
        Service.META: settings.meta_url,
        Service.X: settings.x_url,
        Service.GOOGLE: settings.google_addr,
        Service.GOOGLE_LOGIN: settings.google_oauth_url,
    }[service]
    if not given:
        return None
    # In live mode whatever could be read as this machine is refused, in the sandbox all else.
    url = given if "://" in given else f"http://{given}"
    here = loopback(given) or (settings.mode is Mode.LIVE and mode_of(url) is Mode.SANDBOX)
    if here is not (settings.mode is Mode.SANDBOX):
        raise SetupError(
            f"{SETTINGS[service]} is {'' if here else 'not '}an address of this machine, "
            f"the mode is {settings.mode}",
            where="environment",
            mend="unset it" if here else "the sandbox answers on 127.0.0.1 only",
        )
    return given
