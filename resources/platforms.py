"""The adapter of each network, for a team's connection."""

from domain.errors import NeedsReauth, NotFound
from domain.platform import AdPlatform, Network
from resources import meta
from resources.images import Images
from resources.operations.records import Connection
from resources.settings import Settings


def connect(connection: Connection, settings: Settings, images: Images) -> AdPlatform:
    """NeedsReauth when the connection is dead. In the sandbox the twin that serves this home
    answers, unless a setting names another server."""
    if connection.status != "active":
        raise NeedsReauth(
            f"the connection to {connection.account_id} is {connection.status}",
            where=str(connection.network), mend="a person must connect the account again",
        )  # fmt: skip
    if connection.network is Network.META:
        return meta.connect(connection, settings, images)
    raise NotFound(f"no adapter speaks to {connection.network} yet")
