"""Whether buying a listing and selling it again would pay, by its fair value and the marketplace's fees.

Returns, one's time and the buyer's sales tax are not counted: nobody can know them here.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from app.domain.fees import FeeUnknown, Flip, flip_profit, schedule_for
from app.domain.money import Money

__all__ = ["NO_FLIP_REASONS", "FlipOutlook", "ShippingFrom", "flip_of"]

ShippingFrom = Literal["usual", "listing"]
"""Where the shipping to the next buyer is taken from: the category's usual share, or what this listing asks."""

NO_FLIP_REASONS = (
    "no_estimate",
    "running_auction",
    "shipping_unknown",
    "resale_shipping_unknown",
    "no_fee_schedule",
    "fee_unknown",
)
"""Why there may be no profit: no value; a bid that can rise; no cost; no shipping to the next buyer; no fees, or none for the category."""


@dataclass(frozen=True, slots=True)
class FlipOutlook:
    """The flip with where its shipping is from, or the reason why there is none."""

    flip: Flip | None
    reason: str | None
    shipping_from: ShippingFrom | None


def flip_of(
    *,
    resale_cents: int | None,
    cost_cents: int | None,
    own_shipping_cents: int | None,
    usual_shipping: float | None,
    currency: str,
    category_id: str,
    marketplace: str,
    on: date,
    is_open_auction: bool = False,
) -> FlipOutlook:
    """The flip of a listing that costs `cost_cents` in all and would sell for `resale_cents` in all.

    `usual_shipping` is the share of the price that shipping usually adds in the category. Where that
    is unknown the next buyer's shipping is taken to be this listing's own; free shipping says nothing
    of what sending costs, so it counts as unknown. What an open auction costs is known when it is over.
    """
    if resale_cents is None:
        return _none("no_estimate")
    if is_open_auction:
        return _none("running_auction")
    if cost_cents is None:
        return _none("shipping_unknown")
    shipping_from: ShippingFrom = "usual" if usual_shipping else "listing"
    shipping_cents = (
        _share_of_total(resale_cents, usual_shipping) if usual_shipping else own_shipping_cents
    )
    if not shipping_cents:
        return _none("resale_shipping_unknown")
    schedule = schedule_for(marketplace, on)
    if schedule is None or schedule.currency != currency:
        return _none("no_fee_schedule")
    try:
        flip = flip_profit(
            Money(resale_cents, currency),
            shipping=Money(shipping_cents, currency),
            cost=Money(cost_cents, currency),
            category_id=category_id,
            schedule=schedule,
        )
    except FeeUnknown:
        return _none("fee_unknown")
    return FlipOutlook(flip, None, shipping_from)


def _none(reason: str) -> FlipOutlook:
    return FlipOutlook(None, reason, None)


def _share_of_total(total_cents: int, share: float) -> int:
    """The shipping in a total whose shipping is `share` of the price."""
    exact = Decimal(str(share))
    return int((total_cents * exact / (1 + exact)).quantize(Decimal(1), ROUND_HALF_UP))
