"""Ends of acceptances, by a person or by an edit of the ad, in the caller's transaction."""

from datetime import datetime

import sqlalchemy as sa

from domain.ad_versions import changes
from domain.approval import AD_CHANGED
from domain.job_ad import JobAd
from resources.operations import acceptance_rows, ad_version_rows, lease_rows, slot_rows
from resources.operations.acceptance_rows import Acceptance
from resources.operations.audit import note
from resources.operations.schema import withdrawals

REASON_MAX = 1000


def end_by_edit(
    connection: sa.Connection, before: JobAd, after: JobAd, by: str, now: datetime
) -> None:
    """Keep what the ad said, and end what was accepted for it: all that waits; what is in force and
    does not run; and what runs, where it costs more than the ad may cost now. Other plans in force
    run on as they were approved, until a newer one is approved."""
    ad_version_rows.keep(connection, before, now)
    team, job = str(before.team_id), str(before.id)
    found = acceptance_rows.of_one_ad(connection, team, job)
    running = slot_rows.running(connection, team, job) if found else set()
    kept: list[Acceptance] = []
    for newest, in_force in found.values():
        if newest.waits and newest.ad_version != after.version:
            _void(connection, newest, after, by, now)
        if in_force is None:
            continue
        place = in_force.network, in_force.account_id
        if in_force.ad_version != after.version and place not in running:
            _void(connection, in_force, after, by, now)
        elif in_force.network in after.platforms:
            kept.append(in_force)
    if acceptance_rows.exceeds(kept, after.budget_daily):
        for one in kept:
            if one.ad_version != after.version:
                _void(connection, one, after, by, now)


def _void(
    connection: sa.Connection, acceptance: Acceptance, ad: JobAd, by: str, now: datetime
) -> None:
    before = ad_version_rows.content(connection, ad, acceptance.ad_version)
    store(connection, acceptance, AD_CHANGED, by, changes(before, ad.content), now)


def store(
    connection: sa.Connection,
    acceptance: Acceptance,
    rule: str,
    by: str,
    reason: str,
    now: datetime,
) -> None:
    """Store a withdrawal; who posts the plan at this moment loses the lease."""
    same = ("team_id", "job_id", "network", "account_id", "digest")
    row = {name: getattr(acceptance, name) for name in same}
    connection.execute(
        withdrawals.insert().values(
            **row,
            acceptance_id=acceptance.id,
            rule=rule,
            withdrawn_by=by,
            reason=reason[:REASON_MAX],
            at=now,
        )
    )
    action = "plan.void" if rule == AD_CHANGED else "plan.withdrawn"
    detail = {
        "network": row["network"],
        "digest": row["digest"],
        "rule": rule,
        "reason": reason[:REASON_MAX],
    }
    note(connection, row["team_id"], action, row["job_id"], detail, actor=by, now=now)
    if acceptance.in_force:
        lease_rows.revoke(connection, row["team_id"], row["job_id"], acceptance.network)
