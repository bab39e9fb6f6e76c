"""The order by price within bands of the profit: cheap things leave little, so they hide what leaves much."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BAND = "(floor(ln(greatest(profit_rank, 0)::double precision + 0.5) * 1.4426950408889634)::integer)"
COLUMNS = (
    "scored",
    "cheapness",
    "listing_id",
    "category_id",
    "condition",
    "discount_rank",
    "rank",
    "confidence",
    "shipping_cents",
    "listed_at",
    "source",
    "profit_rank",
    "roi_rank",
)


def upgrade() -> None:
    """Apply the change."""
    op.create_index(
        "ix_deals_profit_by_price",
        "deals",
        [sa.text(BAND), *COLUMNS],
        postgresql_where=sa.text(f"active and {BAND} >= 0"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_deals_profit_by_price", table_name="deals")
