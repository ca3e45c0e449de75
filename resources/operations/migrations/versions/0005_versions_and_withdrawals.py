"""Which version of its ad an accepted plan is about, what older versions said, and withdrawals.

Whatever is accepted at the upgrade counts as about the ad as it is then: what is in force stays so.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from resources.operations import triggers

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    triggers.remove(op.get_bind())  # accepted plans are frozen by them; they come back afterwards
    op.execute("ALTER TABLE accepted_plans ADD COLUMN currency VARCHAR(3) DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE accepted_plans ADD COLUMN ad_version VARCHAR(16)")
    _tables()
    _fill()


def _ad_of_team(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["team_id", "job_id"],
        ["job_ads.team_id", "job_ads.id"],
        name=op.f(f"{table}_team_id_job_id_fk"),
    )


def _tables() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("acceptance_id", BIG_ID, nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "network IN ('google', 'meta', 'x')", name=op.f("withdrawals_network_known")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("withdrawals_team_id_fk")),
        sa.ForeignKeyConstraint(
            ["acceptance_id"], ["accepted_plans.id"], name=op.f("withdrawals_acceptance_id_fk")
        ),
        _ad_of_team("withdrawals"),
        sa.PrimaryKeyConstraint("id", name=op.f("withdrawals_pk")),
        sa.UniqueConstraint("acceptance_id", name=op.f("withdrawals_acceptance_id_unique")),
    )
    op.create_table(
        "ad_versions",
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("ad_version", sa.String(length=16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("ad_versions_team_id_fk")),
        _ad_of_team("ad_versions"),
        sa.PrimaryKeyConstraint("team_id", "job_id", "ad_version", name=op.f("ad_versions_pk")),
    )


def _fill() -> None:
    """Each accepted plan gets its ad's version and currency."""
    bind = op.get_bind()
    time = sa.DateTime(timezone=True)
    texts = (
        "title",
        "description_short",
        "description_long",
        "target_url",
        "location",
        "creative_asset_url",
        "budget_currency",
    )
    ad = sa.table(
        "job_ads",
        sa.column("team_id"),
        sa.column("id"),
        *(sa.column(name) for name in texts),
        sa.column("platforms", sa.JSON),
        sa.column("budget_daily_minor", sa.BigInteger),
        sa.column("schedule_start", time),
        sa.column("schedule_end", time),
    )
    accepted = (
        "(SELECT 1 FROM accepted_plans p WHERE p.team_id = job_ads.team_id "
        "AND p.job_id = job_ads.id)"
    )
    for row in bind.execute(sa.select(ad).where(sa.text(f"EXISTS {accepted}"))).mappings().all():
        bind.execute(
            sa.text(
                "UPDATE accepted_plans SET ad_version = :version, currency = :currency "
                "WHERE team_id = :team AND job_id = :job"
            ),
            {
                "version": _version(row),
                "currency": row["budget_currency"],
                "team": row["team_id"],
                "job": row["id"],
            },
        )


def _version(row: Any) -> str:
    """`JobAd.version` as it was when this migration was written."""
    same = (
        "title",
        "description_short",
        "description_long",
        "target_url",
        "location",
        "creative_asset_url",
    )
    content = {name: row[name] for name in same} | {
        "platforms": sorted(row["platforms"]),
        "budget_daily": [row["budget_daily_minor"], row["budget_currency"]],
        "schedule_start": _instant(row["schedule_start"]),
        "schedule_end": _instant(row["schedule_end"]),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _instant(value: datetime | None) -> str | None:
    if value is None:
        return None
    return (
        (value.replace(tzinfo=UTC) if value.tzinfo is None else value).astimezone(UTC).isoformat()
    )
