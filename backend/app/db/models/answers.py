"""Answers kept for clients that ask again."""

from sqlalchemy import LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Str, Time


class StoredAnswer(Base):
    """What a request under an Idempotency-Key was answered, written in the transaction of its effect.

    A row means that the effect is there; while a request runs there is none. `body` is None where the
    answer showed a secret that is not kept.
    """

    __tablename__ = "stored_answers"

    owner: Mapped[Str] = mapped_column(primary_key=True)
    key: Mapped[Str] = mapped_column(primary_key=True)
    operation: Mapped[Str]
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[Time]
    expires_at: Mapped[Time] = mapped_column(index=True)
