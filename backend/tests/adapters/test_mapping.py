"""Rows are read as they are: exact money, unknown stays unknown, the unreadable is set aside."""

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.ebay import mapping
from app.domain.condition import CONDITIONS
from app.domain.twins import photo_key, words_key
from app.ports import RawListing, RejectedRow, SoldItem

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

ROW: dict[str, Any] = {
    "itemId": "v1|110000000001|0",
    "legacyItemId": "110000000001",
    "title": "Canon AE-1 35mm SLR",
    "price": {"value": "89.99", "currency": "USD"},
    "condition": "Used",
    "conditionId": "3000",
    "buyingOptions": ["FIXED_PRICE", "BEST_OFFER"],
    "image": {"imageUrl": "https://i.ebayimg.com/images/g/x/s-l225.jpg"},
    "itemWebUrl": "https://www.ebay.com/itm/110000000001",
    "itemCreationDate": "2026-11-20T10:00:00.000Z",
    "itemOriginDate": "2026-11-19T10:00:00.000Z",
    "itemEndDate": "2026-12-20T10:00:00.000Z",
    "itemLocation": {
        "country": "US",
        "postalCode": "951**",
        "stateOrProvince": "CA",
        "city": "San Jose",
    },
    "shortDescription": "Film camera,  tested",
    "seller": {"username": "u1", "feedbackPercentage": "99.8", "feedbackScore": 1200},
    "shippingOptions": [
        {"shippingCostType": "FIXED", "shippingCost": {"value": "9.50", "currency": "USD"}}
    ],
    "leafCategoryIds": ["15230"],
    "categories": [
        {"categoryId": "625", "categoryName": "Cameras & Photo"},
        {"categoryId": "15230", "categoryName": "Film Cameras"},
    ],
    "bidCount": 3,
}


def make_row(**changes: Any) -> dict[str, Any]:
    """ROW with changes; None takes a field away."""
    row = copy.deepcopy(ROW) | changes
    return {name: value for name, value in row.items() if value is not None}


def read(row: Any) -> RawListing:
    found = mapping.listing(row, now=NOW)
    assert isinstance(found, RawListing), found
    return found


def test_a_whole_row_is_read() -> None:
    assert read(make_row()) == RawListing(
        source="ebay",
        external_id="v1|110000000001|0",
        title="Canon AE-1 35mm SLR",
        url="https://www.ebay.com/itm/110000000001",
        image_url="https://i.ebayimg.com/images/g/x/s-l225.jpg",
        category_id="15230",
        category_name="Film Cameras",
        condition="used",
        price_cents=8999,
        shipping_cents=950,
        currency="USD",
        buying_option="fixed_price",
        bid_count=3,
        seller_feedback_percent=99.8,
        seller_feedback_score=1200,
        country="US",
        listed_at=datetime(2026, 11, 20, 10, tzinfo=UTC),
        ends_at=None,
        city="San Jose",
        region="CA",
        postal_code="951**",
        description="Film camera, tested",
        seller_key=None,
        photo_key=photo_key("https://i.ebayimg.com/images/g/x/s-l500.jpg"),
        words_key=words_key("canon ae 1 35mm slr", "film camera tested"),
    )


def test_a_sellers_key_is_the_same_for_one_name_and_secret_and_names_nobody() -> None:
    def key(name: object, secret: bytes = b"secret") -> int | None:
        row = make_row(seller={"username": name, "key": 1, "feedbackScore": 3})
        clean = mapping.without_person(row, secret)
        assert str(name) not in json.dumps(clean)
        return read(clean).seller_key

    assert key("joe") == key("joe")
    assert key("joe") not in {key("jim"), key("joe", b"other"), 1, None}
    assert key("joe", b"") is None
    assert key(None) is None


def test_only_id_title_and_price_are_needed() -> None:
    bare = {name: ROW[name] for name in ("itemId", "title", "price")}
    listing = read(bare)
    assert listing.url == "https://www.ebay.com/itm/110000000001"
    assert (listing.shipping_cents, listing.condition, listing.country) == (None, "unknown", None)
    assert (listing.category_id, listing.listed_at) == ("", NOW)


def test_an_auction_costs_its_current_bid_and_has_an_end() -> None:
    bid = {"value": "41.00", "currency": "USD"}
    listing = read(make_row(buyingOptions=["AUCTION"], currentBidPrice=bid))
    assert (listing.price_cents, listing.buying_option) == (4100, "auction")
    assert listing.ends_at == datetime(2026, 12, 20, 10, tzinfo=UTC)


def test_an_auction_that_can_be_bought_at_once_costs_that_price_until_it_ends() -> None:
    bid = {"value": "41.00", "currency": "USD"}
    at_once = {"value": "120.00", "currency": "USD"}
    options = ["FIXED_PRICE", "AUCTION", "BEST_OFFER"]
    listing = read(make_row(buyingOptions=options, currentBidPrice=bid, price=at_once))
    assert (listing.price_cents, listing.buying_option) == (12_000, "fixed_price")
    assert listing.ends_at == datetime(2026, 12, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("options", "cents"),
    [
        ([{"shippingCostType": "FIXED", "shippingCost": {"value": "0.00", "currency": "USD"}}], 0),
        ([{"shippingCostType": "CALCULATED"}], None),
        ([{"shippingCost": {"value": "5", "currency": "EUR"}}], None),
        ([{"shippingCost": {"value": "-5", "currency": "USD"}}], None),
        ([{"shippingCost": {"value": "NaN", "currency": "USD"}}], None),
        ([], None),
        ("free", None),
        (None, None),
    ],
)
def test_unknown_shipping_is_never_free(options: Any, cents: int | None) -> None:
    assert read(make_row(shippingOptions=options)).shipping_cents == cents


