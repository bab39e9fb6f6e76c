"""Models say how many comparables of each kind the store had for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change; models that are there are told what the store holds for them now."""
    op.add_column("models", sa.Column("kinds", postgresql.JSONB(), nullable=True))
    op.execute(
        """
        update models set kinds = coalesce(
            (select jsonb_object_agg(kind, comps) from (
                select kind, count(*) as comps from comps
                where comps.category_id = models.category_id
                    and comps.currency = models.currency
                    and (comps.expires_at is null or comps.expires_at > now())
                group by kind
            ) as counted),
            jsonb_build_object(kind, comps)
        )
        """
    )
    op.alter_column("models", "kinds", nullable=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("models", "kinds")
