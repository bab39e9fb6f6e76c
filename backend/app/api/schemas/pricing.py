"""Price suggestions on the wire. Prices are totals: what a buyer pays with shipping. Output fields have no defaults."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from app.api.schemas.deals import CompOut, Distribution, PointParts
from app.api.schemas.deals_query import CategoryId, Condition, Fraction, printable
from app.domain.pricing import Goal

MAX_COST_CENTS = 10**10
MAX_ATTRIBUTES = 20

TitleText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=350),
    AfterValidator(printable),
]
AttributeName = Annotated[
    str, StringConstraints(min_length=1, max_length=60), AfterValidator(printable)
]
AttributeValue = Annotated[str, StringConstraints(max_length=120), AfterValidator(printable)]

QUESTION_EXAMPLE: JsonDict = {
    "title": "Canon AE-1 Program 35mm film camera body",
    "category": "15230",
    "condition": "used",
    "attributes": {"brand": "Canon", "model": "AE-1 Program"},
    "cost": 6000,
    "goal": "balanced",
}


class PriceQuestion(BaseModel):
    """What is to be sold, and whether it should go fast or for much."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": QUESTION_EXAMPLE}
    )

    title: TitleText = Field(description="As it would be listed; brand and model say the most.")
    category: CategoryId | None = Field(
        None, description="A category's id. Left out, it is guessed from past sales."
    )
    condition: Condition
    attributes: Annotated[dict[AttributeName, AttributeValue], Field(max_length=MAX_ATTRIBUTES)] = (
        Field(
            default_factory=dict,
            description="What the title leaves out, such as brand, model or storage; the values count as words of it.",
        )
    )
    cost: Annotated[int, Field(strict=True, ge=0, le=MAX_COST_CENTS)] | None = Field(
        None, description="What it cost you, in cents; gives the profit."
    )
    goal: Goal = Field(
        description="fast: the highest price with at least an even chance to sell within 7 days. balanced: the most"
        " of net × P(sold within 14 days). max: the same for 60 days. Always fast ≤ balanced ≤ max."
    )


class PriceInterval(BaseModel):
    """What it is worth with shipping: 8 in 10 such things sell between low and high."""

    low_cents: int
    point_cents: int
    high_cents: int
    parts: PointParts


class CategoryCandidate(BaseModel):
    """A category that the title may belong to, with its share of the vote of the sales that resemble it."""

    category: str
    name: str
    share: Fraction


class NoEstimateOut(BaseModel):
    """Why there is no number, and what would help.

    `candidates`: categories to choose from where the title alone does not say; best first.
    """

    code: str
    explanation: str
    would_help: list[str]
    candidates: list[CategoryCandidate]


class PriceLine(BaseModel):
    """An amount that adds to the proceeds, or takes from them when below zero."""

    label: str
    amount_cents: int
    detail: str


class PriceOutcome(BaseModel):
    """What a price leads to. Chances and days are null where selling speed is not known."""

    price_cents: int = Field(description="The total that a buyer pays, shipping included.")
    net_cents: int = Field(
        description="What is left after fees and, where known, what shipping usually costs."
    )
    median_days: float | None = Field(
        description="Days until half of such listings are sold; null also when less than half ever are."
    )
    p_sold_7d: Fraction | None
    p_sold_14d: Fraction | None
    p_sold_30d: Fraction | None


class SuggestedPrice(PriceOutcome):
    """The price for the goal.

    `lines` start with what the buyer pays and add up to `net_cents`; with `cost` two more follow:
    what it cost, and the profit or loss as the sum.
    """

    fees_cents: int
    lines: list[PriceLine]
    reason: str


class SpeedOut(BaseModel):
    """How selling speed is known. spells: by watched listings; turnover: by sales against live listings.

    `sold` and `censored` are the sales and the unsold listings that it was learned from; `weight`, 0 to 1,
    is how far the suggested price follows it rather than the value alone.
    """

    basis: Literal["spells", "turnover", "none"]
    sold: int
    censored: int
    weight: float
    explanation: str


class FeeScheduleOut(BaseModel):
    """The dated schedule that fees were worked out by, and where it comes from."""

    name: str
    version: str
    source: str
    read_on: date


_POINT: JsonDict = {
    "price_cents": 15000,
    "net_cents": 12018,
    "median_days": 6.4,
    "p_sold_7d": 0.53,
    "p_sold_14d": 0.74,
    "p_sold_30d": 0.86,
}
SUGGESTION_EXAMPLE: JsonDict = {
    "currency": "USD",
    "category": "15230",
    "category_name": "Film Cameras",
    "category_guessed": False,
    "condition": "used",
    "goal": "balanced",
    "formula_version": "v1",
    "model_version": None,
    "confidence": 0.81,
    "estimate": {
        "low_cents": 12100,
        "point_cents": 14600,
        "high_cents": 17900,
        "parts": {
            "comps_cents": 14200,
            "comps_weight": 0.6,
            "title_cents": 15500,
            "title_weight": 0.4,
            "blend_cents": 14706,
            "correction": 0.99277,
            "correction_cents": -106,
            "point_cents": 14600,
        },
    },
    "no_estimate": None,
    "suggested": {
        **_POINT,
        "fees_cents": 2080,
        "lines": [
            {"label": "Buyer pays", "amount_cents": 15000, "detail": "with shipping"},
            {"label": "Final value fee", "amount_cents": -2040, "detail": "13.6 % of the total"},
            {"label": "Per-order fee", "amount_cents": -40, "detail": "per order"},
            {
                "label": "Shipping",
                "amount_cents": -902,
                "detail": "what it usually costs in this category",
            },
        ],
        "reason": "What is left after fees times the chance to sell within 14 days is largest here: $120.18 × 74 %.",
    },
    "curve": [_POINT],
    "speed": {
        "basis": "turnover",
        "sold": 284,
        "censored": 512,
        "weight": 0.88,
        "explanation": "Sales per day over 19.5 days (284) against what is for sale now (512 listings), …",
    },
    "comps": [],
    "distribution": {
        "low_cents": 9000,
        "high_cents": 21000,
        "bins": [1, 2, 4, 6, 7, 5, 3, 2, 1, 1, 0, 0],
    },
    "fee_schedule": {
        "name": "eBay.com, sellers without a Store",
        "version": "2025-02-14",
        "source": "eBay's help page on selling fees (article 4822)",
        "read_on": "2026-09-23",
    },
}


class PriceSuggestion(BaseModel):
    """A price with everything behind it. Without enough evidence `no_estimate` says why, and all numbers are null."""

    model_config = ConfigDict(json_schema_extra={"example": SUGGESTION_EXAMPLE})

    currency: str
    category: str | None
    category_name: str | None
    category_guessed: bool
    condition: Condition
    goal: Goal
    formula_version: str
    model_version: str | None
    confidence: Fraction | None
    estimate: PriceInterval | None
    no_estimate: NoEstimateOut | None
    suggested: SuggestedPrice | None
    curve: list[PriceOutcome] = Field(
        description="Prices over the interval and somewhat beyond, cheapest first; empty without an estimate."
    )
    speed: SpeedOut
    comps: list[CompOut]
    distribution: Distribution | None
    fee_schedule: FeeScheduleOut | None
