"""The deal score: 0 to 100 in named parts that add up, from the distribution of what a thing is worth.

Computed on total cost. A cheaper offer of the same thing never scores less, in no part; one that is
risky (domain/risk.py) is withheld instead, as are lots, accessories, broken things, unknown shipping,
values on evidence too thin to carry a verdict, and auctions while their bid can still rise by much.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain import auctions, risk
from app.domain import condition as conditions
from app.domain.offers import NOTHING_KNOWN, Offer, Surroundings
from app.domain.risk import RiskFlag, unfit
from app.domain.valuation import Estimate

__all__ = [
    "MARGIN",
    "MIN_CONFIDENCE",
    "Offer",
    "Part",
    "RiskFlag",
    "Score",
    "recent_sales",
    "score_deal",
    "unfit",
]

MARGIN = 0.25
"""A deal is something worth at least a quarter more than it costs: 20 % under its value."""

MIN_CONFIDENCE = 0.35
"""Below it there is a value but no score. On the simulated market the fair value of such listings is off by
15 % in the middle and by 30 % for one in ten: as much as the discount that a score would claim."""

MAX_DISCOUNT, MAX_CERTAINTY, MAX_LIQUIDITY = 40, 35, 10
MAX_CONDITION, MAX_SELLER, MAX_FRESHNESS = 5, 5, 5
DEAREST, CHEAPEST = 1.3, 0.5
RECENT = timedelta(days=30)
HALF_LIQUID = 3
"""So many sales in the last 30 days earn half of the points for liquidity. Own judgement, 2026-11."""

CONDITION_WORTH = {
    conditions.NEW: 1.0,
    conditions.OPEN_BOX: 0.9,
    conditions.REFURBISHED: 0.9,
    conditions.LIKE_NEW: 0.9,
    conditions.EXCELLENT: 0.85,
    conditions.VERY_GOOD: 0.8,
    conditions.GOOD: 0.8,
    conditions.USED: 0.7,
    conditions.ACCEPTABLE: 0.4,
    conditions.UNKNOWN: 0.2,
    conditions.FOR_PARTS: 0.0,
}
"""How sure one can be of what one gets, by condition. Own judgement, 2026-11; worth five points at most."""


@dataclass(frozen=True, slots=True)
class Part:
    """Points of one named part; whole numbers, so that they add up exactly. `measure` is what they rest on."""

    name: str
    points: int
    max_points: int
    measure: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """The score with its parts, or none with the reason. `probability`: of being worth cost × (1 + MARGIN).

    `bid_limit_cents`: the highest bid of an auction that keeps the margin; None where nobody can say.
    """

    total: int | None
    reason: str | None
    parts: tuple[Part, ...]
    discount: float | None
    probability: float | None
    risks: tuple[RiskFlag, ...]
    bid_limit_cents: int | None = None


def score_deal(
    offer: Offer, worth: Estimate, *, now: datetime, around: Surroundings = NOTHING_KNOWN
) -> Score:
    """How good a deal the offer is, given what the thing is worth and what is known around the listing."""
    risks = risk.assess(offer, worth, around)
    cost = offer.cost_cents
    ratio = cost / worth.point_cents if cost is not None and worth.point_cents else None
    discount = None if ratio is None else round(1.0 - ratio, 4)
    probability = (
        None if ratio is None or cost is None else worth.probability_at_least(cost * (1 + MARGIN))
    )
    reason = _withheld(offer, worth, risks)
    limit = None
    if reason is None:
        limit = auctions.bid_limit(offer, worth.point_cents, margin=MARGIN)
    if auctions.is_open(offer, worth.point_cents, now=now):
        return Score(None, reason or "running_auction", (), None, None, risks, limit)
    if reason is not None or ratio is None or probability is None:
        return Score(None, reason, (), discount, probability, risks)
    parts = _parts(offer, worth, ratio, probability, now)
    total = sum(part.points for part in parts)
    return Score(total, None, parts, discount, probability, risks, limit)


def _withheld(offer: Offer, worth: Estimate, risks: tuple[RiskFlag, ...]) -> str | None:
    """Why there is no score: what the thing is, then what is not known, then what speaks against it."""
    flag = unfit(offer.title, offer.condition)
    if flag is not None:
        return flag.code
    if worth.point_cents is None:
        return "not_permitted" if worth.reason == "not_permitted" else "no_estimate"
    if offer.cost_cents is None:
        return "shipping_unknown"
    if risk.total_weight(risks) >= risk.WITHHELD_FROM:
        codes = {found.code for found in risks}
        return "far_below_interval" if "far_below_interval" in codes else "too_risky"
    return "low_confidence" if (worth.confidence or 0.0) < MIN_CONFIDENCE else None


def _parts(
    offer: Offer, worth: Estimate, ratio: float, probability: float, now: datetime
) -> tuple[Part, ...]:
    """Discount and certainty carry the score; the rest only counts as far as this is a deal at all.

    Each part is rounded by itself, so that no part falls when the cost does.
    """
    cheapness = min(1.0, max(0.0, (DEAREST - ratio) / (DEAREST - CHEAPEST)))
    trust = 0.5 + 0.5 * (worth.confidence or 0.0)
    sales = recent_sales(worth, now)
    age_days = max(0.0, (now - offer.listed_at).total_seconds() / 86_400.0)
    wanted = (
        ("discount", MAX_DISCOUNT, cheapness**1.5 * trust, 1.0 - ratio),
        ("certainty", MAX_CERTAINTY, probability * trust, probability),
        ("liquidity", MAX_LIQUIDITY, probability * sales / (sales + HALF_LIQUID), float(sales)),
        ("condition", MAX_CONDITION, probability * CONDITION_WORTH[offer.condition], None),
        (
            "seller",
            MAX_SELLER,
            probability * _seller_worth(offer),
            offer.seller_feedback_percent,
        ),
        ("freshness", MAX_FRESHNESS, probability * 0.5 ** (age_days / 7.0), age_days),
    )
    return tuple(
        Part(
            name,
            int(maximum * share + 0.5),
            maximum,
            None if measure is None else round(measure, 4),
        )
        for name, maximum, share, measure in wanted
    )


def recent_sales(worth: Estimate, now: datetime) -> int:
    """How many of the sales behind the value are of the last 30 days: how readily such things sell.

    Asking prices are no sales, and undated ones not known to be recent. At most as many as an estimate uses.
    """
    return sum(
        judged.accepted
        and judged.comp.kind != "asking"
        and judged.comp.dated
        and judged.comp.sold_at > now - RECENT
        for judged in worth.comps
    )


def _seller_worth(offer: Offer) -> float:
    """0 to 1 from feedback: a share of content buyers, trusted as far as there are many."""
    if offer.seller_feedback_percent is None or not offer.seller_feedback_score:
        return 0.0
    content = min(1.0, max(0.0, (offer.seller_feedback_percent - 90.0) / 10.0))
    many = offer.seller_feedback_score / (offer.seller_feedback_score + 50.0)
    return content * max(0.0, many)
