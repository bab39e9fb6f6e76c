"""What an item is worth: an interval of what similar ones sold for, with every comparable judged.

Comparables are adjusted to the item's condition and words (log price), weighted by similarity, recency
and closeness of condition, cut by the modified z-score, and read as weighted quantiles. Too few or too
spread: no estimate, with the reason. Pure: the same item, market and `now` give the same estimate.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from app.domain import condition as conditions
from app.domain.calibration import Calibration, calibrate, circumstances
from app.domain.comparables import Comp, Market, Matches
from app.domain.titles import Title, conflict, read_title

__all__ = [
    "ASKING_CONFIDENCE_CAP",
    "CANDIDATES",
    "FORMULA_VERSION",
    "Estimate",
    "Item",
    "JudgedComp",
    "calibrated",
    "estimate",
    "fitted",
    "no_estimate",
    "robust_outliers",
    "weighted_quantile",
]

FORMULA_VERSION = "v2"
CANDIDATES = 60
MAX_USED = 24
MAX_SHOWN_REJECTED = 10
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
CALIBRATION_SALES = 1_500
CALIBRATION_HALF_LIFE_DAYS = 60.0
TWINS = 20
ENOUGH_USED = 6
NEAR_VARIANTS = ("year", "size")
NEAR_VARIANT_WEIGHT = 0.3
MAX_SPREAD = 10.0
BINS = 12
ASKING_CONFIDENCE_CAP = 0.35
"""Asking prices are what sellers hope for: what is priced too high stays for sale and is counted again and
again, so they lie above what is paid by an amount that they themselves cannot tell. However many agree, an
estimate from them stays under 0.4, below which pages call evidence thin. Own judgement, 2026-11."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Item:
    """What is to be valued. `condition` may be unknown, and then stays so."""

    title: str
    condition: str
    currency: str


