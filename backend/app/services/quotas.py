"""Day budgets of services we call, counted before each call so that no limit is ever overrun.

A service's day ends at midnight in Los Angeles, when eBay resets its counters.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import sessionmaker

from app.core.clock import utc_now
from app.core.metrics import EXTERNAL_QUOTA_REMAINING
from app.core.settings import Settings
from app.db.models import QuotaDay
from app.db.session import Session, transaction
from app.ports import QuotaExhausted

RESET_ZONE: Final = ZoneInfo("America/Los_Angeles")

OAUTH_MINTS_A_DAY: Final = 900
"""eBay grants 1,000 client-credentials tokens a day (OAuth rate limits page, read 2026-11)."""


SEARCH_SERVICES: Final = {"ebay": "ebay_browse"}
"""The budget that a source's searches are counted in."""

SOURCE_SERVICES: Final = {"ebay": ("ebay_browse", "ebay_insights", "ebay_oauth")}
"""All budgets that a source's calls are counted in, the busiest first."""


def budgets(settings: Settings) -> Mapping[str, int]:
    """Calls a day by service. Marketplace Insights has a pool of its own at eBay, equally large."""
    return {
        "ebay_browse": settings.ebay_browse_daily_budget,
        "ebay_insights": settings.ebay_browse_daily_budget,
        "ebay_oauth": OAUTH_MINTS_A_DAY,
    }


def quota_day(now: datetime) -> date:
    """The service's day that `now` lies in."""
    return now.astimezone(RESET_ZONE).date()


def spend(session: Session, service: str, budget: int, *, now: datetime) -> int:
    """Count one call; gives how many are left. QuotaExhausted when none was. Correct under any concurrency."""
    used: int | None = None
    if budget > 0:
        statement = insert(QuotaDay).values(service=service, day=quota_day(now), used=1)
        used = session.scalar(
            statement.on_conflict_do_update(
                index_elements=["service", "day"],
                set_={"used": QuotaDay.used + 1},
                where=QuotaDay.used < budget,
            ).returning(QuotaDay.used)
        )
    if used is None:
        raise QuotaExhausted(f"the day's {budget} calls of {service} are used up")
    return budget - used


def spent(session: Session, service: str, *, now: datetime) -> int:
    """Calls made today."""
    used = session.scalar(
        sa.select(QuotaDay.used).where(QuotaDay.service == service, QuotaDay.day == quota_day(now))
    )
    return used or 0


def remaining(session: Session, service: str, budget: int, *, now: datetime) -> int:
    """Calls left today."""
    return max(0, budget - spent(session, service, now=now))


def day_ends_at(now: datetime) -> datetime:
    """When the counters of the service's day that `now` lies in begin anew."""
    return datetime.combine(quota_day(now) + timedelta(days=1), time(0), tzinfo=RESET_ZONE)


def spender(
    settings: Settings, factory: sessionmaker[Session] | None = None
) -> Callable[[str], None]:
    """What adapters call before each call of a service: counts it in a transaction of its own."""
    limits = budgets(settings)

    def count(service: str) -> None:
        try:
            with transaction(factory) as session:
                left = spend(session, service, limits[service], now=utc_now())
        except QuotaExhausted:
            EXTERNAL_QUOTA_REMAINING.labels(service).set(0)
            raise
        EXTERNAL_QUOTA_REMAINING.labels(service).set(left)

    return count


def paced_calls(session: Session, settings: Settings, source: str, *, now: datetime) -> int:
    """Search calls that a scan cycle may spend so that the budget lasts to the end of its day."""
    service = SEARCH_SERVICES[source]
    left = remaining(session, service, budgets(settings)[service], now=now)
    cycles = max(1.0, (day_ends_at(now) - now).total_seconds() / settings.scan_interval_s)
    return min(left, ceil(left / cycles))
