"""Where listings come from: the state of each source, and the plan of what to ask it for."""

from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Str, Time


class Source(Base):
    """A marketplace and how well we currently read it. `recent_cycles` holds the last scans' rates.

    `sales_state`: whether past sales may be read there, None until somebody has asked.
    `pricing_permitted`: the owner's choice that the stored comparables follow, None before the first.
    """

    __tablename__ = "sources"
    __table_args__ = (
        CheckConstraint("state in ('starting', 'healthy', 'degraded')", name="state_known"),
        CheckConstraint("sales_state in ('granted', 'not_granted')", name="sales_state_known"),
    )

    id: Mapped[Str] = mapped_column(primary_key=True)
    state: Mapped[Str] = mapped_column(default="starting")
    reason: Mapped[Str | None]
    state_since: Mapped[Time]
    last_scan_at: Mapped[Time | None]
    last_success_at: Mapped[Time | None]
    comps_refreshed_at: Mapped[Time | None]
    sales_state: Mapped[Str | None]
    sales_reason: Mapped[Str | None]
    sales_state_since: Mapped[Time | None]
    pricing_permitted: Mapped[bool | None]
    recent_cycles: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)


class ScanPlanEntry(Base):
    """One thing to ask a source for, at every cycle as far as the call budget goes, by priority.

    `cursor_at` is the newest `listed_at` read so far: the next scan asks for what came after it, with
    an overlap. `sweep_offset` is where the slow second look at older listings goes on.
    """

    __tablename__ = "scan_plan"
    __table_args__ = (UniqueConstraint("source", "query", "category_id"),)

    id: Mapped[Id]
    source: Mapped[Str]
    query: Mapped[Str] = mapped_column(default="")
    category_id: Mapped[Str] = mapped_column(default="")
    priority: Mapped[int] = mapped_column(default=100)
    enabled: Mapped[bool] = mapped_column(default=True)
    cursor_at: Mapped[Time | None]
    sweep_offset: Mapped[int] = mapped_column(default=0)
    last_run_at: Mapped[Time | None]
    last_items: Mapped[int | None]
    last_error: Mapped[Str | None]
    created_at: Mapped[Time]
    updated_at: Mapped[Time]
