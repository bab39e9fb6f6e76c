"""Sightings lie denser: at half-filled pages a batch had to fetch and log two thirds more of them."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change; pages that are there stay as they are until the table is rewritten."""
    op.execute("alter table listing_sightings set (fillfactor = 85)")


def downgrade() -> None:
    """Take the change back."""
    op.execute("alter table listing_sightings set (fillfactor = 50)")
