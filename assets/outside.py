"""Resources joined to the one object that the functions below the assets and commands are given."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Self

from assets.resources import Clock, Encoder, Networks, from_env
from resources.operations.store import OperationsStore
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse

if TYPE_CHECKING:
    from assets.publishing.policy import Policy
    from domain.platform import AdPlatform, Network
    from resources.encoders.minilm_encoder import VectorCache
    from resources.files.images import Images


@dataclass(frozen=True)
class House:
    """Our own stores and clock: what needs no network."""

    store: OperationsStore
    warehouse: Warehouse
    clock: Clock

    @classmethod
    def from_env(cls) -> Self:
        """From the environment of the process, for commands and notebooks."""
        made = from_env()
        return cls(**{field.name: made[field.name] for field in fields(cls)})

    def now(self) -> datetime:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)


@dataclass(frozen=True)
class Outside(House):
    """What planning, posting, monitoring and reports read from and write to."""

    networks: Networks

    @property
    def settings(self) -> Settings:
        return self.networks.settings

    @property
    def images(self) -> "Images":
        return self.networks.images

    @property
    def policy(self) -> "Policy":
        return self.networks.policy

    @property
    def countries(self) -> Sequence[str]:
        return self.networks.countries

    def platform(
        self, team_id: str, network: "Network", account_id: str | None = None
    ) -> "AdPlatform":
        return self.networks.platform(team_id, network, account_id)


@dataclass(frozen=True)
class Persons(House):
    """What a person is searched for in, exported and erased from."""

    settings: Settings
    encoder: Encoder

    @property
    def vectors(self) -> "VectorCache":
        return self.encoder.vectors
