"""Rate limits that networks imposed, shared by every process that posts."""

from datetime import datetime

from domain.platform import Network
from resources.operations.database import Database
from resources.operations.schema import throttle
from resources.operations.statements import QUIET


class RateLimits:
    """One cool-down for each network and ad account.

    >>> from tempfile import TemporaryDirectory
    >>> from resources.operations.store import OperationsStore
    >>> noon, one = (datetime.fromisoformat(f"2026-12-01T{hour}:00Z") for hour in (12, 13))
    >>> with TemporaryDirectory() as folder:
    ...     store = OperationsStore(f"sqlite:///{folder}/operations.db", now=lambda: noon)
    ...     store.schema.migrate()
    ...     store.rate_limits.extend(Network.META, "act_7", one)
    ...     until = store.rate_limits.ends_at(Network.META, "act_7")
    ...     store.rate_limits.ends_at(Network.META, "act_8") is None, until == one
    ...     store.close()
    (True, True)
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def extend(self, network: Network, account_id: str, until: datetime) -> None:
        """The network asked for silence on this account; the later of two wishes holds."""
        insert = self._database.insert(throttle).values(
            network=str(network), account_id=account_id, until=until
        )
        later = insert.excluded.until > throttle.c.until
        with self._database.write() as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["network", "account_id"], set_={"until": until}, where=later
                )
            )

    def ends_at(self, network: Network, account_id: str) -> datetime | None:
        """When the account may be called again; None when it may be now."""
        here = {"at_network": str(network), "at_account_id": account_id}
        with self._database.read() as connection:
            until: datetime | None = connection.scalar(QUIET, here)
        return until if until is not None and until > self._database.now() else None
