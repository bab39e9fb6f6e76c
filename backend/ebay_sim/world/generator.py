"""Listings of the same economy by the million, for benches: constant memory, no server, no index."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ebay_sim import ids
from ebay_sim.search import unstated
from ebay_sim.world import catalog
from ebay_sim.world.economy import Economy, Shipping
from ebay_sim.world.titles import titles

_BATCH = 8_192
_CONDITION_IDS = [
    [catalog.condition_of(c, i).id for i in range(len(c.conditions))] for c in catalog.CATEGORIES
]
_CATEGORY_IDS = [c.id for c in catalog.CATEGORIES]


class StreamedListing(NamedTuple):
    """A listing on its first day. `shipping_cents` is None where the cost depends on the buyer's place; times are Unix seconds."""

    item_id: str
    title: str
    category_id: str
    condition_id: str | None
    price_cents: int
    shipping_cents: int | None
    true_value_cents: int
    auction: bool
    listed_at: float
    ends_at: float
    seller_feedback_score: int
    seller_feedback_percent: float


def stream_listings(n: int, seed: int, *, first: int = 0) -> Iterator[StreamedListing]:
    """`n` listings of this seed in order of arrival, from the serial `first` on."""
    economy = Economy(seed, max(n, 1))
    for start in range(first, first + n, _BATCH):
        rows = economy.draw(np.arange(start, min(start + _BATCH, first + n), dtype=np.int64))
        values = np.rint(economy.value(rows, rows.listed)).astype(np.int64).tolist()
        prices = economy.price(rows, rows.listed).astype(np.int64).tolist()
        shipping = rows.shipping_cents.astype(np.int64).tolist()
        ways = rows.shipping.tolist()
        conditions = rows.condition.tolist()
        categories = rows.category.tolist()
        silent = unstated(rows.bits).tolist()
        scores = economy.sellers.feedback_score[rows.seller].tolist()
        percents = economy.sellers.feedback_percent[rows.seller].tolist()
        auctions, listed, ends = rows.auction.tolist(), rows.listed.tolist(), rows.ends.tolist()
        serials = rows.serial.tolist()
        for at, title in enumerate(titles(rows)):
            known = _CONDITION_IDS[categories[at]]
            condition = (
                known[conditions[at]] if conditions[at] < len(known) else catalog.FOR_PARTS.id
            )
            yield StreamedListing(
                ids.item_id(serials[at]),
                title,
                _CATEGORY_IDS[categories[at]],
                None if silent[at] else condition,
                prices[at],
                None if ways[at] == Shipping.CALCULATED else shipping[at],
                values[at],
                auctions[at],
                listed[at],
                ends[at],
                scores[at],
                percents[at],
            )
