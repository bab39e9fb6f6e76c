"""The `filter` parameter of Browse and Marketplace Insights: `name:value` pairs, sets `{A|B}`, ranges `[a..b]`.

`read_filters` never fails: what it cannot use is left out and named in `warnings`, as eBay does under status 200.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from ebay_sim.errors import Fault
from ebay_sim.world.clock import parse_stamp

NEW_IDS = frozenset({"1000", "1500", "1750"})
CONDITION_IDS = frozenset(
    [
        "1000",
        "1500",
        "1750",
        "2000",
        "2010",
        "2020",
        "2030",
        "2500",
        "2750",
        "2990",
        "3000",
        "3010",
        "4000",
        "5000",
        "6000",
        "7000",
    ],
)
BUYING_OPTIONS = frozenset({"FIXED_PRICE", "AUCTION", "BEST_OFFER", "CLASSIFIED_AD"})
_POSTAL_CODE = re.compile(r"\d{5}(-\d{4})?")
_UNIT = frozenset({"mi", "km"})
_IGNORED = frozenset(
    [
        "qualifiedPrograms",
        "priorityListing",
        "charityOnly",
        "paymentMethods",
        "guaranteedDeliveryInDays",
        "deliveryOptions",
    ],
)


@dataclass(frozen=True, slots=True)
class Range:
    """Inclusive on both ends; None is open."""

    low: float | None = None
    high: float | None = None


@dataclass(slots=True)
class Filters:
    """What is left of the parameter once what is invalid has been set aside."""

    price: Range | None = None  # cents
    condition_ids: frozenset[str] | None = None
    buying_options: frozenset[str] = frozenset({"FIXED_PRICE"})
    bids: Range | None = None
    started: Range | None = None
    ends: Range | None = None
    sold: Range | None = None
    country: str | None = None
    sellers: frozenset[str] | None = None
    without_sellers: frozenset[str] = frozenset()
    without_categories: frozenset[str] = frozenset()
    free_delivery: bool = False
    returns_accepted: bool = False
    delivery_country: str | None = None
    location_filters: int = 0
    in_description: bool = False
    pickup: bool = False
    warnings: list[Fault] = field(default_factory=list)


def split_filter(text: str) -> list[tuple[str, str]]:
    """(name, value) pairs; commas inside braces or brackets do not separate. A piece without a colon has an empty value."""
    pieces: list[str] = []
    depth = start = 0
    for at, char in enumerate(text):
        if char in "{[":
            depth += 1
        elif char in "}]":
            depth = max(0, depth - 1)
        elif char == "," and depth == 0:
            pieces.append(text[start:at])
            start = at + 1
    pieces.append(text[start:])
    pairs = (piece.strip().partition(":") for piece in pieces if piece.strip())
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def read_set(value: str) -> frozenset[str] | None:
    r"""`{A|B}` or a bare `A`; `\|` is a literal bar. None when it is neither or empty."""
    if value.startswith("{") != value.endswith("}"):
        return None
    inner = value[1:-1] if value.startswith("{") else value
    items = [item.replace("\\|", "|").strip() for item in re.split(r"(?<!\\)\|", inner)]
    return frozenset(items) if all(items) and not re.search(r"[{}\[\]]", inner) else None


def read_range(value: str) -> tuple[str, str] | None:
    """`[a..b]`, `[a..]`, `[a]`, `[..b]` as texts, empty where open. None when it is no range."""
    if not (value.startswith("[") and value.endswith("]")):
        return None
    low, dots, high = value[1:-1].partition("..")
    low, high = low.strip(), high.strip()
    return (low, high) if (low or high) and (dots or low) else None


def _numbers(value: str, *, scale: int = 1) -> Range | None:
    ends = read_range(value)
    if ends is None:
        return None
    try:
        low, high = (Decimal(end) * scale if end else None for end in ends)
    except InvalidOperation:
        return None
    if any(end is not None and (not end.is_finite() or end < 0) for end in (low, high)):
        return None
    if low is not None and high is not None and low > high:
        return None
    return Range(None if low is None else float(low), None if high is None else float(high))


def _times(value: str) -> Range | None:
    ends = read_range(value)
    if ends is None:
        return None
    try:
        low, high = (parse_stamp(end) if end else None for end in ends)
    except ValueError:
        return None
    return Range(low, high)


def read_filters(text: str | None, *, marketplace: str, invalid: int = 12002) -> Filters:
    """Reads the parameter. `invalid` is the warning's id for a value of the wrong form."""
    filters = Filters()
    given = dict(split_filter(text or ""))
    for name, value in given.items():
        if not _read_one(filters, name, value, given, marketplace):
            filters.warnings.append(Fault(invalid, {"filterName": name}))
    _read_price(filters, given)
    _read_places(filters, given)
    return filters


