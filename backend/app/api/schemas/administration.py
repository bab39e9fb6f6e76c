"""What administrators see of the work and of the sources. Output fields have no defaults."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

JobState = Literal["queued", "running", "done", "failed", "dead"]


class JobRow(BaseModel):
    """A piece of work. `next_attempt_at`: while it is queued; in the past means as soon as a worker is free."""

    id: UUID
    kind: str
    state: JobState
    attempts: int
    max_attempts: int
    next_attempt_at: datetime | None
    last_error: str | None
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobCounts(BaseModel):
    """How many jobs are in each state."""

    queued: int
    running: int
    done: int
    failed: int
    dead: int


class JobList(BaseModel):
    """Jobs, the newest first. `counts` are of the kind that was asked for; `kinds`: all there are."""

    items: list[JobRow]
    next: str | None
    total: int
    counts: JobCounts
    kinds: list[str]


class CycleOut(BaseModel):
    """What a scan asked and got: calls and how many failed, rows and how many could be read."""

    at: datetime
    calls: int
    failed: int
    rows: int
    readable: int
    problem: str | None


class BudgetOut(BaseModel):
    """Calls of a service today, and when the count begins anew."""

    service: str
    used: int
    allowed: int
    resets_at: datetime


class SourceOut(BaseModel):
    """A source. `listings`: all that are held; `live_listings`: those shown as deals."""

    id: str
    name: str
    simulated: bool
    state: Literal["starting", "healthy", "degraded"]
    reason: str | None
    state_since: datetime | None
    last_scan_at: datetime | None
    last_success_at: datetime | None
    comps_refreshed_at: datetime | None
    sales_state: Literal["off", "not_asked", "granted", "not_granted"]
    sales_reason: str | None
    listings: int
    live_listings: int
    budgets: list[BudgetOut]
    cycles: list[CycleOut]


class SourceList(BaseModel):
    """Every source; one page."""

    items: list[SourceOut]
    next: None
    total: int
