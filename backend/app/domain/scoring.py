"""The deal score: 0 to 100 in named parts that add up, from the distribution of what a thing is worth.

Computed on total cost. A cheaper offer of the same thing never scores less; one so cheap that it is
hard to believe is withheld instead, as are lots, accessories, broken things and unknown shipping.
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain import condition as conditions
from app.domain.titles import read_title
from app.domain.valuation import Estimate

__all__ = ["MARGIN", "Offer", "Part", "RiskFlag", "Score", "score_deal", "unfit"]

MARGIN = 0.25
"""A deal is something worth at least a quarter more than it costs: 20 % under its value."""

MAX_DISCOUNT, MAX_CERTAINTY, MAX_CONDITION, MAX_SELLER, MAX_FRESHNESS = 45, 40, 5, 5, 5
DEAREST, CHEAPEST = 1.3, 0.5
FAR_BELOW_PROVEN, FAR_BELOW_UNPROVEN = 0.45, 0.62
PROVEN_FEEDBACK_SCORE, PROVEN_FEEDBACK_PERCENT = 30, 95.0

CONDITION_WORTH = {
    conditions.NEW: 1.0,
    conditions.OPEN_BOX: 0.9,
    conditions.REFURBISHED: 0.9,
    conditions.LIKE_NEW: 0.9,
    conditions.GOOD: 0.8,
    conditions.USED: 0.7,
    conditions.ACCEPTABLE: 0.4,
    conditions.UNKNOWN: 0.2,
    conditions.FOR_PARTS: 0.0,
}
"""How sure one can be of what one gets, by condition. Own judgement, 2026-11; worth five points at most."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is asked for a listing and by whom."""

    title: str
    condition: str
    price_cents: int
    shipping_cents: int | None
    buying_option: str
    seller_feedback_percent: float | None
    seller_feedback_score: int | None
    listed_at: datetime

    @property
    def cost_cents(self) -> int | None:
        """Price and shipping; None when the shipping is unknown."""
        return None if self.shipping_cents is None else self.price_cents + self.shipping_cents

    @property
    def seller_is_proven(self) -> bool:
        """Whether enough buyers have been content with the seller."""
        return (self.seller_feedback_score or 0) >= PROVEN_FEEDBACK_SCORE and (
            self.seller_feedback_percent or 0.0
        ) >= PROVEN_FEEDBACK_PERCENT


@dataclass(frozen=True, slots=True)
class Part:
    """Points of one named part; whole numbers, so that they add up exactly. `measure` is what they rest on."""

    name: str
    points: int
    max_points: int
    measure: float | None


@dataclass(frozen=True, slots=True)
class RiskFlag:
    """A rule that fired, with the words that made it fire."""

    code: str
    quote: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """The score with its parts, or none with the reason. `probability`: of being worth cost × (1 + MARGIN)."""

    total: int | None
    reason: str | None
    parts: tuple[Part, ...]
    discount: float | None
    probability: float | None
    risks: tuple[RiskFlag, ...]


def unfit(title: str, condition: str) -> RiskFlag | None:
    """Why a listing is not the plain, working thing and is not valued: lot, accessory, for_parts."""
    flags = read_title(title).flags
    if flags:
        return RiskFlag(flags[0].code, flags[0].quote)
    if condition == conditions.FOR_PARTS:
        return RiskFlag("for_parts", None)
    return None


def score_deal(offer: Offer, worth: Estimate, *, now: datetime) -> Score:
    """How good a deal the offer is, given what the thing is worth."""
    flag = unfit(offer.title, offer.condition)
    risks = _risks(offer, worth, flag)
    cost = offer.cost_cents
    ratio = cost / worth.point_cents if cost is not None and worth.point_cents else None
    discount = None if ratio is None else round(1.0 - ratio, 4)
    probability = (
        None if ratio is None or cost is None else worth.probability_at_least(cost * (1 + MARGIN))
    )
    reason = _withheld(offer, worth, flag)
    if reason is not None or ratio is None or probability is None:
        return Score(None, reason, (), discount, probability, risks)
    parts = _parts(offer, worth, ratio, probability, now)
    return Score(sum(p.points for p in parts), None, parts, discount, probability, risks)


def _withheld(offer: Offer, worth: Estimate, flag: RiskFlag | None) -> str | None:
    if flag is not None:
        return flag.code
    if worth.point_cents is None:
        return "no_estimate"
    if offer.cost_cents is None:
        return "shipping_unknown"
    return "far_below_interval" if _is_far_below(offer, worth) else None


def _is_far_below(offer: Offer, worth: Estimate) -> bool:
    """Cheaper than almost anything similar ever sold for, the more so from a seller nobody knows."""
    if worth.point_cents is None or worth.low_cents is None:
        return False
    cost = offer.cost_cents if offer.cost_cents is not None else offer.price_cents
    share = FAR_BELOW_PROVEN if offer.seller_is_proven else FAR_BELOW_UNPROVEN
    return cost < share * worth.point_cents and cost < worth.low_cents


def _parts(
    offer: Offer, worth: Estimate, ratio: float, probability: float, now: datetime
) -> tuple[Part, ...]:
    """Discount and certainty carry the score; the rest only counts as far as this is a deal at all."""
    cheapness = min(1.0, max(0.0, (DEAREST - ratio) / (DEAREST - CHEAPEST)))
    confidence = worth.confidence or 0.0
    age_days = max(0.0, (now - offer.listed_at).total_seconds() / 86_400.0)
    freshness = 0.5 ** (age_days / 7.0)
    seller = _seller_worth(offer)
    wanted = (
        ("discount", MAX_DISCOUNT, cheapness**1.5 * (0.5 + 0.5 * confidence), 1.0 - ratio),
        ("certainty", MAX_CERTAINTY, probability * (0.5 + 0.5 * confidence), probability),
        ("condition", MAX_CONDITION, probability * CONDITION_WORTH[offer.condition], None),
        ("seller", MAX_SELLER, probability * seller, offer.seller_feedback_percent),
        ("freshness", MAX_FRESHNESS, probability * freshness, age_days),
    )
    points = _whole([maximum * share for _, maximum, share, _ in wanted])
    return tuple(
        Part(name, given, maximum, None if measure is None else round(measure, 4))
        for (name, maximum, _, measure), given in zip(wanted, points, strict=True)
    )


def _whole(points: list[float]) -> list[int]:
    """Whole numbers that add up to the rounded sum: largest remainders are rounded up."""
    total = int(sum(points) + 0.5)
    floors = [int(p) for p in points]
    by_remainder = sorted(range(len(points)), key=lambda i: (floors[i] - points[i], i))
    for i in by_remainder[: total - sum(floors)]:
        floors[i] += 1
    return floors


def _seller_worth(offer: Offer) -> float:
    """0 to 1 from feedback: a share of content buyers, trusted as far as there are many."""
    if offer.seller_feedback_percent is None or not offer.seller_feedback_score:
        return 0.0
    content = min(1.0, max(0.0, (offer.seller_feedback_percent - 90.0) / 10.0))
    many = offer.seller_feedback_score / (offer.seller_feedback_score + 50.0)
    return content * max(0.0, many)


def _risks(offer: Offer, worth: Estimate, flag: RiskFlag | None) -> tuple[RiskFlag, ...]:
    found = [flag] if flag else []
    if _is_far_below(offer, worth):
        found.append(RiskFlag("far_below_interval", None))
        if not offer.seller_is_proven:
            found.append(RiskFlag("unproven_seller", None))
    if offer.buying_option == "auction":
        found.append(RiskFlag("auction", None))
    return tuple(found)
