"""Work to be done, kept where it cannot be lost: job rows, schedule slots, call budgets."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Json, Str, Time


class Job(Base):
    """A piece of work. The row is the truth; a Celery message with its id only says "look now".

    queued → running (leased, fenced) → done | queued again with a later `next_attempt_at` | failed
    (refused for a reason that will not change) | dead (attempts used up). Leases use the database's clock.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(
            "state in ('queued', 'running', 'done', 'failed', 'dead')",
            name="state_known",
        ),
        Index(
            "ix_jobs_due",
            "next_attempt_at",
            postgresql_where=text("state in ('queued', 'running')"),
        ),
        Index("ix_jobs_kind_created_at", "kind", "created_at"),
    )

    id: Mapped[Id]
    kind: Mapped[Str]
    dedupe_key: Mapped[Str | None] = mapped_column(unique=True)
    payload: Mapped[Json]
    state: Mapped[Str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=8)
    next_attempt_at: Mapped[Time]
    lease_until: Mapped[Time | None]
    fence: Mapped[int] = mapped_column(default=0)
    owner: Mapped[Str | None]
    last_error: Mapped[Str | None]
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    correlation_id: Mapped[Str | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[Time]
    started_at: Mapped[Time | None]
    finished_at: Mapped[Time | None]


class ScheduleSlot(Base):
    """One slot of a schedule, inserted by whoever gets there first; so two beats run it once."""

    __tablename__ = "schedule_slots"

    name: Mapped[Str] = mapped_column(primary_key=True)
    slot_start: Mapped[Time] = mapped_column(primary_key=True)
    created_at: Mapped[Time]


class QuotaDay(Base):
    """How many calls of a service were spent on one of its days; counted before the call is made."""

    __tablename__ = "quota_days"
    __table_args__ = (CheckConstraint("used >= 0", name="used_not_negative"),)

    service: Mapped[Str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(default=0)
