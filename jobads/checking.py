"""`jobads connections check`: what a network says of one connection."""

from uuid import UUID

from assets.isolation import ACCOUNT
from resources.files.images import Images
from resources.oauth import flow
from resources.operations.notes import Subject
from resources.operations.records import Connected
from resources.operations.store import OperationsStore
from resources.platforms import connect, reauth_noted
from resources.settings import Settings


def ask(store: OperationsStore, settings: Settings, team: UUID, held: Connected) -> str:
    """A network that tells it is also asked when the token ends. After NeedsReauth the connection's
    status says it."""
    place = (team, held.network, held.account_id)
    failing = Subject(str(team), ACCOUNT, str(held.network), held.account_id)
    images = Images(settings.home / "images", settings.mode)
    with reauth_noted(store.connections, *place, settings):
        said = flow(held.network, settings).debug(store.connections.get(*place).token)
        if said:
            store.connections.describe(*place, scopes=said.scopes, expires_at=said.expires_at)
        connection = store.connections.get(*place)
        account = connect(connection, settings, images, connections=store.connections).verify(
            held.account_id
        )
    store.notes.write([], [failing])
    return f"lets us in; {account.currency}, {account.timezone}"
