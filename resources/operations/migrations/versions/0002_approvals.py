"""Fenced leases, approvals, caps, reviews and stops.

What was accepted before counts as approved: it was accepted under the rules of then.
"""

# ruff: noqa: E501 checks stay on one line, as the databases show them

import json

import sqlalchemy as sa
from alembic import op

from resources.operations import triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MONEY = "BETWEEN {least} AND 1000000000000 AND CAST({name} AS BIGINT) = {name}"


def upgrade() -> None:
    triggers.remove(op.get_bind())  # accepted plans are frozen by them; they come back afterwards
    for column in _columns():
        op.execute(f"ALTER TABLE {column}")
    _tables()
    _fill()


def _columns() -> list[str]:
    time = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    return [
        "teams ADD COLUMN approval_threshold_minor BIGINT DEFAULT '0' NOT NULL "
        "CONSTRAINT teams_approval_threshold_minor_whole CHECK (approval_threshold_minor "
        f"{MONEY.format(least=0, name='approval_threshold_minor')})",
        "accepted_plans ADD COLUMN daily_minor BIGINT DEFAULT '0' NOT NULL "
        f"CONSTRAINT accepted_plans_daily_minor_whole CHECK (daily_minor {MONEY.format(least=0, name='daily_minor')})",
        "slots ADD COLUMN epoch INTEGER DEFAULT '0' NOT NULL",
        "slots ADD COLUMN plan_digest VARCHAR(16) DEFAULT '' NOT NULL",
        "slots ADD COLUMN review VARCHAR(16) DEFAULT 'unknown' NOT NULL CONSTRAINT slots_review_known "
        "CHECK (review IN ('approved', 'disapproved', 'limited', 'pending', 'unknown'))",
        "slots ADD COLUMN review_reason VARCHAR(1000) DEFAULT '' NOT NULL",
        f"slots ADD COLUMN reviewed_at {time}",
        "leases ADD COLUMN epoch INTEGER DEFAULT '0' NOT NULL",
        "leases ADD COLUMN revoked BOOLEAN DEFAULT false NOT NULL",
    ]


def _tables() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("acceptance_id", BIG_ID, nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "network IN ('google', 'meta', 'x')", name=op.f("approvals_network_known")
        ),
        sa.CheckConstraint(
            "decision IN ('approved', 'rejected')", name=op.f("approvals_decision_known")
        ),
        sa.CheckConstraint(
            "role IN ('admin', 'approver', 'editor', 'viewer')", name=op.f("approvals_role_known")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("approvals_team_id_fk")),
        sa.ForeignKeyConstraint(
            ["acceptance_id"], ["accepted_plans.id"], name=op.f("approvals_acceptance_id_fk")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("approvals_user_id_fk")),
        sa.ForeignKeyConstraint(
            ["team_id", "job_id"],
            ["job_ads.team_id", "job_ads.id"],
            name=op.f("approvals_team_id_job_id_fk"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("approvals_pk")),
        sa.UniqueConstraint("acceptance_id", name=op.f("approvals_acceptance_id_unique")),
    )
    op.create_index(
        op.f("approvals_team_id_job_id_network_digest_id"),
        "approvals",
        ["team_id", "job_id", "network", "digest", "id"],
        unique=False,
    )
    op.create_table(
        "caps",
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("daily_minor", sa.BigInteger(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            f"daily_minor {MONEY.format(least=1, name='daily_minor')}",
            name=op.f("caps_daily_minor_whole"),
        ),
        sa.CheckConstraint(
            f"total_minor {MONEY.format(least=1, name='total_minor')}",
            name=op.f("caps_total_minor_whole"),
        ),
        sa.CheckConstraint("length(currency) BETWEEN 3 AND 3", name=op.f("caps_currency_length")),
        sa.CheckConstraint(
            "daily_minor IS NOT NULL OR total_minor IS NOT NULL", name=op.f("caps_some_amount")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("caps_team_id_fk")),
        sa.PrimaryKeyConstraint("team_id", "job_id", name=op.f("caps_pk")),
    )
    op.create_table(
        "stops",
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("team_id", name=op.f("stops_pk")),
    )


def _fill() -> None:
    """Approvals of old acceptances, their daily money, and which plan each slot belongs to."""
    bind = op.get_bind()
    op.execute(
        "INSERT INTO approvals (team_id, acceptance_id, job_id, network, account_id, digest, "
        "decision, rule, user_id, role, reason, at) SELECT p.team_id, p.id, p.job_id, p.network, "
        "p.account_id, p.digest, 'approved', 'accepted before approvals existed', "
        "(SELECT id FROM users WHERE email = 'system@localhost'), 'admin', '', p.accepted_at "
        "FROM accepted_plans p ORDER BY p.id"
    )
    plans = bind.execute(
        sa.text(
            "SELECT id, team_id, job_id, network, account_id, digest, payload FROM accepted_plans "
            "ORDER BY id"
        )
    ).all()
    for id_, team, job, network, account, digest, payload in plans:
        arms = json.loads(payload)["arms"]
        daily = sum(a["bodies"].get("adset", {}).get("daily_budget", 0) for a in arms)
        bind.execute(
            sa.text("UPDATE accepted_plans SET daily_minor = :daily WHERE id = :id"),
            {"daily": daily, "id": id_},
        )
        bind.execute(
            sa.text(
                "UPDATE slots SET plan_digest = :digest WHERE team_id = :team AND job_id = :job "
                "AND network = :network AND account_id = :account"
            ),
            {"digest": digest, "team": team, "job": job, "network": network, "account": account},
        )
