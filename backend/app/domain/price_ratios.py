"""How dear past sales were: what was paid against what the market, without that very sale, says they were worth.

A few hundred of the newest sales stand for all; each costs as much as valuing a listing. Knows no clock.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import log, log1p
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain import condition as conditions
from app.domain.comparables import Comp, Market, Matches
from app.domain.titles import read_title
from app.domain.valuation import CANDIDATES, Item, estimate

__all__ = ["SaleRatios", "sale_ratios"]

SAMPLE: Final = 300
WINDOW_DAYS: Final = 30.0


@dataclass(frozen=True, slots=True)
class SaleRatios:
    """log(paid / worth) of the sales within `days`, those that can be valued."""

    log_ratio: NDArray[np.float64]
    days: float


def _is_dated_sale(comp: Comp) -> bool:
    """Whether it tells when a working thing was sold: prices asked and sales without a day do not."""
    return comp.dated and comp.kind != "asking" and comp.condition != conditions.FOR_PARTS


def sale_ratios(market: Market, *, usual_shipping: float = 0.0) -> SaleRatios:
    """The ratios of the newest SAMPLE sales of whole, working things, at most WINDOW_DAYS back.

    Each is valued as of the market's newest sale by its likes without itself, and by what networks that
    have not seen it say of its title; only what conditions are worth was learned from it as well.
    `usual_shipping` as in `estimate`.
    """
    rows = [
        int(row)
        for row in np.argsort(-market.sold_at, kind="stable")
        if market.plain[row] and _is_dated_sale(market.comps[row])
    ]
    if len(rows) < 2:
        return SaleRatios(np.empty(0), 0.0)
    newest, oldest = market.sold_at[rows[0]], market.sold_at[rows[-1]]
    since = newest - WINDOW_DAYS * 86_400.0
    sample = [row for row in rows[:SAMPLE] if market.sold_at[row] >= since]
    is_cut = len(sample) == SAMPLE
    days = (newest - (market.sold_at[sample[-1]] if is_cut else max(since, oldest))) / 86_400.0
    now = datetime.fromtimestamp(float(newest), UTC)
    found = []
    for row in sample:
        comp = market.comps[row]
        near = market.search(read_title(comp.title), limit=CANDIDATES + 1)
        others = near.rows != row
        worth = estimate(
            Item(comp.title, comp.condition, comp.currency),
            market,
            now=now,
            matches=Matches(near.rows[others], near.similarity[others]),
            usual_shipping=usual_shipping,
            told=None if market.model is None else float(market.model.fitted[row]),
        )
        if worth.point_cents:
            untold = log1p(usual_shipping) if comp.shipping_cents is None else 0.0
            found.append(float(market.log_total[row]) + untold - log(worth.point_cents))
    return SaleRatios(np.array(found, float), float(days))
