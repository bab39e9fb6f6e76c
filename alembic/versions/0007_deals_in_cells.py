"""Deals in cells, which filters leap through, and a sample, which shows that a count is past its cap."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FILTERED = (
    "condition",
    "cheapness",
    "discount_rank",
    "rank",
    "confidence",
    "shipping_cents",
    "listed_at",
    "source",
)
CELLS = (
    "(rank / 10)",
    "(floor(ln(greatest(-cheapness, 1)::double precision) * 1.4426950408889634)::integer)",
    "(floor(greatest(least(discount_rank, 1), -1) * 5)::integer)",
    "(coalesce(floor(confidence * 5)::integer, -1))",
)
SAMPLED = "(uuid_hash(listing_id) & 15) = 0"


def upgrade() -> None:
    """Apply the change."""
    columns = [
        "condition",
        *map(sa.text, CELLS),
        "listed_at",
        "category_id",
        "scored",
        "listing_id",
    ]
    columns += [column for column in FILTERED if column not in columns]
    op.create_index("ix_deals_cells", "deals", columns, postgresql_where=sa.text("active"))
    where = sa.text(f"active and {SAMPLED}")
    op.create_index(
        "ix_deals_sample",
        "deals",
        ["category_id", *FILTERED, "listing_id"],
        postgresql_where=where,
    )
    op.create_index(
        "ix_deals_sample_terms",
        "deals",
        ["terms"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=where,
    )


def downgrade() -> None:
    """Take the change back."""
    for name in ("sample_terms", "sample", "cells"):
        op.drop_index(f"ix_deals_{name}", table_name="deals")
