"""Comparables tell when they last changed, sources whether past sales may be read and used."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change. The default fills old rows without rewriting them."""
    op.add_column(
        "comps",
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
    )
    op.add_column("sources", sa.Column("sales_state", sa.Text(), nullable=True))
    op.add_column("sources", sa.Column("sales_reason", sa.Text(), nullable=True))
    op.add_column(
        "sources", sa.Column("sales_state_since", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("sources", sa.Column("pricing_permitted", sa.Boolean(), nullable=True))
    op.create_check_constraint(
        op.f("ck_sources_sales_state_known"),
        "sources",
        "sales_state in ('granted', 'not_granted')",
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_constraint(op.f("ck_sources_sales_state_known"), "sources", type_="check")
    for column in ("pricing_permitted", "sales_state_since", "sales_reason", "sales_state"):
        op.drop_column("sources", column)
    op.drop_column("comps", "changed_at")
