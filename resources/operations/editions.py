"""Accepted plans and the versions of their ads: what an edit ends, and what it leaves running."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from domain.ad_versions import changes
from domain.approval import AD_CHANGED, Decision
from domain.job_ad import JobAd
from domain.money import Money
from domain.platform import Network
from resources.operations.repository import Repository
from resources.operations.schema import (
    accepted_plans,
    ad_versions,
    approvals,
    leases,
    slots,
    teams,
    withdrawals,
)

REASON_MAX = 1000


class Acceptance(NamedTuple):
    """One acceptance of a plan and what became of it; `ended` is the withdrawal's rule, or ""."""

    id: int
    team_id: str
    job_id: str
    network: str
    account_id: str
    digest: str
    daily_minor: int
    currency: str
    ad_version: str | None
    accepted_by: str
    decision: str | None
    approved_by: str | None
    ended: str

    @property
    def waits(self) -> bool:
        return self.decision is None and not self.ended

    @property
    def in_force(self) -> bool:
        """If no newer one was approved."""
        return self.decision == Decision.APPROVED and not self.ended

    @property
    def daily(self) -> Money:
        return Money(self.daily_minor, self.currency)


class Standing(NamedTuple):
    """Of one ad on one network: the newest acceptance, and the one that is in force."""

    newest: Acceptance
    in_force: Acceptance | None


_PLAN = accepted_plans.c
_COLUMNS = tuple(_PLAN[name] for name in Acceptance._fields[:10])
ACCEPTANCES = (
    sa.select(
        *_COLUMNS,
        approvals.c.decision,
        approvals.c.user_id.label("approved_by"),
        sa.func.coalesce(withdrawals.c.rule, "").label("ended"),
    )
    .select_from(accepted_plans)
    .outerjoin(approvals, approvals.c.acceptance_id == _PLAN.id)
    .outerjoin(withdrawals, withdrawals.c.acceptance_id == _PLAN.id)
    .order_by(_PLAN.id)
)
"""Every acceptance without its payload, oldest first."""


def standing(rows: Iterable[Any]) -> dict[tuple[str, Network], Standing]:
    """By ad and network. A newer approved plan ends the older one for good: after its withdrawal
    nothing is in force."""
    found: dict[tuple[str, Network], Standing] = {}
    for row in rows:
        one = Acceptance(*row)
        place = one.job_id, Network(one.network)
        before = found[place].in_force if place in found else None
        approved = one.decision == Decision.APPROVED
        now = (one if one.in_force else None) if approved else before
        found[place] = Standing(one, now)
    return found


