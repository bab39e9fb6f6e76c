"""Fees by the published tables, proceeds, the price for wanted proceeds, and the profit of a flip."""

import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import fee_schedules
from app.domain.fee_schedules import FeeSchedule, FeeUnknown, ScheduleInvalid, schedule_for
from app.domain.fees import NetProceeds, flip_profit, net_proceeds, price_for_net
from app.domain.money import CurrencyMismatch, Money

ANY, CARDS, JEWELRY, WATCHES, GUITARS, SHOES = "15230", "261328", "281", "31387", "33034", "15709"


def ebay(on: str = "2026-11-25") -> FeeSchedule:
    schedule = schedule_for("ebay", date.fromisoformat(on))
    assert schedule is not None
    return schedule


def sold(price_cents: int, category_id: str = ANY, **changes: Any) -> NetProceeds:
    """The proceeds of a sale on eBay today, with nothing for shipping or tax."""
    sale = {
        "currency": "USD",
        "shipping_charged_cents": 0,
        "shipping_cost_cents": 0,
        "schedule": ebay(),
        **changes,
    }
    return net_proceeds(price_cents, category_id=category_id, **sale)


def price(wanted_cents: int, category_id: str = ANY, **changes: Any) -> int:
    sale = {
        "currency": "USD",
        "shipping_charged_cents": 0,
        "shipping_cost_cents": 0,
        "schedule": ebay(),
        **changes,
    }
    return price_for_net(wanted_cents, category_id=category_id, **sale)


def test_ebays_own_example_of_a_25_dollar_card() -> None:
    sale = {"shipping_charged_cents": 400, "sales_tax_cents": 150}  # "including shipping and tax"
    assert sold(1950, CARDS, schedule=ebay("2024-03-14"), **sale).fees_cents == 361
    assert sold(1950, CARDS, schedule=ebay("2024-03-15"), **sale).fees_cents == 371
    assert sold(1950, CARDS, schedule=ebay("2026-11-25"), **sale).fees_cents == 371


@pytest.mark.parametrize(
    ("category_id", "total_cents", "fee_lines"),
    [
        (ANY, 1_000, [136, 30]),
        (ANY, 1_001, [136, 40]),
        (ANY, 750_000, [102_000, 40]),
        (ANY, 750_100, [102_000, 2, 40]),  # 2.35 % of a dollar is 2.35 cents
        (ANY, 750_020, [102_000, 0, 40]),  # 0.47 cents
        (JEWELRY, 500_000, [75_000, 40]),
        (JEWELRY, 500_001, [45_000, 40]),
        (WATCHES, 100_000, [15_000, 40]),
        (WATCHES, 100_010, [15_000, 1, 40]),
        (WATCHES, 1_000_000, [15_000, 42_250, 7_500, 40]),
        (GUITARS, 100_000, [6_700, 40]),
        (SHOES, 14_999, [2_040, 40]),
        (SHOES, 15_000, [1_200]),
    ],
)
def test_fees_by_category_and_total(
    category_id: str, total_cents: int, fee_lines: list[int]
) -> None:
    proceeds = sold(total_cents, category_id)
    assert [line.cents for line in proceeds.lines] == fee_lines
    assert proceeds.fees_cents == sum(fee_lines)
    assert proceeds.net_cents == total_cents - sum(fee_lines)


def test_half_a_cent_is_rounded_up_on_each_line() -> None:
    assert sold(2_500, schedule=ebay()).lines[0].cents == 340  # 340.0
    assert sold(1_250, JEWELRY).lines[0].cents == 188  # 187.5
    assert sold(1_210, JEWELRY).lines[0].cents == 182  # 181.5: half up, not half to even


def test_shipping_passes_through_less_the_fee_on_it_and_tax_is_never_proceeds() -> None:
    plain = sold(10_000)
    shipped = sold(10_000, shipping_charged_cents=1_000, shipping_cost_cents=1_000)
    taxed = sold(10_000, sales_tax_cents=1_000)
    assert plain.net_cents - shipped.net_cents == 136
    assert plain.net_cents - taxed.net_cents == 136


def test_mercari_charges_item_and_shipping_but_no_tax() -> None:
    schedule = schedule_for("mercari", date(2026, 11, 25))
    assert schedule is not None
    assert not schedule.first_hand
    sale = sold(5_000, schedule=schedule, shipping_charged_cents=700, sales_tax_cents=400)
    assert [(line.rate, line.base_cents, line.cents) for line in sale.lines] == [
        (Decimal("0.10"), 5_700, 570)
    ]


@pytest.mark.parametrize(
    ("on", "version"),
    [
        ("2023-02-14", None),
        ("2023-02-15", "2023-02-15"),
        ("2024-03-14", "2023-02-15"),
        ("2024-03-15", "2024-03-15"),
        ("2025-02-13", "2024-03-15"),
        ("2025-02-14", "2025-02-14"),
        ("2031-01-01", "2025-02-14"),
    ],
)
def test_the_day_of_the_sale_chooses_the_schedule(on: str, version: str | None) -> None:
    found = schedule_for("ebay", date.fromisoformat(on))
    assert (found and found.version) == version