@pytest.mark.parametrize(
    ("value", "cents"),
    [
        ("12.50", 1250),
        ("12.5", 1250),
        ("0.01", 1),
        (12, 1200),
        (Decimal("7.005"), 701),
        ("1e3", 100_000),
    ],
)
def test_money_is_exact(value: Any, cents: int) -> None:
    assert read(make_row(price={"value": value, "currency": "EUR"})).price_cents == cents


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"itemId": None}, "no_id"),
        ({"itemId": 7}, "no_id"),
        ({"title": None}, "no_title"),
        ({"title": " \x00 "}, "no_title"),
        ({"price": None}, "no_price"),
        ({"price": "12.50"}, "no_price"),
        ({"price": {"currency": "USD"}}, "bad_price"),
        ({"price": {"value": "NaN", "currency": "USD"}}, "bad_price"),
        ({"price": {"value": "Infinity", "currency": "USD"}}, "bad_price"),
        ({"price": {"value": "1e999999999", "currency": "USD"}}, "bad_price"),
        ({"price": {"value": float("nan"), "currency": "USD"}}, "bad_price"),
        ({"price": {"value": True, "currency": "USD"}}, "bad_price"),
        ({"price": {"value": "twelve", "currency": "USD"}}, "bad_price"),
        ({"price": {"value": "0.00", "currency": "USD"}}, "price_not_positive"),
        ({"price": {"value": "0.001", "currency": "USD"}}, "price_not_positive"),
        ({"price": {"value": "-3", "currency": "USD"}}, "price_not_positive"),
        ({"price": {"value": "3"}}, "bad_currency"),
        ({"price": {"value": "3", "currency": "dollars"}}, "bad_currency"),
    ],
)
def test_an_unreadable_row_is_set_aside_with_the_reason(
    changes: dict[str, Any], reason: str
) -> None:
    found = mapping.listing(make_row(**changes), now=NOW)
    assert isinstance(found, RejectedRow)
    assert found.reason == reason


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil", "https://", "http://[", 7, "x" * 3000]
)
def test_only_web_addresses_become_links(url: Any) -> None:
    listing = read(make_row(itemWebUrl=url, image={"imageUrl": url}))
    assert listing.url == "https://www.ebay.com/itm/110000000001"
    assert listing.image_url is None


def test_the_sellers_name_is_dropped() -> None:
    clean = mapping.without_person(make_row())
    assert "u1" not in json.dumps(clean)
    assert clean["seller"] == {"feedbackPercentage": "99.8", "feedbackScore": 1200}


def test_a_title_holds_nothing_that_postgres_or_a_page_cannot() -> None:
    assert read(make_row(title="a\x00b\n\tc \ud800 d")).title == "a b c ? d"


def test_a_sale_has_a_date_and_no_shipping() -> None:
    sale = make_row(
        lastSoldPrice={"value": "70.00", "currency": "USD"}, lastSoldDate="2026-11-01T00:00:00.000Z"
    )
    found = mapping.sold_item(sale)
    assert isinstance(found, SoldItem)
    assert (found.price_cents, found.shipping_cents) == (7000, None)
    undated = mapping.sold_item(sale | {"lastSoldDate": "yesterday"})
    assert isinstance(undated, RejectedRow)
    assert undated.reason == "no_date"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=30)
    | st.sampled_from(
        ["NaN", "-1", "0", "1e400", "USD", "2026-11-20T10:00:00Z", "0001-01-01T00:00:00+23:00"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)
    ),
    max_leaves=6,
)
paths = st.sampled_from(
    [(name,) for name in ROW]
    + [("price", "value"), ("price", "currency"), ("seller", "feedbackScore")]
    + [("seller", "feedbackPercentage"), ("image", "imageUrl"), ("itemLocation", "country")]
)


@given(st.lists(st.tuples(paths, json_values), max_size=5))
def test_however_a_row_drifts_it_is_read_honestly_or_set_aside(
    changes: list[tuple[tuple[str, ...], Any]],
) -> None:
    row = copy.deepcopy(ROW)
    for path, value in changes:
        inner: Any = row
        for name in path[:-1]:
            inner = inner.get(name)
        if isinstance(inner, dict):
            inner[path[-1]] = value
    found = mapping.listing(mapping.without_person(row), now=NOW)
    if isinstance(found, RejectedRow):
        return
    assert found.price_cents > 0
    assert found.shipping_cents is None or found.shipping_cents >= 0
    assert found.condition in CONDITIONS
    assert found.listed_at.tzinfo is not None
    assert found.title
    assert "\x00" not in f"{found.title}{found.external_id}{found.category_name}{found.url}"
    assert found.url.startswith(("http://", "https://"))


@given(json_values)
def test_anything_instead_of_a_row_is_set_aside(value: Any) -> None:
    if not isinstance(value, dict):
        assert isinstance(mapping.listing(mapping.without_person(value), now=NOW), RejectedRow)
