"""What posting asks of the database at every step. Built once: putting a statement together takes
many times as long as running it. Parameters that start with at_ name rows, the others columns."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from domain.approval import Decision
from domain.ledger import Lease, Slot
from domain.lifecycle import TERMINAL
from domain.plan import Plan
from resources.operations.schema import (
    EVERYWHERE,
    accepted_plans,
    approvals,
    audit_log,
    job_ads,
    leases,
    postings,
    slots,
    stops,
    throttle,
    withdrawals,
)
from resources.operations.schema import social_platform_connections as connections

PLACE = ("team_id", "job_id", "network", "account_id")


def place(of: Lease | Slot | Plan) -> dict[str, str]:
    return {
        "at_team_id": of.team_id,
        "at_job_id": of.job_id,
        "at_network": str(of.network),
        "at_account_id": of.account_id,
    }


def _at(table: sa.Table, *names: str) -> tuple[Any, ...]:
    return tuple(table.c[name] == sa.bindparam(f"at_{name}") for name in names)


def of_ad(table: sa.Table) -> tuple[Any, ...]:
    return _at(table, "team_id", "job_id")


# Ads and plans.
AD = sa.select(job_ads).where(*_at(job_ads, "team_id", "id"))
LOCK_AD = AD.with_for_update()
KEEP_AD = sa.select(job_ads.c.status).where(*_at(job_ads, "team_id", "id")).with_for_update()
CHANGE_AD = (
    job_ads.update().where(*_at(job_ads, "team_id", "id")).values(version=job_ads.c.version + 1)
)
STOPPED = sa.select(stops.c.team_id).where(
    stops.c.team_id.in_((EVERYWHERE, sa.bindparam("at_team_id")))
)
# The newest approved plan, in force unless it was withdrawn: no older one takes its place then.
_ENDED = withdrawals.c.acceptance_id == approvals.c.acceptance_id
_STANDS = withdrawals.c.acceptance_id.is_(None)
IN_FORCE = (
    sa.select(sa.case((_STANDS, approvals.c.digest)).label("digest"))
    .select_from(approvals.outerjoin(withdrawals, _ENDED))
    .where(
        *_at(approvals, "team_id", "job_id", "network"),
        approvals.c.decision == str(Decision.APPROVED),
    )
    .order_by(approvals.c.acceptance_id.desc())
    .limit(1)
)
PLAN_IN_FORCE = (
    sa.select(accepted_plans, approvals.c.decision, _STANDS.label("stands"))
    .join(approvals, approvals.c.acceptance_id == accepted_plans.c.id)
    .outerjoin(withdrawals, _ENDED)
    .where(
        *_at(accepted_plans, "team_id", "job_id", "network"),
        approvals.c.decision == str(Decision.APPROVED),
    )
    .order_by(accepted_plans.c.id.desc())
    .limit(1)
)

# Leases.
SEEN = sa.select(leases.c.epoch, leases.c.holder, leases.c.revoked, leases.c.expires_at).where(
    *_at(leases, *PLACE)
)
KEPT = SEEN.with_for_update(read=True)
_FREE = sa.or_(
    leases.c.holder.is_(None),
    leases.c.expires_at <= sa.bindparam("at_now", type_=leases.c.expires_at.type),
)
# A lease that nobody holds, or that has run out; one that ran out counts as a try. No upsert: what
# would replace a lease's row is refused by a trigger, which SQLite fires before an upsert as well.
RETAKE = (
    leases.update()
    .where(*_at(leases, *PLACE), _FREE)
    .values(
        revoked=False,
        epoch=leases.c.epoch + 1,
        tries=leases.c.tries + sa.case((leases.c.holder.is_not(None), 1), else_=0),
    )
    .returning(leases.c.epoch)
)
GIVEN_BACK = (
    leases.update()
    .where(*_at(leases, *PLACE, "holder"))
    .values(holder=None, tries=leases.c.tries + 1)
)

# Another ad's lease on the same account, whoever's the ad. One that a stop has revoked is at its
# last request, and must not hold up the pauses that follow the stop.
OTHERS = (
    sa.select(leases.c.job_id)
    .where(
        *_at(leases, "network", "account_id"),
        leases.c.holder.is_not(None),
        ~leases.c.revoked,
        leases.c.expires_at > sa.bindparam("at_now", type_=leases.c.expires_at.type),
        sa.or_(
            leases.c.team_id != sa.bindparam("at_team_id"),
            leases.c.job_id != sa.bindparam("at_job_id"),
        ),
    )
    .limit(1)
)
# PostgreSQL's takers of one account wait for each other's commit; SQLite has one writer anyway.
ONE_TAKER = sa.select(
    sa.func.pg_advisory_xact_lock(sa.bindparam("at_account", type_=sa.BigInteger)).label("taken")
)

# Connections of teams, and the silences that networks asked for.
CONNECTED = (
    sa.select(connections)
    .where(*_at(connections, "team_id", "platform_name"))
    .order_by(connections.c.status, connections.c.updated_at.desc())
    .limit(1)
)
CONNECTED_TO = CONNECTED.where(*_at(connections, "platform_account_id"))
QUIET = sa.select(throttle.c.until).where(*_at(throttle, "network", "account_id"))

# Slots and what they own.
LAST = sa.select(slots).where(*_at(slots, *PLACE, "arm")).order_by(slots.c.ordinal.desc()).limit(1)
OPEN = (
    sa.select(slots)
    .where(*_at(slots, *PLACE), slots.c.state.not_in(map(str, TERMINAL)))
    .order_by(slots.c.created_at, slots.c.arm)
)
OF_TEAM = (
    sa.select(slots)
    .where(*_at(slots, "team_id"))
    .order_by(slots.c.created_at, slots.c.job_id, slots.c.ordinal, slots.c.arm)
)
OF_AD = OF_TEAM.where(*_at(slots, "job_id"))
CURRENT = sa.select(slots).where(*_at(slots, "team_id", "id"))
NEW_SLOT = slots.insert().inline()
HOLD = slots.update().where(*_at(slots, "team_id", "id"))
BUMP = HOLD.values(version=slots.c.version + 1)
# Without a word about it in `runs` a slot stays as it was: running or not.
STORE = (
    slots.update()
    .where(*_at(slots, "team_id", "id", "state", "revision"))
    .values(
        running=sa.func.coalesce(sa.bindparam("runs", type_=sa.Boolean), slots.c.running),
        version=slots.c.version + 1,
    )
)
POSTED = sa.select(postings.c.kind, postings.c.object_id, postings.c.key).where(
    *_at(postings, "team_id", "slot_id")
)


NOTE = audit_log.insert().inline()


def _kept(dialect: Any) -> Any:
    """One row per slot and kind, last key wins."""
    insert = dialect.insert(postings)
    last = {name: insert.excluded[name] for name in ("object_id", "key", "updated_at")}
    return insert.on_conflict_do_update(index_elements=["slot_id", "kind"], set_=last)


def _taken(dialect: Any) -> Any:
    """The first lease of a place; nothing when another process was quicker."""
    return dialect.insert(leases).on_conflict_do_nothing().returning(leases.c.epoch)


_DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
KEEP: Mapping[str, Any] = {name: _kept(dialect) for name, dialect in _DIALECTS.items()}
TAKE: Mapping[str, Any] = {name: _taken(dialect) for name, dialect in _DIALECTS.items()}
