"""Deals keep what selling the thing again would leave: the profit and its share of the cost.

Both are null until a listing is valued next, which the daily refresh of comparables brings about.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("deals", sa.Column("profit_cents", sa.BigInteger(), nullable=True))
    op.add_column("deals", sa.Column("roi", sa.Double(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("deals", "roi")
    op.drop_column("deals", "profit_cents")
