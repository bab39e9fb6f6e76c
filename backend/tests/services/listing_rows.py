"""Listings as a marketplace offers them, for tests."""

from datetime import UTC, datetime
from typing import Any

from app.ports import RawListing

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make_raw(external_id: str = "v1|1|0", **changes: Any) -> RawListing:
    row: dict[str, Any] = {
        "source": "ebay",
        "external_id": external_id,
        "title": "Leica M6 body",
        "url": "https://www.ebay.com/itm/1",
        "image_url": None,
        "category_id": "15230",
        "category_name": "Film Cameras",
        "condition": "used",
        "price_cents": 150_000,
        "shipping_cents": 900,
        "currency": "USD",
        "buying_option": "fixed_price",
        "bid_count": None,
        "seller_feedback_percent": 99.5,
        "seller_feedback_score": 100,
        "country": "US",
        "listed_at": datetime(2026, 11, 20, tzinfo=UTC),
        "ends_at": None,
    }
    return RawListing(**row | changes)
