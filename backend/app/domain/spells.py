"""Selling speed from single listings that were watched: Kaplan-Meier curves and Weibull proportional hazards.

A spell is a listing's time on the market. It enters when it was first seen (left truncation) and
leaves as sold, as withdrawn, or unfinished (right-censored). Being withdrawn is a competing risk:
from then on nothing can be sold. Categories with few sales borrow from all. Pure, numpy only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.domain.selling_speed import (
    BANDS,
    BORROWED,
    CHEAP,
    CHEAP_SOLD,
    HIGHEST,
    LOWEST,
    SAMPLE_BELOW,
    Leaving,
    SellingSpeed,
    falling,
)

__all__ = ["Hazard", "SpellModel", "Spells", "columns", "fit_hazard", "fit_spells", "kaplan_meier"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MIN_SOLD, MIN_SPELLS = 30, 200
"""Fewer sold spells, or fewer spells in all, over all categories: no model."""

OWN_SPELLS = 20
"""With fewer spells of its own a category rather takes stock and flow, if there is enough of that."""

SHAPES = (0.3, 3.0)
SHAPE_SD, SLOPE_SD = 0.5, 10.0
MIN_CHEAP_SOLD, MIN_CHEAP_LEFT = 8, 30
NEAR_VALUE = 0.1
AT_RISK = 30
_RATIOS: Floats = np.linspace(LOWEST, HIGHEST, 40)


@dataclass(frozen=True, slots=True)
class Spells:
    """Spells as columns: log price ratio at first valuation, ages in days at entry and exit, how each ended.

    Neither `sold` nor `withdrawn`: still there when last known. Entry < exit.
    """

    category: NDArray[np.str_]
    log_ratio: Floats
    entry: Floats
    exit: Floats
    sold: Bools
    withdrawn: Bools

    def __len__(self) -> int:
        return len(self.log_ratio)

    def take(self, rows: Bools) -> Self:
        """The chosen rows."""
        return type(self)(
            self.category[rows],
            self.log_ratio[rows],
            self.entry[rows],
            self.exit[rows],
            self.sold[rows],
            self.withdrawn[rows],
        )


@dataclass(frozen=True, slots=True)
class Hazard:
    """hazard(t) = shape × exp(level + slope × log ratio) × t^(shape - 1), t in days."""

    shape: float
    level: float
    slope: float

    def cumulative(self, log_ratio: Floats, entry: Floats, exit: Floats) -> Floats:
        """The cumulative hazard of each spell between its entry and its exit."""
        rate = np.exp(self.level + self.slope * log_ratio)
        return np.asarray(rate * (exit**self.shape - entry**self.shape), float)


@dataclass(frozen=True, slots=True)
class SpellModel:
    """What all spells teach. `scales`: per category, its rate over the usual one, for sales and withdrawals.

    `counts`: its sold and unsold spells. `misfit`: how far the model strays at most from the
    Kaplan-Meier curve of things offered near their value, None where there are too few.
    """

    sale: Hazard
    withdrawal: Hazard
    scales: dict[str, tuple[float, float]]
    counts: dict[str, tuple[int, int]]
    sold: int
    censored: int
    recorded_share: float
    misfit: float | None

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The model whose fields, nested as they are, went through JSON."""
        return cls(
            **{
                **kept,
                "sale": Hazard(**kept["sale"]),
                "withdrawal": Hazard(**kept["withdrawal"]),
                "scales": {name: (a, b) for name, (a, b) in kept["scales"].items()},
                "counts": {name: (a, b) for name, (a, b) in kept["counts"].items()},
            }
        )

    def has_own(self, category: str) -> bool:
        """Whether the category has enough spells of its own to go by."""
        return sum(self.counts.get(category, (0, 0))) >= OWN_SPELLS

    def speed(self, category: str) -> SellingSpeed:
        """How fast the category's things sell."""
        sale_scale, withdrawal_scale = self.scales.get(category, (1.0, 1.0))
        sold, censored = self.counts.get(category, (0, 0))
        return SellingSpeed(
            basis="spells",
            sold=sold,
            censored=censored,
            sale=_leaving(self.sale, sale_scale),
            withdrawal=_leaving(self.withdrawal, withdrawal_scale),
            recorded_share=self.recorded_share,
            misfit=self.misfit,
            borrowed=self.sold,
        )


