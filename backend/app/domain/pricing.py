"""Which price to ask: by what a thing is worth, how fast such things sell, and what is left after fees.

Prices are totals, what a buyer pays with shipping. The rules of the three goals are in `suggest`;
all are monotone: fast ≤ balanced ≤ max. Pure: the same input gives the same suggestion.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.domain.money import format_cents
from app.domain.pricing_words import MOSTLY
from app.domain.selling_speed import HORIZONS, SellingSpeed
from app.domain.valuation import Estimate

__all__ = ["GOALS", "Goal", "Line", "Net", "Outcome", "Suggestion", "curve", "suggest"]

Floats = NDArray[np.float64]
Goal = Literal["fast", "balanced", "max"]
GOALS: tuple[Goal, ...] = ("fast", "balanced", "max")

POINTS = 31
STEPS = 161
"""Prices tried when looking for the best."""
BELOW, ABOVE = 0.85, 1.15
"""How far beyond the interval the curve reaches."""
EVEN_CHANCE = 0.5
DAYS_7, DAYS_14, DAYS_30, DAYS_60 = range(len(HORIZONS))
SLIGHTLY = 0.02
"""So small a difference need not be explained."""
VALUE_WORDS = {
    "fast": "the lower quarter of what it may be worth",
    "balanced": "the middle of what it may be worth",
    "max": "the upper quarter of what it may be worth",
}
UNKNOWN_QUANTILE = {"fast": 0.25, "balanced": 0.5, "max": 0.75}


@dataclass(frozen=True, slots=True)
class Line:
    """An amount that adds to the proceeds, or takes from them when below zero."""

    label: str
    amount_cents: int
    detail: str


@dataclass(frozen=True, slots=True)
class Net:
    """What is left of a price; the lines, the price first, add up to `net_cents`."""

    net_cents: int
    fees_cents: int
    lines: tuple[Line, ...]


NetOf = Callable[[int], Net]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a price leads to. The chances are those of having sold within 7, 14, 30 and 60 days."""

    price_cents: int
    net_cents: int
    median_days: float | None
    sold_by: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The price for a goal, with the reason in words."""

    outcome: Outcome
    fees_cents: int
    lines: tuple[Line, ...]
    reason: str


def outcomes(
    prices: Sequence[int], worth: Estimate, speed: SellingSpeed, net_of: NetOf
) -> list[Outcome]:
    """What each price leads to."""
    if worth.point_cents is None or not prices:
        return []
    course = speed.course(np.log(np.array(prices, float) / worth.point_cents))
    found = []
    for i, price in enumerate(prices):
        chances = None
        median = None
        if course is not None:
            a, b, c, d = (round(float(p), 4) for p in course.sold_by[i])
            chances, days = (a, b, c, d), course.median_days[i]
            median = None if days is None else round(days, 2)
        found.append(Outcome(price, net_of(price).net_cents, median, chances))
    return found


def curve(worth: Estimate, speed: SellingSpeed, net_of: NetOf) -> list[Outcome]:
    """What POINTS prices over the interval, and somewhat beyond, lead to; cheapest first."""
    if worth.low_cents is None or worth.high_cents is None:
        return []
    prices = _prices(worth.low_cents * BELOW, worth.high_cents * ABOVE, POINTS)
    return outcomes(prices, worth, speed, net_of)


def suggest(
    goal: Goal,
    worth: Estimate,
    speed: SellingSpeed,
    net_of: NetOf,
    *,
    currency: str,
    cost_cents: int | None = None,
) -> Suggestion | None:
    """The price to ask for a goal; None without an estimate.

    balanced: the most of net × P(sold within 14 days). max: the most of net × P(sold within 60
    days), never under the balanced price. fast: the highest price with P(sold within 7 days) ≥ 0.5,
    else the one with the best chance, never over the balanced price. All at most the interval's
    upper end. Where speed is unknown: P25, P50 and P75 of what the thing is worth. Where little is
    known of it, the price lies between the two (in ratios), by `SellingSpeed.weight`: a few sales
    more or less must not move it far.
    """
    if worth.point_cents is None or worth.low_cents is None or worth.high_cents is None:
        return None
    tried = outcomes(
        _prices(worth.low_cents * BELOW, float(worth.high_cents), STEPS), worth, speed, net_of
    )
    if tried[0].sold_by is None:
        price, reason = _without_speed(goal, worth)
    else:
        price, reason = _by_weight(goal, worth, speed, *_with_speed(goal, tried, currency))
    price = _plain(price)
    outcome = outcomes([price], worth, speed, net_of)[0]
    net = net_of(price)
    lines = net.lines
    if cost_cents is not None:
        profit = net.net_cents - cost_cents
        lines = (
            *lines,
            Line("What it cost you", -cost_cents, "as you said"),
            Line("Profit" if profit >= 0 else "Loss", profit, "the sum of the lines above"),
        )
        if profit < 0:
            reason += (
                f" Warning: this leaves {format_cents(-profit, currency)} less than it cost you."
            )
    return Suggestion(outcome, net.fees_cents, lines, reason)


def _prices(low: float, high: float, count: int) -> list[int]:
    """Up to `count` prices from low to high in equal ratios, each once."""
    spread = np.geomspace(max(low, 1.0), max(high, low, 1.0), count)
    return sorted({int(price) for price in np.rint(spread)})


def _plain(cents: int) -> int:
    """A price as people ask it: whole units from 50 up, halves from 10 up."""
    step = 100 if cents >= 5_000 else 50 if cents >= 1_000 else 1
    return (cents + step // 2) // step * step


def _with_speed(goal: Goal, tried: Sequence[Outcome], currency: str) -> tuple[int, str]:
    chance = np.array([outcome.sold_by for outcome in tried], float)
    net = np.array([outcome.net_cents for outcome in tried], float)
    balanced = _best(net * chance[:, DAYS_14])
    if goal == "balanced":
        what = _of(tried[balanced], DAYS_14, currency)
        return tried[balanced].price_cents, (
            f"What is left after fees times the chance to sell within 14 days is largest here: {what}."
        )
    if goal == "max":
        best = _best(net * chance[:, DAYS_60])
        price, what = tried[best].price_cents, _of(tried[best], DAYS_60, currency)
        if best < balanced:
            price, what = tried[balanced].price_cents, _of(tried[balanced], DAYS_60, currency)
        return price, (
            "What is left after fees times the chance to sell within 60 days is largest here,"
            f" within what similar things sell for: {what}."
        )
    even = np.flatnonzero(chance[: balanced + 1, DAYS_7] >= EVEN_CHANCE)
    if len(even):
        return tried[int(even[-1])].price_cents, (
            "The highest price, up to the balanced one, with at least an even chance to sell within"
            " 7 days."
        )
    first = chance[: balanced + 1, DAYS_7]
    best = int(np.flatnonzero(first >= first.max())[-1])
    return tried[best].price_cents, (
        "No price in reach has an even chance to sell within 7 days;"
        f" this one has the best, {round(float(first.max()) * 100)} %."
    )


def _best(value: Floats) -> int:
    """Where the largest value is; the cheapest of equals, which sells soonest."""
    return int(np.argmax(value))


def _of(outcome: Outcome, horizon: int, currency: str) -> str:
    chance = outcome.sold_by[horizon] if outcome.sold_by else 0.0
    return f"{format_cents(outcome.net_cents, currency)} × {round(chance * 100)} %"


def _by_weight(
    goal: Goal, worth: Estimate, speed: SellingSpeed, best: int, reason: str
) -> tuple[int, str]:
    """The price that speed finds best, drawn to the one that value alone gives."""
    alone, _ = _without_speed(goal, worth)
    price = round(math.exp(math.log(alone) + speed.weight * (math.log(best) - math.log(alone))))
    if speed.weight >= MOSTLY or abs(price - best) <= SLIGHTLY * best:
        return price, reason
    return price, (
        "Little is known of how fast such things sell, so this leans"
        f" {round((1 - speed.weight) * 100)} % on {VALUE_WORDS[goal]}, and for the rest on the price"
        " that the known sales make best."
    )


def _without_speed(goal: Goal, worth: Estimate) -> tuple[int, str]:
    below = UNKNOWN_QUANTILE[goal]
    price = _quantile(worth, below)
    return price, (
        f"How fast such things sell is not known, so this is the price that {round(below * 100)} % of what"
        " it may be worth lies under" + (", the middle." if goal == "balanced" else ".")
    )


def _quantile(worth: Estimate, below: float) -> int:
    """The value that the thing is worth less than with this probability, kept inside the interval."""
    low, high = worth.low_cents or 1, worth.high_cents or 1
    left, right = math.log(max(low, 1)), math.log(max(high, 1))
    for _ in range(50):
        middle = (left + right) / 2
        if 1.0 - worth.probability_at_least(math.exp(middle)) < below:
            left = middle
        else:
            right = middle
    return min(max(round(math.exp(left)), low), high)
