"""Junk among the comparables: lots, accessories and broken things leave most fair values where they were."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from app.domain import condition as conditions
from app.domain.comparables import Comp, Market
from app.domain.valuation import Item, estimate
from ebay_sim.world import catalog
from ebay_sim.world.clock import Clock, parse_stamp
from ebay_sim.world.economy import Kind
from ebay_sim.world.world import World

NOON = parse_stamp("2026-11-20T12:00:00Z")
NOW = datetime.fromtimestamp(NOON, UTC)
JUNK = 10


def sales_of(world: World, category: int) -> list[Comp]:
    """What the simulated marketplace reports of a category, shipping untold, as the product reads it."""
    rows, told = world.sales.rows, world.on_record()
    found = []
    for at in np.flatnonzero(told & (rows.category == category)):
        known = catalog.condition_of(catalog.CATEGORIES[category], int(rows.condition[at]))
        found.append(
            Comp(
                id=UUID(int=int(rows.serial[at])),
                kind="sold",
                title=world.sales.titles[at],
                price_cents=int(rows.sold_cents[at]),
                shipping_cents=None,
                currency="USD",
                condition=conditions.from_ebay(known.id, known.text),
                sold_at=datetime.fromtimestamp(float(rows.ends[at]), UTC),
            )
        )
    return found


def junk_for(item: Item, point_cents: int, first: int) -> list[Comp]:
    """Ten comparables that are none: other things under the very words of the listing, at prices of their own."""
    title = item.title
    made = [
        (f"Lot of 3 {title}", 2.6),
        (f"{title} x2 wholesale lot", 1.8),
        (f"Bundle of 4 {title}", 3.1),
        (f"Case for {title}", 0.08),
        (f"Empty box for {title}", 0.05),
        (f"{title} charger only", 0.1),
        (f"{title} for parts not working", 0.3),
        (f"Manual for {title}", 0.04),
        (f"Job lot of 5 {title}", 3.9),
        (f"Broken {title}", 0.25),
    ]
    return [
        Comp(
            id=UUID(int=first + i),
            kind="sold",
            title=words[:80],
            price_cents=max(100, round(point_cents * factor)),
            shipping_cents=None,
            currency="USD",
            condition=item.condition,
            sold_at=NOW - timedelta(days=1 + i),
        )
        for i, (words, factor) in enumerate(made)
    ]


@pytest.mark.parametrize("category", [0, pytest.param(5, marks=pytest.mark.long)])
def test_ten_junk_comparables_hardly_move_most_fair_values(category: int) -> None:
    world = World(seed=7, listings=6_000, clock=Clock(NOON, speed=0.0))
    sales = sales_of(world, category)
    clean = Market(sales, currency="USD")
    rows = world.live.rows
    wanted = (rows.category == category) & (rows.kind == Kind.NORMAL) & world.on_market()
    _, firsts = np.unique(rows.variant[wanted], return_index=True)
    moved: dict[str, float] = {}
    for at in np.flatnonzero(wanted)[np.sort(firsts)][:12]:
        known = catalog.condition_of(catalog.CATEGORIES[category], int(rows.condition[at]))
        item = Item(world.live.titles[at], conditions.from_ebay(known.id, known.text), "USD")
        point = estimate(item, clean, now=NOW).point_cents
        if point is not None:
            dirty = Market([*sales, *junk_for(item, point, 10**12)], currency="USD")
            moved[item.title] = (estimate(item, dirty, now=NOW).point_cents or 0) / point - 1
    distances = np.array([abs(by) for by in moved.values()])
    assert len(moved) >= 8
    assert float(np.median(distances)) < 0.002, moved
    # a long title cut off before the word that gives the junk away is a sale like any other
    assert float(np.mean(distances < 0.02)) >= 0.9, moved
