"""What a listing is worth, and the read model of the deals page.

`valuations` keeps the whole evidence, one row per listing. `deals` repeats what the list shows in
one narrow row, so that the hot read path touches one table and its covering indexes.
"""

from uuid import UUID

from sqlalchemy import (
    Boolean,
    Computed,
    Double,
    ForeignKey,
    Integer,
    SmallInteger,
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


class Deal(Base):
    """A valued listing as the list shows it. `active` = live and seen within its source's age."""

    __tablename__ = "deals"

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
    listed_at: Mapped[Time]
    ends_at: Mapped[Time | None]
    fair_value_cents: Mapped[Cents | None]
    interval_low_cents: Mapped[Cents | None]
    interval_high_cents: Mapped[Cents | None]
    discount: Mapped[float | None] = mapped_column(Double)
    score: Mapped[int | None] = mapped_column(SmallInteger)
    no_score_reason: Mapped[Str | None]
    confidence: Mapped[float | None] = mapped_column(Double)
    evidence_count: Mapped[int] = mapped_column(Integer)
    evidence_age_days: Mapped[int | None] = mapped_column(Integer)
    distribution: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    formula_version: Mapped[Str]
    simulated: Mapped[bool] = mapped_column(Boolean)
    valued_at: Mapped[Time]
    words: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed("to_tsvector('simple', title)", persisted=True),
        deferred=True,
    )
