"""Caps of ads and teams over all networks: none may be accepted over, none may run past."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.caps import DELAY_S, PAUSE_S, SYNC_S, Cap, Running, must_pause, total_overshoot
from domain.errors import InputError
from domain.ledger import DueAd
from domain.money import EXPONENT
from resources.operations import ad_rows, cap_rows, room_rows, team_rows
from resources.operations.audit import SYSTEM, note
from resources.operations.database import Database
from resources.operations.ids import Id, canonical
from resources.operations.records import OverCap, OverDaily
from resources.operations.room_rows import Room
from resources.operations.schema import caps


class Caps:
    """One cap for each ad and one for each team, at most."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, team_id: Id, cap: Cap, *, actor: str = SYSTEM) -> None:
        """Set or replace the cap of an ad, or of the team; money in the ad's or team's currency.
        What is accepted already stays: `over_daily` and `over_total` name what has to be paused.

        >>> from tempfile import TemporaryDirectory
        >>> from resources.operations.store import OperationsStore
        >>> with TemporaryDirectory() as folder:
        ...     store = OperationsStore(f"sqlite:///{folder}/operations.db")
        ...     store.schema.migrate()
        ...     team = store.teams.add("Acme", "acme.example", "EUR").id
        ...     store.caps.set(team, Cap("", "EUR", daily_minor=5_000), actor="ann")
        ...     print(store.caps.of_team(team)[0].daily)
        ...     store.close()
        50.00 EUR
        """
        team = canonical(team_id, "team")
        job = canonical(cap.job_id, "job ad") if cap.job_id else ""
        now = self._database.now()
        values = {
            "daily_minor": cap.daily_minor,
            "total_minor": cap.total_minor,
            "currency": cap.currency,
            "set_by": actor,
            "set_at": now,
        }
        with self._database.write() as connection:
            currency = team_rows.lock(connection, team)
            if job:
                currency = ad_rows.read(connection, team, job).budget_daily.currency
            if cap.currency != currency:
                raise InputError(
                    f"the cap is in {cap.currency}, the budgets in {currency}",
                    where="cap",
                    mend=f"give it in {currency}",
                )
            insert = self._database.insert(caps).values(team_id=team, job_id=job, **values)
            connection.execute(
                insert.on_conflict_do_update(index_elements=["team_id", "job_id"], set_=values)
            )
            detail = {k: values[k] for k in ("daily_minor", "total_minor", "currency")}
            note(connection, team, "cap.set", job or team, detail, actor=actor, now=now)

    def clear(self, team_id: Id, job_id: Id | None = None, *, actor: str = SYSTEM) -> bool:
        """Remove a cap; False when there is none."""
        team = canonical(team_id, "team")
        job = canonical(job_id, "job ad") if job_id else ""
        with self._database.write() as connection:
            mine = (caps.c.team_id == team, caps.c.job_id == job)
            if connection.execute(caps.delete().where(*mine)).rowcount == 0:
                return False
            now = self._database.now()
            note(connection, team, "cap.cleared", job or team, actor=actor, now=now)
        return True

    def of_team(self, team_id: Id) -> Sequence[Cap]:
        """The team's caps, its own first."""
        with self._database.read() as connection:
            return cap_rows.of_team(connection, canonical(team_id, "team"))

    def budgets(self, team_id: Id, now: datetime) -> Sequence[Running]:
        """Accepted daily budgets of ads that have not ended at `now`, and what still runs of any
        ad, by ad and network, each in its own currency."""
        with self._database.read() as connection:
            return cap_rows.budgets(connection, canonical(team_id, "team"), now)

    def over_total(
        self,
        team_id: Id,
        spent: Mapping[str, int],
        now: datetime,
        *,
        sync_s: int = SYNC_S,
        delay_s: int = DELAY_S,
        pause_s: int = PAUSE_S,
        starting: bool = False,
    ) -> Sequence[OverCap]:
        """Ads that must be paused now, because their total cap or their team's could be passed by
        what runs before the numbers of the next sync lead to a pause
        (`domain.caps.total_overshoot`). With `starting` those that may not start either: what is
        approved and should run now counts as if it ran.

        `spent` is micros by ad, since ever, of ended ads too, each in its ad's currency: ads of
        another currency than a team's cap are not counted under it."""
        team = canonical(team_id, "team")
        with self._database.read() as connection:
            limits = [c for c in cap_rows.of_team(connection, team) if c.total]
            running = cap_rows.worst((), cap_rows.still_running(connection, team))
            if starting:
                running = cap_rows.startable(connection, team, now)
            foreign = cap_rows.currencies(connection, team) if limits else {}
        over = []
        for cap in limits:
            mine = [r for r in running if cap_rows.counted(r, cap)]
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

    def room(self, due: DueAd) -> Room:
        """What posting the plan of `due` would change of what its ad may spend a day."""
        with self._database.read() as connection:
            return room_rows.room(connection, due)

    def over_daily(self, team_id: Id, now: datetime) -> Sequence[OverDaily]:
        """Daily caps below what is accepted and what still runs, because they were set or lowered
        since, with the ads that count under each."""
        team = canonical(team_id, "team")
        with self._database.read() as connection:
            limits = [c for c in cap_rows.of_team(connection, team) if c.daily]
            running = cap_rows.budgets(connection, team, now)
        over = []
        for cap in limits:
            mine = tuple(r for r in running if cap_rows.counted(r, cap))
            accepted = sum(r.daily_minor for r in mine)
            if accepted > (cap.daily_minor or 0):
                over.append(OverDaily(cap, accepted, mine))
        return over