def test_a_marketplace_without_a_schedule_has_none() -> None:
    assert schedule_for("depop", date(2026, 11, 25)) is None


def test_rates_that_nobody_could_source_are_an_error_and_not_the_default() -> None:
    with pytest.raises(FeeUnknown, match="Guitars"):
        sold(10_000, GUITARS, schedule=ebay("2024-06-01"))


def test_every_schedule_says_where_it_is_from_and_loads_from_any_directory(tmp_path: Path) -> None:
    code = "from app.domain.fee_schedules import schedules; print(len(schedules()))"
    backend = Path(fee_schedules.__file__).parents[3]
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(backend)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = fee_schedules.schedules()
    assert int(told.stdout) == len(found) == 4
    for schedule in found:
        assert schedule.valid_from <= schedule.read_on <= date(2026, 11, 25)
        assert len(schedule.source) > 50


def raw_schedule(**changes: Any) -> str:
    """A sound schedule's text, but for `changes`."""
    path = Path(fee_schedules.__file__).parent / "mercari-us-2025-01-06.json"
    return json.dumps({**json.loads(path.read_text()), **changes})


def raw_rates(**changes: Any) -> dict[str, Any]:
    tier = {"up_to_cents": None, "rate": "0.1", "order_fee": True}
    return {"name": "Some", "category_ids": [], "kind": "marginal", "tiers": [tier], **changes}


def tiers(*bounds: int | None, order_fee: bool = True, rate: str = "0.1") -> list[dict[str, Any]]:
    return [{"up_to_cents": b, "rate": rate, "order_fee": order_fee} for b in bounds]


def test_a_sound_file_is_read() -> None:
    schedule = fee_schedules.parse(raw_schedule(), name="mercari.json")
    assert schedule.default.tiers[0].rate == Decimal("0.10")


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "dollars"},
        {"address": "somewhere"},
        {"source": ""},
        {"valid_from": "yesterday"},
        {"valid_to": "2024-12-31"},
        {"charged": ["item", "love"]},
        {"charged": []},
        {"first_hand": 1},
        {"surprise": 1},
        {"default": raw_rates(tiers=[])},
        {"default": raw_rates(category_ids=["1"])},
        {"default": raw_rates(category_ids=[1])},
        {"default": raw_rates(kind="flat")},
        {"default": raw_rates(tiers=tiers(None, rate="1"))},
        {"default": raw_rates(tiers=tiers(None, rate="a tenth"))},
        {"default": raw_rates(tiers=tiers(1_000))},
        {"default": raw_rates(tiers=tiers(None, None))},
        {"default": raw_rates(tiers=tiers(2_000, 1_000, None))},
        {"default": raw_rates(tiers=tiers(0, None))},
        {"default": raw_rates(tiers=tiers(True, None))},
        {"default": raw_rates(tiers=tiers(None, order_fee=False))},
        {"groups": [raw_rates(category_ids=["1"]), raw_rates(category_ids=["1"])]},
        {"order_fees": [{"up_to_cents": 1_000, "fee_cents": 30}]},
        {"order_fees": [{"up_to_cents": None, "fee_cents": -1}]},
    ],
)
def test_a_faulty_file_is_refused_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(ScheduleInvalid, match=r"mercari\.json"):
        fee_schedules.parse(raw_schedule(**changes), name="mercari.json")


def test_text_that_is_no_schedule_is_refused() -> None:
    for text in ("", "[]", "{}", "null"):
        with pytest.raises(ScheduleInvalid, match=r"some\.json"):
            fee_schedules.parse(text, name="some.json")


def test_amounts_below_zero_and_other_currencies_are_errors() -> None:
    with pytest.raises(ValueError, match="below zero"):
        sold(-1)
    with pytest.raises(CurrencyMismatch):
        sold(1_000, currency="GBP")
    with pytest.raises(CurrencyMismatch):
        price(1_000, currency="GBP")
    for shipping, cost in (("GBP", "USD"), ("USD", "GBP")):
        with pytest.raises(CurrencyMismatch):
            flip_profit(
                Money(9_000, "USD"),
                shipping=Money(500, shipping),
                cost=Money(4_000, cost),
                category_id=ANY,
                schedule=ebay(),
            )


def flip(resale: int, shipping: int, cost: int) -> Any:
    return flip_profit(
        Money(resale, "USD"),
        shipping=Money(shipping, "USD"),
        cost=Money(cost, "USD"),
        category_id=ANY,
        schedule=ebay(),
    )


