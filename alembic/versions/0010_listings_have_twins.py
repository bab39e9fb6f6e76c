"""Listings tell where they are and which others are their twins; deals show the gravest risk."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXTS = ("city", "region", "postal_code", "description")
KEYS = ("seller_key", "photo_key", "words_key")


def upgrade() -> None:
    """Apply the change. What is known of a listing is filled in when it is seen next; all are valued again."""
    for name in TEXTS:
        op.add_column("listings", sa.Column(name, sa.Text()))
    for name in KEYS:
        op.add_column("listings", sa.Column(name, sa.BigInteger()))
    for name in ("photo_key", "words_key"):
        where = sa.text(f"{name} is not null")
        op.create_index(f"ix_listings_{name}", "listings", [name, "id"], postgresql_where=where)
    op.add_column("deals", sa.Column("risk_code", sa.Text()))
    op.execute("update listings set needs_valuation = true where state = 'live'")


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("deals", "risk_code")
    for name in ("photo_key", "words_key"):
        op.drop_index(f"ix_listings_{name}", table_name="listings")
    for name in (*TEXTS, *KEYS):
        op.drop_column("listings", name)
