"""Every word the product says about the profit of a flip, with the lines that add up to it."""

from collections.abc import Mapping
from typing import Any

from app.domain.fees import FeeLine, Flip
from app.domain.flips import FlipOutlook, ShippingFrom
from app.domain.money import format_cents
from app.domain.offers import Offer

__all__ = ["flip_evidence"]

NO_FLIP = {
    "no_estimate": "There is no estimate of what this would sell for.",
    "running_auction": "Bids can still rise, so what it would cost is not known yet.",
    "shipping_unknown": "The seller does not say what shipping costs, so the total cost is unknown.",
    "resale_shipping_unknown": "What sending it to the next buyer would cost is unknown: too few listings here"
    " state their shipping, and this one does not charge any.",
    "no_fee_schedule": "The marketplace's fees in this currency are not known.",
    "fee_unknown": "The marketplace charges this category by rates that are not known.",
}

SHIPPING_DETAILS = {
    "usual": "what shipping usually is in this category",
    "listing": "what this seller asks for shipping",
}

NOT_COUNTED = ("Sales tax and the fee on it, returns, and your time.",)


def flip_evidence(outlook: FlipOutlook, offer: Offer) -> dict[str, Any]:
    """The flip as the deal page shows it, ready to be stored: `lines` add up to `profit_cents`."""
    flip = outlook.flip
    if flip is None or outlook.shipping_from is None:
        reason = outlook.reason or "no_estimate"
        return {
            "profit_cents": None,
            "roi": None,
            "reason": reason,
            "explanation": NO_FLIP[reason],
            "lines": [],
            "schedule": None,
            "not_counted": [],
        }
    schedule = flip.schedule
    return {
        "profit_cents": flip.profit_cents,
        "roi": flip.roi,
        "reason": None,
        "explanation": _explanation(flip),
        "lines": [
            _line(
                "resale", "Sells again for", "its fair value, shipping included", flip.resale_cents
            ),
            *(_fee(line, flip.currency) for line in flip.fees.lines),
            _shipping(flip, outlook.shipping_from),
            _line("cost", "Costs now", _cost_detail(offer), -flip.cost_cents),
        ],
        "schedule": {
            "name": schedule.name,
            "version": schedule.version,
            "rates": flip.fees.rates_name,
            "source": schedule.source,
            "address": schedule.address,
            "valid_from": schedule.valid_from.isoformat(),
            "read_on": schedule.read_on.isoformat(),
            "first_hand": schedule.first_hand,
        },
        "not_counted": [*schedule.not_counted, *NOT_COUNTED],
    }


def _explanation(flip: Flip) -> str:
    """One sentence on what would be left."""
    kept = format_cents(flip.fees.net_cents, flip.currency)
    left = format_cents(abs(flip.profit_cents), flip.currency)
    of_cost = "" if flip.roi is None else f", {round(abs(flip.roi) * 100)} % of what it costs"
    outcome = "profit" if flip.profit_cents >= 0 else "loss"
    return f"After fees and shipping {kept} would be left of the resale: {left} {outcome}{of_cost}."


def _fee(line: FeeLine, currency: str) -> Mapping[str, Any]:
    if line.rate is None or line.base_cents is None:
        return _line("order_fee", line.name, "fixed", -line.cents)
    percent = f"{(line.rate * 100).normalize():f}"
    detail = f"{percent} % of {format_cents(line.base_cents, currency)}"
    return _line("fee", line.name, detail, -line.cents)


def _shipping(flip: Flip, shipping_from: ShippingFrom) -> Mapping[str, Any]:
    return _line(
        "shipping", "Shipping to the buyer", SHIPPING_DETAILS[shipping_from], -flip.shipping_cents
    )


def _cost_detail(offer: Offer) -> str:
    bid = "current bid" if offer.buying_option == "auction" else "price"
    return f"{bid} with {'shipping' if offer.shipping_cents else 'free shipping'}"


def _line(name: str, label: str, detail: str, cents: int) -> Mapping[str, Any]:
    return {"name": name, "label": label, "detail": detail, "cents": cents}
