"""The filter grammar, and which parameter values eBay only warns about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebay_sim.filters import Range, read_filters, read_range, read_set, split_filter


def warnings_of(text: str) -> list[int]:
    return [fault.id for fault in read_filters(text, marketplace="EBAY_US").warnings]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("price:[10..50],priceCurrency:USD", [("price", "[10..50]"), ("priceCurrency", "USD")]),
        ("sellers:{a|b},bidCount:[1..5]", [("sellers", "{a|b}"), ("bidCount", "[1..5]")]),
        (
            "conditions:{NEW,USED},maxDeliveryCost:0",
            [("conditions", "{NEW,USED}"), ("maxDeliveryCost", "0")],
        ),
        ("itemStartDate:[2026-11-01T00:00:00Z..]", [("itemStartDate", "[2026-11-01T00:00:00Z..]")]),
        ("", []),
        ("nonsense", [("nonsense", "")]),
    ],
)
def test_commas_inside_sets_and_ranges_do_not_separate(
    text: str, pairs: list[tuple[str, str]]
) -> None:
    assert split_filter(text) == pairs


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("[1..2]", ("1", "2")),
        ("[1..]", ("1", "")),
        ("[1]", ("1", "")),
        ("[..2]", ("", "2")),
        ("[]", None),
        ("[..]", None),
        ("1..2", None),
    ],
)
def test_ranges(text: str, ends: tuple[str, str] | None) -> None:
    assert read_range(text) == ends


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{A|B}", {"A", "B"}),
        ("A", {"A"}),
        (r"{A\|B|C}", {"A|B", "C"}),
        ("{}", None),
        ("{A||B}", None),
        ("{A", None),
        ("{[A]}", None),
    ],
)
def test_sets(text: str, values: set[str] | None) -> None:
    assert read_set(text) == (None if values is None else frozenset(values))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("price:[10..50],priceCurrency:USD", []),
        ("price:[10..50]", [12012]),
        ("priceCurrency:USD", [12012]),
        ("price:[50..10],priceCurrency:USD", [12012]),
        ("price:[NaN..10],priceCurrency:USD", [12012]),
        ("price:[1..2],priceCurrency:EUR", [12012]),
        ("conditionIds:{1000|3000}", []),
        ("conditionIds:{1000|9999}", [12520]),
        ("conditions:{OLD}", [12002]),
        ("buyingOptions:{AUCTION|FIXED_PRICE}", []),
        ("buyingOptions:{SWAP}", [12002]),
        ("colour:red", [12002]),
        ("deliveryPostalCode:95125", [12011]),
        ("deliveryCountry:US,deliveryPostalCode:95125", []),
        ("deliveryCountry:US,deliveryPostalCode:banana", [12015]),
        ("pickupCountry:US,pickupPostalCode:95125,pickupRadius:25,pickupRadiusUnit:mi", []),
        ("pickupCountry:US,pickupPostalCode:95125", [12010]),
        ("sellerAccountTypes:{INDIVIDUAL}", [12014]),
        ("itemStartDate:[yesterday..]", [12002]),
        ("maxDeliveryCost:0", []),
        ("maxDeliveryCost:5", [12002]),
    ],
)
def test_what_is_wrong_becomes_a_warning(text: str, ids: list[int]) -> None:
    assert warnings_of(text) == ids


def test_a_filter_that_is_refused_does_not_filter() -> None:
    filters = read_filters("price:[10..50],conditionIds:{3000}", marketplace="EBAY_US")
    assert filters.price is None
    assert filters.condition_ids == frozenset({"3000"})


def test_fixed_price_is_the_default_and_prices_are_cents() -> None:
    filters = read_filters("price:[9.99..],priceCurrency:USD", marketplace="EBAY_US")
    assert filters.buying_options == {"FIXED_PRICE"}
    assert filters.price == Range(999.0, None)


@given(st.text(alphabet="abc{}[]|.,:\\0123456789-TZ ", max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_filters(text, marketplace="EBAY_US")
