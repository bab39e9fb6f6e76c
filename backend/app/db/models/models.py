"""Fitted models of markets: which artefact in the object store values a category's listings."""

from sqlalchemy import BigInteger, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Json, Str, Time


class Model(Base):
    """A fitted model; its bytes are the object `key`, `sha256` theirs, and `version` names it in evidence.

    One is active for each category and currency. It was fitted from `comps` comparables of one `kind`
    and of these `licences` (comma-separated), as the store stood at `read_at`, a state named
    `store_version`; `kinds`: how many comparables of each kind the store had then. `errors`: how many sales its interval rests on, 0 = the default. Row and object may
    go at `delete_after`, which an active model has not.
    """

    __tablename__ = "models"
    __table_args__ = (
        Index(
            "uq_models_active",
            "category_id",
            "currency",
            unique=True,
            postgresql_where=text("active"),
        ),
    )

    id: Mapped[Id]
    version: Mapped[Str] = mapped_column(unique=True)
    sha256: Mapped[Str]
    key: Mapped[Str]
    category_id: Mapped[Str]
    currency: Mapped[Str]
    kind: Mapped[Str]
    licences: Mapped[Str]
    store_version: Mapped[Str]
    comps: Mapped[int] = mapped_column(Integer)
    kinds: Mapped[Json]
    errors: Mapped[int] = mapped_column(Integer)
    metrics: Mapped[Json]
    bytes: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[Time]
    fitted_at: Mapped[Time]
    active: Mapped[bool]
    delete_after: Mapped[Time | None]
