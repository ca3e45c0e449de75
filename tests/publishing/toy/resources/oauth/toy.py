"""The toy network's login, which lets everybody in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from domain.networks.toy import ADS

from domain.networks import App
from domain.platform import Network
from resources.oauth.flow import Answer, Choice, Grant, StartedLogin, granted
from resources.security.network_addresses import address
from resources.settings import Settings


def login(settings: Settings) -> "ToyFlow":
    return ToyFlow(settings.app(Network.TOY), address(settings, ADS))


@dataclass(frozen=True, slots=True)
class ToyFlow:
    app: App
    ads: str
    network: ClassVar[Network] = Network.TOY

    def start(self, redirect: str) -> StartedLogin:
        return StartedLogin(f"{self.ads}/dialog?app={self.app.id}", redirect, "state", "toy-state")

    def finish(self, opened: StartedLogin, answer: Answer) -> Grant:
        return Grant(granted(opened, answer, "code"))

    def debug(self, token: str) -> None:
        return None

    def accounts(self, grant: Grant) -> Sequence[Choice]:
        return (Choice("toy-1", "Toy"),)

    def scopes(self, grant: Grant, account_id: str) -> Sequence[str]:
        return ()

    def faces(self, grant: Grant, account_id: str) -> Sequence[Choice]:
        return ()
