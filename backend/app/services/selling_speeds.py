"""What is known of how fast a category sells: its live listings' prices and ages, its past sales' prices."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from math import log

import numpy as np
import orjson
import sqlalchemy as sa
from numpy.typing import NDArray

from app.core.cache import Cache
from app.db.models import Deal
from app.db.session import Session
from app.domain.price_ratios import SaleRatios, sale_ratios
from app.domain.selling_speed import SellingSpeed, turnover, unknown_speed
from app.services.markets import Lent

CACHE_SPACE = "price_ratios"
CACHE_TTL_S = 7 * 86_400
MAX_STOCK = 20_000

Floats = NDArray[np.float64]


def speed_of(
    session: Session,
    cache: Cache,
    lent: Lent,
    *,
    category_id: str,
    currency: str,
    sources: Sequence[str],
    now: datetime,
) -> SellingSpeed:
    """How fast the category's things sell, by the best evidence there is."""
    if lent.market is None:
        return unknown_speed()
    ratios, ages = _stock(session, category_id, currency, sources, now)
    sales = _sales(cache, lent, category_id=category_id, currency=currency)
    return turnover(sales.log_ratio, sales_days=sales.days, stock=ratios, stock_age_days=ages)


def _stock(
    session: Session, category_id: str, currency: str, sources: Sequence[str], now: datetime
) -> tuple[Floats, Floats]:
    """Log price ratios and ages in days of the live fixed-price listings that have a value.

    Auctions are left out: their bid is not the price. So is what is too cheap to be believed.
    """
    rows = session.execute(
        sa.select(Deal.price_cents + Deal.shipping_cents, Deal.fair_value_cents, Deal.listed_at)
        .where(
            Deal.active,
            Deal.category_id == category_id,
            Deal.currency == currency,
            Deal.source.in_(sources),
            Deal.buying_option == "fixed_price",
            Deal.fair_value_cents.is_not(None),
            Deal.shipping_cents.is_not(None),
            Deal.no_score_reason.is_distinct_from("far_below_interval"),
            sa.or_(Deal.ends_at.is_(None), Deal.ends_at > now),
        )
        .order_by(Deal.listing_id)
        .limit(MAX_STOCK)
    ).all()
    day = 86_400.0
    return (
        np.array([log(total / value) for total, value, _ in rows if value], np.float64),
        np.array([(now - at).total_seconds() / day for _, value, at in rows if value], np.float64),
    )


def _sales(cache: Cache, lent: Lent, *, category_id: str, currency: str) -> SaleRatios:
    """The market's past sales against its own estimates; worked out once per state of the market."""
    if lent.market is None:
        return SaleRatios(np.empty(0), 0.0)
    shipping = lent.usual_shipping or 0.0
    name = f"{category_id}|{currency}|{lent.version}|{shipping}"
    key = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
    packed = cache.get(CACHE_SPACE, key)
    if packed is not None:
        kept = orjson.loads(packed)
        return SaleRatios(np.array(kept["log_ratio"], float), float(kept["days"]))
    found = sale_ratios(lent.market, usual_shipping=shipping)
    value = {"log_ratio": found.log_ratio.tolist(), "days": found.days}
    cache.set(CACHE_SPACE, key, orjson.dumps(value), CACHE_TTL_S)
    return found
