"""What was done by whom: rows that are only ever added."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Str, Time


class AuditEvent(Base):
    """One thing that somebody did. No foreign keys: it outlives whom and what it is about.

    `details` holds no secret and no address of a person. The application's database role may
    insert and read here, never change or delete. Ids are made in the order of time.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_actor_id_id", "actor_id", "id"),
        Index("ix_audit_events_kind_id", "kind", "id"),
    )

    id: Mapped[Id]
    at: Mapped[Time]
    kind: Mapped[Str]
    actor_id: Mapped[UUID | None]
    key_id: Mapped[UUID | None]
    subject: Mapped[Str | None]
    ip: Mapped[Str | None]
    request_id: Mapped[Str | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
