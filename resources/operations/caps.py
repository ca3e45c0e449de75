"""Caps of ads and teams over all networks: none may be accepted over, none may run past."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.caps import DELAY_S, PAUSE_S, SYNC_S, Cap, Running, must_pause, total_overshoot
from domain.errors import InputError
from domain.job_ad import JobAd
from domain.lifecycle import AdStatus
from domain.money import EXPONENT, Money
from domain.platform import Network
from resources.operations.editions import ACCEPTANCES, standing
from resources.operations.leases import Leases
from resources.operations.records import OverCap, OverDaily
from resources.operations.repository import SYSTEM, Id, canonical
from resources.operations.schema import accepted_plans, caps, job_ads

ENDED = (str(AdStatus.ARCHIVED), str(AdStatus.FAILED))


class Caps(Leases):
    def set_cap(self, team_id: Id, cap: Cap, *, actor: str = SYSTEM) -> None:
        """Set or replace the cap of an ad, or of the team; money in the ad's or team's currency.
        What is accepted already stays: `over_daily` and `over_cap` name what has to be paused."""
        team = canonical(team_id, "team")
        job = canonical(cap.job_id, "job ad") if cap.job_id else ""
        values = {
            "daily_minor": cap.daily_minor,
            "total_minor": cap.total_minor,
            "currency": cap.currency,
            "set_by": actor,
            "set_at": self._now(),
        }
        with self._write() as connection:
            currency = self._lock_team(connection, team)
            if job:
                currency = self._ad(connection, team, job).budget_daily.currency
            if cap.currency != currency:
                raise InputError(
                    f"the cap is in {cap.currency}, the budgets in {currency}",
                    where="cap",
                    mend=f"give it in {currency}",
                )
            insert = self._insert(caps).values(team_id=team, job_id=job, **values)
            connection.execute(
                insert.on_conflict_do_update(index_elements=["team_id", "job_id"], set_=values)
            )
            detail = {k: values[k] for k in ("daily_minor", "total_minor", "currency")}
            self._note(connection, team, "cap.set", job or team, detail, actor=actor)

    def clear_cap(self, team_id: Id, job_id: Id | None = None, *, actor: str = SYSTEM) -> bool:
        """Remove a cap; False when there is none."""
        team = canonical(team_id, "team")
        job = canonical(job_id, "job ad") if job_id else ""
        with self._write() as connection:
            mine = (caps.c.team_id == team, caps.c.job_id == job)
            if connection.execute(caps.delete().where(*mine)).rowcount == 0:
                return False
            self._note(connection, team, "cap.cleared", job or team, actor=actor)
        return True

    def caps(self, team_id: Id) -> Sequence[Cap]:
        """The team's caps, its own first."""
        with self._read() as connection:
            return self._caps(connection, canonical(team_id, "team"))

    def budgets(self, team_id: Id, now: datetime) -> Sequence[Running]:
        """Accepted daily budgets of ads that have not ended at `now`, by ad and network, each in
        its own currency."""
        with self._read() as connection:
            return self._budgets(connection, canonical(team_id, "team"), now)

    def over_cap(
        self,
        team_id: Id,
        spent: Mapping[str, int],
        now: datetime,
        *,
        sync_s: int = SYNC_S,
        delay_s: int = DELAY_S,
        pause_s: int = PAUSE_S,
    ) -> Sequence[OverCap]:
        """Ads that must be paused now, because their total cap or their team's could be passed
        before the numbers of the next sync lead to a pause (`domain.caps.total_overshoot`).

        `spent` is micros by ad, since ever, of ended ads too, each in its ad's currency: ads of
        another currency than a team's cap are not counted under it."""
        team = canonical(team_id, "team")
        with self._read() as connection:
            limits = [c for c in self._caps(connection, team) if c.total]
            running = self._budgets(connection, team, now)
            foreign = self._currencies(connection, team) if limits else {}
        over = []
        for cap in limits:
            mine = [r for r in running if counted(r, cap)]
            micros = sum(
                m
                for job, m in spent.items()
                if cap.job_id in ("", job) and cap.currency in foreign.get(job, {cap.currency})
            )
            minor = -(-micros // 10 ** (6 - EXPONENT[cap.currency]))
            ahead = total_overshoot(mine, sync_s=sync_s, delay_s=delay_s, pause_s=pause_s)
            if must_pause(cap.total_minor or 0, minor, ahead):
                over += [
                    OverCap(job, cap, minor, ahead) for job in sorted({r.job_id for r in mine})
                ]
        return over

    def over_daily(self, team_id: Id, now: datetime) -> Sequence[OverDaily]:
        """Daily caps below what is accepted, because they were set or lowered since, with the ads
        that count under each."""
        team = canonical(team_id, "team")
        with self._read() as connection:
            limits = [c for c in self._caps(connection, team) if c.daily]
            running = self._budgets(connection, team, now)
        over = []
        for cap in limits:
            mine = tuple(r for r in running if counted(r, cap))
            accepted = sum(r.daily_minor for r in mine)
            if accepted > (cap.daily_minor or 0):
                over.append(OverDaily(cap, accepted, mine))
        return over

    def _check_caps(
        self, connection: sa.Connection, ad: JobAd, network: Network, daily: Money
    ) -> None:
        """InputError when accepting `daily` on this network passes a daily cap."""
        team, job = str(ad.team_id), str(ad.id)
        for cap in self._caps(connection, team):
            if cap.job_id not in ("", job):
                continue
            if cap.currency != daily.currency:
                raise InputError(
                    f"the ad's budget is in {daily.currency}, the cap in {cap.currency}",
                    where="cap",
                    mend="give the ad a budget in the cap's currency",
                )
            if cap.daily is None:
                continue
            before = self._budgets(connection, team, self._now(), job)
            others = sum(
                r.daily_minor
                for r in before
                if counted(r, cap) and (r.job_id, r.network) != (job, network)
            )
            over = others + daily.minor - cap.daily.minor
            if over > 0:
                whose = "the ad's" if cap.job_id else "the team's"
                raise InputError(
                    f"{whose} daily cap of {cap.daily} would be passed by "
                    f"{Money(over, cap.currency)}",
                    where="cap",
                    mend="lower the budget, or see jobads caps",
                )

    def _check_return(self, connection: sa.Connection, ad: JobAd) -> None:
        """InputError when an ad that did not count under the caps, because it had failed or was
        over, would pass one by running again as it is approved."""
        for network, found in self._standing(connection, str(ad.team_id), str(ad.id)).items():
            if found.in_force is not None:
                self._check_caps(connection, ad, network, found.in_force.daily)

    def _currencies(self, connection: sa.Connection, team: str) -> dict[str, set[str]]:
        """In which currencies each ad's plans were ever accepted."""
        plan = accepted_plans.c
        query = sa.select(plan.job_id, plan.currency).where(plan.team_id == team).distinct()
        found: dict[str, set[str]] = defaultdict(set)
        for job, currency in connection.execute(query):
            found[job].add(currency)
        return found

    def _caps(self, connection: sa.Connection, team: str) -> list[Cap]:
        query = sa.select(caps).where(caps.c.team_id == team).order_by(caps.c.job_id)
        return [
            Cap(row.job_id, row.currency, row.daily_minor, row.total_minor)
            for row in connection.execute(query)
        ]

    def _budgets(
        self, connection: sa.Connection, team: str, now: datetime, job: str = ""
    ) -> list[Running]:
        """Of every ad that may run now, and of `job` whatever its state: what is accepted for it
        counts when more is accepted for it, also while it is failed or over."""
        plan, ad = accepted_plans.c, job_ads.c
        running = sa.and_(
            ad.status.not_in(ENDED), sa.or_(ad.schedule_end.is_(None), ad.schedule_end > now)
        )
        query = ACCEPTANCES.join(
            job_ads, sa.and_(ad.team_id == plan.team_id, ad.id == plan.job_id)
        ).where(plan.team_id == team, sa.or_(running, plan.job_id == job))
        return worst(connection.execute(query))


def counted(running: Running, cap: Cap) -> bool:
    """Whether an ad's money counts under a cap: money of two currencies is never summed."""
    return cap.job_id in ("", running.job_id) and cap.currency == running.currency


def worst(rows: Iterable[Any]) -> list[Running]:
    """For each ad and network what is in force or what waits, whichever costs more; both, where
    they are in two currencies. `rows` are acceptances, oldest first."""
    found = []
    for (job, network), (newest, in_force) in sorted(standing(rows).items()):
        most: dict[str, int] = {}
        for one in (in_force, newest if newest.waits else None):
            if one is not None:
                most[one.currency] = max(most.get(one.currency, 0), one.daily_minor)
        found += [Running(job, network, minor, currency) for currency, minor in most.items()]
    return found
