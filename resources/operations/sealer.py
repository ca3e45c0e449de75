"""Sealing in a transaction: the vault, and the care that its keys may change meanwhile."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from domain.errors import Retryable, SetupError
from resources.operations.database import Database
from resources.operations.seals import check_ring, check_unmarked
from resources.security.vault import KeyMissing, Vault

REREAD = 5
"""Rotations that may overtake one reader before it is told that a key is missing."""
Read = TypeVar("Read")
Unsealed = TypeVar("Unsealed")


class KeyChanged(Retryable):
    """Nothing was stored: what was sealed for it is sealed with a key that is gone."""


class Sealer:
    """The vault of one database, for those parts of the store that seal."""

    def __init__(self, database: Database, vault: Vault | None = None) -> None:
        self._database, self._vault = database, vault

    @property
    def vault(self) -> Vault:
        """The vault given, or for SQLite the key file beside the database."""
        if self._vault is None:
            engine = self._database.engine
            if engine.dialect.name != "sqlite":
                raise SetupError("no vault for this store", mend="use OperationsStore.open")
            self._vault = Vault(Path(str(engine.url.database)).with_name("vault.key"))
        return self._vault

    def make_ready(self, connection: sa.Connection) -> None:
        """To be asked before anything is sealed: the first key is made where nothing needs an older
        one; SetupError while a key is missing, or is another, that something here needs."""
        check_ring(connection, self.vault)
        if not self.vault.ring.entries():
            check_unmarked(connection, self.vault)
            self.vault.ring.create()

    def check_opens(self, *sealed: bytes | None) -> None:
        """Roll back what was sealed with a key that has been forgotten since."""
        if not all(self.vault.opens(value) for value in sealed if value):
            raise KeyChanged("the key was changed meanwhile", where="vault", mend="try again")


def opened(read: Callable[[], Read], unseal: Callable[[Read], Unsealed]) -> Unsealed:
    """What was read, unsealed. A key that was dropped between the two had sealed nothing any more:
    the rows are under another by now and are read again."""
    for _ in range(REREAD):
        with suppress(KeyMissing):
            return unseal(read())
    return unseal(read())
