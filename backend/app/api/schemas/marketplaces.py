"""What GET /marketplaces and GET /categories answer."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class Marketplace(BaseModel):
    """A marketplace and how well it is read.

    `pricing_permitted`: whether its content may feed estimates here; see /setup. `sales_state`: whether
    its past sales can be read.
    """

    id: str
    name: str
    state: Literal["starting", "healthy", "degraded"]
    reason: str | None
    last_scan_at: datetime | None
    live_listings: int
    max_age_seconds: int
    mixable: bool
    simulated: bool
    pricing_permitted: bool
    sales_state: Literal["off", "not_asked", "granted", "not_granted"]
    sales_reason: str | None


class MarketplaceList(BaseModel):
    """Every marketplace; one page."""

    items: list[Marketplace]
    next: None
    total: int


class Category(BaseModel):
    """A category with the number of deals shown in it."""

    id: str
    name: str
    marketplace: str
    deals: int


class CategoryList(BaseModel):
    """Every category that has deals; one page."""

    items: list[Category]
    next: None
    total: int
