"""Candidates of one item weighed: each adjusted to the item, judged, and given its part in the point.

A comparable's price is moved by condition, by the market's trend and by what its title is worth less,
and weighs by similarity, recency, closeness of condition and of worth. Knows no interval; `valuation`
reads the result. Pure.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain import condition as conditions
from app.domain.calibration import circumstances
from app.domain.comparables import Market, Matches
from app.domain.titles import Title, conflict

__all__ = ["Item", "Weighed", "robust_outliers", "weigh", "weighted_quantile"]

Floats = NDArray[np.float64]

MAX_USED = 24
MAX_AGE_DAYS = 180
HALF_LIFE_DAYS = 45.0
MIN_SIMILARITY = 0.15
MIN_RELATIVE_SIMILARITY, TYPICAL_RANK = 0.62, 16
"""Comps must come near the 16th best: not the best, or a few copies of one title could shut out the rest."""
SIMILARITY_POWER = 4.0
CONDITION_CLOSENESS = 2.0
UNKNOWN_CONDITION_WEIGHT = 0.6
OUTLIER_CUT = 3.5
MIN_USED = 4
MIN_EFFECTIVE = 3.0
MIN_USED_WITH_MODEL = 2
VARIANT_GAP = 0.2
"""Another year, size or number is another variant only if its title is also worth so much more or less."""
TITLE_SHIFT = 0.3
"""How far a comp's price is moved by what its title is worth less: the rest is left to the weights."""
TITLE_REACH = 0.5
"""Comps whose titles are worth e^0.5 more or less count 1/e: the least adjusted comparable is the best one."""
TITLE_WEIGHT = 0.4
"""The share of the title's own price in the point, beside the comparables' median."""
PRIOR_COMPS = 2.0
ENOUGH_USED = 6
NEAR_VARIANTS = ("year", "size")
NEAR_VARIANT_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Item:
    """What is to be valued. `condition` may be unknown, and then stays so."""

    title: str
    condition: str
    currency: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """The candidates of one item, best first, each with its part; `log_point` is None when too few are left.

    The point is `by_comps` where the title says nothing by itself, else TITLE_WEIGHT of the way from there to
    `by_title`. Both are logs of whole cents, so that who is told the cents can work the point out.
    """

    rows: NDArray[np.int32]
    similarity: Floats
    age_days: Floats
    adjusted: Floats
    kept: NDArray[np.bool_]
    reasons: list[str | None]
    weight: Floats
    effective: float
    log_point: float | None
    case: Floats
    by_comps: float | None = None
    by_title: float | None = None


def weigh(
    item: Item,
    title: Title,
    told: float | None,
    market: Market,
    matches: Matches,
    *,
    now: float,
    usual_shipping: float,
) -> Weighed:
    """Adjust every candidate to the item, refuse the unfit, weigh the rest and find the point.

    `told`: the log price, as of a used thing, that the title alone says; None in a small market.
    `now`: seconds since 1970. `usual_shipping`: its share of the price where a sale does not tell.
    """
    rows, similarity = matches.rows, matches.similarity
    age_days = np.maximum((now - market.sold_at[rows]) / 86_400.0, 0.0)
    untold = math.log1p(usual_shipping) * market.shipping_untold[rows]
    gap = _gap(title, told, market, rows)
    trend = market.learned.trend
    untold = untold + trend.between(market.sold_at[rows], now)
    adjusted = market.log_total[rows] + untold + _condition_shift(item, market, rows)
    adjusted = adjusted + (gap if told is None else np.clip(TITLE_SHIFT * gap, -1.0, 1.0))
    differs = np.full(len(rows), True) if told is None else np.abs(gap) > VARIANT_GAP
    reasons, near = _hard_reasons(item, title, market, rows, similarity, age_days, differs)
    kept = np.array([reason is None for reason in reasons])
    near &= kept.sum() < ENOUGH_USED
    for i in np.flatnonzero(near):
        kept[i], reasons[i] = True, None
    for index, is_outlier in zip(
        np.flatnonzero(kept), robust_outliers(adjusted[kept], floor=market.spread / 4), strict=True
    ):
        if is_outlier:
            kept[index], reasons[index] = False, "outlier"
    for late in np.flatnonzero(kept)[MAX_USED:]:  # best first: more would not change the answer
        kept[late], reasons[late] = False, "too_dissimilar"
    weight = _weights(item, market, rows, similarity, age_days)
    if told is not None:
        weight = weight * np.exp(-np.abs(gap) / TITLE_REACH)
    weight = np.where(kept, np.where(near, NEAR_VARIANT_WEIGHT * weight, weight), 0.0)
    total = float(weight.sum())
    weight = weight / total if total > 0 else weight
    effective = 1.0 / float(weight @ weight) if total > 0 else 0.0
    enough = kept.sum() >= MIN_USED and effective >= MIN_EFFECTIVE
    if told is not None:
        enough = kept.sum() >= MIN_USED_WITH_MODEL
    if not enough:
        return Weighed(
            rows,
            similarity,
            age_days,
            adjusted,
            kept,
            reasons,
            weight,
            effective,
            None,
            np.empty(0),
        )
    by_comps = _whole_cents(weighted_quantile(adjusted[kept], weight[kept], (0.5,))[0])
    mean = float(adjusted @ weight)
    deviation = math.sqrt(float(((adjusted - mean) ** 2) @ weight))
    prior = PRIOR_COMPS * market.spread**2
    spread = math.sqrt((effective * deviation**2 + prior) / (effective + PRIOR_COMPS))
    point, by_title, disagreement = by_comps, None, 0.0
    if told is not None:
        by_title = _whole_cents(
            told + market.condition_offset[item.condition] + float(trend.between(trend.centre, now))
        )
        disagreement = abs(by_title - by_comps)
        point += TITLE_WEIGHT * (by_title - by_comps)
    case = circumstances(float(similarity[kept][0]), spread, effective, disagreement)
    return Weighed(
        rows,
        similarity,
        age_days,
        adjusted,
        kept,
        reasons,
        weight,
        effective,
        point,
        case,
        by_comps,
        by_title,
    )


