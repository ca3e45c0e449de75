"""Leases of places, fenced: every take has a higher epoch, and a write needs the epoch of now.

The check reads the lease's row in the writer's own transaction and keeps it (SQLite has one writer
at a time, PostgreSQL locks the row), so nobody can take the place between check and commit.
"""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from domain.errors import AccountBusy, LeaseLost, Retryable
from domain.ledger import Lease, Slot
from domain.platform import Network
from resources.operations.ads import Ads
from resources.operations.repository import canonical
from resources.operations.schema import leases
from resources.operations.statements import (
    GIVEN_BACK,
    KEPT,
    ONE_TAKER,
    OTHERS,
    PLACE,
    RETAKE,
    SEEN,
    TAKE,
    place,
)


class Leases(Ads):
    @contextmanager
    def lease(
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
            self._give_back(lease)

    def renew(self, lease: Lease, ttl_s: float) -> Lease:
        """The same lease, ending `ttl_s` seconds from now; LeaseLost when it ended or was taken."""
        until = self._now() + timedelta(seconds=ttl_s)
        with self._write() as connection:
            self._fence(connection, lease)
            connection.execute(leases.update().where(*_place(lease)).values(expires_at=until))
        return replace(lease, expires_at=until)

    def holds(self, lease: Lease, margin_s: float = 0.0) -> None:
        """LeaseLost when the lease was taken, revoked, or ends within `margin_s` seconds."""
        with self._read() as connection:
            _check(lease, _found(connection, lease), self._now() + timedelta(seconds=margin_s))

    def _take(self, team: str, job: str, network: Network, account_id: str, ttl_s: float) -> Lease:
        now, holder = self._now(), str(uuid.uuid4())
        until = now + timedelta(seconds=ttl_s)
        row = {"team_id": team, "job_id": job, "network": str(network), "account_id": account_id}
        here = {f"at_{name}": value for name, value in row.items()}
        held = {"holder": holder, "expires_at": until}
        with self._write() as connection:
            self._ad_state(connection, team, job, lock=False)
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

    def _give_back(self, lease: Lease) -> None:
        with self._write() as connection:
            connection.execute(GIVEN_BACK, {**place(lease), "at_holder": lease.holder})

    def _fence(self, connection: sa.Connection, held: Lease | Slot) -> None:
        """LeaseLost unless the lease under which `held` is held still stands, now and until the
        caller's transaction ends."""
        _check(held, _found(connection, held, keep=True), self._now())


def _number(network: Network, account_id: str) -> int:
    """An account as PostgreSQL's advisory locks know it."""
    digest = hashlib.blake2b(f"{network} {account_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _place(of: Lease | Slot) -> list[Any]:
    return [leases.c[name] == str(getattr(of, name)) for name in PLACE]


def _found(connection: sa.Connection, of: Lease | Slot, *, keep: bool = False) -> Any:
    return connection.execute(KEPT if keep else SEEN, place(of)).first()


def _check(held: Lease | Slot, row: Any, until: datetime) -> None:
    """A lease is known by its epoch; `until` is how long it has to last at least."""
    if row is None or row.epoch != held.epoch:
        why = "was taken by another" if row is not None else "was never taken"
    elif row.holder is None:
        why = "was given back"
    elif row.revoked:
        why = "was revoked by a stop, a pause, an edit or a withdrawal"
    elif row.expires_at <= until:
        why = f"ends at {row.expires_at.isoformat(timespec='seconds')}"
    else:
        return
    raise LeaseLost(
        f"lease {held.epoch} of ad {held.job_id} on {held.network} {held.account_id} {why}",
        mend="run it again",
    )
