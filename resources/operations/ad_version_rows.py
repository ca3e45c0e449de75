"""What an ad said before each edit, kept so that a plan about it can be compared with the ad of
now."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from domain.job_ad import JobAd
from resources.operations.schema import ad_versions


def keep(connection: sa.Connection, ad: JobAd, now: datetime) -> None:
    """Store what the ad says, before it is edited; a version that is kept already stays."""
    if _kept(connection, ad, ad.version) is None:
        connection.execute(
            ad_versions.insert().values(
                team_id=str(ad.team_id),
                job_id=str(ad.id),
                ad_version=ad.version,
                content=ad.content,
                replaced_at=now,
            )
        )


def content(connection: sa.Connection, ad: JobAd, version: str | None) -> Any:
    """What the ad said in a version; None when that was not kept."""
    if version == ad.version:
        return ad.content
    return _kept(connection, ad, version or "")


def _kept(connection: sa.Connection, ad: JobAd, version: str) -> Any:
    table = ad_versions.c
    query = sa.select(table.content).where(
        table.team_id == str(ad.team_id), table.job_id == str(ad.id), table.ad_version == version
    )
    return connection.scalar(query)
