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
from app.domain.spells import SpellModel, fit_spells
from app.services import spells
from app.services.markets import Lent

CACHE_SPACE = "price_ratios"
CACHE_TTL_S = 7 * 86_400
MAX_STOCK = 20_000

MODEL_SPACE = "selling_speed"
MODEL_TTL_S = 2 * 3_600
NOTHING = b"null"

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
    """How fast the category's things sell, by the best evidence there is.

    Watched listings of the category first; then stock and flow; then what watched listings of all
    categories say. Listings of one source are enough to watch: the first that has enough.
    """
    if lent.market is None:
        return unknown_speed()
    model = next(filter(None, (_model(session, cache, source, now) for source in sources)), None)
    if model is not None and model.has_own(category_id):
        return model.speed(category_id)
    ratios, ages = _stock(session, category_id, currency, sources, now)
    sales = _sales(cache, lent, category_id=category_id, currency=currency)
    found = turnover(sales.log_ratio, sales_days=sales.days, stock=ratios, stock_age_days=ages)
    return model.speed(category_id) if model is not None and found.basis == "none" else found


def _model(session: Session, cache: Cache, source: str, now: datetime) -> SpellModel | None:
    """What the source's watched listings teach; worked out once an hour and refresh of the sales."""
    until = spells.told_until(session, source, now=now)
    if until is None:
        return None
    until = until.replace(minute=0, second=0, microsecond=0)
    key = f"{source}|{until.isoformat()}"
    packed = cache.get(MODEL_SPACE, key)
    if packed is not None:
        return None if packed == NOTHING else SpellModel.from_json(orjson.loads(packed))
    model = fit_spells(spells.read(session, source, until=until))
    cache.set(MODEL_SPACE, key, NOTHING if model is None else orjson.dumps(model), MODEL_TTL_S)
    return model


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
            Deal.no_score_reason.is_distinct_from("too_risky"),
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
