"""On which basis résumés are used, and which of them are being erased."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lawful_bases",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("team_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=1000), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "length(purpose) BETWEEN 1 AND 1000", name=op.f("lawful_bases_purpose_length")
        ),
        sa.CheckConstraint(
            "length(author) BETWEEN 1 AND 200", name=op.f("lawful_bases_author_length")
        ),
        sa.CheckConstraint("until > set_at", name=op.f("lawful_bases_until_order")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("lawful_bases_team_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("lawful_bases_pk")),
    )
    op.create_index(op.f("lawful_bases_team_id_id"), "lawful_bases", ["team_id", "id"])
    for column in (
        sa.Column("erasing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erasing_found", sa.JSON(), nullable=True),
    ):
        op.add_column("resume_texts", column)
