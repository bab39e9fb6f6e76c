"""Deals tell of an auction how many bids it has and which bid is still worth it; auctions are found by their end."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change. Auctions are valued anew: their stored scores take the bid for a price."""
    op.add_column("deals", sa.Column("bid_count", sa.Integer()))
    op.add_column("deals", sa.Column("bid_limit_cents", sa.BigInteger()))
    op.create_index(
        "ix_listings_ends_at",
        "listings",
        ["ends_at"],
        postgresql_where=sa.text("ends_at is not null"),
    )
    op.execute(
        "update listings set needs_valuation = true"
        " where buying_option = 'auction' and state = 'live' and not needs_valuation"
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_listings_ends_at", table_name="listings")
    op.drop_column("deals", "bid_limit_cents")
    op.drop_column("deals", "bid_count")
