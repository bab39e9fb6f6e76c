"""What an item is worth: an interval of what similar ones sold for, with every comparable judged.

The point is the weighed median of adjusted comparables (`weighing`), leaning on what the title alone
says; the distribution around it is the market's own calibration. Too few or too spread: no estimate,
with the reason. Pure: the same item, market and `now` give the same estimate.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from app.domain import condition as conditions
from app.domain.calibration import Calibration, calibrate
from app.domain.comparables import Comp, Market, Matches
from app.domain.titles import Title, read_title
from app.domain.weighing import (
    TITLE_WEIGHT,
    Item,
    Weighed,
    robust_outliers,
    weigh,
    weighted_quantile,
)

__all__ = [
    "ASKING_CONFIDENCE_CAP",
    "CANDIDATES",
    "FORMULA_VERSION",
    "Estimate",
    "Item",
    "JudgedComp",
    "PointParts",
    "calibrated",
    "estimate",
    "fitted",
    "no_estimate",
    "robust_outliers",
    "weighted_quantile",
]

FORMULA_VERSION = "v4"
CANDIDATES = 60
MAX_SHOWN_REJECTED = 10
CALIBRATION_SALES = 3_000
CALIBRATION_HALF_LIFE_DAYS = 60.0
TWINS = 20
MAX_SPREAD = 10.0
BINS = 12
ASKING_CONFIDENCE_CAP = 0.35
"""Asking prices are what sellers hope for: what is priced too high stays for sale and is counted again and
again, so they lie above what is paid by an amount that they themselves cannot tell. However many agree, an
estimate from them stays under 0.4, below which pages call evidence thin. Own judgement, 2026-11."""

Floats = NDArray[np.float64]


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
class PointParts:
    """What the point is made of: what comparables say, what the title alone says, and past errors.

    Point = comps^(1 − title_weight) × title^title_weight × correction, rounded to cents at the end
    only. `correction` is the middle of what past values here were off by. Without a title's own price
    (None) its weight is 0.
    """

    comps_cents: int
    title_cents: int | None
    title_weight: float
    correction: float

    @property
    def blend(self) -> float:
        """Comparables and title together, in cents not rounded, before the correction."""
        title_cents = self.comps_cents if self.title_cents is None else self.title_cents
        return float(self.comps_cents ** (1.0 - self.title_weight) * title_cents**self.title_weight)

    @property
    def point_cents(self) -> int:
        """The point."""
        return round(self.blend * self.correction)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Fair value with an 80 % interval, or none with the `reason`.

    `log_point`, `scale` and `calibration` are the value's distribution; `log_values` and `weights` the
    accepted comps, adjusted; `parts` are what the point is made of. `model_version` names the fitted model that was asked, if it has a name.
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
    parts: PointParts | None = None

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


def estimate(
    item: Item,
    market: Market,
    *,
    now: datetime,
    matches: Matches | None = None,
    usual_shipping: float = 0.0,
    told: float | None = None,
) -> Estimate:
    """What `item` would sell for with shipping, judged by `market`.

    `matches` are the market's answer for the item's title when it is known already, and `told` the log
    price that the title alone says, as of a used thing. `usual_shipping` is the share of the price that
    shipping usually adds; it stands in where a sale does not tell.
    """
    title = read_title(item.title)
    if matches is None:
        matches = market.search(title, limit=CANDIDATES)
    matches = market.allowed(matches, now.timestamp())
    if not len(matches.rows):
        return no_estimate("too_few")
    if told is None:
        told = _told_by_title(market, title)
    weighed = weigh(
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
    return market.model.predict_one(market.query(title).all)


def _judged(market: Market, weighed: Weighed) -> tuple[JudgedComp, ...]:
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
    weighed: Weighed, log_point: float, judged: tuple[JudgedComp, ...], market: Market
) -> Estimate:
    calibration = market.learned.calibration
    scale = calibration.scale(weighed.case)
    low, middle, high = (log_point + calibration.quantile(q, scale) for q in (0.1, 0.5, 0.9))
    if high - low > math.log(MAX_SPREAD):
        return no_estimate("too_spread", comps=judged, looked_at=len(weighed.rows))
    kept, weight = weighed.kept, weighed.weight[weighed.kept]
    best = float(weighed.similarity[kept][0])
    age = float(weighted_quantile(weighed.age_days[kept], weight, (0.5,))[0])
    parts = _parts(weighed, math.exp(middle - log_point))
    return Estimate(
        point_cents=parts.point_cents,
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
        parts=parts,
    )


def _parts(weighed: Weighed, correction: float) -> PointParts:
    """What a point is made of, in whole cents where it is money."""
    assert weighed.by_comps is not None
    by_title = weighed.by_title
    return PointParts(
        comps_cents=round(math.exp(weighed.by_comps)),
        title_cents=None if by_title is None else round(math.exp(by_title)),
        title_weight=0.0 if by_title is None else TITLE_WEIGHT,
        correction=correction,
    )


def fitted(comps: Sequence[Comp], *, currency: str, use_for_days: float | None = None) -> Market:
    """A market that has learned all it can from its comparables: prices, and how wrong it is.

    `use_for_days`: how old its comparables may get, by the terms they are had on.
    """
    market = calibrated(Market(comps, currency=currency))
    learned = replace(market.learned, use_for_days=use_for_days)
    return Market(market.comps, currency=currency, learned=learned)


def calibrated(market: Market, *, usual_shipping: float = 0.0) -> Market:
    """The market with its own calibration: its sales are valued without themselves.

    Each is valued as of its own day, by sales of other titles up to then. At most CALIBRATION_SALES are
    taken, evenly over time; they weigh by recency.
    """
    # odd prices too, which teach nothing else: what is to be valued may be sold as oddly
    sales = np.flatnonzero(market.plain)
    newest = sales[np.lexsort((sales, -market.sold_at[sales]))]
    evenly = np.linspace(0, len(newest) - 1, min(CALIBRATION_SALES, len(newest)))
    newest = newest[evenly.round().astype(int)]
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
        weighed = weigh(
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


def _quote(market: Market, row: int, reason: str | None) -> str | None:
    """The words of a comp's title that made it unfit."""
    return next((flag.quote for flag in market.flags(row) if flag.code == reason), None)


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
