"""What the operating routes answer: health, jobs, the scan plan. Output fields have no defaults."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^*\x00-\x1f]*$")
]
CategoryId = Annotated[str, StringConstraints(max_length=20, pattern=r"^[0-9]*$")]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Serving(BaseModel):
    """Whether we serve, for everybody."""

    status: Literal["ok", "not_ok"]


class CheckOut(BaseModel):
    """One thing the product leans on."""

    status: Literal["ok", "starting", "degraded", "down"]
    detail: str


class Health(BaseModel):
    """How the product is."""

    status: Literal["ok", "degraded", "down"]
    version: str
    checks: dict[str, CheckOut]


class JobAddress(BaseModel):
    """Where to ask for a job."""

    id: UUID
    address: str


class JobAccepted(BaseModel):
    """The work is queued; ask at the address how it goes."""

    job: JobAddress


class JobOut(BaseModel):
    """A piece of work and how far it is."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    state: Literal["queued", "running", "done", "failed", "dead"]
    attempts: int
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    last_error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ScanFinished(BaseModel):
    """A scan that ended while the caller waited, with its counts."""

    job: JobAddress
    state: Literal["done", "failed", "dead"]
    counts: dict[str, Any]
    last_error: str | None


class ScanPlanEntryOut(BaseModel):
    """One thing that every scan asks a marketplace for."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    source: str
    query: str
    category_id: str
    priority: int
    enabled: bool
    cursor_at: datetime | None
    last_run_at: datetime | None
    last_items: int | None
    last_error: str | None
    created_at: datetime
    updated_at: datetime


class ScanPlan(BaseModel):
    """The whole plan, in the order in which a cycle spends its calls."""

    items: list[ScanPlanEntryOut]
    next: None
    total: int


class ScanPlanEntryIn(BaseModel):
    """A new entry: words, a category, or both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"query": "leica m6", "category_id": "15230", "priority": 10}
        },
    )

    source: Literal["ebay"] = "ebay"
    query: Words = ""
    category_id: CategoryId = ""
    priority: int = Field(default=100, ge=1, le=1000)
    enabled: bool = True


class ScanPlanEntryChange(BaseModel):
    """What may be changed; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"enabled": False}})

    priority: int | None = Field(default=None, ge=1, le=1000)
    enabled: bool | None = None
