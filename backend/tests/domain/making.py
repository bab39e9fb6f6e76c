"""A small market made by hand: a few camera models, each sold many times around its own price."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain import condition as conditions
from app.domain.comparables import Comp, Market
from app.domain.scoring import Offer

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

MODELS = {
    "Canon AE-1 Program": 15_000,
    "Canon A-1": 14_000,
    "Nikon FM2": 32_000,
    "Pentax K1000": 11_000,
    "Olympus OM-1": 16_500,
    "Minolta X-700": 12_500,
    "Leica M6": 260_000,
    "Yashica T4": 38_000,
}
"""What each sells for, used, in cents."""

EXTRAS = ("tested", "works great", "film camera", "35mm", "nice", "with strap", "body", "black")


def make_comp(number: int = 1, **changes: Any) -> Comp:
    """A sale of a Canon AE-1 Program for $150, ten days ago, unless `changes` say otherwise."""
    comp = Comp(
        id=UUID(int=number),
        kind="sold",
        title="Canon AE-1 Program 35mm film camera",
        price_cents=14_000,
        shipping_cents=1_000,
        currency="USD",
        condition=conditions.USED,
        sold_at=NOW - timedelta(days=10),
    )
    return replace(comp, **changes)


def make_sales(*, per_model: int = 30, seed: int = 1, scale: float = 1.0) -> list[Comp]:
    """Sales of every model: prices within about 10 %, new ones dearer, words in any order."""
    dice = random.Random(seed)
    sales: list[Comp] = []
    for model, worth in MODELS.items():
        for _ in range(per_model):
            condition = dice.choice((conditions.USED, conditions.USED, conditions.NEW))
            ratio = 1.25 if condition == conditions.NEW else 1.0
            total = round(worth * ratio * dice.lognormvariate(0, 0.07) * scale)
            words = [model, *dice.sample(EXTRAS, 2)]
            dice.shuffle(words)
            sales.append(
                make_comp(
                    len(sales) + 1,
                    title=" ".join(words),
                    price_cents=total,
                    shipping_cents=0,
                    condition=condition,
                    sold_at=NOW - timedelta(days=dice.uniform(1, 80)),
                )
            )
    return sales


def spelled(number: int) -> str:
    """A word of letters for a number: to tell titles apart without naming another model."""
    return "q" + "".join(chr(ord("a") + int(digit)) for digit in str(number))


def make_market(sales: Sequence[Comp] | None = None) -> Market:
    """The market of some sales, `make_sales()` when none are given."""
    return Market(make_sales() if sales is None else sales, currency="USD")


def make_offer(**changes: Any) -> Offer:
    """A used Canon AE-1 Program for $100 and $9.50 shipping by a good seller, listed yesterday."""
    offer = Offer(
        title="Canon AE-1 Program camera body",
        condition=conditions.USED,
        price_cents=10_000,
        shipping_cents=950,
        buying_option="fixed_price",
        seller_feedback_percent=99.5,
        seller_feedback_score=800,
        listed_at=NOW - timedelta(days=1),
    )
    return replace(offer, **changes)
