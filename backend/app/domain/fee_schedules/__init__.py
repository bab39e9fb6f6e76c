"""What marketplaces charge their sellers, as dated files with a source: one JSON file per schedule.

A schedule is data that ages, never a constant in code. Files are read once and checked hard: a fault
in one is ScheduleInvalid at the first use, not a wrong number later. `domain/fees.py` computes with them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Final, Literal, get_args

__all__ = [
    "FeeSchedule",
    "FeeUnknown",
    "Kind",
    "OrderFee",
    "Rates",
    "ScheduleInvalid",
    "Tier",
    "parse",
    "schedule_for",
    "schedules",
]

Kind = Literal["whole_amount", "marginal"]
"""Whole amount: the rate of the tier that the total falls in applies to all of it. Marginal: each slice its own."""

Charged = Literal["item", "shipping", "sales_tax"]


class ScheduleInvalid(ValueError):
    """A schedule's file does not say what it must; the message names the file and the fault."""


class FeeUnknown(LookupError):
    """The schedule knows that a category has rates of its own, but not which."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A rate up to and with `up_to_cents` (None: without end). `order_fee`: whether that is charged beside it."""

    up_to_cents: int | None
    rate: Decimal
    order_fee: bool = True


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of some categories. No tiers: they have rates of their own that nobody could source."""

    name: str
    category_ids: frozenset[str]
    kind: Kind
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class OrderFee:
    """What is charged once per order whose total is at most `up_to_cents` (None: any)."""

    up_to_cents: int | None
    fee_cents: int


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """What one marketplace charges in one currency from `valid_from` to `valid_to`, both included.

    `charged` is what the rates apply to, beside what the seller asks for handling, which counts as
    shipping. `source` says in words where the numbers come from, `read_on` when that was read, and
    `first_hand` whether it is the marketplace's own page. `not_counted` names fees it leaves out.
    """

    marketplace: str
    name: str
    version: str
    valid_from: date
    valid_to: date | None
    currency: str
    source: str
    address: str
    read_on: date
    first_hand: bool
    charged: frozenset[Charged]
    fee_name: str
    default: Rates
    groups: tuple[Rates, ...]
    order_fees: tuple[OrderFee, ...]
    not_counted: tuple[str, ...]

    def rates(self, category_id: str) -> Rates:
        """The rates of a category: of the group that names it, else the default. Raises FeeUnknown."""
        rates = next((g for g in self.groups if category_id in g.category_ids), self.default)
        if not rates.tiers:
            raise FeeUnknown(f"{self.name} {self.version} has no rates for {rates.name}")
        return rates


def schedule_for(marketplace: str, on: date) -> FeeSchedule | None:
    """The schedule in force on a day; None when none is known for it."""
    return next(
        (
            schedule
            for schedule in schedules()
            if schedule.marketplace == marketplace
            and schedule.valid_from <= on
            and (schedule.valid_to is None or on <= schedule.valid_to)
        ),
        None,
    )


@cache
def schedules() -> tuple[FeeSchedule, ...]:
    """Every schedule, by marketplace and start. Raises ScheduleInvalid."""
    files = sorted(
        (file for file in resources.files(__name__).iterdir() if file.name.endswith(".json")),
        key=lambda file: file.name,
    )
    found = [parse(file.read_text(encoding="utf-8"), name=file.name) for file in files]
    found.sort(key=lambda schedule: (schedule.marketplace, schedule.valid_from))
    for before, after in pairwise(found):
        if before.marketplace == after.marketplace and (
            before.valid_to is None or before.valid_to >= after.valid_from
        ):
            raise ScheduleInvalid(f"{before.name} {before.version} and {after.version} overlap")
    return tuple(found)


_FIELDS: Final = {
    "marketplace": str,
    "name": str,
    "version": str,
    "valid_from": str,
    "valid_to": (str, type(None)),
    "currency": str,
    "source": str,
    "address": str,
    "read_on": str,
    "first_hand": bool,
    "charged": list,
    "fee_name": str,
    "default": dict,
    "groups": list,
    "order_fees": list,
    "not_counted": list,
}


def parse(text: str, *, name: str) -> FeeSchedule:
    """A schedule from its file's text. Raises ScheduleInvalid."""
    try:
        raw = json.loads(text)
        _fields(raw, _FIELDS)
        charged = frozenset(raw["charged"])
        if not charged or not charged <= set(get_args(Charged)):
            raise ScheduleInvalid(f"charged is {sorted(charged)}")
        schedule = FeeSchedule(
            marketplace=raw["marketplace"],
            name=raw["name"],
            version=raw["version"],
            valid_from=date.fromisoformat(raw["valid_from"]),
            valid_to=None if raw["valid_to"] is None else date.fromisoformat(raw["valid_to"]),
            currency=raw["currency"],
            source=raw["source"],
            address=raw["address"],
            read_on=date.fromisoformat(raw["read_on"]),
            first_hand=raw["first_hand"],
            charged=charged,
            fee_name=raw["fee_name"],
            default=_rates(raw["default"]),
            groups=tuple(_rates(group) for group in raw["groups"]),
            order_fees=_order_fees(raw["order_fees"]),
            not_counted=tuple(raw["not_counted"]),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise ScheduleInvalid(f"{name}: {error}") from error
    _check(schedule, name)
    return schedule


def _fields(raw: Any, wanted: Mapping[str, Any]) -> None:
    if not isinstance(raw, dict) or set(raw) != set(wanted):
        raise ScheduleInvalid(f"fields are {sorted(raw)}, not {sorted(wanted)}")
    for field, kind in wanted.items():
        if not isinstance(raw[field], kind) or (isinstance(raw[field], bool) and kind is not bool):
            raise ScheduleInvalid(f"{field} is {raw[field]!r}")


def _rates(raw: Any) -> Rates:
    _fields(raw, {"name": str, "category_ids": list, "kind": str, "tiers": list})
    if raw["kind"] not in get_args(Kind):
        raise ScheduleInvalid(f"kind is {raw['kind']!r}")
    if not all(isinstance(category_id, str) for category_id in raw["category_ids"]):
        raise ScheduleInvalid(f"category_ids are {raw['category_ids']}")
    tiers = []
    for tier in raw["tiers"]:
        _fields(tier, {"up_to_cents": (int, type(None)), "rate": str, "order_fee": bool})
        try:
            rate = Decimal(tier["rate"])
        except InvalidOperation as error:
            raise ScheduleInvalid(f"rate is {tier['rate']!r}") from error
        if not 0 <= rate < 1:
            raise ScheduleInvalid(f"rate is {rate}")
        tiers.append(Tier(tier["up_to_cents"], rate, tier["order_fee"]))
    if raw["kind"] == "marginal" and not all(tier.order_fee for tier in tiers):
        raise ScheduleInvalid(f"{raw['name']}: slices of one total cannot differ in the order fee")
    if tiers:
        _rising([tier.up_to_cents for tier in tiers], raw["name"])
    return Rates(raw["name"], frozenset(raw["category_ids"]), raw["kind"], tuple(tiers))


def _order_fees(raw: list[Any]) -> tuple[OrderFee, ...]:
    for step in raw:
        _fields(step, {"up_to_cents": (int, type(None)), "fee_cents": int})
        if step["fee_cents"] < 0:
            raise ScheduleInvalid(f"fee_cents is {step['fee_cents']}")
    if raw:
        _rising([step["up_to_cents"] for step in raw], "order_fees")
    return tuple(OrderFee(step["up_to_cents"], step["fee_cents"]) for step in raw)


def _rising(bounds: Sequence[int | None], name: str) -> None:
    """Bounds must rise from above zero, and only the last be open."""
    closed = [bound for bound in bounds[:-1] if bound is not None]
    rising = all(low < high for low, high in pairwise([0, *closed]))
    if bounds[-1] is not None or len(closed) != len(bounds) - 1 or not rising:
        raise ScheduleInvalid(f"{name}: bounds are {list(bounds)}")


def _check(schedule: FeeSchedule, name: str) -> None:
    named = [category for group in schedule.groups for category in group.category_ids]
    faults = {
        "a category is in two groups": len(named) != len(set(named)),
        "the default has no tiers": not schedule.default.tiers,
        "the default names categories": bool(schedule.default.category_ids),
        "it ends before it starts": schedule.valid_to is not None
        and schedule.valid_to < schedule.valid_from,
        "the currency is no ISO code": len(schedule.currency) != 3
        or not schedule.currency.isupper(),
        "the source has no address": not schedule.address.startswith("https://")
        or not schedule.source,
    }
    for fault, is_so in faults.items():
        if is_so:
            raise ScheduleInvalid(f"{name}: {fault}")
