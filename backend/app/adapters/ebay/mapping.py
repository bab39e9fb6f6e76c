"""eBay's rows → the product's values. Reads, never guesses: what cannot be read is rejected.

No field but itemId is promised, so everything else is optional; a row without an id, a title or a
price is set aside with the reason. The seller's name is dropped before anything else sees the row;
what stays is a key made of it with a secret.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlsplit

from app.domain import condition
from app.domain.twins import key_of, photo_key, words_key
from app.ports import RawListing, RejectedRow, SoldItem

SOURCE: Final = "ebay"
MAX_CENTS: Final = 10**12
MAX_TITLE_LENGTH: Final = 300
MAX_URL_LENGTH: Final = 2000
MAX_DESCRIPTION_LENGTH: Final = 500
MAX_PLACE_LENGTH: Final = 80
PERSONAL_FIELDS: Final = ("username", "userId", "sellerLegalInfo")

Row = Mapping[str, Any]


class _Unreadable(Exception):
    """A row lacks what a listing must have; the message is the reason's stable code."""


def without_person(row: Any, secret: bytes = b"") -> Any:
    """The row without what identifies its seller as a person (eBay's licence forbids keeping it).

    With a `secret`, `seller.key` tells sellers apart: the same name gives the same 64 bits, which
    nobody without the secret can turn back, and which change with it.
    """
    if not isinstance(row, dict) or not isinstance(row.get("seller"), dict):
        return row
    seller = {k: v for k, v in row["seller"].items() if k not in (*PERSONAL_FIELDS, "key")}
    name = _text(row["seller"].get("username"))
    if name and secret:
        seller["key"] = key_of(f"{SOURCE}\n{name}".encode(), secret)
    return {**row, "seller": seller}


def listing(row: Any, *, now: datetime) -> RawListing | RejectedRow:
    """A row of search or the answer of getItem as a listing. `row` has passed `without_person`.

    Auctions cost their current bid; one that can be bought at once has a fixed price, which ends with the
    first bid. Shipping is what FIXED says; CALCULATED without a cost, or in
    another currency, is unknown (None). A missing creation date reads as `now`.
    """
    try:
        return _listing(row, now)
    except _Unreadable as reason:
        return _rejected(row, str(reason))


def sold_item(row: Any) -> SoldItem | RejectedRow:
    """A row of Marketplace Insights as a past sale; its shipping is never told."""
    try:
        return _sold_item(row)
    except _Unreadable as reason:
        return _rejected(row, str(reason))


def _listing(row: Any, now: datetime) -> RawListing:
    item_id, title = _identity(row)
    options = _strings(row.get("buyingOptions"))
    is_auction = "AUCTION" in options and "FIXED_PRICE" not in options
    amount = row.get("currentBidPrice") if is_auction else None
    price_cents, currency = _money(amount if isinstance(amount, dict) else row.get("price"))
    category_id, category_name = _category(row)
    seller = _object(row.get("seller"))
    location = _object(row.get("itemLocation"))
    image_url = _url(_object(row.get("image")).get("imageUrl"))
    description = _text(row.get("shortDescription"))[:MAX_DESCRIPTION_LENGTH].strip()
    return RawListing(
        source=SOURCE,
        external_id=item_id,
        title=title,
        url=_url(row.get("itemWebUrl")) or _address_of(item_id),
        image_url=image_url,
        category_id=category_id,
        category_name=category_name,
        condition=condition.from_ebay(_text(row.get("conditionId")), _text(row.get("condition"))),
        price_cents=price_cents,
        shipping_cents=_shipping(row.get("shippingOptions"), currency),
        currency=currency,
        buying_option="auction" if is_auction else "fixed_price",
        bid_count=_count(row.get("bidCount")),
        seller_feedback_percent=_percent(seller.get("feedbackPercentage")),
        seller_feedback_score=_count(seller.get("feedbackScore")),
        country=_country(location.get("country")),
        listed_at=_time(row.get("itemCreationDate")) or _time(row.get("itemOriginDate")) or now,
        ends_at=_time(row.get("itemEndDate")) if "AUCTION" in options else None,
        city=_place(location.get("city")),
        region=_place(location.get("stateOrProvince")),
        postal_code=_place(location.get("postalCode")),
        description=description or None,
        seller_key=_key(seller.get("key")),
        photo_key=photo_key(image_url),
        words_key=words_key(title, description),
    )


def _sold_item(row: Any) -> SoldItem:
    item_id, title = _identity(row)
    price_cents, currency = _money(row.get("lastSoldPrice"))
    sold_at = _time(row.get("lastSoldDate"))
    if sold_at is None:
        raise _Unreadable("no_date")
    category_id, _ = _category(row)
    return SoldItem(
        source=SOURCE,
        external_id=item_id,
        title=title,
        price_cents=price_cents,
        shipping_cents=None,
        currency=currency,
        condition=condition.from_ebay(_text(row.get("conditionId")), _text(row.get("condition"))),
        category_id=category_id,
        sold_at=sold_at,
    )


