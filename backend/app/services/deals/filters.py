"""What a buyer may ask of the deals list, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import orjson

Sort = Literal["score", "newest", "discount", "price", "profit", "roi"]
MAX_LIMIT: Final = 100
COUNT_CAP: Final = 1001
"""`total` stops here: it then means "more than 1,000"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFilters:
    """Every filter of the list. None = not asked for. Bounds are inclusive.

    `min_discount`, `min_score`, `min_confidence`, `min_profit_cents` and `min_roi` leave out rows that
    have none; `free_shipping` leaves out rows whose shipping is unknown.
    """

    q: str | None = None
    category: str | None = None
    marketplace: str | None = None
    condition: str | None = None
    min_price_cents: int | None = None
    max_price_cents: int | None = None
    min_discount: float | None = None
    min_score: int | None = None
    min_confidence: float | None = None
    min_profit_cents: int | None = None
    min_roi: float | None = None
    free_shipping: bool = False
    listed_since: datetime | None = None

    def shape(self) -> frozenset[str]:
        """The names of the filters that are asked for."""
        values = ((name, getattr(self, name)) for name in FILTER_NAMES)
        return frozenset(name for name, value in values if value is not None and value is not False)

    def canonical(self) -> str:
        """The same text for the same filters, whatever their order in the address was."""
        return orjson.dumps([getattr(self, name) for name in FILTER_NAMES]).decode()


FILTER_NAMES: Final = tuple(DealFilters.__dataclass_fields__)
