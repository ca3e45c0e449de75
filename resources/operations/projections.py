"""What the graph and the planner read of the store: plain rows, and stamps that change with them.

`team_id` None means every team: the graph's own view."""

import hashlib
import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from domain.errors import InputError
from domain.lifecycle import AdStatus
from domain.money import Money
from domain.platform import Network
from resources.operations import ad_rows
from resources.operations.database import Database, batches
from resources.operations.ids import Id, canonical
from resources.operations.records import AdStamp
from resources.operations.schema import (
    accepted_plans,
    approvals,
    job_ads,
    lawful_bases,
    postings,
    slots,
    teams,
    withdrawals,
)
from resources.operations.statements import PLACE

# As text: nothing is parsed that is only compared.
_STAMPED = (
    job_ads.c.id,
    sa.cast(job_ads.c.platforms, sa.Text),
    job_ads.c.budget_daily_minor,
    job_ads.c.budget_currency,
    sa.cast(job_ads.c.schedule_start, sa.Text),
    sa.cast(job_ads.c.schedule_end, sa.Text),
    *(job_ads.c[name] for name in ("title", "description_short", "description_long")),
    *(job_ads.c[name] for name in ("target_url", "location", "creative_asset_url")),
)


class Projections:
    """Rows, stamps and fingerprints by which copies and caches are kept up to date."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def job_ads(
        self, team_id: Id | None = None, ids: Collection[str] | None = None
    ) -> list[dict[str, Any]]:
        """One dict for each ad, or for those of `ids`: times with zone, budget in minor units."""
        hidden = {"version"}
        columns = [column for column in job_ads.c if column.name not in hidden]
        query = sa.select(*columns).order_by(job_ads.c.team_id, job_ads.c.id)
        if ids is None:
            return self._rows(query, team_id)
        parts = batches(sorted(ids))
        return [row for p in parts for row in self._rows(query.where(job_ads.c.id.in_(p)), team_id)]

    def job_ads_stamps(self) -> dict[tuple[str, str], str]:
        """(team, ad) → what changes whenever the ad's row does, of every team."""
        ad = job_ads.c
        with self._database.read() as connection:
            rows = connection.execute(sa.select(ad.team_id, ad.id, ad.version, ad.updated_at))
            # A moment that cannot be read is None: its own ad is told so, and the others are read.
            return {
                (team, key): f"{version} {at and at.isoformat()}" for team, key, version, at in rows
            }

    def ad_stamps(self, team_id: Id) -> tuple[list[AdStamp], list[tuple[str, InputError]]]:
        """As `Ads.unarchived`, without building an ad: 10,000 take a third of a second. A row
        that only the ad's own rules would refuse has a stamp."""
        query = sa.select(*_STAMPED).where(
            job_ads.c.team_id == canonical(team_id, "team"),
            job_ads.c.status != str(AdStatus.ARCHIVED),
        )
        stamps, impossible = [], []
        known: dict[tuple[str, int, str], tuple[frozenset[Network], Money]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query.order_by(_STAMPED[0])):
                job, platforms, minor, currency, said = _stamped(row)
                try:
                    key = (platforms, minor, currency)
                    if key not in known:
                        known[key] = _networks(platforms), Money(minor, currency)
                    stamps.append(AdStamp(job, *known[key], said))
                except (TypeError, ValueError, InputError, RecursionError) as error:
                    impossible.append((job, ad_rows.impossible(job, error)))
        return stamps, impossible

    def postings(self, team_id: Id | None = None) -> list[dict[str, Any]]:
        """One dict for each object that a slot owns on a network, ended slots too; `currency` is
        the plan's, None where the plan is not known any more."""
        slot, posted, plan = slots.c, postings.c, accepted_plans.c
        currency = (
            sa.select(sa.func.max(plan.currency))
            .where(*(plan[name] == slot[name] for name in PLACE), plan.digest == slot.plan_digest)
            .scalar_subquery()
        )
        query = (
            sa.select(
                slot.team_id,
                slot.job_id,
                slot.network,
                slot.account_id,
                slot.arm,
                slot.revision,
                slot.state,
                slot.mode,
                currency.label("currency"),
                posted.slot_id,
                posted.kind,
                posted.object_id,
                posted.key,
                posted.updated_at,
            )
            .join(postings, sa.and_(posted.slot_id == slot.id, posted.team_id == slot.team_id))
            .order_by(slot.team_id, slot.job_id, slot.arm, slot.ordinal, posted.kind)
        )
        return self._rows(query, team_id)

    def fingerprint(self) -> str:
        """Changes whenever a team (its stop, résumés, or lawful basis), ad, accepted plan,
        approval, withdrawal or slot does, and when a basis runs out; aggregates, no bodies.

        Versions only grow and rows are never deleted, so count and sum together never repeat."""
        parts = [
            sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(table.c.version), 0))
            for table in (teams, job_ads, slots)
        ]
        parts += [
            sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(table.c.id), 0))
            for table in (accepted_plans, approvals, withdrawals)
        ]
        over = lawful_bases.c.until <= self._database.now()
        parts.append(sa.select(sa.func.count(), sa.literal(0)).where(over))
        with self._database.read() as connection:
            return "-".join(
                f"{int(count)}.{int(total)}"
                for count, total in (connection.execute(part).one() for part in parts)
            )

    def _rows(self, query: Any, team_id: Id | None) -> list[dict[str, Any]]:
        if team_id is not None:
            team = query.selected_columns["team_id"]
            query = query.where(team == canonical(team_id, "team"))
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def _networks(stored: str) -> frozenset[Network]:
    return frozenset(map(Network, json.loads(stored)))


def _stamped(row: Any) -> tuple[str, str, int, str, str]:
    """Id, platforms, budget, currency, and a hash of the row."""
    job, platforms, minor, currency, *rest = row
    digest = hashlib.sha256()
    for part in (platforms, minor, currency, *rest):  # a repr of 10,000 long texts takes 0.1 s
        said = (part if isinstance(part, str) else repr(part)).encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(said))
        digest.update(said)
    return job, platforms, minor, currency, digest.hexdigest()[:16]
