"""One deal with everything behind it: the listing's facts, the stored evidence, its prices over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.settings import get_settings
from app.db.models import (
    Category,
    Deal,
    Listing,
    ListingSighting,
    PriceObservation,
    Source,
    Valuation,
)
from app.domain import explain
from app.domain.source_policy import policy_of
from app.errors import NotFound


@dataclass(frozen=True, slots=True)
class DealDetail:
    """The rows of one deal. `evidence` is what valuation stored; `prices` runs from oldest to newest.

    `no_score_explanation` is as of now: how long an auction still runs is not stored.
    """

    deal: Deal
    listing: Listing
    category_name: str
    seen_at: datetime
    valued_at: datetime
    evidence: Mapping[str, Any]
    no_score_explanation: str | None
    prices: Sequence[PriceObservation]
    comps_refreshed_at: datetime | None
    source_policy: str


def get_deal(session: Session, deal_id: UUID, *, now: datetime) -> DealDetail:
    """A deal that may be shown now. Raises NotFound when it is unknown, ended, or seen too long ago."""
    row = session.execute(
        select(
            Deal,
            Listing,
            ListingSighting.seen_at,
            Valuation,
            Category.name,
            Source.comps_refreshed_at,
        )
        .join(Listing, Listing.id == Deal.listing_id)
        .join(ListingSighting, ListingSighting.listing_id == Deal.listing_id)
        .join(Valuation, Valuation.listing_id == Deal.listing_id)
        .outerjoin(Category, (Category.source == Deal.source) & (Category.id == Deal.category_id))
        .outerjoin(Source, Source.id == Deal.source)
        .where(Deal.listing_id == deal_id, Deal.active)
    ).one_or_none()
    if row is None:
        raise NotFound("No such deal, or its listing has ended.")
    deal, listing, seen_at, valuation, category_name, comps_refreshed_at = row
    policy = policy_of(deal.source)
    age = min(policy.max_shown_age, timedelta(seconds=get_settings().ebay_listing_max_age_seconds))
    if seen_at < now - age or (deal.ends_at is not None and deal.ends_at <= now):
        raise NotFound("The listing has ended, or was last seen too long ago to be shown.")
    prices = session.scalars(
        select(PriceObservation)
        .where(PriceObservation.listing_id == deal_id)
        .order_by(PriceObservation.observed_at)
    ).all()
    return DealDetail(
        deal=deal,
        listing=listing,
        category_name=category_name or deal.category_id,
        seen_at=seen_at,
        valued_at=valuation.valued_at,
        evidence=valuation.evidence,
        no_score_explanation=(
            explain.running_auction(deal.ends_at, deal.bid_count, now=now)
            if deal.no_score_reason == "running_auction"
            else valuation.evidence["no_score_explanation"]
        ),
        prices=prices,
        comps_refreshed_at=comps_refreshed_at,
        source_policy=policy.summary,
    )
