"""Why ads and accounts are left out for now, and leases by account."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=200), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("passes", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("notes_team_id_fk")),
        sa.PrimaryKeyConstraint(
            "team_id", "stage", "network", "account_id", "job_id", name=op.f("notes_pk")
        ),
    )
    op.create_index(op.f("leases_network_account_id"), "leases", ["network", "account_id"])
