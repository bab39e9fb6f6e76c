"""Attempts at signing in and the like, counted by account, address and over all."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "throttle_hits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_throttle_hits")),
    )
    op.create_index("ix_throttle_hits_counted", "throttle_hits", ["kind", "scope", "key", "at"])
    op.create_index(op.f("ix_throttle_hits_at"), "throttle_hits", ["at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("throttle_hits")