def _leaving(hazard: Hazard, scale: float) -> Leaving:
    rate = scale * np.exp(hazard.level + hazard.slope * _RATIOS)
    return Leaving(hazard.shape, _RATIOS, np.asarray(rate, float))


def kaplan_meier(
    entry: Floats, exit: Floats, weight: Floats, *, least_at_risk: int = AT_RISK
) -> tuple[Floats, Floats]:
    """Ages at which something ended, and the share still there after each (Kaplan & Meier 1958).

    `weight` is 1 for an event, 0 for a censored spell, between for one that is an event with that
    probability. Spells count as at risk from their entry on (left truncation). The curve begins at the
    first age with `least_at_risk` at risk, for those who got that far, and stops where fewer are left.
    """
    times = np.unique(exit[weight > 0])
    at_risk = np.searchsorted(np.sort(entry), times, side="left") - np.searchsorted(
        np.sort(exit), times, side="left"
    )
    events = np.bincount(
        np.searchsorted(times, exit[weight > 0]), weight[weight > 0], minlength=len(times)
    )
    enough = at_risk >= least_at_risk
    if not enough.any():
        return np.empty(0), np.empty(0)
    first = int(np.argmax(enough))
    last = first + int(np.argmin(np.append(enough[first:], False)))
    share = np.cumprod(1.0 - events[first:last] / at_risk[first:last])
    return times[first:last], np.asarray(share, float)