@dataclass(frozen=True, slots=True)
class JudgedComp:
    """A comparable with the part it played. `adjusted_cents`: its total in the item's condition and words."""

    comp: Comp
    similarity: float
    weight: float
    accepted: bool
    reason: str | None
    adjusted_cents: int
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Fair value with an 80 % interval, or none with the `reason`.

    `log_point`, `scale` and `calibration` are the value's distribution; `log_values` and `weights` the
    accepted comps, adjusted. `model_version` names the fitted model that was asked, if it has a name.
    """

    point_cents: int | None
    low_cents: int | None
    high_cents: int | None
    effective_n: float
    used: int
    rejected: int
    best_similarity: float
    median_age_days: int | None
    confidence: float | None
    reason: str | None
    comps: tuple[JudgedComp, ...]
    log_values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    log_point: float = 0.0
    scale: float = 0.0
    calibration: Calibration | None = None
    model_version: str | None = None

    def probability_at_least(self, cents: float) -> float:
        """P(value ≥ cents), falling in `cents`; 0 without an estimate."""
        if self.calibration is None or cents <= 0:
            return 0.0
        return self.calibration.at_least(math.log(cents) - self.log_point, self.scale)

    def histogram(self) -> dict[str, object] | None:
        """Where the accepted comps lie: per mille of their weight in equal steps of money."""
        if self.point_cents is None:
            return None
        values = [math.exp(value) for value in self.log_values]
        low, high = min(values), max(values)
        if high - low < BINS:
            low, high = low * 0.95, max(high * 1.05, low + BINS)
        bins = [0.0] * BINS
        for value, weight in zip(values, self.weights, strict=True):
            bins[min(BINS - 1, int((value - low) / (high - low) * BINS))] += weight
        return {
            "low_cents": round(low),
            "high_cents": round(high),
            "bins": [round(mass * 1000) for mass in bins],
        }


def no_estimate(reason: str, *, comps: tuple[JudgedComp, ...] = (), looked_at: int = 0) -> Estimate:
    """The answer when nothing can be said, after looking at so many comparables."""
    best = max((judged.similarity for judged in comps), default=0.0)
    return Estimate(None, None, None, 0.0, 0, looked_at, best, None, None, reason, comps)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """The candidates of one item, best first, each with its part; `log_point` is None when too few are left."""

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


def estimate(
    item: Item,
    market: Market,
    *,
    now: datetime,
    matches: Matches | None = None,
    usual_shipping: float = 0.0,
) -> Estimate:
    """What `item` would sell for with shipping, judged by `market`.

    `matches` are the market's answer for the item's title when it is known already. `usual_shipping`
    is the share of the price that shipping usually adds; it stands in where a sale does not tell.
    """
    title = read_title(item.title)
    if matches is None:
        matches = market.search(title, limit=CANDIDATES)
    if not len(matches.rows):
        return no_estimate("too_few")
    told = _told_by_title(market, title)
    weighed = _weigh(
        item, title, told, market, matches, now=now.timestamp(), usual_shipping=usual_shipping
    )
    judged = _judged(market, weighed)
    if weighed.log_point is None:
        return no_estimate("too_few", comps=judged, looked_at=len(weighed.rows))
    return _read(weighed, weighed.log_point, judged, market)


def _told_by_title(market: Market, title: Title) -> float | None:
    """The log price, as of a used thing, that the title alone says; None in a small market."""
    if market.model is None:
        return None
    return float(market.model.predict(market.vectors(title).all)[0])


def _weigh(
    item: Item,
    title: Title,
    told: float | None,
    market: Market,
    matches: Matches,
    *,
    now: float,
    usual_shipping: float,
) -> _Weighed:
    """Adjust every candidate to the item, refuse the unfit, weigh the rest and find the point."""
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
        return _Weighed(
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
    point = weighted_quantile(adjusted[kept], weight[kept], (0.5,))[0]
    mean = float(adjusted @ weight)
    deviation = math.sqrt(float(((adjusted - mean) ** 2) @ weight))
    prior = PRIOR_COMPS * market.spread**2
    spread = math.sqrt((effective * deviation**2 + prior) / (effective + PRIOR_COMPS))
    disagreement = 0.0
    if told is not None:
        own = (
            told + market.condition_offset[item.condition] + float(trend.between(trend.centre, now))
        )
        disagreement = abs(own - point)
        point += TITLE_WEIGHT * (own - point)
    case = circumstances(float(similarity[0]), spread, effective, disagreement)
    return _Weighed(
        rows, similarity, age_days, adjusted, kept, reasons, weight, effective, point, case
    )


def _judged(market: Market, weighed: _Weighed) -> tuple[JudgedComp, ...]:
    """All that were used, then the most similar of those that were not."""
    kept = weighed.kept
    shown = [*np.flatnonzero(kept), *np.flatnonzero(~kept)[:MAX_SHOWN_REJECTED]]
    return tuple(
        JudgedComp(
            comp=market.comps[weighed.rows[i]],
            similarity=round(float(weighed.similarity[i]), 4),
            weight=round(float(weighed.weight[i]), 6),
            accepted=bool(kept[i]),
            reason=weighed.reasons[i],
            adjusted_cents=round(math.exp(float(weighed.adjusted[i]))),
            quote=_quote(market, int(weighed.rows[i]), weighed.reasons[i]),
        )
        for i in shown
    )


def _read(
    weighed: _Weighed, log_point: float, judged: tuple[JudgedComp, ...], market: Market
) -> Estimate:
    calibration = market.learned.calibration
    scale = calibration.scale(weighed.case)
    low, middle, high = (log_point + calibration.quantile(q, scale) for q in (0.1, 0.5, 0.9))
    if high - low > math.log(MAX_SPREAD):
        return no_estimate("too_spread", comps=judged, looked_at=len(weighed.rows))
    kept, weight = weighed.kept, weighed.weight[weighed.kept]
    best = float(weighed.similarity[0])
    age = float(weighted_quantile(weighed.age_days[kept], weight, (0.5,))[0])
    return Estimate(
        point_cents=round(math.exp(middle)),
        low_cents=round(math.exp(low)),
        high_cents=round(math.exp(high)),
        effective_n=round(weighed.effective, 2),
        used=int(kept.sum()),
        rejected=int((~kept).sum()),
        best_similarity=round(best, 4),
        median_age_days=round(age),
        confidence=_capped(_confidence(best, weighed.effective, high - low, age), market),
        reason=None,
        comps=judged,
        log_values=tuple(float(v) for v in weighed.adjusted[kept]),
        weights=tuple(float(w) for w in weight),
        log_point=log_point,
        scale=scale,
        calibration=calibration,
        model_version=market.learned.version,
    )


def fitted(comps: Sequence[Comp], *, currency: str) -> Market:
    """A market that has learned all it can from its comparables: prices, and how wrong it is."""
    return calibrated(Market(comps, currency=currency))


def calibrated(market: Market, *, usual_shipping: float = 0.0) -> Market:
    """The market with its own calibration: its sales are valued without themselves.

    Each is valued as of its own day, by sales of other titles up to then. About CALIBRATION_SALES are
    taken evenly over time; they weigh by recency.
    """
    teaching = np.flatnonzero(market.plain & ~market.learned.effects.odd)
    newest = teaching[np.lexsort((teaching, -market.sold_at[teaching]))]
    newest = newest[:: max(1, len(newest) // CALIBRATION_SALES)]
    cases, errors, ages = [], [], []
    for row in newest:
        comp = market.comps[row]
        if comp.condition == conditions.FOR_PARTS:
            continue
        title = market.title(int(row))
        found = market.search(title, limit=CANDIDATES + TWINS)
        others = np.array(
            [
                market.sold_at[other] <= market.sold_at[row]
                and market.title(int(other)).full != title.full
                for other in found.rows
            ],
            bool,
        )
        matches = Matches(found.rows[others][:CANDIDATES], found.similarity[others][:CANDIDATES])
        if not len(matches.rows):
            continue
        told = None if market.model is None else float(market.model.fitted[row])
        weighed = _weigh(
            Item(comp.title, comp.condition, comp.currency),
            title,
            told,
            market,
            matches,
            now=market.sold_at[row],
            usual_shipping=usual_shipping,
        )
        if weighed.log_point is None:
            continue
        untold = math.log1p(usual_shipping) * market.shipping_untold[row]
        cases.append(weighed.case)
        errors.append(float(market.log_total[row]) + untold - weighed.log_point)
        ages.append((market.sold_at[newest[0]] - market.sold_at[row]) / 86_400.0)
    weights = np.exp2(-np.array(ages, float) / CALIBRATION_HALF_LIFE_DAYS)
    calibration = calibrate(np.array(cases, float), np.array(errors, float), weights)
    learned = replace(market.learned, calibration=calibration)
    return Market(market.comps, currency=market.currency, learned=learned)


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
    typical = float(similarity[min(TYPICAL_RANK, len(rows)) - 1])
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


def _quote(market: Market, row: int, reason: str | None) -> str | None:
    """The words of a comp's title that made it unfit."""
    return next((flag.quote for flag in market.flags(row) if flag.code == reason), None)


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


def _capped(confidence: float, market: Market) -> float:
    """No more than asking prices can give, where the market is made of them."""
    is_asking = any(comp.kind == "asking" for comp in market.comps[:1])
    return min(confidence, ASKING_CONFIDENCE_CAP) if is_asking else confidence


def _confidence(best: float, effective: float, log_width: float, age_days: float) -> float:
    """0 to 1: the product of how alike the best comp is, how many there are, how narrow and how fresh.

    Best similarity is the strongest sign of a small error; see docs/valuation.md.
    """
    alike = min(1.0, max(0.0, (best - 0.25) / 0.55))
    many = effective / (effective + 2.5)
    narrow = math.exp(-max(0.0, log_width - 0.25) * 0.8)
    fresh = 2.0 ** (-max(0.0, age_days - 30.0) / 120.0)
    return round(min(1.0, float(alike**0.7 * many * narrow * fresh * 1.25)), 3)
