"""The outside world as one Dagster resource: everything an asset reads from or writes to."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import dagster as dg

from resources.settings import Settings

if TYPE_CHECKING:
    from assets.publishing.policy import Policy
    from assets.segmentation.config import SegmentationConfig
    from assets.segmentation.model.profiles import Labeller
    from assets.segmentation.model.segment_model import SegmentModel
    from assets.segmentation.reference.occupation_head import OccupationHead
    from assets.segmentation.reference.taxonomy import Taxonomy
    from domain.platform import AdPlatform, Network
    from resources.encoders.minilm_encoder import Encoder, VectorCache
    from resources.encoders.named_encoder import NamedEncoder
    from resources.files.images import Images
    from resources.operations.store import OperationsStore
    from resources.warehouse.ducklake import Warehouse


class Outside(dg.ConfigurableResource):
    """Built from the environment of the process; what is heavy is loaded when first asked for."""

    @cached_property
    def settings(self) -> Settings:
        return Settings.from_env()

    @cached_property
    def store(self) -> "OperationsStore":
        from resources.operations.store import OperationsStore

        return OperationsStore.open(self.settings)

    @cached_property
    def warehouse(self) -> "Warehouse":
        from resources.warehouse.ducklake import Warehouse

        return Warehouse(self.settings.home, self.settings.lake_url)

    @cached_property
    def segmentation(self) -> "SegmentationConfig":
        """Segmentation's numbers: the defaults, or JOBADS_SEGMENTATION's."""
        from assets.segmentation.config_file import load_numbers

        return load_numbers(self.settings.segmentation)

    @cached_property
    def encode(self) -> "Encoder | NamedEncoder":
        from resources.encoders.named_encoder import encoder_of

        return encoder_of(self.segmentation.encoder)

    @property
    def encoder_id(self) -> str:
        """Which weights the vectors are of."""
        return self.encode.model_id

    @cached_property
    def vectors(self) -> "VectorCache":
        from resources.encoders.minilm_encoder import VectorCache

        return VectorCache(self.settings.home / "cache" / "vectors.db", self.encoder_id)

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

        return reference_for(self.segmentation.encoder)()

    @cached_property
    def images(self) -> "Images":
        from resources.files.images import Images

        return Images(self.settings.home / "images", self.settings.mode)

    @cached_property
    def policy(self) -> "Policy":
        from assets.publishing.policy.files import load_policy

        return load_policy()

    @property
    def countries(self) -> "Sequence[str]":
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

        connection = self.store.connections.connection(team_id, network, account_id)
        key = (team_id, network, connection.account_id, connection.token, connection.status)
        if key not in self._platforms:
            pace = SharedPace(self.store.rate_limits, network, connection.account_id, self.now)
            self._platforms[key] = connect(
                connection, self.settings, self.images, pace, self.store.connections
            )
        return self._platforms[key]

    @cached_property
    def _platforms(self) -> "dict[tuple[str, ...], AdPlatform]":
        return {}

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
