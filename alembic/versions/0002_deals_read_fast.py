"""The deals list reads wide indexes, and one inverted index over words and filter bands."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ARGUMENTS = (
    "title text, source text, category_id text, condition text, price_cents bigint,"
    " shipping_cents bigint, discount double precision, score smallint,"
    " confidence double precision, listed_at timestamptz"
)
PRICE = "floor(ln(price_cents::double precision) * 11.541560327111707)::int"
DISCOUNT = "floor(least(greatest(discount, -1), 1) * 20)::int"
DAY = "floor(date_part('epoch', listed_at - timestamptz '2020-01-01 00:00:00+00') / 86400)::int"
# Numbers are cast to text one by one: `text || integer` is only stable, and a body that is not
# immutable throughout is called as a function for every row instead of being inlined.
TERMS = f"""
create function deal_terms({ARGUMENTS}) returns tsvector
language sql immutable parallel safe
return to_tsvector('simple'::regconfig, title) || array_to_tsvector(array_remove(array[
  '=m' || source,
  '=c' || category_id,
  '=o' || condition,
  case when shipping_cents = 0 then '=f' end,
  case when score is null then '=u' end,
  '=p0.' || ({PRICE})::text, '=p1.' || ({PRICE} >> 2)::text, '=p2.' || ({PRICE} >> 4)::text,
  '=s0.' || (score / 5)::text, '=s1.' || (score / 20)::text,
  '=d0.' || ({DISCOUNT})::text, '=d1.' || ({DISCOUNT} >> 2)::text,
  '=k0.' || (floor(confidence * 10)::int)::text,
  '=l0.' || ({DAY})::text, '=l1.' || ({DAY} >> 3)::text, '=l2.' || ({DAY} >> 6)::text
], null))
"""
SORTS = {
    "score": "rank",
    "newest": "listed_at",
    "discount": "discount_rank",
    "price": "cheapness",
}
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


def upgrade() -> None:
    """Apply the change."""
    op.execute(TERMS)
    op.drop_column("deals", "words")
    for column in (
        sa.Column("scored", sa.Boolean(), sa.Computed("score is not null", persisted=True)),
        sa.Column(
            "rank",
            sa.SmallInteger(),
            sa.Computed("coalesce(score, '-1'::smallint)", persisted=True),
        ),
        sa.Column(
            "discount_rank",
            sa.Double(),
            sa.Computed("coalesce(discount, '-Infinity'::double precision)", persisted=True),
        ),
        sa.Column("cheapness", sa.BigInteger(), sa.Computed("-price_cents", persisted=True)),
        sa.Column(
            "terms",
            postgresql.TSVECTOR(),
            sa.Computed(
                "deal_terms(title, source, category_id, condition, price_cents, shipping_cents,"
                " discount, score, confidence, listed_at)",
                persisted=True,
            ),
        ),
    ):
        column.nullable = False
        op.add_column("deals", column)
    op.execute("alter table deals alter column terms set statistics 1000")
    for sort, key in SORTS.items():
        rest = [column for column in FILTERED if column != key]
        for name, front in (
            (f"ix_deals_{sort}", []),
            (f"ix_deals_category_{sort}", ["category_id"]),
        ):
            op.create_index(
                name,
                "deals",
                [*front, "scored", key, "listing_id", *rest],
                postgresql_where=sa.text("active"),
            )
    op.create_index(
        "ix_deals_terms",
        "deals",
        ["terms"],
        postgresql_using="gin",
        postgresql_where=sa.text("active"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_deals_terms", table_name="deals")
    for sort in SORTS:
        op.drop_index(f"ix_deals_category_{sort}", table_name="deals")
        op.drop_index(f"ix_deals_{sort}", table_name="deals")
    for name in ("terms", "cheapness", "discount_rank", "rank", "scored"):
        op.drop_column("deals", name)
    op.add_column(
        "deals",
        sa.Column(
            "words",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', title)", persisted=True),
            nullable=False,
        ),
    )
    op.execute(f"drop function deal_terms({ARGUMENTS})")
