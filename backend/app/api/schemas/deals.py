"""Deals as they are answered. Output fields have no defaults."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.api.schemas.deals_query import Condition, Fraction
from app.services.deals import COUNT_CAP

NoScoreReason = Literal[
    "no_estimate",
    "not_permitted",
    "lot",
    "accessory",
    "for_parts",
    "far_below_interval",
    "too_risky",
    "low_confidence",
    "shipping_unknown",
    "running_auction",
]
RiskCode = Literal[
    "far_below_interval",
    "unproven_seller",
    "new_seller_high_value",
    "off_platform_payment",
    "outside_contact",
    "photo_reused",
    "text_copied",
    "fake_discount",
]
RiskLevel = Literal["none", "low", "elevated", "high"]


class Distribution(BaseModel):
    """Weights of the accepted comparables over equal bins of price."""

    low_cents: int
    high_cents: int
    bins: list[float]


DEAL_EXAMPLE: JsonDict = {
    "id": "0192f1c2-a7b0-7c3e-9d1e-2f3a4b5c6d7e",
    "marketplace": "ebay",
    "external_id": "v1|110000000001|0",
    "title": "Canon AE-1 35mm SLR Film Camera with 50mm f/1.8 lens",
    "url": "https://www.ebay.com/itm/110000000001",
    "image_url": "https://i.ebayimg.com/images/g/abc/s-l500.jpg",
    "category": "15230",
    "category_name": "Film Cameras",
    "condition": "good",
    "price_cents": 8999,
    "shipping_cents": 950,
    "total_cost_cents": 9949,
    "currency": "USD",
    "fair_value_cents": 14600,
    "interval_low_cents": 12100,
    "interval_high_cents": 17900,
    "discount": 0.32,
    "profit_cents": 1669,
    "roi": 0.1678,
    "score": 87,
    "no_score_reason": None,
    "risk_code": None,
    "confidence": 0.81,
    "evidence_count": 14,
    "evidence_age_days": 21,
    "distribution": {
        "low_cents": 9000,
        "high_cents": 21000,
        "bins": [1, 2, 4, 6, 7, 5, 3, 2, 1, 1, 0, 0],
    },
    "formula_version": "v1",
    "buying_option": "fixed_price",
    "bid_count": None,
    "bid_limit_cents": None,
    "bid_limit_total_cents": None,
    "ends_at": None,
    "listed_at": "2026-11-23T16:40:00.000Z",
    "seen_at": "2026-11-23T17:05:12.000Z",
    "simulated": False,
}


class Deal(BaseModel):
    """A live listing with what it is worth, as lists show it.

    Of an auction the price is the current bid, and `bid_limit_cents` the highest bid, without shipping, at
    which it would still be a deal: 0 when no bid is, null when nobody can say; the total is with shipping. Until its last hour an
    auction has no score, discount or profit.
    """

    model_config = ConfigDict(json_schema_extra={"example": DEAL_EXAMPLE})

    id: UUID
    marketplace: str
    external_id: str
    title: str
    url: str
    image_url: str | None
    category: str
    category_name: str
    condition: Condition
    price_cents: int
    shipping_cents: int | None
    total_cost_cents: int | None
    currency: str
    fair_value_cents: int | None
    interval_low_cents: int | None
    interval_high_cents: int | None
    discount: float | None
    profit_cents: int | None
    roi: float | None
    score: Annotated[int, Field(ge=0, le=100)] | None
    no_score_reason: NoScoreReason | None
    risk_code: RiskCode | None
    confidence: Fraction | None
    evidence_count: int
    evidence_age_days: int | None
    distribution: Distribution | None
    formula_version: str | None
    buying_option: Literal["fixed_price", "auction"]
    bid_count: int | None
    bid_limit_cents: int | None
    bid_limit_total_cents: int | None
    ends_at: datetime | None
    listed_at: datetime
    seen_at: datetime
    simulated: bool


class DealList(BaseModel):
    """A page of deals. `total` counts to 1,001, which means "more than 1,000"."""

    items: list[Deal]
    next: str | None
    total: Annotated[int, Field(ge=0, le=COUNT_CAP)]


class Seller(BaseModel):
    """What is known of the seller; never who it is."""

    feedback_percent: float | None
    feedback_score: int | None


class ScorePart(BaseModel):
    """A named part of the score; the parts add up to it."""

    name: str
    label: str
    points: float
    max_points: float
    detail: str


class PointParts(BaseModel):
    """What a point is made of: comps^comps_weight × title^title_weight × correction, rounded once, at the end.

    `comps_cents` is the weighted middle of the comparables, `title_cents` what the title alone says (null
    where a category has too few sales for that), `correction` the middle of what past values here were off by.
    `blend_cents` (before the correction) and `correction_cents` are rounded for reading.
    """

    comps_cents: int
    comps_weight: Fraction
    title_cents: int | None
    title_weight: Fraction
    blend_cents: int
    correction: float
    correction_cents: int
    point_cents: int


class Estimate(BaseModel):
    """What the thing is worth, between which bounds, and on how much evidence; or why nobody can say.

    `kinds`: how many comparables of each kind are known for the category; only one kind is used. `parts` is
    null without a value, and for one of before parts were kept.
    """

    point_cents: int | None
    low_cents: int | None
    high_cents: int | None
    effective_n: float
    used: int
    rejected: int
    best_similarity: float | None
    median_age_days: int | None
    reason: str | None
    explanation: str
    kinds: dict[str, int]
    parts: PointParts | None


class CompOut(BaseModel):
    """A comparable, accepted with its weight or rejected with the reason.

    `sold_at` is null for an asking price and for a sale whose date is not known.
    """

    id: str
    kind: str
    title: str
    price_cents: int
    shipping_cents: int | None
    total_cents: int
    currency: str
    condition: str
    sold_at: datetime | None
    similarity: float
    weight: float
    accepted: bool
    reason: str | None
    reason_text: str | None


class RiskFlag(BaseModel):
    """Something to look at twice, with the words or the fact that say so.

    Weights add up; from 70 on a score is withheld. Weight 0: worth knowing, no risk.
    """

    code: str
    text: str
    quote: str | None
    weight: Annotated[int, Field(ge=0, le=100)]


class FlipLine(BaseModel):
    """A part of the profit; what is taken away is below zero, and all lines add up to the profit."""

    name: Literal["resale", "fee", "order_fee", "shipping", "cost"]
    label: str
    detail: str
    cents: int


class FeeScheduleUsed(BaseModel):
    """Which fees were counted: the schedule, the rates in it, and where it is from."""

    name: str
    version: str
    rates: str
    source: str
    address: str
    valid_from: date
    read_on: date
    first_hand: bool


class Flip(BaseModel):
    """What buying it and selling it again would leave, line by line; or the reason why nobody can say."""

    profit_cents: int | None
    roi: float | None
    reason: (
        Literal[
            "no_estimate",
            "running_auction",
            "shipping_unknown",
            "resale_shipping_unknown",
            "no_fee_schedule",
            "fee_unknown",
        ]
        | None
    )
    explanation: str
    lines: list[FlipLine]
    schedule: FeeScheduleUsed | None
    not_counted: list[str]


class PricePoint(BaseModel):
    """What the listing cost from `observed_at` on."""

    observed_at: datetime
    price_cents: int
    shipping_cents: int | None


class Method(BaseModel):
    """How and when the value was computed, and what the marketplace's terms say.

    `model_version` names the fitted model that was asked; null where none was.
    """

    formula_version: str
    model_version: str | None
    valued_at: datetime
    comps_refreshed_at: datetime | None
    source_policy: str


class DealEvidence(Deal):
    """A deal with everything behind its numbers."""

    model_config = ConfigDict(json_schema_extra={})

    no_score_explanation: str | None
    verdict: str
    seller: Seller
    location: str | None
    score_parts: list[ScorePart]
    estimate: Estimate
    comps: list[CompOut]
    risk_level: RiskLevel
    risk_flags: list[RiskFlag]
    flip: Flip | None
    price_history: list[PricePoint]
    method: Method
