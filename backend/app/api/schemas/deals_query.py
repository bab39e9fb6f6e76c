"""What may be asked of the deals, and the shapes of the values that questions share."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from app.services.deals import MAX_LIMIT, DealFilters, Sort

Condition = Literal[
    "new",
    "open_box",
    "refurbished",
    "like_new",
    "excellent",
    "very_good",
    "used",
    "good",
    "acceptable",
    "for_parts",
    "unknown",
]
MAX_CENTS = 10**12


def printable(text: str) -> str:
    """The text, unless it has control characters."""
    if any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in text):
        raise ValueError("control characters are not allowed")
    return text


def _this_era(time: datetime) -> datetime:
    if not 1970 <= time.year < 2200:
        raise ValueError("the year must be between 1970 and 2199")
    return time


Words = Annotated[str, StringConstraints(max_length=200), AfterValidator(printable)]
CategoryId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
MarketplaceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,32}$")]
Cents = Annotated[int, Field(ge=0, le=MAX_CENTS)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class DealsQuery(BaseModel):
    """The query of the deals list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Words | None = Field(
        None, description="Words that the title has, all of them.", examples=["leica m6"]
    )
    category: CategoryId | None = Field(None, description="A category's id.", examples=["15230"])
    marketplace: MarketplaceId | None = Field(None, examples=["ebay"])
    condition: Condition | None = Field(None, examples=["good"])
    min_price_cents: Cents | None = Field(None, description="Price without shipping, at least.")
    max_price_cents: Cents | None = Field(
        None, description="Price without shipping, at most.", examples=[25000]
    )
    min_discount: Annotated[float, Field(ge=-10, le=1, allow_inf_nan=False)] | None = Field(
        None,
        description="Fraction of fair value, at least; leaves out deals without one.",
        examples=[0.2],
    )
    min_score: Annotated[int, Field(ge=0, le=100)] | None = Field(
        None, description="At least; leaves out deals without a score."
    )
    min_confidence: Fraction | None = Field(
        None, description="At least; leaves out deals without one."
    )
    min_profit_cents: Annotated[int, Field(ge=-MAX_CENTS, le=MAX_CENTS)] | None = Field(
        None,
        description="What selling it again would leave, at least; leaves out deals without a profit.",
        examples=[2000],
    )
    min_roi: Annotated[float, Field(ge=-10, le=1000, allow_inf_nan=False)] | None = Field(
        None,
        description="That profit as a fraction of the total cost, at least; leaves out deals without one.",
        examples=[0.25],
    )
    free_shipping: bool | None = Field(
        None, description="true: only deals whose shipping is known to be free."
    )
    listed_since: Annotated[AwareDatetime, AfterValidator(_this_era)] | None = Field(
        None,
        description="Listed at this time or later; with a time zone.",
        examples=["2026-11-01T00:00:00Z"],
    )
    sort: Sort = Field(
        "score",
        description="Best score, newest, largest discount, lowest price, largest profit or largest profit by cost"
        " first; deals without a score come last in each, and before them those without the number asked for.",
    )
    cursor: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        None, description="`next` of the page before, with the same filters and order."
    )
    limit: int = Field(24, ge=1, le=MAX_LIMIT)

    def filters(self) -> DealFilters:
        """The filters as the service takes them. Blank words are no words."""
        return DealFilters(
            q=(self.q or "").strip() or None,
            category=self.category,
            marketplace=self.marketplace,
            condition=self.condition,
            min_price_cents=self.min_price_cents,
            max_price_cents=self.max_price_cents,
            min_discount=self.min_discount,
            min_score=self.min_score,
            min_confidence=self.min_confidence,
            min_profit_cents=self.min_profit_cents,
            min_roi=self.min_roi,
            free_shipping=bool(self.free_shipping),
            listed_since=self.listed_since,
        )