def fit_hazard(
    log_ratio: Floats, entry: Floats, exit: Floats, weight: Floats, *, slope_sign: int
) -> Hazard:
    """The likeliest Weibull hazard, its slope at most 0 (`slope_sign` -1) or at least 0 (1).

    `weight` as for `kaplan_meier`. The shape is searched by golden section under a weak pull to 1;
    for each shape, level and slope are those of a Poisson regression (Newton).
    """
    low, high = np.log(SHAPES[0]), np.log(SHAPES[1])
    golden = (np.sqrt(5.0) - 1.0) / 2.0
    age = float(weight @ np.log(np.maximum(exit, 1e-9)))
    events, moment = float(weight.sum()), float(weight @ log_ratio)
    slopes = [0.0]  # each search begins where the last one ended

    def profile(log_shape: float) -> tuple[float, Hazard]:
        shape = float(np.exp(log_shape))
        exposure = exit**shape - entry**shape
        level, slope, expected = _poisson(log_ratio, exposure, events, moment, slopes[-1])
        if slope * slope_sign < 0:
            total = float(exposure.sum())
            level, slope = float(np.log(max(events, 0.5) / max(total, 1e-12))), 0.0
            expected = float(np.exp(level)) * total
        slopes.append(slope)
        likelihood = events * (log_shape + level) + (shape - 1.0) * age + slope * moment - expected
        penalty = log_shape**2 / (2 * SHAPE_SD**2)
        return likelihood - penalty, Hazard(shape, level, slope)

    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = profile(left), profile(right)
    while high - low > 0.02:
        if at_left[0] > at_right[0]:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = profile(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = profile(right)
    return max(at_left, at_right, key=lambda found: found[0])[1]


def _poisson(
    log_ratio: Floats, exposure: Floats, events: float, moment: float, slope: float
) -> tuple[float, float, float]:
    """Level, slope and expected events of events ~ Poisson(exposure × exp(level + slope × log ratio)).

    Newton in the slope alone, from `slope` on: the level that fits a slope is known in closed form.
    `moment` is the sum of the events' log ratios; half an event stands in for none.
    """
    events = max(events, 0.5)
    total = 1e-12
    for _ in range(30):
        mass = exposure * np.exp(slope * log_ratio)
        total = max(float(mass.sum()), 1e-12)
        mean = float(mass @ log_ratio) / total
        spread = max(float(mass @ log_ratio**2) / total - mean**2, 0.0)
        step = (moment - events * mean - slope / SLOPE_SD**2) / (
            events * spread + 1.0 / SLOPE_SD**2
        )
        slope += min(max(step, -2.0), 2.0)
        if abs(step) < 1e-7:
            break
    total = max(float(exposure @ np.exp(slope * log_ratio)), 1e-12)
    return float(np.log(events / total)), slope, events


def fit_spells(spells: Spells) -> SpellModel | None:
    """What the spells teach about selling speed; None when they are too few.

    Spells far outside the usual prices are left out. Where the record of sales looks like a sample,
    a listing that left without being on it counts as sold with the probability that its price band shows.
    """
    spells = spells.take(
        (spells.log_ratio > LOWEST)
        & (spells.log_ratio < HIGHEST)
        & (spells.entry < spells.exit)
        & (spells.entry >= 0)
    )
    if len(spells) < MIN_SPELLS or int(spells.sold.sum()) < MIN_SOLD:
        return None
    share = _recorded_share(spells)
    unrecorded = _unrecorded(spells, share)
    sold = np.where(spells.sold, 1.0, np.where(spells.withdrawn, unrecorded, 0.0))
    withdrawn = np.where(spells.withdrawn, 1.0 - unrecorded, 0.0)
    columns = (spells.log_ratio, spells.entry, spells.exit)
    sale = fit_hazard(*columns, sold, slope_sign=-1)
    withdrawal = fit_hazard(*columns, withdrawn, slope_sign=1)
    expected = sale.cumulative(*columns), withdrawal.cumulative(*columns)
    scales, counts = {}, {}
    for name in np.unique(spells.category):
        mine = spells.category == name
        scales[str(name)] = (
            _scale(sold[mine], expected[0][mine]),
            _scale(withdrawn[mine], expected[1][mine]),
        )
        count = int(spells.sold[mine].sum())
        counts[str(name)] = (count, int(mine.sum()) - count)
    return SpellModel(
        sale=sale,
        withdrawal=withdrawal,
        scales=scales,
        counts=counts,
        sold=int(spells.sold.sum()),
        censored=int((~spells.sold).sum()),
        recorded_share=share,
        misfit=_misfit(spells, sold, sale),
    )


def _scale(events: Floats, expected: Floats) -> float:
    return float((events.sum() + BORROWED) / (expected.sum() + BORROWED))


def _recorded_share(spells: Spells) -> float:
    """How much of all sales is on record, by the cheap listings that left; 1 unless clearly a sample."""
    cheap = spells.log_ratio < CHEAP
    sold, left = int((cheap & spells.sold).sum()), int((cheap & spells.withdrawn).sum())
    if sold < MIN_CHEAP_SOLD or sold + left < MIN_CHEAP_LEFT:
        return 1.0
    share = sold / (CHEAP_SOLD * (sold + left))
    return share if share < SAMPLE_BELOW else 1.0


def _unrecorded(spells: Spells, share: float) -> Floats:
    """With which probability a listing that left unrecorded was sold all the same, by its price; falls with it."""
    if share >= 1.0:
        return np.zeros(len(spells))
    band = np.searchsorted(BANDS, spells.log_ratio)
    size = len(BANDS) + 1
    on_record = np.bincount(band[spells.sold], minlength=size).astype(float)
    left = np.bincount(band[spells.withdrawn], minlength=size).astype(float)
    hidden = on_record * (1.0 / share - 1.0) / np.maximum(left, 1.0)
    return np.asarray(np.clip(falling(hidden, left), 0.0, 1.0)[band], float)


def _misfit(spells: Spells, sold: Floats, sale: Hazard) -> float | None:
    """The largest gap between the model and the Kaplan-Meier curve of things offered near their value."""
    near = np.abs(spells.log_ratio) < NEAR_VALUE
    if near.sum() < 2 * AT_RISK or sold[near].sum() < AT_RISK:
        return None
    ages, share = kaplan_meier(spells.entry[near], spells.exit[near], sold[near])
    if not len(ages) or share[0] <= 0:
        return None
    middle = float(spells.log_ratio[near].mean())
    told = np.exp(-sale.cumulative(np.full(len(ages), middle), np.full(len(ages), ages[0]), ages))
    return round(float(np.abs(told - share / share[0]).max()), 3)


def columns(
    rows: Sequence[tuple[str, float, float, float, bool, bool]],
) -> Spells:
    """Spells from rows of (category, log ratio, entry, exit, sold, withdrawn)."""
    category, ratio, entry, exit, sold, withdrawn = (
        zip(*rows, strict=True) if rows else ((), (), (), (), (), ())
    )
    return Spells(
        np.array(category, dtype=np.str_),
        np.array(ratio, float),
        np.array(entry, float),
        np.array(exit, float),
        np.array(sold, bool),
        np.array(withdrawn, bool),
    )
