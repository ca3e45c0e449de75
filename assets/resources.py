"""What assets read from and write to, as small resources: an asset's signature names those it uses.

The operations store, the warehouse and the settings are classes of their own; the others are here.
What is heavy is loaded when first asked for.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from resources.operations.store import OperationsStore
from resources.settings import Settings
from resources.warehouse.ducklake import Warehouse

if TYPE_CHECKING:
    from assets.publishing.policy import Policy
    from assets.segmentation.config import SegmentationConfig
    from assets.segmentation.model.profiles import Labeller
    from assets.segmentation.model.segment_model import SegmentModel
    from assets.segmentation.reference.occupation_head import OccupationHead
    from assets.segmentation.reference.taxonomy import Taxonomy
    from domain.platform import AdPlatform, Network
    from resources.encoders.minilm_encoder import Encoder as MiniLM
    from resources.encoders.minilm_encoder import VectorCache
    from resources.encoders.named_encoder import NamedEncoder
    from resources.files.images import Images


class Clock:
    """The time, and waiting."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Encoder:
    """From texts to vectors, and the vectors that are kept."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def numbers(self) -> "SegmentationConfig":
        """Segmentation's numbers, the encoder's name among them: the defaults, or those of
        JOBADS_SEGMENTATION."""
        from assets.segmentation.config_file import load_numbers

        return load_numbers(self.settings.segmentation)

    @cached_property
    def encode(self) -> "MiniLM | NamedEncoder":
        from resources.encoders.named_encoder import encoder_of

        return encoder_of(self.numbers.encoder)

    @property
    def encoder_id(self) -> str:
        """Which weights the vectors are of."""
        return self.encode.model_id

    @cached_property
    def vectors(self) -> "VectorCache":
        from resources.encoders.minilm_encoder import VectorCache

        return VectorCache(self.settings.home / "cache" / "vectors.db", self.encoder_id)


class Models:
    """What reads and groups texts beside their vectors: taxonomy, labels, the reference model."""

    def __init__(self, settings: Settings, encoder: Encoder) -> None:
        self.settings, self.encoder = settings, encoder

    @property
    def numbers(self) -> "SegmentationConfig":
        return self.encoder.numbers

    @property
    def encode(self) -> "MiniLM | NamedEncoder":
        return self.encoder.encode

    @property
    def encoder_id(self) -> str:
        return self.encoder.encoder_id

    @property
    def vectors(self) -> "VectorCache":
        return self.encoder.vectors

    @cached_property
    def taxonomy(self) -> "Taxonomy":
        from assets.segmentation.reference.taxonomy_files import load_taxonomy

        return load_taxonomy()

    @cached_property
    def labeller(self) -> "Labeller":
        from assets.segmentation.reference.labeller import labeller

        cache = self.settings.home / "cache"
        return labeller(list(self.taxonomy.industries.values()), self.encode, cache)

    @cached_property
    def head(self) -> "OccupationHead | None":
        from assets.segmentation.reference.occupation_labeller import head_for

        return head_for(self.encoder_id)

    @cached_property
    def reference(self) -> "SegmentModel":
        from assets.segmentation.reference.reference_model import reference_for

        return reference_for(self.numbers.encoder)()


class Networks:
    """The ad networks as the teams are connected to them, and what an ad is compiled with."""

    def __init__(self, settings: Settings, store: OperationsStore, clock: Clock) -> None:
        self.settings, self._store, self._clock = settings, store, clock
        self._platforms: dict[tuple[str, ...], AdPlatform] = {}

    @cached_property
    def images(self) -> "Images":
        from resources.files.images import Images

        return Images(self.settings.home / "images", self.settings.mode)

    @cached_property
    def policy(self) -> "Policy":
        from assets.publishing.policy.files import load_policy

        return load_policy()

    @property
    def countries(self) -> Sequence[str]:
        """Where an ad is shown that names no place; JOBADS_COUNTRIES, such as "US,CA"."""
        return self.settings.countries

    def platform(
        self, team_id: str, network: "Network", account_id: str | None = None
    ) -> "AdPlatform":
        """The network as the team's connection to an account sees it, to the newest one where none
        is named; the same adapter until its token changes. NotFound when the team has none: what
        runs on an account is only reached through that account."""
        from resources.platforms import connect
        from resources.shared_rate_limits import SharedPace

        store = self._store
        connection = store.connections.get(team_id, network, account_id)
        key = (team_id, network, connection.account_id, connection.token, connection.status)
        if key not in self._platforms:
            pace = SharedPace(store.rate_limits, network, connection.account_id, self._clock.now)
            self._platforms[key] = connect(
                connection, self.settings, self.images, pace, store.connections
            )
        return self._platforms[key]


def _warehouse(settings: Settings) -> Warehouse:
    """The warehouse that the settings name."""
    return Warehouse(settings.home, settings.lake_url)


RESOURCES: Mapping[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "settings": (Settings.from_env, ()),
    "clock": (Clock, ()),
    "store": (OperationsStore.open, ("settings",)),
    "warehouse": (_warehouse, ("settings",)),
    "encoder": (Encoder, ("settings",)),
    "models": (Models, ("settings", "encoder")),
    "networks": (Networks, ("settings", "store", "clock")),
}
"""What makes each, and the resources that it is given; none comes before one of those."""


def from_env() -> dict[str, Any]:
    """Every resource by its name, from the environment of the process."""
    made: dict[str, Any] = {}
    for name, (make, needs) in RESOURCES.items():
        made[name] = make(*(made[need] for need in needs))
    return made
