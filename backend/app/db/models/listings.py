"""What marketplaces offer: listings, their prices over time, when each was last seen, and rows we could not read."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Cents, Id, Json, Str, Time


class Category(Base):
    """A marketplace's category as its listings name it."""

    __tablename__ = "categories"

    source: Mapped[Str] = mapped_column(primary_key=True)
    id: Mapped[Str] = mapped_column(primary_key=True)
    name: Mapped[Str]


class Listing(Base):
    """One offer on a marketplace, identified by (source, external_id). Facts only, no judgement.

    `state`: live; stale (not seen within the source's age, so not shown); ended (sold or taken down).
    `shipping_cents` is null when unknown, never 0 for that. Equal keys mean the same seller, photo and
    words (domain/twins.py); the seller's is made with a secret and names nobody.
    """

    __tablename__ = "listings"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("price_cents > 0", name="price_positive"),
        CheckConstraint("shipping_cents >= 0", name="shipping_not_negative"),
        CheckConstraint("state in ('live', 'stale', 'ended')", name="state_known"),
        Index("ix_listings_unvalued", "id", postgresql_where="needs_valuation"),
        Index("ix_listings_ends_at", "ends_at", postgresql_where="ends_at is not null"),
        Index("ix_listings_photo_key", "photo_key", "id", postgresql_where="photo_key is not null"),
        Index("ix_listings_words_key", "words_key", "id", postgresql_where="words_key is not null"),
    )

    id: Mapped[Id]
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
    seller_feedback_percent: Mapped[float | None] = mapped_column(Float)
    seller_feedback_score: Mapped[int | None]
    country: Mapped[Str | None]
    listed_at: Mapped[Time]
    ends_at: Mapped[Time | None]
    city: Mapped[Str | None]
    region: Mapped[Str | None]
    postal_code: Mapped[Str | None]
    description: Mapped[Str | None]
    seller_key: Mapped[int | None] = mapped_column(BigInteger)
    photo_key: Mapped[int | None] = mapped_column(BigInteger)
    words_key: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[Str] = mapped_column(default="live")
    needs_valuation: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Time]
    changed_at: Mapped[Time]


class ListingSighting(Base):
    """When a listing was last seen at its source. Narrow and without further indexes, so that the
    update of every seen row at every scan stays a heap-only (HOT) one. Of 400,000 such updates all over a
    million rows each found its room on pages filled to 85 %, and fewer pages were fetched than at 50 %.

    No foreign key: checking it cost a seventh of the time to store a batch. Whoever deletes listings
    deletes their sightings in the same transaction (services/scanning.py).
    """

    __tablename__ = "listing_sightings"
    __table_args__ = {"postgresql_with": {"fillfactor": 85}}  # noqa: RUF012 - SQLAlchemy's own form

    listing_id: Mapped[UUID] = mapped_column(primary_key=True)
    seen_at: Mapped[Time]


class PriceObservation(Base):
    """What a listing cost from `observed_at` on; a row is written only when that changes."""

    __tablename__ = "price_history"

    listing_id: Mapped[UUID] = mapped_column(
        ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    observed_at: Mapped[Time] = mapped_column(primary_key=True)
    price_cents: Mapped[Cents]
    shipping_cents: Mapped[Cents | None]
    currency: Mapped[Str]


class QuarantinedRow(Base):
    """A row of a marketplace's answer that could not be read, with the reason. Never guessed at."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("source", "fingerprint"),)

    id: Mapped[Id]
    source: Mapped[Str]
    fingerprint: Mapped[Str]
    external_id: Mapped[Str | None]
    reason: Mapped[Str]
    payload: Mapped[Json]
    times_seen: Mapped[int] = mapped_column(default=1)
    first_seen_at: Mapped[Time]
    last_seen_at: Mapped[Time]
