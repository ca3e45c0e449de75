"""Which process renews an access token, and until when the others wait for it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "social_platform_connections",
        sa.Column("refresh_claimed_until", sa.DateTime(timezone=True), nullable=True),
    )
