"""The one door to the operations store."""

from collections.abc import Callable
from datetime import datetime
from typing import Self

from resources.operations.ads import Ads
from resources.operations.approvals import Approvals
from resources.operations.audit import AuditLog
from resources.operations.caps import Caps
from resources.operations.connections import Connections
from resources.operations.database import Database, utc_now
from resources.operations.erasures import Erasures
from resources.operations.keys import Keys
from resources.operations.lawful_bases import LawfulBases
from resources.operations.leases import Leases
from resources.operations.ledger import Ledger
from resources.operations.migrate import Schema
from resources.operations.notes import Notes
from resources.operations.plans import Plans
from resources.operations.projections import Projections
from resources.operations.rate_limits import RateLimits
from resources.operations.resumes import Resumes
from resources.operations.reviews import Reviews
from resources.operations.schedule import Schedule
from resources.operations.sealer import Sealer
from resources.operations.stops import Stops
from resources.operations.teams import Teams
from resources.security.home_folder import private
from resources.security.vault import Vault
from resources.settings import Settings


class OperationsStore:
    """Everything that a person decides and that was posted, by topic, in one database. Each method
    of a topic is one transaction. Safe to open in many processes at once.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = OperationsStore(f"sqlite:///{folder}/operations.db")
    ...     store.schema.migrate()
    ...     team = store.teams.add("Acme", "acme.example", "EUR")
    ...     found = store.teams.get("acme"), store.ads.of_team(team.id)
    ...     store.close()
    >>> found == (team, [])
    True
    """

    def __init__(
        self, url: str, *, now: Callable[[], datetime] = utc_now, vault: Vault | None = None
    ) -> None:
        self.database = database = Database(url, now=now)
        sealer = Sealer(database, vault)
        self.schema = Schema(database)
        self.audit = AuditLog(database)

        self.teams = Teams(database)
        self.ads = Ads(database)
        self.caps = Caps(database)
        self.plans = Plans(database)
        self.approvals = Approvals(database)
        self.stops = Stops(database)
        self.lawful_bases = LawfulBases(database)

        self.schedule = Schedule(database)
        self.leases = Leases(database)
        self.ledger = Ledger(database)
        self.reviews = Reviews(database)
        self.rate_limits = RateLimits(database)
        self.notes = Notes(database)
        self.projections = Projections(database)

        self.connections = Connections(database, sealer)
        self.resumes = Resumes(database, sealer)
        self.erasures = Erasures(database, sealer)
        self.keys = Keys(database, sealer)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """The store that the settings name, its key file in their home, closed to others."""
        if settings.home.is_dir():
            private(settings.home)
        return cls(settings.database_url, vault=Vault(settings.home / "vault.key", settings.keys))

    def close(self) -> None:
        self.database.close()
