"""How much a day each slot may be spending while it runs, until a network confirms another amount.

Filled with what the slot's plan costs; of one that is being changed, with the dearest plan that was
ever approved there, since nobody knows which of them the network has.
"""

import sqlalchemy as sa
from alembic import op

from resources.operations import triggers

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PLACE = " AND ".join(
    f"p.{name} = slots.{name}" for name in ("team_id", "job_id", "network", "account_id")
)
_FITS = (
    "(p.digest = slots.plan_digest OR (slots.state IN ('sending', 'created') AND EXISTS "
    "(SELECT 1 FROM approvals a WHERE a.acceptance_id = p.id AND a.decision = 'approved')))"
)


def upgrade() -> None:
    triggers.remove(op.get_bind())  # they come back afterwards
    op.execute("ALTER TABLE slots ADD COLUMN running_minor BIGINT DEFAULT 0 NOT NULL")
    op.execute("ALTER TABLE slots ADD COLUMN running_currency VARCHAR(3) DEFAULT '' NOT NULL")
    chosen = f"FROM accepted_plans p WHERE {_PLACE} AND {_FITS} ORDER BY p.daily_minor DESC LIMIT 1"
    for column, source in (("running_minor", "daily_minor"), ("running_currency", "currency")):
        op.execute(
            sa.text(
                f"UPDATE slots SET {column} = (SELECT p.{source} {chosen}) "
                f"WHERE EXISTS (SELECT 1 {chosen})"
            )
        )
