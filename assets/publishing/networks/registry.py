"""Everything that is done in a way of its own on each network, in one table.

Facts are in `domain.networks`. The second checker has a table of its own, since it shares nothing
with what it checks (`payload_validator`). No SDK is imported until a door is opened.
"""

from collections.abc import Callable
from dataclasses import dataclass

from assets.publishing.networks import google, meta, x
from assets.publishing.networks.translator import Translator
from domain.networks import ByNetwork
from domain.platform import Network
from resources.networks import CONNECTORS, Connector


@dataclass(frozen=True, slots=True)
class Twin:
    """The sandbox network: `python -m <module>` serves the world of that file in `data/worlds`."""

    module: str
    world: str


@dataclass(frozen=True, slots=True)
class Entry:
    """`door` opens what reaches the network: its adapter and its login."""

    translator: Translator
    twin: Twin
    door: Callable[[], Connector]


NETWORKS = ByNetwork(
    "entry in assets/publishing/networks/registry.py",
    {
        Network.META: Entry(
            meta.TRANSLATOR, Twin("sandbox.meta", "default.json"), CONNECTORS[Network.META]
        ),
        Network.X: Entry(x.TRANSLATOR, Twin("sandbox.x", "x.json"), CONNECTORS[Network.X]),
        Network.GOOGLE: Entry(
            google.TRANSLATOR, Twin("sandbox.google", "google.json"), CONNECTORS[Network.GOOGLE]
        ),
    },
)