class Editions(Repository):
    def _standing(self, connection: sa.Connection, team: str, job: str) -> dict[Network, Standing]:
        query = ACCEPTANCES.where(_PLAN.team_id == team, _PLAN.job_id == job)
        found = standing(connection.execute(query))
        return {network: one for (_, network), one in found.items()}

    def _edited(self, connection: sa.Connection, before: JobAd, after: JobAd, by: str) -> None:
        """Keep what the ad said, and end what was accepted for it: all that waits; what is in force
        and does not run; and what runs, where it costs more than the ad may cost now. Other plans
        in force run on as they were approved, until a newer one is approved."""
        self._keep_version(connection, before)
        team, job = str(before.team_id), str(before.id)
        found = self._standing(connection, team, job)
        running = self._running(connection, team, job) if found else set()
        kept: list[Acceptance] = []
        for newest, in_force in found.values():
            if newest.waits and newest.ad_version != after.version:
                self._void(connection, newest, after, by)
            if in_force is None:
                continue
            place = in_force.network, in_force.account_id
            if in_force.ad_version != after.version and place not in running:
                self._void(connection, in_force, after, by)
            elif in_force.network in after.platforms:
                kept.append(in_force)
        if exceeds(kept, after.budget_daily):
            for one in kept:
                if one.ad_version != after.version:
                    self._void(connection, one, after, by)

    def _void(self, connection: sa.Connection, acceptance: Acceptance, ad: JobAd, by: str) -> None:
        before = self._content(connection, ad, acceptance.ad_version)
        self._store_withdrawal(connection, acceptance, AD_CHANGED, by, changes(before, ad.content))

    def _store_withdrawal(
        self, connection: sa.Connection, acceptance: Acceptance, rule: str, by: str, reason: str
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
                at=self._now(),
            )
        )
        action = "plan.void" if rule == AD_CHANGED else "plan.withdrawn"
        detail = {
            "network": row["network"],
            "digest": row["digest"],
            "rule": rule,
            "reason": reason[:REASON_MAX],
        }
        self._note(connection, row["team_id"], action, row["job_id"], detail, actor=by)
        if acceptance.in_force:
            self._revoke(connection, row["team_id"], row["job_id"], acceptance.network)

    def _lock_team(self, connection: sa.Connection, team: str) -> str:
        """Keep the team's row until the transaction ends, before the ad's: two plans of one team
        are never accepted or approved at once, or each would find room under the team's cap. Rows
        that only refer to the team are stored meanwhile. Answers the team's currency."""
        query = sa.select(teams.c.currency).where(teams.c.id == team)
        return str(connection.scalar(query.with_for_update(key_share=True)))

    def _hold_leases(self, connection: sa.Connection, team: str, job: str) -> None:
        """Lock the ad's leases before the ad itself, in the order in which posting locks them.

        A lease that is taken for the first time after this is not seen by `_revoke`; its holder
        then waits for the ad's row and finds what we have stored."""
        mine = (leases.c.team_id == team, leases.c.job_id == job)
        query = sa.select(leases.c.epoch).where(*mine).order_by(leases.c.network).with_for_update()
        connection.execute(query).all()

    def _revoke(self, connection: sa.Connection, team: str, job: str, network: str = "") -> None:
        """Whoever posts the ad (on one network) at this moment sends nothing more."""
        mine = [leases.c.team_id == team, leases.c.job_id == job, leases.c.holder.is_not(None)]
        mine += [leases.c.network == network] if network else []
        connection.execute(leases.update().where(*mine).values(revoked=True))

    def _running(self, connection: sa.Connection, team: str, job: str) -> set[tuple[str, str]]:
        """(network, account) where the ad's newest slots may be running."""
        slot = slots.c
        query = (
            sa.select(slot.network, slot.account_id, slot.arm, slot.running)
            .where(slot.team_id == team, slot.job_id == job)
            .order_by(slot.ordinal)
        )
        last = {(n, a, arm): running for n, a, arm, running in connection.execute(query)}
        return {(n, a) for (n, a, _), running in last.items() if running}

    def _keep_version(self, connection: sa.Connection, ad: JobAd) -> None:
        if self._kept(connection, ad, ad.version) is None:
            connection.execute(
                ad_versions.insert().values(
                    team_id=str(ad.team_id),
                    job_id=str(ad.id),
                    ad_version=ad.version,
                    content=ad.content,
                    replaced_at=self._now(),
                )
            )

    def _content(self, connection: sa.Connection, ad: JobAd, version: str | None) -> Any:
        """What the ad said in a version; None when that was not kept."""
        if version == ad.version:
            return ad.content
        return self._kept(connection, ad, version or "")

    def _kept(self, connection: sa.Connection, ad: JobAd, version: str) -> Any:
        table = ad_versions.c
        query = sa.select(table.content).where(
            table.team_id == str(ad.team_id),
            table.job_id == str(ad.id),
            table.ad_version == version,
        )
        return connection.scalar(query)


def exceeds(plans: Sequence[Acceptance], budget: Money) -> bool:
    """Whether plans together cost more a day than `budget`, or cannot be compared with it."""
    if any(one.currency != budget.currency for one in plans):
        return True
    return sum(one.daily_minor for one in plans) > budget.minor
