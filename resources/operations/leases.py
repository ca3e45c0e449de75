"""Leases of places, fenced: every take has a higher epoch, and a write needs the epoch of now.

The check reads the lease's row in the writer's own transaction and keeps it (SQLite has one writer
at a time, PostgreSQL locks the row), so nobody can take the place between check and commit.
"""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from domain.errors import AccountBusy, Retryable
from domain.ledger import Lease
from domain.platform import Network
from resources.operations import ad_rows, lease_rows
from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.schema import leases
from resources.operations.statements import (
    GIVEN_BACK,
    ONE_TAKER,
    OTHERS,
    PLACE,
    RETAKE,
    SEEN,
    TAKE,
    place,
)


class Leases:
    """`domain.ledger.Leases` in the database: one row for each place."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def acquire(
        self, team_id: str, job_id: str, network: Network, account_id: str, *, ttl_s: float
    ) -> Iterator[Lease]:
        """Hold the only right to post this ad there; Retryable when another holds it, AccountBusy
        while another ad is being posted to the account.

        Every lease that ends, or runs out, counts as one try: `DueAd.attempt` says how many."""
        team, job = canonical(team_id, "team"), canonical(job_id, "job ad")
        lease = self._take(team, job, network, account_id, ttl_s)
        try:
            yield lease
        finally:
            self.release(lease)

    def renew(self, lease: Lease, ttl_s: float) -> Lease:
        """The same lease, ending `ttl_s` seconds from now; LeaseLost when it ended or was taken."""
        until = self._database.now() + timedelta(seconds=ttl_s)
        mine = (leases.c[name] == str(getattr(lease, name)) for name in PLACE)
        with self._database.write() as connection:
            lease_rows.fence(connection, lease, self._database.now)
            connection.execute(leases.update().where(*mine).values(expires_at=until))
        return replace(lease, expires_at=until)

    def holds(self, lease: Lease, margin_s: float = 0.0) -> None:
        """LeaseLost when the lease was taken, revoked, or ends within `margin_s` seconds."""
        with self._database.read() as connection:
            row = lease_rows.seen(connection, lease)
            lease_rows.check(lease, row, self._database.now() + timedelta(seconds=margin_s))

    def release(self, lease: Lease) -> None:
        """End the lease, if it still is ours, and count it as a try."""
        with self._database.write() as connection:
            connection.execute(GIVEN_BACK, {**place(lease), "at_holder": lease.holder})

    def revoke(self, team_id: Id, job_id: Id) -> None:
        """End the leases of whoever posts the ad: the request in flight is the last."""
        team, job = canonical(team_id, "team"), canonical(job_id, "job ad")
        with self._database.write() as connection:
            lease_rows.revoke(connection, team, job)

    def _take(self, team: str, job: str, network: Network, account_id: str, ttl_s: float) -> Lease:
        now, holder = self._database.now(), str(uuid.uuid4())
        until = now + timedelta(seconds=ttl_s)
        row = {"team_id": team, "job_id": job, "network": str(network), "account_id": account_id}
        here = {f"at_{name}": value for name, value in row.items()}
        held = {"holder": holder, "expires_at": until}
        with self._database.write() as connection:
            ad_rows.state(connection, team, job)  # NotFound for an ad of another team
            if connection.dialect.name != "sqlite":
                connection.scalar(ONE_TAKER, {"at_account": _number(network, account_id)})
            other = connection.scalar(OTHERS, {**here, "at_now": now})
            if other is not None:
                raise AccountBusy(
                    f"ad {other} is being posted to {network} {account_id}",
                    mend="wait until it ends",
                )
            epoch = connection.scalar(RETAKE, {**here, **held, "at_now": now})
            if epoch is None and connection.scalar(SEEN, here) is None:
                first = {**row, **held, "tries": 0, "epoch": 1, "revoked": False}
                epoch = connection.scalar(TAKE[connection.dialect.name], first)
        if epoch is None:
            raise Retryable(
                f"another process is posting ad {job} to {network}", mend="wait until it ends"
            )
        return Lease(team, job, network, account_id, holder, epoch, until)


def _number(network: Network, account_id: str) -> int:
    """An account as PostgreSQL's advisory locks know it."""
    digest = hashlib.blake2b(f"{network} {account_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
