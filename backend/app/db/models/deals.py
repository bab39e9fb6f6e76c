"""What a listing is worth, and the read model of the deals page.

`valuations` keeps the whole evidence, one row per listing. `deals` repeats what the list shows in
one narrow row, so that the hot read path touches one table and its wide indexes; see
docs/decisions/reading-deals.md for why they are as they are.
"""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Computed,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    TextClause,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Cents, Json, Str, Time


class Valuation(Base):
    """The evidence behind a listing's fair value and score, as it was computed; see domain/valuation."""

    __tablename__ = "valuations"

    listing_id: Mapped[UUID] = mapped_column(
        ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    formula_version: Mapped[Str]
    evidence: Mapped[Json]
    valued_at: Mapped[Time]


SORT_COLUMNS = {
    "score": "rank",
    "newest": "listed_at",
    "discount": "discount_rank",
    "price": "cheapness",
    "profit": "profit_rank",
    "roi": "roi_rank",
}
"""What each order of the list descends by, after `scored` and before `listing_id`."""

_FILTERED = (
    "condition",
    "cheapness",
    "discount_rank",
    "rank",
    "confidence",
    "shipping_cents",
    "listed_at",
    "source",
    "profit_rank",
    "roi_rank",
)


CELLS = {
    "score": "(rank / 10)",
    "price": "(floor(ln(greatest(-cheapness, 1)::double precision) * 1.4426950408889634)::integer)",
    "discount": "(floor(greatest(least(discount_rank, 1), -1) * 5)::integer)",
    "confidence": "(coalesce(floor(confidence * 5)::integer, -1))",
}
"""Coarse bands of the columns that ranges are asked of, each a handful of values: tens of a score,
doublings of a price, fifths of discount and confidence. Behind the condition they make cells, and a
scan leaps from one cell to the next that can hold what passes."""

SAMPLE_SHARE = 16
SAMPLED = f"(uuid_hash(listing_id) & {SAMPLE_SHARE - 1}) = 0"
"""Whether a row is in the sample: one in `SAMPLE_SHARE`, whatever the row says."""


PROFIT_BAND = (
    "(floor(ln(greatest(profit_rank, 0)::double precision + 0.5) * 1.4426950408889634)::integer)"
)
"""Doublings of the profit, -1 without one. Cheap things leave little, so an order by price meets no large profit
for hundreds of thousands of rows; within a band of the profit it meets them at once."""


def _profit_by_price_index() -> Index:
    """The order by price once more, within each band of the profit."""
    rest = [column for column in _FILTERED if column != "cheapness"]
    columns: list[str | TextClause] = [text(PROFIT_BAND), "scored", "cheapness", "listing_id"]
    columns += ["category_id", *rest]
    where = text(f"active and {PROFIT_BAND} >= 0")
    return Index("ix_deals_profit_by_price", *columns, postgresql_where=where)


def _cells_index() -> Index:
    """The cells, then every column that a filter or an order reads."""
    behind = ["listed_at", "category_id", "scored", "listing_id"]
    columns: list[str | TextClause] = ["condition", *map(text, CELLS.values()), *behind]
    columns += [column for column in _FILTERED if column not in ("condition", "listed_at")]
    return Index("ix_deals_cells", *columns, postgresql_where=text("active"))


def _sample_indexes() -> list[Index]:
    """The sample's filtered columns, and the sample's words and bands.

    The inverted one is small and takes new rows at once: a list of pending ones would be longer than it.
    """
    where = text(f"active and {SAMPLED}")
    return [
        Index("ix_deals_sample", "category_id", *_FILTERED, "listing_id", postgresql_where=where),
        Index(
            "ix_deals_sample_terms",
            "terms",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
            postgresql_where=where,
        ),
    ]


def _wide_indexes() -> list[Index]:
    """One index per order, with and without the category in front: the order's key, then every
    column that a filter reads, so that filters are judged inside the index.
    """
    indexes = []
    for sort, key in SORT_COLUMNS.items():
        rest = [column for column in _FILTERED if column != key]
        for name, front in (
            (f"ix_deals_{sort}", ()),
            (f"ix_deals_category_{sort}", ("category_id",)),
        ):
            columns = (*front, "scored", key, "listing_id", *rest)
            indexes.append(Index(name, *columns, postgresql_where=text("active")))
    return indexes


class Deal(Base):
    """A valued listing as the list shows it. `active` = live and seen within its source's age.

    `bid_limit_cents` is the highest bid of an auction that is worth it (domain/auctions).
    `profit_cents` is what buying it and selling it again would leave, `roi` that by its cost.
    The database fills the last seven columns. `scored`, `rank`, `discount_rank`, `cheapness`,
    `profit_rank` and `roi_rank` make every order a descending one without nulls, in which what has no
    score comes last. `terms` holds
    the title's words and, as words that no title can contain, the bands that the row's other
    columns fall into, so that one inverted index intersects words and filters.
    """

    __tablename__ = "deals"
    __table_args__ = (
        *_wide_indexes(),
        _cells_index(),
        _profit_by_price_index(),
        *_sample_indexes(),
        Index(
            "ix_deals_terms",
            "terms",
            postgresql_using="gin",
            postgresql_where=text("active"),
        ),
    )

    listing_id: Mapped[UUID] = mapped_column(
        ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    active: Mapped[bool] = mapped_column(Boolean)
    source: Mapped[Str]
    external_id: Mapped[Str]
    title: Mapped[Str]
    url: Mapped[Str]
    image_url: Mapped[Str | None]
    category_id: Mapped[Str]
    condition: Mapped[Str]
    price_cents: Mapped[Cents]
    shipping_cents: Mapped[Cents | None]
    currency: Mapped[Str]
    buying_option: Mapped[Str]
    bid_count: Mapped[int | None]
    listed_at: Mapped[Time]
    ends_at: Mapped[Time | None]
    fair_value_cents: Mapped[Cents | None]
    interval_low_cents: Mapped[Cents | None]
    interval_high_cents: Mapped[Cents | None]
    bid_limit_cents: Mapped[Cents | None]
    discount: Mapped[float | None] = mapped_column(Double)
    profit_cents: Mapped[Cents | None]
    roi: Mapped[float | None] = mapped_column(Double)
    score: Mapped[int | None] = mapped_column(SmallInteger)
    no_score_reason: Mapped[Str | None]
    risk_code: Mapped[Str | None]
    confidence: Mapped[float | None] = mapped_column(Double)
    evidence_count: Mapped[int] = mapped_column(Integer)
    evidence_age_days: Mapped[int | None] = mapped_column(Integer)
    distribution: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    formula_version: Mapped[Str]
    simulated: Mapped[bool] = mapped_column(Boolean)
    valued_at: Mapped[Time]
    scored: Mapped[bool] = mapped_column(Boolean, Computed("score is not null", persisted=True))
    rank: Mapped[int] = mapped_column(
        SmallInteger, Computed("coalesce(score, '-1'::smallint)", persisted=True)
    )
    discount_rank: Mapped[float] = mapped_column(
        Double, Computed("coalesce(discount, '-Infinity'::double precision)", persisted=True)
    )
    cheapness: Mapped[int] = mapped_column(BigInteger, Computed("-price_cents", persisted=True))
    profit_rank: Mapped[int] = mapped_column(
        BigInteger,
        Computed("coalesce(profit_cents, '-9223372036854775808'::bigint)", persisted=True),
    )
    roi_rank: Mapped[float] = mapped_column(
        Double, Computed("coalesce(roi, '-Infinity'::double precision)", persisted=True)
    )
    terms: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "deal_terms(title, source, category_id, condition, price_cents, shipping_cents,"
            " discount, score, confidence, listed_at, profit_cents, roi)",
            persisted=True,
        ),
        deferred=True,
    )
