"""Attempts at what is guessed at: signing in, resetting, codes."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Str, Time


class ThrottleHit(Base):
    """One attempt as one of its limits counts it: `scope` is account, ip or everybody.

    `key` is a keyed hash: what people type as their name, which may be a password, is not kept.
    """

    __tablename__ = "throttle_hits"
    __table_args__ = (Index("ix_throttle_hits_counted", "kind", "scope", "key", "at"),)

    id: Mapped[Id]
    kind: Mapped[Str]
    scope: Mapped[Str]
    key: Mapped[Str]
    at: Mapped[Time] = mapped_column(index=True)
