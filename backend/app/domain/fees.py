"""What a sale brings: proceeds after a marketplace's fees, the price for wanted proceeds, the profit of a flip.

Cents and Decimal rates only; each fee line is rounded half up to the cent. A marketplace collects sales
tax from the buyer and hands it on, so it never is proceeds, yet some charge their fee on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.domain.fee_schedules import FeeSchedule, FeeUnknown, Rates, schedule_for
from app.domain.money import CurrencyMismatch, Money

__all__ = [
    "FeeLine",
    "FeeUnknown",
    "Flip",
    "NetProceeds",
    "flip_profit",
    "net_proceeds",
    "price_for_net",
    "schedule_for",
]

ORDER_FEE = "Per-order fee"


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One fee: `rate` of `base_cents`, or a fixed one with neither."""

    name: str
    rate: Decimal | None
    base_cents: int | None
    cents: int


@dataclass(frozen=True, slots=True)
class NetProceeds:
    """What the seller keeps: price and shipping charged, less `fees_cents` and the shipping paid.

    `rates_name` says which of the schedule's rates applied; the lines add up to `fees_cents`.
    """

    lines: tuple[FeeLine, ...]
    fees_cents: int
    net_cents: int
    rates_name: str


@dataclass(frozen=True, slots=True)
class Flip:
    """Buying at `cost_cents` and selling for `resale_cents` in all, by `schedule`.

    profit = resale - fees - shipping - cost; `roi` is profit / cost, None when it costs nothing.
    """

    currency: str
    resale_cents: int
    fees: NetProceeds
    shipping_cents: int
    cost_cents: int
    profit_cents: int
    roi: float | None
    schedule: FeeSchedule


def net_proceeds(
    price_cents: int,
    *,
    currency: str,
    shipping_charged_cents: int,
    shipping_cost_cents: int,
    sales_tax_cents: int = 0,
    category_id: str,
    schedule: FeeSchedule,
) -> NetProceeds:
    """What a sale at `price_cents` leaves, every amount in `currency`.

    Where a whole-amount tier or the order fee begins, a cent more in price can mean less in hand;
    between such thresholds it never does. Raises CurrencyMismatch for another currency than the
    schedule's, FeeUnknown for a category whose rates nobody knows, ValueError for an amount below zero.
    """
    amounts = (price_cents, shipping_charged_cents, shipping_cost_cents, sales_tax_cents)
    if min(amounts) < 0:
        raise ValueError(f"an amount is below zero: {amounts}")
    if currency != schedule.currency:
        raise CurrencyMismatch(f"{currency} by a schedule in {schedule.currency}")
    rates = schedule.rates(category_id)
    total = price_cents + shipping_charged_cents + sales_tax_cents
    charged = _charged(price_cents, shipping_charged_cents, sales_tax_cents, schedule)
    lines = (
        _by_slices(charged, rates, schedule)
        if rates.kind == "marginal"
        else _by_whole(charged, rates, schedule)
    )
    if order_fee := _order_fee(charged, total, rates, schedule):
        lines.append(FeeLine(ORDER_FEE, None, None, order_fee))
    fees = sum(line.cents for line in lines)
    return NetProceeds(
        lines=tuple(lines),
        fees_cents=fees,
        net_cents=price_cents + shipping_charged_cents - shipping_cost_cents - fees,
        rates_name=rates.name,
    )


def _charged(price: int, shipping: int, tax: int, schedule: FeeSchedule) -> int:
    """What the rates apply to."""
    parts = {"item": price, "shipping": shipping, "sales_tax": tax}
    return sum(cents for name, cents in parts.items() if name in schedule.charged)


def _fee(base_cents: int, rate: Decimal) -> int:
    return int((base_cents * rate).quantize(Decimal(1), ROUND_HALF_UP))


def _by_slices(charged: int, rates: Rates, schedule: FeeSchedule) -> list[FeeLine]:
    lines, start = [], 0
    for tier in rates.tiers:
        end = charged if tier.up_to_cents is None else min(charged, tier.up_to_cents)
        if end > start:
            part = end - start
            lines.append(FeeLine(schedule.fee_name, tier.rate, part, _fee(part, tier.rate)))
            start = end
    return lines


