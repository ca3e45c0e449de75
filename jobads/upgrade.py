"""Bringing a home of an older version to this one: a backup, then every missing step."""

from collections.abc import Iterator
from datetime import datetime

from domain.errors import SetupError
from resources.backups import back_up, sqlite_file
from resources.operations.engine import STORE
from resources.operations.revision_check import revisions
from resources.operations.store import OperationsStore
from resources.settings import Settings
from resources.versions import SchemaStatus, other_version
from resources.warehouse.ducklake import Warehouse


def upgrade(settings: Settings, now: datetime, *, backed_up: bool = False) -> Iterator[str]:
    """What was done, line by line. SetupError, and nothing is changed, for stores of a newer
    version, and for a server's while nobody says that it is `backed_up`. A second call changes
    nothing; after a kill it goes on. The caller holds the home's lock."""
    store, lake = OperationsStore.open(settings), Warehouse(settings.home, settings.lake_url)
    (found, at), (lake_found, lake_at) = store.schema.status(), lake.status()
    if found is SchemaStatus.NEWER:
        raise other_version(found, STORE, at, revisions()[-1])
    if lake_found is SchemaStatus.NEWER:
        lake.check()  # says which
    old_store, old_lake = found is SchemaStatus.OLDER, lake_found is SchemaStatus.OLDER
    if not (old_store or old_lake):
        yield f"nothing to upgrade: operations store {at}, lake {lake_at}"
        return
    _servers(settings, old_store, old_lake, backed_up)
    yield f"backup: {back_up(settings, now)}"
    if old_store:
        store.schema.migrate()
        yield f"operations store: {at} to {revisions()[-1]}"
    if old_lake:
        yield from (f"lake: {said}" for said in lake.upgrade())
    store.schema.check()
    lake.check()
    lake.close()
    store.close()


def _servers(settings: Settings, old_store: bool, old_lake: bool, backed_up: bool) -> None:
    """A server's data are backed up by its own means, by a person."""
    elsewhere = [
        name
        for name, old, there in (
            ("JOBADS_DATABASE_URL", old_store, sqlite_file(settings.database_url) is None),
            ("JOBADS_LAKE_URL", old_lake, settings.lake_url is not None),
        )
        if old and there
    ]
    if elsewhere and not backed_up:
        raise SetupError(
            f"what {' and '.join(elsewhere)} names is not backed up from here",
            where="upgrade",
            mend="make a backup (pg_dump), then say jobads upgrade --backed-up",
        )
