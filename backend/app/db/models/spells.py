"""How long listings stay on the market at their price, so that selling speed can be learned."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Double, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Cents, Str, Time


class ListingSpell(Base):
    """One listing's time on the market: numbers only, no words, nobody's name.

    `log_ratio` is log(total / fair value) when it was first valued. It is watched from `first_seen_at`
    on. `outcome`: live; withdrawn (gone, and not known to be sold), with `ended_at` the last sighting;
    sold, with `ended_at` the time of the sale. It outlives the listing, up to `expires_at`.
    """

    __tablename__ = "listing_spells"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("outcome in ('live', 'withdrawn', 'sold')", name="outcome_known"),
        CheckConstraint("total_cents > 0", name="total_positive"),
        CheckConstraint("(outcome = 'live') = (ended_at is null)", name="ended_with_an_outcome"),
        Index("ix_listing_spells_first_seen_at", "first_seen_at"),
    )

    listing_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[Str]
    external_id: Mapped[Str]
    category_id: Mapped[Str]
    currency: Mapped[Str]
    total_cents: Mapped[Cents]
    log_ratio: Mapped[float] = mapped_column(Double)
    listed_at: Mapped[Time]
    first_seen_at: Mapped[Time]
    ended_at: Mapped[Time | None]
    outcome: Mapped[Str]
    licence: Mapped[Str]
    expires_at: Mapped[Time]