def _by_whole(charged: int, rates: Rates, schedule: FeeSchedule) -> list[FeeLine]:
    tier = rates.tiers[_tier_of(charged, rates)]
    return [FeeLine(schedule.fee_name, tier.rate, charged, _fee(charged, tier.rate))]


def _tier_of(charged: int, rates: Rates) -> int:
    """The index of the tier that an amount falls in; the last has no end."""
    return next(
        i
        for i, tier in enumerate(rates.tiers)
        if tier.up_to_cents is None or charged <= tier.up_to_cents
    )


def _order_fee(charged: int, total: int, rates: Rates, schedule: FeeSchedule) -> int:
    if not schedule.order_fees or not rates.tiers[_tier_of(charged, rates)].order_fee:
        return 0
    return next(
        step.fee_cents
        for step in schedule.order_fees
        if step.up_to_cents is None or total <= step.up_to_cents
    )


def price_for_net(
    wanted_net_cents: int,
    *,
    currency: str,
    shipping_charged_cents: int,
    shipping_cost_cents: int,
    sales_tax_cents: int = 0,
    category_id: str,
    schedule: FeeSchedule,
) -> int:
    """The least price, in cents, whose net proceeds are at least `wanted_net_cents`.

    Exact: the proceeds rise with the price between thresholds and may fall at one, so every stretch
    between two is searched, from the cheapest. Raises as net_proceeds does.
    """

    def net(price_cents: int) -> int:
        return net_proceeds(
            price_cents,
            currency=currency,
            shipping_charged_cents=shipping_charged_cents,
            shipping_cost_cents=shipping_cost_cents,
            sales_tax_cents=sales_tax_cents,
            category_id=category_id,
            schedule=schedule,
        ).net_cents

    beside = _charged(0, shipping_charged_cents, sales_tax_cents, schedule)
    ends = {
        tier.up_to_cents - beside
        for tier in schedule.rates(category_id).tiers
        if tier.up_to_cents is not None
    } | {
        step.up_to_cents - shipping_charged_cents - sales_tax_cents
        for step in schedule.order_fees
        if step.up_to_cents is not None
    }
    start = 0
    for end in sorted(end for end in ends if end >= 0):
        if net(end) >= wanted_net_cents:
            return _least(net, wanted_net_cents, start, end)
        start = end + 1
    end = start + 1
    while net(end) < wanted_net_cents:  # rates are below one, so it gets there
        end *= 2
    return _least(net, wanted_net_cents, start, end)


def _least(net: Callable[[int], int], wanted: int, low: int, high: int) -> int:
    """The least price from `low` to `high` that nets what is wanted; `high` does, and net never falls between."""
    while low < high:
        middle = (low + high) // 2
        if net(middle) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def flip_profit(
    resale: Money, *, shipping: Money, cost: Money, category_id: str, schedule: FeeSchedule
) -> Flip:
    """The profit of buying for `cost` in all and selling for `resale`, which includes the `shipping` one pays.

    The buyer's sales tax is not known and not counted. Raises CurrencyMismatch when the amounts and
    the schedule are not all in one currency, and FeeUnknown.
    """
    for amount in (shipping, cost):
        if amount.currency != resale.currency:
            raise CurrencyMismatch(f"{resale.currency} and {amount.currency}")
    charged_for_shipping = min(shipping.cents, resale.cents)
    fees = net_proceeds(
        resale.cents - charged_for_shipping,
        currency=resale.currency,
        shipping_charged_cents=charged_for_shipping,
        shipping_cost_cents=shipping.cents,
        category_id=category_id,
        schedule=schedule,
    )
    profit = fees.net_cents - cost.cents
    return Flip(
        currency=resale.currency,
        resale_cents=resale.cents,
        fees=fees,
        shipping_cents=shipping.cents,
        cost_cents=cost.cents,
        profit_cents=profit,
        roi=round(profit / cost.cents, 4) if cost.cents else None,
        schedule=schedule,
    )
