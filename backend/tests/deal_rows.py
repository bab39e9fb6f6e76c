"""Deals as the tables hold them, made in numbers for tests of the list; and the list's rules written naively."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from app.core.ids import new_id
from app.domain.condition import CONDITIONS
from app.services.deals import DealFilters

NOW = datetime.now(UTC).replace(microsecond=0)
WORDS = [
    "leica",
    "canon",
    "nikon",
    "lens",
    "body",
    "case",
    "m6",
    "ae-1",
    "50mm",
    "film",
    "digital",
    "black",
    "chrome",
    "strap",
    "boxed",
    "mint",
    "vintage",
    "zoom",
]
CATEGORIES = ("15230", "31388", "3323", "78997")

LISTING_COLUMNS = [
    "id",
    "source",
    "external_id",
    "title",
    "url",
    "image_url",
    "category_id",
    "condition",
    "price_cents",
    "shipping_cents",
    "currency",
    "buying_option",
    "bid_count",
    "seller_feedback_percent",
    "seller_feedback_score",
    "country",
    "listed_at",
    "ends_at",
    "state",
    "needs_valuation",
    "created_at",
    "changed_at",
]
DEAL_COLUMNS = [
    "listing_id",
    "active",
    "source",
    "external_id",
    "title",
    "url",
    "image_url",
    "category_id",
    "condition",
    "price_cents",
    "shipping_cents",
    "currency",
    "buying_option",
    "bid_count",
    "bid_limit_cents",
    "listed_at",
    "ends_at",
    "fair_value_cents",
    "interval_low_cents",
    "interval_high_cents",
    "discount",
    "profit_cents",
    "roi",
    "score",
    "no_score_reason",
    "confidence",
    "evidence_count",
    "evidence_age_days",
    "distribution",
    "formula_version",
    "simulated",
    "valued_at",
]

Row = dict[str, Any]


def make_row(rng: random.Random, number: int, **given: Any) -> Row:
    """A listing with its deal; small ranges, so that ties and edges are common."""
    scored = rng.random() > 0.2
    valued = scored or rng.random() < 0.5
    flipped = valued and rng.random() > 0.1
    price = rng.choice([100, 999, 1000, 2500, 5000, 5001, 12_000, 99_999])
    profit = rng.choice([-700, 0, 1, 99, 100, 101, 2500, 10**9])
    roi = rng.choice([0.0, 0.05, 0.1, 0.2, 0.5, 40.0] if profit > 0 else [-1.5, -0.3, 0.0])
    row: Row = {
        "listing_id": new_id(),
        "active": rng.random() > 0.1,
        "source": "ebay",
        "external_id": f"v1|{number}|0",
        "title": " ".join(rng.sample(WORDS, rng.randint(1, 6))).title(),
        "url": f"https://www.ebay.com/itm/{number}",
        "image_url": None if rng.random() < 0.1 else f"https://i.ebayimg.com/{number}.jpg",
        "category_id": rng.choice(CATEGORIES),
        "condition": rng.choice(CONDITIONS),
        "price_cents": price,
        "shipping_cents": rng.choice([0, 0, 500, None]),
        "currency": "USD",
        "buying_option": rng.choice(["fixed_price", "auction"]),
        "listed_at": NOW - timedelta(hours=rng.randint(0, 60)),
        "ends_at": None,
        "bid_count": None,
        "bid_limit_cents": None,
        "fair_value_cents": 5000 if valued else None,
        "interval_low_cents": 4000 if valued else None,
        "interval_high_cents": 6000 if valued else None,
        "discount": rng.choice([-2.0, -0.3, 0.0, 0.05, 0.1, 0.2, 0.5]) if valued else None,
        "profit_cents": profit if flipped else None,
        "roi": roi if flipped else None,
        "score": rng.randint(0, 12) * 8 if scored else None,
        "no_score_reason": None if scored else "no_estimate",
        "confidence": rng.choice([0.1, 0.3, 0.5, 0.7, 1.0]) if valued else None,
        "evidence_count": 5,
        "evidence_age_days": 9 if valued else None,
        "distribution": {"low_cents": 1, "high_cents": 9, "bins": [1] * 12} if valued else None,
        "formula_version": "v1",
        "simulated": True,
        "valued_at": NOW,
        "seen_at": NOW,
    }
    return {**row, **given}


def store(dsn: str, rows: Sequence[Row]) -> None:
    """Commit rows to listings, deals and sightings, and let the database take its statistics."""
    with psycopg.connect(dsn, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into sources (id, state, state_since, comps_refreshed_at, recent_cycles)"
            " values ('ebay', 'healthy', now(), now(), '[]') on conflict do nothing"
        )
        cursor.execute(
            "insert into categories values ('ebay', '15230', 'Film Cameras') on conflict do nothing"
        )
        _copy(cursor, "listings", LISTING_COLUMNS, (_listing(row) for row in rows))
        deals = (
            {**row, "distribution": Jsonb(row["distribution"]) if row["distribution"] else None}
            for row in rows
        )
        _copy(cursor, "deals", DEAL_COLUMNS, deals)
        _copy(cursor, "listing_sightings", ["listing_id", "seen_at"], rows)
        cursor.execute("vacuum analyze deals")


def _listing(row: Row) -> Row:
    rest = {
        "id": row["listing_id"],
        "seller_feedback_percent": 99.1,
        "seller_feedback_score": 1200,
        "country": "US",
        "state": "live" if row["active"] else "stale",
        "needs_valuation": False,
        "created_at": NOW,
        "changed_at": NOW,
    }
    return {**row, **rest}


def _copy(
    cursor: psycopg.Cursor[Any], table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    with cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin".encode()) as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])


def passes(row: Row, filters: DealFilters) -> bool:
    """Whether the list of `filters` has this row, by the words of the contract."""
    words = (filters.q or "").lower().split()
    title = row["title"].lower().split()
    return (
        row["active"]
        and all(word in title for word in words)
        and filters.category in (None, row["category_id"])
        and filters.marketplace in (None, row["source"])
        and filters.condition in (None, row["condition"])
        and _least(row["price_cents"], filters.min_price_cents)
        and _least(filters.max_price_cents or row["price_cents"], row["price_cents"])
        and _least(row["discount"], filters.min_discount)
        and _least(row["score"], filters.min_score)
        and _least(row["confidence"], filters.min_confidence)
        and _least(row["profit_cents"], filters.min_profit_cents)
        and _least(row["roi"], filters.min_roi)
        and (not filters.free_shipping or row["shipping_cents"] == 0)
        and _least(row["listed_at"], filters.listed_since)
    )


def _least(value: Any, bound: Any) -> bool:
    return bound is None or (value is not None and value >= bound)


def in_order(rows: Iterable[Row], sort: str) -> list[UUID]:
    """The ids in the order of `sort`: what has no score last, ties by id, newest id first."""
    key = {
        "score": lambda row: -1 if row["score"] is None else row["score"],
        "newest": lambda row: row["listed_at"],
        "discount": lambda row: float("-inf") if row["discount"] is None else row["discount"],
        "price": lambda row: -row["price_cents"],
        "profit": lambda row: float("-inf") if row["profit_cents"] is None else row["profit_cents"],
        "roi": lambda row: float("-inf") if row["roi"] is None else row["roi"],
    }[sort]
    ordered = sorted(
        rows, key=lambda row: (row["score"] is not None, key(row), row["listing_id"]), reverse=True
    )
    return [row["listing_id"] for row in ordered]