def _read_one(
    filters: Filters, name: str, value: str, given: Mapping[str, str], marketplace: str
) -> bool:
    """Takes one filter over; False when its value has the wrong form. Those that need others are read later."""
    values = read_set(value)
    match name:
        case "conditionIds":
            if values is None or not values <= CONDITION_IDS:
                filters.warnings.append(Fault(12520))
            else:
                filters.condition_ids = values
        case "conditions":
            if values is None or not values <= {"NEW", "USED", "UNSPECIFIED"}:
                return False
            if "conditionIds" not in given:
                wanted = set(NEW_IDS) if "NEW" in values else set()
                wanted |= CONDITION_IDS - NEW_IDS if "USED" in values else set()
                filters.condition_ids = frozenset(wanted)
        case "buyingOptions":
            if values is None or not values <= BUYING_OPTIONS:
                return False
            filters.buying_options = values
        case "bidCount":
            filters.bids = _numbers(value)
            return filters.bids is not None
        case "itemStartDate":
            filters.started = _times(value)
            return filters.started is not None
        case "itemEndDate":
            filters.ends = _times(value)
            return filters.ends is not None
        case "lastSoldDate":
            filters.sold = _times(value)
            return filters.sold is not None
        case "itemLocationCountry" | "itemLocationRegion":
            filters.location_filters += 1
            if name == "itemLocationCountry":
                filters.country = value
                return re.fullmatch(r"[A-Z]{2}", value) is not None
        case "sellers" | "excludeSellers":
            if values is None:
                return False
            if name == "sellers":
                filters.sellers = values
            else:
                filters.without_sellers = values
        case "excludeCategoryIds":
            if values is None or not all(item.isdigit() for item in values):
                return False
            filters.without_categories = values
        case "sellerAccountTypes":
            if marketplace == "EBAY_US":
                filters.warnings.append(Fault(12014, {"marketplaceId": marketplace}))
        case "maxDeliveryCost":
            filters.free_delivery = value == "0"
            return value == "0"
        case "returnsAccepted" | "searchInDescription":
            if value not in ("true", "false"):
                return False
            if name == "returnsAccepted":
                filters.returns_accepted = value == "true"
            else:
                filters.in_description = value == "true"
        case "price" | "priceCurrency" | "deliveryCountry" | "deliveryPostalCode":
            return True
        case "pickupCountry" | "pickupPostalCode" | "pickupRadius" | "pickupRadiusUnit":
            return True
        case _:
            return name in _IGNORED
    return True


def _read_price(filters: Filters, given: Mapping[str, str]) -> None:
    if "price" not in given and "priceCurrency" not in given:
        return
    filters.price = _numbers(given.get("price", ""), scale=100)
    if filters.price is None or given.get("priceCurrency") != "USD":
        filters.price = None
        filters.warnings.append(Fault(12012))


def _read_places(filters: Filters, given: Mapping[str, str]) -> None:
    country = given.get("deliveryCountry")
    if country is not None or "deliveryPostalCode" in given:
        if country is None or not re.fullmatch(r"[A-Z]{2}", country):
            filters.warnings.append(Fault(12011))
        else:
            filters.delivery_country = country
            code = given.get("deliveryPostalCode")
            if code is not None and country == "US" and not _POSTAL_CODE.fullmatch(code):
                filters.warnings.append(Fault(12015))
    pickup = {
        name: given[name]
        for name in ("pickupCountry", "pickupPostalCode", "pickupRadius", "pickupRadiusUnit")
        if name in given
    }
    if pickup:
        filters.pickup = (
            len(pickup) == 4
            and pickup["pickupRadius"].isdigit()
            and pickup["pickupRadiusUnit"] in _UNIT
        )
        if not filters.pickup:
            filters.warnings.append(Fault(12010))
