"""The list reads and filters by the profit of a flip: two more keys behind every wide index, and their bands."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = (
    "title text, source text, category_id text, condition text, price_cents bigint,"
    " shipping_cents bigint, discount double precision, score smallint,"
    " confidence double precision, listed_at timestamptz"
)
NAMES = (
    "title, source, category_id, condition, price_cents, shipping_cents, discount, score,"
    " confidence, listed_at"
)
PRICE = "floor(ln(price_cents::double precision) * 11.541560327111707)::int"
DISCOUNT = "floor(least(greatest(discount, -1), 1) * 20)::int"
DAY = "floor(date_part('epoch', listed_at - timestamptz '2020-01-01 00:00:00+00') / 86400)::int"
PROFIT = "floor(ln(greatest(profit_cents, 1)::double precision) * 2.8853900817779268)::int"
ROI = "floor(least(greatest(roi, -1), 4) * 20)::int"
# Numbers are cast to text one by one: `text || integer` is only stable, and a body that is not
# immutable throughout is called as a function for every row instead of being inlined.
BANDS = f"""
  '=m' || source,
  '=c' || category_id,
  '=o' || condition,
  case when shipping_cents = 0 then '=f' end,
  case when score is null then '=u' end,
  '=p0.' || ({PRICE})::text, '=p1.' || ({PRICE} >> 2)::text, '=p2.' || ({PRICE} >> 4)::text,
  '=s0.' || (score / 5)::text, '=s1.' || (score / 20)::text,
  '=d0.' || ({DISCOUNT})::text, '=d1.' || ({DISCOUNT} >> 2)::text,
  '=k0.' || (floor(confidence * 10)::int)::text,
  '=l0.' || ({DAY})::text, '=l1.' || ({DAY} >> 3)::text, '=l2.' || ({DAY} >> 6)::text"""
BY_PROFIT = f"""
  case when profit_cents > 0 then '=g0.' || ({PROFIT})::text end,
  case when profit_cents > 0 then '=g1.' || ({PROFIT} >> 2)::text end,
  '=r0.' || ({ROI})::text, '=r1.' || ({ROI} >> 2)::text, '=r2.' || ({ROI} >> 4)::text"""

KEYS = {
    "score": "rank",
    "newest": "listed_at",
    "discount": "discount_rank",
    "price": "cheapness",
}
KEYS_BY_PROFIT = {"profit": "profit_rank", "roi": "roi_rank"}
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
ACTIVE = sa.text("active")
SAMPLED = sa.text("active and (uuid_hash(listing_id) & 15) = 0")


def _make_terms(columns: str, names: str, bands: str, beside: str) -> None:
    """The column of words and bands anew, with what else changes in the same rewrite of the table."""
    op.execute(
        f"create function deal_terms({columns}) returns tsvector language sql immutable parallel safe"
        " return to_tsvector('simple'::regconfig, title)"
        f" || array_to_tsvector(array_remove(array[{bands}], null))"
    )
    op.execute(
        f"alter table deals {beside}, drop column terms, add column terms tsvector not null"
        f" generated always as (deal_terms({names})) stored"
    )
    op.execute("alter table deals alter column terms set statistics 1000")


def _drop_indexes(keys: dict[str, str]) -> None:
    names = [f"{front}{sort}" for sort in keys for front in ("", "category_")]
    for name in (*names, "cells", "sample"):
        op.drop_index(f"ix_deals_{name}", table_name="deals")


def _make_indexes(keys: dict[str, str], filtered: tuple[str, ...]) -> None:
    for sort, key in keys.items():
        rest = [column for column in filtered if column != key]
        for name, front in (
            (f"ix_deals_{sort}", []),
            (f"ix_deals_category_{sort}", ["category_id"]),
        ):
            columns = [*front, "scored", key, "listing_id", *rest]
            op.create_index(name, "deals", columns, postgresql_where=ACTIVE)
    behind = ["listed_at", "category_id", "scored", "listing_id"]
    columns = ["condition", *map(sa.text, CELLS), *behind]
    columns += [column for column in filtered if column not in ("condition", "listed_at")]
    op.create_index("ix_deals_cells", "deals", columns, postgresql_where=ACTIVE)
    sampled = ["category_id", *filtered, "listing_id"]
    op.create_index("ix_deals_sample", "deals", sampled, postgresql_where=SAMPLED)
    op.create_index(
        "ix_deals_terms", "deals", ["terms"], postgresql_using="gin", postgresql_where=ACTIVE
    )
    op.create_index(
        "ix_deals_sample_terms",
        "deals",
        ["terms"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=SAMPLED,
    )


def upgrade() -> None:
    """Apply the change."""
    _drop_indexes(KEYS)
    _make_terms(
        f"{COLUMNS}, profit_cents bigint, roi double precision",
        f"{NAMES}, profit_cents, roi",
        f"{BANDS},{BY_PROFIT}",
        "add column profit_rank bigint not null generated always as"
        " (coalesce(profit_cents, '-9223372036854775808'::bigint)) stored,"
        " add column roi_rank double precision not null generated always as"
        " (coalesce(roi, '-Infinity'::double precision)) stored",
    )
    op.execute(f"drop function deal_terms({COLUMNS})")
    _make_indexes({**KEYS, **KEYS_BY_PROFIT}, (*FILTERED, *KEYS_BY_PROFIT.values()))


def downgrade() -> None:
    """Take the change back."""
    _drop_indexes({**KEYS, **KEYS_BY_PROFIT})
    _make_terms(COLUMNS, NAMES, BANDS, "drop column profit_rank, drop column roi_rank")
    op.execute(f"drop function deal_terms({COLUMNS}, profit_cents bigint, roi double precision)")
    _make_indexes(KEYS, FILTERED)