def _whole_cents(log_value: float) -> float:
    """The log of the value in whole cents."""
    return math.log(max(1, round(math.exp(log_value))))


def _gap(title: Title, told: float | None, market: Market, rows: NDArray[np.int32]) -> Floats:
    """By how much the item's title is worth more than each comp's, in log price."""
    if told is None or market.model is None:
        return market.word_shift(title, rows)
    return np.asarray(told - market.model.fitted[rows], float)


def _condition_shift(item: Item, market: Market, rows: NDArray[np.int32]) -> Floats:
    """What separates the item's condition from each comp's in log price; nothing where one is unknown."""
    if item.condition == conditions.UNKNOWN:
        return np.zeros(len(rows))
    known = np.array([market.comps[row].condition != conditions.UNKNOWN for row in rows])
    mine = market.condition_offset[item.condition]
    return np.where(known, mine - market.row_offset[rows], 0.0)


def _weights(
    item: Item, market: Market, rows: NDArray[np.int32], similarity: Floats, age_days: Floats
) -> Floats:
    """Similarity × recency × closeness of condition."""
    same = np.array([market.comps[row].condition == item.condition for row in rows])
    unknown = np.array([market.comps[row].condition == conditions.UNKNOWN for row in rows])
    if item.condition == conditions.UNKNOWN:
        closeness = np.where(same, 1.0, UNKNOWN_CONDITION_WEIGHT)
    else:
        gap = np.abs(market.condition_offset[item.condition] - market.row_offset[rows])
        closeness = np.where(same, 1.0, 0.9 * np.exp(-CONDITION_CLOSENESS * gap))
        closeness = np.where(unknown, UNKNOWN_CONDITION_WEIGHT, closeness)
    recency = np.exp2(-age_days / HALF_LIFE_DAYS)
    return np.asarray(similarity**SIMILARITY_POWER * recency * closeness, float)


def _hard_reasons(
    item: Item,
    title: Title,
    market: Market,
    rows: NDArray[np.int32],
    similarity: Floats,
    age_days: Floats,
    differs: NDArray[np.bool_],
) -> tuple[list[str | None], NDArray[np.bool_]]:
    """Why each candidate cannot be compared, None where it can; and which are only another year or size."""
    strong = title.strong
    fit = similarity[market.plain[rows]]
    typical = float(fit[min(TYPICAL_RANK, len(fit)) - 1]) if len(fit) else 0.0
    bar = max(MIN_SIMILARITY, MIN_RELATIVE_SIMILARITY * typical)
    reasons: list[str | None] = []
    near = np.zeros(len(rows), bool)
    for i, row in enumerate(rows):
        comp, flags = market.comps[row], market.flags(int(row))
        if comp.currency != item.currency:
            reasons.append("other_currency")
        elif flags:
            reasons.append(flags[0].code)
        elif comp.condition == conditions.FOR_PARTS != item.condition:
            reasons.append("for_parts")
        elif age_days[i] > MAX_AGE_DAYS:
            reasons.append("too_old")
        elif differs[i] and (clash := conflict(strong, market.strong(int(row)))):
            reasons.append("other_variant")
            near[i] = clash[0] in NEAR_VARIANTS and similarity[i] >= bar
        elif similarity[i] < bar:
            reasons.append("too_dissimilar")
        else:
            reasons.append(None)
    return reasons, near


def robust_outliers(values: Floats, *, floor: float = 0.0) -> NDArray[np.bool_]:
    """Which values have a modified z-score above 3.5 (Iglewicz & Hoaglin 1993).

    z = 0.6745 (x - median) / MAD; where the MAD is 0, (x - median) / (1.253314 × mean absolute
    deviation). `floor` keeps the scale from shrinking to nothing when most values are equal.
    """
    if len(values) < 3:
        return np.zeros(len(values), bool)
    distance = np.abs(values - np.median(values))
    scale = float(np.median(distance)) / 0.6745 or 1.253314 * float(distance.mean())
    scale = max(scale, floor)
    return np.asarray(distance > OUTLIER_CUT * scale, bool) if scale > 0 else distance > 0


def weighted_quantile(values: Floats, weights: Floats, quantiles: tuple[float, ...]) -> list[float]:
    """Quantiles of weighted values, interpolated between the middles of their weights."""
    order = np.argsort(values, kind="stable")
    ordered, mass = values[order], weights[order]
    middle = np.cumsum(mass) - 0.5 * mass
    return [float(q) for q in np.interp(np.array(quantiles) * mass.sum(), middle, ordered)]
