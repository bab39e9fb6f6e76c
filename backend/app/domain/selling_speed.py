"""How fast things sell at a price: chances by day, from the rates at which listings are sold and withdrawn.

Prices are log ratios, log(total / fair value). Two ways of leaving the market compete: being sold, and
being withdrawn unsold, after which nothing can be sold (Prentice et al. 1978). Here rates come from
stock and flow; `domain/spells.py` has them from single listings. Pure, numpy only.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "HORIZONS",
    "Course",
    "Leaving",
    "SellingSpeed",
    "falling",
    "rising",
    "turnover",
    "unknown_speed",
]

Floats = NDArray[np.float64]
Basis = Literal["spells", "turnover", "none"]

HORIZONS = (7.0, 14.0, 30.0, 60.0)
LONGEST_DAYS = 365.0
_EDGES: Floats = np.unique(np.concatenate([[0.0], np.geomspace(0.01, LONGEST_DAYS, 220), HORIZONS]))

MIN_SALES, MIN_STOCK = 40, 40
"""Below so many sales with a known ratio, or so many live listings, stock and flow say nothing."""

LOWEST, HIGHEST = math.log(0.55), math.log(2.0)
"""Ratios outside are left out: frauds and mistakes below, things that were valued wrongly above."""

BANDS: Floats = np.log(np.array([0.7, 0.8, 0.88, 0.95, 1.02, 1.1, 1.2, 1.35]))
"""Edges between the bands of price."""

SHRINK_STOCK = 10.0
"""A band's rates are drawn to the category's as if it held so many more listings of the usual kind."""

YOUNG_SHARE = 0.2
CHEAP = math.log(0.85)
CHEAP_SOLD = 0.95
"""What is offered 15 % or more under its value is taken to sell nineteen times in twenty."""

SAMPLE_BELOW = 1 / 3
"""A record of sales that holds less than this share of the cheap listings that left is taken as a sample."""

MIN_CHEAP = 10

BORROWED = 20.0
"""A category's rate counts as much beside so many events of the usual rate (gamma-Poisson shrinkage)."""

HALF_TRUSTED = 40.0
"""So many sales must be known before a price leans on speed and on value alike."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """One way of leaving the market: hazard(t) = shape × rate × t^(shape - 1), t in days (Weibull).

    `rate` is given at ascending `log_ratio` and interpolated in its logarithm; outside it stays as it is.
    """

    shape: float
    log_ratio: Floats
    rate: Floats

    def cumulative(self, log_ratio: Floats) -> Floats:
        """The cumulative hazard at the edges of time, one row per ratio."""
        rate = np.exp(np.interp(log_ratio, self.log_ratio, np.log(np.maximum(self.rate, 1e-9))))
        return np.asarray(rate[:, None] * _EDGES[None, :] ** self.shape, float)


@dataclass(frozen=True, slots=True)
class Course:
    """What happens at some prices: P(sold by each horizon) and the median days to a sale, if there is one."""

    sold_by: Floats
    median_days: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class SellingSpeed:
    """How fast things of a category sell. `sold` and `censored`: what that was learned from.

    `recorded_share` is how much of all sales the record seems to hold; 1 unless it looks like a sample.
    `window_days` belongs to turnover; `misfit` (see domain/spells) and `borrowed`, the sales of all
    categories that this one leans on, to spells.
    """

    basis: Basis
    sold: int
    censored: int
    sale: Leaving | None = None
    withdrawal: Leaving | None = None
    recorded_share: float = 1.0
    window_days: float | None = None
    misfit: float | None = None
    borrowed: int = 0

    @property
    def weight(self) -> float:
        """How far a price may follow this speed, 0 to 1: the sales that it was learned from against HALF_TRUSTED.

        Stock and flow whose rates were raised, as the record looks like a sample, count as only so many
        sales as the share allows: the error of the share is in every rate. What is borrowed from all
        categories counts as much as in the rate itself, however many sales that were.
        """
        if self.sale is None:
            return 0.0
        share = self.recorded_share if self.basis == "turnover" else 1.0
        known = self.sold * share + min(self.borrowed, BORROWED)
        return known / (known + HALF_TRUSTED)

    def course(self, log_ratio: Floats) -> Course | None:
        """The course at these ratios; None when nothing is known. Dearer is never faster, later never less."""
        if self.sale is None:
            return None
        sold = self.sale.cumulative(log_ratio)
        left = sold + (self.withdrawal.cumulative(log_ratio) if self.withdrawal else 0.0)
        step, sold_step = np.diff(left, axis=1), np.diff(sold, axis=1)
        staying = np.exp(-left[:, :-1])
        share = sold_step / np.maximum(step, 1e-300)
        incidence = np.cumsum(staying * -np.expm1(-step) * share, axis=1)
        chance = np.concatenate([np.zeros((len(log_ratio), 1)), incidence], axis=1)
        chance = np.clip(chance, 0.0, 1.0)
        at = np.searchsorted(_EDGES, HORIZONS)
        return Course(chance[:, at], tuple(_median(row) for row in chance))


def _median(chance: Floats) -> float | None:
    """When half are sold; None when that takes more than a year or never comes."""
    after = int(np.searchsorted(chance, 0.5))
    if after >= len(chance):
        return None
    before = after - 1
    rise = float(chance[after] - chance[before])
    part = (0.5 - float(chance[before])) / rise if rise > 0 else 1.0
    return float(_EDGES[before] + part * (_EDGES[after] - _EDGES[before]))


def unknown_speed(*, sold: int = 0, censored: int = 0) -> SellingSpeed:
    """Nothing is known, after looking at so many sales and listings."""
    return SellingSpeed("none", sold, censored)


def falling(values: Floats, weights: Floats) -> Floats:
    """The closest values that never rise (pool adjacent violators, Ayer et al. 1955)."""
    return -rising(-values, weights)


def rising(values: Floats, weights: Floats) -> Floats:
    """The closest values that never fall."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        mean, mass, count = value, max(weight, 1e-12), 1
        while blocks and blocks[-1][0] > mean:
            last, more, many = blocks.pop()
            mean = (last * more + mean * mass) / (more + mass)
            mass, count = mass + more, count + many
        blocks.append((mean, mass, count))
    return np.array([mean for mean, _, count in blocks for _ in range(count)], float)


