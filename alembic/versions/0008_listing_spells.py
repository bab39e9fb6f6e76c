"""How long listings stay on the market at their price, for learning how fast things sell."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "listing_spells",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("log_ratio", sa.Double(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_listing_spells")),
        sa.UniqueConstraint(
            "source", "external_id", name=op.f("uq_listing_spells_source_external_id")
        ),
        sa.CheckConstraint(
            "outcome in ('live', 'withdrawn', 'sold')", name=op.f("ck_listing_spells_outcome_known")
        ),
        sa.CheckConstraint("total_cents > 0", name=op.f("ck_listing_spells_total_positive")),
        sa.CheckConstraint(
            "(outcome = 'live') = (ended_at is null)",
            name=op.f("ck_listing_spells_ended_with_an_outcome"),
        ),
    )
    op.create_index(op.f("ix_listing_spells_first_seen_at"), "listing_spells", ["first_seen_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("listing_spells")
