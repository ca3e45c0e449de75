"""Rows of leases in the caller's transaction: fencing a write, and ending what is held."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.errors import LeaseLost
from domain.ledger import Lease, Slot
from resources.operations.schema import leases
from resources.operations.statements import KEPT, SEEN, place


def fence(connection: sa.Connection, held: Lease | Slot, clock: Callable[[], datetime]) -> datetime:
    """LeaseLost unless the lease under which `held` is held still stands, now and until the
    caller's transaction ends. Answers the moment of now: the clock is read after the row is locked,
    since waiting for the lock may outlast the lease."""
    row = connection.execute(KEPT, place(held)).first()
    now = clock()
    check(held, row, now)
    return now


def seen(connection: sa.Connection, lease: Lease) -> Any:
    """The lease's row as it is, which others may change meanwhile."""
    return connection.execute(SEEN, place(lease)).first()


def check(held: Lease | Slot, row: Any, until: datetime) -> None:
    """LeaseLost unless `row` is the lease of `held`, known by its epoch, and lasts past `until`."""
    if row is None or row.epoch != held.epoch:
        why = "was taken by another" if row is not None else "was never taken"
    elif row.holder is None:
        why = "was given back"
    elif row.revoked:
        why = "was revoked by a stop, a pause, an edit, a decision or a withdrawal"
    elif row.expires_at <= until:
        why = f"ends at {row.expires_at.isoformat(timespec='seconds')}"
    else:
        return
    raise LeaseLost(
        f"lease {held.epoch} of ad {held.job_id} on {held.network} {held.account_id} {why}",
        mend="run it again",
    )


def lock(connection: sa.Connection, team: str, job: str = "") -> None:
    """Lock the leases of an ad, or of all the team's ads, before the ads themselves, in the order
    in which posting locks them.

    A lease that is taken for the first time after this is not seen by `revoke`; its holder then
    waits for the ad's row and finds what we have stored."""
    mine = [leases.c.team_id == team] + ([leases.c.job_id == job] if job else [])
    order = (leases.c.job_id, leases.c.network, leases.c.account_id)
    query = sa.select(leases.c.epoch).where(*mine).order_by(*order).with_for_update()
    connection.execute(query).all()


def revoke(connection: sa.Connection, team: str, job: str, network: str = "") -> None:
    """Whoever posts the ad (on one network) at this moment sends nothing more."""
    mine = [leases.c.team_id == team, leases.c.job_id == job, leases.c.holder.is_not(None)]
    mine += [leases.c.network == network] if network else []
    connection.execute(leases.update().where(*mine).values(revoked=True))
