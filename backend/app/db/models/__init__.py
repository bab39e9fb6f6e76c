"""All tables, imported here so that Alembic and the mapper see every one of them."""

from app.db.models.accounts import AccountToken, ApiKey, RecoveryCode, User, UserSession
from app.db.models.answers import StoredAnswer
from app.db.models.audit import AuditEvent
from app.db.models.comps import Comp
from app.db.models.deals import Deal, Valuation
from app.db.models.jobs import Job, QuotaDay, ScheduleSlot
from app.db.models.listings import (
    Category,
    Listing,
    ListingSighting,
    PriceObservation,
    QuarantinedRow,
)
from app.db.models.models import Model
from app.db.models.sources import ScanPlanEntry, Source
from app.db.models.spells import ListingSpell
from app.db.models.throttles import ThrottleHit

__all__ = [
    "AccountToken",
    "ApiKey",
    "AuditEvent",
    "Category",
    "Comp",
    "Deal",
    "Job",
    "Listing",
    "ListingSighting",
    "ListingSpell",
    "Model",
    "PriceObservation",
    "QuarantinedRow",
    "QuotaDay",
    "RecoveryCode",
    "ScanPlanEntry",
    "ScheduleSlot",
    "Source",
    "StoredAnswer",
    "ThrottleHit",
    "User",
    "UserSession",
    "Valuation",
]