def turnover(
    sales: Floats, *, sales_days: float, stock: Floats, stock_age_days: Floats
) -> SellingSpeed:
    """Speed from what is sold per day against what is for sale, band by band of price.

    `sales`: log ratios of all sales within `sales_days`; `stock`: those of the live listings, with
    their ages. Assumes a steady market whose live listings are all known: as many arrive as leave,
    so the share of young listings tells how many leave in all (Little 1961), and what leaves without
    being sold is withdrawn. A record of sales that looks like a sample is scaled up; see `_recorded_share`.
    """
    sales = sales[(sales > LOWEST) & (sales < HIGHEST)]
    inside = (stock > LOWEST) & (stock < HIGHEST)
    stock, ages = stock[inside], np.maximum(stock_age_days[inside], 1e-4)
    if len(sales) < MIN_SALES or len(stock) < MIN_STOCK or sales_days <= 0:
        return unknown_speed(sold=len(sales), censored=len(stock))
    held = np.bincount(np.searchsorted(BANDS, stock), minlength=len(BANDS) + 1).astype(float)
    sold = np.bincount(np.searchsorted(BANDS, sales), minlength=len(BANDS) + 1) / sales_days
    young_days = float(np.quantile(ages, YOUNG_SHARE))
    young = np.bincount(np.searchsorted(BANDS, stock[ages <= young_days]), minlength=len(BANDS) + 1)
    young_share = (young + SHRINK_STOCK * young.sum() / held.sum()) / (held + SHRINK_STOCK)
    leaving = -np.log1p(-np.minimum(young_share, 0.95)) / young_days
    share = _recorded_share(sales, sales_days, stock, leaving)
    usual = sold.sum() / held.sum()
    sale = (sold + SHRINK_STOCK * usual) / (held + SHRINK_STOCK) / share
    withdrawal = np.maximum(leaving - sale, 0.0)
    weights = held + SHRINK_STOCK
    centres = np.concatenate([[BANDS[0] - 0.1], (BANDS[1:] + BANDS[:-1]) / 2, [BANDS[-1] + 0.15]])
    return SellingSpeed(
        basis="turnover",
        sold=len(sales),
        censored=len(stock),
        sale=Leaving(1.0, centres, falling(sale, weights)),
        withdrawal=Leaving(1.0, centres, rising(withdrawal, weights)),
        recorded_share=share,
        window_days=sales_days,
    )


def _recorded_share(sales: Floats, sales_days: float, stock: Floats, leaving: Floats) -> float:
    """How much of all sales is on record, by the cheap ones: nearly all cheap listings that leave are sold.

    1 while the record holds SAMPLE_BELOW of them or more, for then withdrawals may well explain the rest.
    """
    cheap_stock, cheap_sales = stock[stock < CHEAP], int((sales < CHEAP).sum())
    if len(cheap_stock) < MIN_CHEAP:
        return 1.0
    gone_per_day = float(leaving[np.searchsorted(BANDS, cheap_stock)].sum())
    # half a sale more, as few sales on record are themselves the sign of a sample, and none is not nothing
    share = (cheap_sales + 0.5) / sales_days / (CHEAP_SOLD * gone_per_day)
    return share if share < SAMPLE_BELOW else 1.0
