"""Comparable sales: what things like these sold for, where that is known from, and until when we may keep it."""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Cents, Id, Str, Time


class Comp(Base):
    """One comparable. Kinds are never mixed in one estimate: sold, own_sale, imported, asking.

    `source` is a marketplace, "own", or "import:" and the import's name. `observed_at`: when it was
    first known; for an asking price when it was asked, for a sale without a date the best that is
    known. `changed_at`: when the row last changed. `licence` names the terms (domain/source_policy).
    """

    __tablename__ = "comps"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("price_cents > 0", name="price_positive"),
        CheckConstraint("kind in ('sold', 'own_sale', 'imported', 'asking')", name="kind_known"),
        Index(
            "ix_comps_title_trgm",
            "title",
            postgresql_using="gin",
            postgresql_ops={"title": "gin_trgm_ops"},
        ),
        Index("ix_comps_category_id_sold_at", "category_id", "sold_at"),
    )

    id: Mapped[Id]
    source: Mapped[Str]
    external_id: Mapped[Str]
    kind: Mapped[Str]
    title: Mapped[Str]
    price_cents: Mapped[Cents]
    shipping_cents: Mapped[Cents | None]
    currency: Mapped[Str]
    condition: Mapped[Str]
    category_id: Mapped[Str]
    sold_at: Mapped[Time | None]
    observed_at: Mapped[Time]
    changed_at: Mapped[Time] = mapped_column(server_default=func.now())
    licence: Mapped[Str]
    expires_at: Mapped[Time | None]
