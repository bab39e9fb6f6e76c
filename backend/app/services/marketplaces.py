"""The marketplaces we read and the categories their live deals are in, counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.settings import get_settings
from app.db.models import Category, Deal, Source
from app.domain.source_policy import POLICIES, SourcePolicy
from app.services.setup import SalesAccess, sales_access

State = Literal["starting", "healthy", "degraded"]


@dataclass(frozen=True, slots=True)
class MarketplaceState:
    """A source, how well it is read, how many of its listings are shown, and whether estimates may use it."""

    policy: SourcePolicy
    state: State
    reason: str | None
    last_scan_at: datetime | None
    live_listings: int
    max_age: timedelta
    simulated: bool
    pricing_permitted: bool
    sales: SalesAccess


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category with the number of deals shown in it."""

    id: str
    name: str
    source: str
    deals: int


def list_marketplaces(session: Session) -> Sequence[MarketplaceState]:
    """Every source that has a policy, in the order of its id; one never scanned is starting."""
    settings = get_settings()
    known = {source.id: source for source in session.scalars(select(Source))}
    counts = select(Deal.source, func.count()).where(Deal.active).group_by(Deal.source)
    counted = {source: count for source, count in session.execute(counts)}  # noqa: C416 - dict() takes a Result for a mapping
    found = []
    for source_id, policy in sorted(POLICIES.items()):
        source = known.get(source_id)
        age = min(policy.max_shown_age, timedelta(seconds=settings.ebay_listing_max_age_seconds))
        found.append(
            MarketplaceState(
                policy=policy,
                state=cast("State", source.state) if source else "starting",
                reason=source.reason if source else None,
                last_scan_at=source.last_scan_at if source else None,
                live_listings=counted.get(source_id, 0),
                max_age=age,
                simulated=settings.demo_mode,
                pricing_permitted=policy.may_feed_pricing(
                    permitted=bool(settings.ebay_content_pricing_permitted)
                ),
                sales=sales_access(source, settings),
            )
        )
    return found


def list_categories(session: Session) -> Sequence[CategoryCount]:
    """Categories with at least one deal shown, the fullest first."""
    counted = (
        select(Deal.source, Deal.category_id, func.count().label("deals"))
        .where(Deal.active)
        .group_by(Deal.source, Deal.category_id)
        .subquery()
    )
    rows = session.execute(
        select(counted.c.category_id, Category.name, counted.c.source, counted.c.deals)
        .outerjoin(
            Category,
            (Category.source == counted.c.source) & (Category.id == counted.c.category_id),
        )
        .order_by(counted.c.deals.desc(), counted.c.category_id)
    )
    return [CategoryCount(id, name or id, source, deals) for id, name, source, deals in rows]
