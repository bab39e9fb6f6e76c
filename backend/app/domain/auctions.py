"""Auctions: when a bid says something of the price, and up to where bidding is worth it.

The price of an auction is known when it is over. Until then there is a bid, which bidders set and not
the seller, and what a buyer can decide is where to stop.
"""

from datetime import datetime, timedelta

from app.domain.offers import Offer

__all__ = ["LAST_HOUR", "SERIOUS_BID", "bid_limit", "is_open", "state_of_bidding"]

LAST_HOUR = timedelta(hours=1)
"""So long before its end a bid is looked at like a price: one can still act on it, and many have bid."""

SERIOUS_BID = 0.5
"""Under this share of the likely value even a late bid is not near the price: where the end is fixed, many bid
in the last minutes (Roth & Ockenfels 2002). Own judgement, 2026-11."""


def is_open(offer: Offer, point_cents: int | None, *, now: datetime) -> bool:
    """Whether the offer is an auction whose bid says too little of what it will cost.

    So it is until its last hour, and as long as the bid is not half of the likely value. An auction
    whose end is not known is open.
    """
    if offer.buying_option != "auction":
        return False
    if offer.ends_at is None or offer.ends_at - now > LAST_HOUR:
        return True
    cost = offer.price_cents + (offer.shipping_cents or 0)
    return point_cents is not None and cost < SERIOUS_BID * point_cents


def bid_limit(offer: Offer, point_cents: int | None, *, margin: float) -> int | None:
    """The highest bid, without shipping, at which the thing is still worth `margin` more than it costs in all.

    0: shipping alone is more than that. None for what is no auction, without a value, or where
    shipping is unknown.
    """
    if offer.buying_option != "auction" or point_cents is None or offer.shipping_cents is None:
        return None
    return max(0, int(point_cents / (1 + margin)) - offer.shipping_cents)


def state_of_bidding(ends_at: datetime | None, bids: int | None, *, now: datetime) -> str:
    """What is known of an auction that runs: 6 days left, 2 bids. Empty when nothing is."""
    told = []
    if ends_at is not None:
        told.append(f"{_left(ends_at - now)} left")
    if bids is not None:
        told.append(f"{bids or 'no'} bid{'' if bids == 1 else 's'}")
    return ", ".join(told)


def _left(time: timedelta) -> str:
    """Whole days, hours or minutes, rounded down: a promise of time that is not there would be worse."""
    minutes = max(0, int(time.total_seconds() // 60))
    if minutes == 0:
        return "less than a minute"
    for name, length in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= length:
            count = minutes // length
            return f"{count} {name}{'' if count == 1 else 's'}"
    raise AssertionError(minutes)
