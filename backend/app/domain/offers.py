"""An offer: what is asked for a listing, by whom, and what else is known around it. Values only."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["NOTHING_KNOWN", "Asked", "Offer", "Surroundings"]


@dataclass(frozen=True, slots=True)
class Offer:
    """What is asked for a listing and by whom. An auction's price is its current bid, until `ends_at`."""

    title: str
    condition: str
    price_cents: int
    shipping_cents: int | None
    buying_option: str
    seller_feedback_percent: float | None
    seller_feedback_score: int | None
    listed_at: datetime
    ends_at: datetime | None = None

    @property
    def cost_cents(self) -> int | None:
        """Price and shipping; None when the shipping is unknown."""
        return None if self.shipping_cents is None else self.price_cents + self.shipping_cents


@dataclass(frozen=True, slots=True)
class Asked:
    """What a listing was seen to cost from `at` on; shipping None = not told."""

    at: datetime
    price_cents: int
    shipping_cents: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around a listing: its own words and prices, and its twins among the live ones.

    `asked` runs from oldest to newest. `photo_sellers`: how many other sellers show the same photo,
    one of them under `photo_title`. `text_sellers` and `text_places`: how many other sellers, and from
    where else, offer a thing in the very same words. `is_first`: whether it was listed before all of these.
    """

    description: str = ""
    asked: tuple[Asked, ...] = ()
    photo_sellers: int = 0
    photo_title: str | None = None
    text_sellers: int = 0
    text_places: tuple[str, ...] = ()
    is_first: bool = False


NOTHING_KNOWN = Surroundings()