def _identity(row: Any) -> tuple[str, str]:
    if not isinstance(row, dict):
        raise _Unreadable("not_an_object")
    item_id = _text(row.get("itemId"))
    if not item_id or len(item_id) > 100:
        raise _Unreadable("no_id")
    title = _text(row.get("title"))[:MAX_TITLE_LENGTH].strip()
    if not title:
        raise _Unreadable("no_title")
    return item_id, title


def _rejected(row: Any, reason: str) -> RejectedRow:
    payload = row if isinstance(row, dict) else {"row": row}
    item_id = _text(payload.get("itemId"))[:100] if isinstance(row, dict) else ""
    return RejectedRow(external_id=item_id or None, reason=reason, payload=payload)


def _money(amount: Any) -> tuple[int, str]:
    """Cents and currency of {"value": "12.50", "currency": "USD"}."""
    if not isinstance(amount, dict):
        raise _Unreadable("no_price")
    currency = _text(amount.get("currency"))
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise _Unreadable("bad_currency")
    cents = _cents(amount.get("value"))
    if cents is None:
        raise _Unreadable("bad_price")
    if cents <= 0:
        raise _Unreadable("price_not_positive")
    return cents, currency


def _cents(value: Any) -> int | None:
    """Hundredths of a decimal amount; None for what is no finite, sane number."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    if isinstance(value, str) and len(value) > 32:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite() or number.copy_abs() > MAX_CENTS // 100:
        return None
    return int((number * 100).to_integral_value(ROUND_HALF_UP))


def _shipping(options: Any, currency: str) -> int | None:
    first = options[0] if isinstance(options, list) and options else None
    if not isinstance(first, dict):
        return None
    cost = first.get("shippingCost")
    if not isinstance(cost, dict) or cost.get("currency") != currency:
        return None
    cents = _cents(cost.get("value"))
    return cents if cents is not None and cents >= 0 else None


def _category(row: Row) -> tuple[str, str]:
    """The leaf category's id and name; "" for what is not told."""
    leaves = _strings(row.get("leafCategoryIds"))
    listed = row.get("categories")
    categories = [c for c in listed if isinstance(c, dict)] if isinstance(listed, list) else []
    names = {_text(c.get("categoryId")): _text(c.get("categoryName")) for c in categories}
    path = _text(row.get("categoryPath")).split("|")
    category_id = _text(row.get("categoryId")) or (leaves[0] if leaves else next(iter(names), ""))
    return category_id[:40], names.get(category_id, path[-1])[:200]


def _address_of(item_id: str) -> str:
    parts = item_id.split("|")
    return f"https://www.ebay.com/itm/{parts[1] if len(parts) > 1 else parts[0]}"


def _url(value: Any) -> str | None:
    """A web address, or None: nothing else may become a link on our pages."""
    text = _text(value)
    if not text or len(text) > MAX_URL_LENGTH:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None


def _time(value: Any) -> datetime | None:
    text = _text(value)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return None


def _percent(value: Any) -> float | None:
    text = str(value) if isinstance(value, Decimal | int) else _text(value)
    try:
        percent = Decimal(text)
    except InvalidOperation:
        return None
    return float(percent) if percent.is_finite() and 0 <= percent <= 100 else None


def _count(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 2**31 else None


def _country(value: Any) -> str | None:
    text = _text(value)
    return text if len(text) == 2 and text.isascii() and text.isalpha() else None


def _place(value: Any) -> str | None:
    """A part of an address; postal codes keep the stars that eBay puts in place of their last signs."""
    return _text(value)[:MAX_PLACE_LENGTH].strip() or None


def _key(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _object(value: Any) -> Row:
    return value if isinstance(value, dict) else {}


def _strings(value: Any) -> list[str]:
    return [_text(v) for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    """A string on one line that Postgres can hold; "" for anything else."""
    if not isinstance(value, str):
        return ""
    printable = "".join(" " if c < " " or c == "\x7f" else c for c in value)
    return " ".join(printable.encode("utf-8", "replace").decode().split())


def is_over(row: Row, *, now: datetime) -> bool:
    """Whether getItem's answer shows a listing that can no longer be bought."""
    ends_at = _time(row.get("itemEndDate"))
    if ends_at is not None and ends_at <= now:
        return True
    availabilities = row.get("estimatedAvailabilities")
    told = [_object(a) for a in availabilities] if isinstance(availabilities, list) else []
    return bool(told) and all(a.get("estimatedAvailabilityStatus") == "OUT_OF_STOCK" for a in told)
