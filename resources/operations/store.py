"""The one door to the operations store."""

from typing import Self

from resources.operations.due import Due
from resources.operations.lawful_bases import LawfulBases
from resources.operations.migrate import Migrations
from resources.operations.notes import Notes
from resources.operations.persons import Persons
from resources.operations.projections import Projections
from resources.operations.renewal import Renewal
from resources.operations.teams import Teams
from resources.security.home_folder import private
from resources.security.vault import Vault
from resources.settings import Settings


class OperationsStore(Migrations, Teams, Due, Renewal, LawfulBases, Persons, Notes, Projections):
    """Teams, ads, accepted plans, the posting ledger (`domain.ledger.PostingLedger`), sealed
    tokens and résumés, in one database. Safe to open in many processes at once."""

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """The store that the settings name, its key file in their home, closed to others."""
        if settings.home.is_dir():
            private(settings.home)
        return cls(settings.database_url, vault=Vault(settings.home / "vault.key", settings.keys))
