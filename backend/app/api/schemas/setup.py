"""How this Deal Scout is set up, on the wire. Output fields have no defaults."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel


class LicenceSource(BaseModel):
    """Where the rule is written, when it was read and how."""

    title: str
    url: str
    read_on: date
    how_read: str
    rules: list[str]


class PricingChoice(BaseModel):
    """Whether eBay content may feed estimates: what holds, what it means, how to change it."""

    setting: str
    permitted: bool
    now: str
    meanings: list[str]
    how_to_change: str
    source: LicenceSource


class InsightsAccess(BaseModel):
    """Whether past sales can be read from eBay; `reason` as eBay told it."""

    setting: str
    state: Literal["off", "not_asked", "granted", "not_granted"]
    now: str
    reason: str | None
    since: datetime | None


class KindHeld(BaseModel):
    """How many comparables of a kind there are."""

    kind: Literal["sold", "own_sale", "imported", "asking"]
    comps: int
    newest_at: datetime


class Setup(BaseModel):
    """The choices that whoever runs this has made, as far as everybody may know."""

    simulated: bool
    pricing: PricingChoice
    insights: InsightsAccess
    comparables: list[KindHeld]
    how_to_import: str
