"""The first tables."""

# ruff: noqa: E501 - checks stay on one line, as the databases show them

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("dsa_payer", sa.String(length=512), nullable=True),
        sa.Column("dsa_beneficiary", sa.String(length=512), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(currency) BETWEEN 3 AND 3", name=op.f("teams_currency_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("teams_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("teams_pk")),
        sa.UniqueConstraint("name", name=op.f("teams_name_unique")),
    )
    op.create_table(
        "throttle",
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("network", "account_id", name=op.f("throttle_pk")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("users_pk")),
        sa.UniqueConstraint("email", name=op.f("users_email_unique")),
    )
    op.create_table(
        "audit_log",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("audit_log_team_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_log_pk")),
    )
    op.create_index(op.f("audit_log_team_id_id"), "audit_log", ["team_id", "id"], unique=False)
    op.create_table(
        "job_ads",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("description_short", sa.String(length=280), nullable=False),
        sa.Column("description_long", sa.Text(), nullable=False),
        sa.Column("target_url", sa.String(length=2048), nullable=False),
        sa.Column("creative_asset_url", sa.String(length=2048), nullable=True),
        sa.Column("platforms", sa.JSON(), nullable=False),
        sa.Column("budget_daily_minor", sa.BigInteger(), nullable=False),
        sa.Column("budget_currency", sa.String(length=3), nullable=False),
        sa.Column("schedule_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("schedule_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("location", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_by_user_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "status IN ('archived', 'draft', 'failed', 'live', 'paused', 'scheduled')",
            name=op.f("job_ads_status_known"),
        ),
        sa.CheckConstraint("target_url LIKE 'https://%'", name=op.f("job_ads_target_url_https")),
        sa.CheckConstraint(
            "budget_daily_minor BETWEEN 1 AND 1000000000000 AND CAST(budget_daily_minor AS BIGINT) = budget_daily_minor",
            name=op.f("job_ads_budget_daily_minor_whole"),
        ),
        sa.CheckConstraint(
            "length(budget_currency) BETWEEN 3 AND 3", name=op.f("job_ads_budget_currency_length")
        ),
        sa.CheckConstraint(
            "length(description_long) BETWEEN 1 AND 100000",
            name=op.f("job_ads_description_long_length"),
        ),
        sa.CheckConstraint(
            "length(description_short) BETWEEN 1 AND 280",
            name=op.f("job_ads_description_short_length"),
        ),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 100", name=op.f("job_ads_title_length")),
        sa.CheckConstraint("schedule_end > schedule_start", name=op.f("job_ads_schedule_order")),
        sa.ForeignKeyConstraint(
            ["created_by_user_id"], ["users.id"], name=op.f("job_ads_created_by_user_id_fk")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("job_ads_team_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("job_ads_pk")),
        sa.UniqueConstraint("team_id", "id", name=op.f("job_ads_team_id_id_unique")),
    )
    op.create_index(op.f("job_ads_team_id_status"), "job_ads", ["team_id", "status"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'approver', 'editor', 'viewer')", name=op.f("memberships_role_known")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("memberships_team_id_fk")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("memberships_user_id_fk")),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("memberships_pk")),
    )
    op.create_table(
        "resume_texts",
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("resume_key", sa.String(length=200), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("resume_texts_team_id_fk")),
        sa.PrimaryKeyConstraint("team_id", "resume_key", name=op.f("resume_texts_pk")),
    )
    op.create_table(
        "social_platform_connections",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("platform_name", sa.String(length=16), nullable=False),
        sa.Column("platform_user_id", sa.String(length=200), nullable=False),
        sa.Column("platform_account_id", sa.String(length=200), nullable=False),
        sa.Column("access_token_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("refresh_token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "platform_name IN ('google', 'meta', 'x')",
            name=op.f("social_platform_connections_platform_name_known"),
        ),
        sa.CheckConstraint(
            "status IN ('active', 'needs_reauth')",
            name=op.f("social_platform_connections_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("social_platform_connections_team_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("social_platform_connections_pk")),
        sa.UniqueConstraint(
            "team_id",
            "platform_name",
            "platform_account_id",
            name=op.f(
                "social_platform_connections_team_id_platform_name_platform_account_id_unique"
            ),
        ),
    )
    op.create_table(
        "accepted_plans",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("revisions", sa.JSON(), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("accepted_by", sa.String(length=200), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "network IN ('google', 'meta', 'x')", name=op.f("accepted_plans_network_known")
        ),
        sa.ForeignKeyConstraint(
            ["team_id", "job_id"],
            ["job_ads.team_id", "job_ads.id"],
            name=op.f("accepted_plans_team_id_job_id_fk"),
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("accepted_plans_team_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("accepted_plans_pk")),
    )
    op.create_index(
        op.f("accepted_plans_team_id_job_id_network_id"),
        "accepted_plans",
        ["team_id", "job_id", "network", "id"],
        unique=False,
    )
    op.create_table(
        "leases",
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("holder", sa.String(length=36), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id", "job_id"],
            ["job_ads.team_id", "job_ads.id"],
            name=op.f("leases_team_id_job_id_fk"),
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("leases_team_id_fk")),
        sa.PrimaryKeyConstraint(
            "team_id", "job_id", "network", "account_id", name=op.f("leases_pk")
        ),
    )
    op.create_table(
        "slots",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("arm", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mode IN ('live', 'sandbox')", name=op.f("slots_mode_known")),
        sa.CheckConstraint("network IN ('google', 'meta', 'x')", name=op.f("slots_network_known")),
        sa.CheckConstraint(
            "state IN ('active', 'closed', 'created', 'failed', 'paused', 'planned', 'sending', 'verified')",
            name=op.f("slots_state_known"),
        ),
        sa.CheckConstraint(
            "attempt BETWEEN 0 AND 2147483647 AND CAST(attempt AS BIGINT) = attempt",
            name=op.f("slots_attempt_whole"),
        ),
        sa.CheckConstraint(
            "length(revision) BETWEEN 12 AND 12", name=op.f("slots_revision_length")
        ),
        sa.ForeignKeyConstraint(
            ["team_id", "job_id"],
            ["job_ads.team_id", "job_ads.id"],
            name=op.f("slots_team_id_job_id_fk"),
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("slots_team_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("slots_pk")),
    )
    op.create_index(
        "slots_history",
        "slots",
        ["team_id", "job_id", "network", "account_id", "arm", "ordinal"],
        unique=True,
    )
    op.create_index(
        "slots_one_open",
        "slots",
        ["team_id", "job_id", "network", "account_id", "arm"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('closed', 'failed')"),
        postgresql_where=sa.text("state NOT IN ('closed', 'failed')"),
    )
    op.create_table(
        "postings",
        sa.Column("slot_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("object_id", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slots.id"], name=op.f("postings_slot_id_fk")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("postings_team_id_fk")),
        sa.PrimaryKeyConstraint("slot_id", "kind", name=op.f("postings_pk")),
    )
