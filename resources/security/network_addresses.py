"""Where each network answers: a setting, else the twin that serves this home, else the network."""

from domain.errors import SetupError
from domain.networks import FACTS, Service
from domain.platform import Mode
from resources.security.network_guard import loopback, mode_of
from resources.settings import Settings


def check(settings: Settings) -> None:
    """SetupError for a configured address that does not belong to the mode: the sandbox's are on
    this machine, the live ones are not."""
    for facts in FACTS.values():
        for service in facts.services:
            _configured(settings, service)


def address(settings: Settings, service: Service) -> str:
    """SetupError in the sandbox when no twin serves this home, or one beyond this machine. A twin
    leaves the addresses of its network's services, in their order, in `<home>/twin/`."""
    if given := _configured(settings, service):
        return given.rstrip("/")
    if settings.mode is Mode.LIVE:
        return service.live
    place = FACTS[service.network].services.index(service)
    file = settings.home / "twin" / f"{service.network}.address"
    try:
        found = file.read_text().split()[place]
    except (OSError, IndexError):
        raise SetupError(
            "no sandbox network is running", where=service.name, mend="start it with: jobads up"
        ) from None
    if not loopback(found):
        raise SetupError(
            f"{file.name} names an address beyond this machine",
            where=service.name,
            mend=f"delete {file}, then start the twins with: jobads up",
        )
    return found


def _configured(settings: Settings, service: Service) -> str | None:
    given = settings.addresses.get(service.setting)
    if not given:
        return None
    # In live mode whatever could be read as this machine is refused, in the sandbox all else.
    url = given if "://" in given else f"http://{given}"
    here = loopback(given) or (settings.mode is Mode.LIVE and mode_of(url) is Mode.SANDBOX)
    if here is not (settings.mode is Mode.SANDBOX):
        raise SetupError(
            f"{service.setting} is {'' if here else 'not '}an address of this machine, "
            f"the mode is {settings.mode}",
            where="environment",
            mend="unset it" if here else "the sandbox answers on 127.0.0.1 only",
        )
    return given