def test_a_flip_leaves_resale_less_fees_shipping_and_cost() -> None:
    found = flip(14_600, 950, 9_949)
    assert [line.cents for line in found.fees.lines] == [1_986, 40]
    assert found.profit_cents == 14_600 - 1_986 - 40 - 950 - 9_949 == 1_675
    assert found.roi == 0.1684
    assert flip(9_000, 500, 9_000).profit_cents == -(1_224 + 40 + 500)


def test_a_flip_of_something_cheaper_than_its_shipping_is_a_loss() -> None:
    assert flip(500, 800, 100).profit_cents == 500 - 68 - 30 - 800 - 100


CATEGORIES = st.sampled_from([ANY, CARDS, JEWELRY, WATCHES, GUITARS, SHOES, "169291", "39482"])
PRICES = st.one_of(
    st.integers(0, 2_000_000), st.sampled_from([999, 1_000, 14_998, 200_000, 500_000, 750_000])
)
SMALL = st.integers(0, 20_000)


def thresholds(category_id: str) -> set[int]:
    """The totals above which a whole-amount rate or the order fee changes."""
    rates = ebay().rates(category_id)
    ends = {step.up_to_cents for step in ebay().order_fees}
    if rates.kind == "whole_amount":
        ends |= {tier.up_to_cents for tier in rates.tiers}
    return {end for end in ends if end is not None}


@given(CATEGORIES, PRICES, st.integers(1, 5_000), SMALL, SMALL)
def test_between_thresholds_more_price_is_never_less_in_hand(
    category_id: str, low: int, more: int, shipping: int, tax: int
) -> None:
    sale = {"shipping_charged_cents": shipping, "sales_tax_cents": tax}
    beside = shipping + tax
    if any(low + beside <= end < low + more + beside for end in thresholds(category_id)):
        more = min(end for end in thresholds(category_id) if end >= low + beside) - low - beside
    rise = (
        sold(low + more, category_id, **sale).net_cents - sold(low, category_id, **sale).net_cents
    )
    assert 0 <= rise <= more
    assert more < 2 or rise > 0  # every rate is under a half, so two cents more show


@given(CATEGORIES.filter(lambda c: ebay().rates(c).kind == "marginal"), PRICES, st.integers(1, 99))
def test_by_slices_only_the_order_fee_ever_takes_more_than_the_price_rose(
    category_id: str, low: int, more: int
) -> None:
    rise = sold(low + more, category_id).net_cents - sold(low, category_id).net_cents
    crosses_ten_dollars = low <= 1_000 < low + more
    assert rise >= (-10 if crosses_ten_dollars else 0)


def test_where_a_cent_more_in_price_is_less_in_hand() -> None:
    assert sold(1_001).net_cents - sold(1_000).net_cents == 1 - 10
    assert sold(500_001, JEWELRY).net_cents > sold(500_000, JEWELRY).net_cents
    rising = fee_schedules.parse(
        raw_schedule(
            default=raw_rates(
                kind="whole_amount",
                tiers=[*tiers(10_000, rate="0.05"), *tiers(None, rate="0.15")],
            )
        ),
        name="rising.json",
    )
    assert sold(10_000, schedule=rising).net_cents == 9_500
    assert sold(10_001, schedule=rising).net_cents == 8_501
    assert price(9_500, schedule=rising) == 10_000
    assert price(9_501, schedule=rising) == 11_178  # 85 % of it, for the cheaper tier ends at 95


@given(CATEGORIES, PRICES, SMALL, SMALL, SMALL)
def test_the_price_for_what_a_sale_brought_brings_it(
    category_id: str, cents: int, charged: int, paid: int, tax: int
) -> None:
    sale = {
        "shipping_charged_cents": charged,
        "shipping_cost_cents": paid,
        "sales_tax_cents": tax,
    }
    wanted = sold(cents, category_id, **sale).net_cents
    found = price(wanted, category_id, **sale)
    assert found <= cents
    assert sold(found, category_id, **sale).net_cents >= wanted


@given(CATEGORIES, st.integers(-2_000, 3_000), st.integers(0, 300), st.integers(0, 300))
def test_no_lower_price_brings_as_much(
    category_id: str, wanted: int, charged: int, paid: int
) -> None:
    sale = {"shipping_charged_cents": charged, "shipping_cost_cents": paid}
    found = price(wanted, category_id, **sale)
    assert sold(found, category_id, **sale).net_cents >= wanted
    assert all(sold(p, category_id, **sale).net_cents < wanted for p in range(found))


@given(st.integers(480_000, 520_000), SMALL)
def test_no_lower_price_brings_as_much_around_jewelrys_step(cents: int, charged: int) -> None:
    sale = {"shipping_charged_cents": charged}
    wanted = sold(cents, JEWELRY, **sale).net_cents
    found = price(wanted, JEWELRY, **sale)
    assert sold(found, JEWELRY, **sale).net_cents >= wanted
    just_above = max(500_001 - charged, 0)
    for below in (found - 1, found - 2, just_above, just_above - 1):
        assert below >= found or below < 0 or sold(below, JEWELRY, **sale).net_cents < wanted
