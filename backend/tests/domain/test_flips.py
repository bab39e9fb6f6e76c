"""The profit of a flip from what is known of a listing, and the lines that explain it."""

from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.schemas.deals import Flip as FlipOnTheWire
from app.domain.explain_flip import NO_FLIP, flip_evidence
from app.domain.flips import NO_FLIP_REASONS, FlipOutlook, flip_of
from tests.domain.making import make_offer


def outlook(**changes: Any) -> FlipOutlook:
    """A film camera for $99.50 in all that is worth $146; shipping usually adds 7 %."""
    known: dict[str, Any] = {
        "resale_cents": 14_600,
        "cost_cents": 9_950,
        "own_shipping_cents": 950,
        "usual_shipping": 0.07,
        "currency": "USD",
        "category_id": "15230",
        "marketplace": "ebay",
        "on": date(2026, 11, 25),
    }
    return flip_of(**{**known, **changes})


def shown(**changes: Any) -> dict[str, Any]:
    return flip_evidence(outlook(**changes), make_offer(price_cents=9_000))


def test_the_profit_is_told_line_by_line() -> None:
    flip = shown()
    assert [(line["label"], line["detail"], line["cents"]) for line in flip["lines"]] == [
        ("Sells again for", "its fair value, shipping included", 14_600),
        ("Final value fee", "13.6 % of $146", -1_986),
        ("Per-order fee", "fixed", -40),
        ("Shipping to the buyer", "what shipping usually is in this category", -955),
        ("Costs now", "price with shipping", -9_950),
    ]
    assert flip["profit_cents"] == 1_669
    assert flip["roi"] == 0.1677
    assert flip["explanation"] == (
        "After fees and shipping $116.19 would be left of the resale: $16.69 profit, 17 % of what it costs."
    )
    assert flip["schedule"]["rates"] == "Most categories"
    assert flip["schedule"]["address"].startswith("https://www.ebay.com/")
    assert "Sales tax and the fee on it, returns, and your time." in flip["not_counted"]


def test_a_loss_is_called_a_loss() -> None:
    flip = shown(cost_cents=14_000)
    assert flip["profit_cents"] == -2_381
    assert flip["explanation"].endswith("$23.81 loss, 17 % of what it costs.")


def test_every_tier_is_a_line_with_its_rate_and_base() -> None:
    flip = shown(resale_cents=150_000, category_id="31387")
    assert [line["detail"] for line in flip["lines"] if line["name"] == "fee"] == [
        "15 % of $1,000",
        "6.5 % of $500",
    ]


def test_the_listings_own_shipping_stands_in_for_an_unknown_usual_one() -> None:
    flip = shown(usual_shipping=None)
    line = next(line for line in flip["lines"] if line["name"] == "shipping")
    assert (line["detail"], line["cents"]) == ("what this seller asks for shipping", -950)


def test_an_auctions_cost_is_only_its_current_bid() -> None:
    flip = flip_evidence(outlook(), make_offer(buying_option="auction", shipping_cents=0))
    assert flip["lines"][-1]["detail"] == "current bid with free shipping"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"resale_cents": None}, "no_estimate"),
        ({"cost_cents": None}, "shipping_unknown"),
        ({"usual_shipping": None, "own_shipping_cents": 0}, "resale_shipping_unknown"),
        ({"usual_shipping": 0.0, "own_shipping_cents": 0}, "resale_shipping_unknown"),
        ({"currency": "GBP"}, "no_fee_schedule"),
        ({"marketplace": "depop"}, "no_fee_schedule"),
        ({"on": date(2022, 1, 1)}, "no_fee_schedule"),
        ({"category_id": "33034", "on": date(2024, 6, 1)}, "fee_unknown"),
    ],
)
def test_without_a_profit_the_reason_is_told(changes: dict[str, Any], reason: str) -> None:
    flip = shown(**changes)
    assert (flip["profit_cents"], flip["roi"], flip["reason"]) == (None, None, reason)
    assert flip["explanation"] == NO_FLIP[reason]
    assert flip["lines"] == []


def test_every_reason_has_words_and_may_go_over_the_wire() -> None:
    on_the_wire = get_args(get_args(FlipOnTheWire.model_fields["reason"].annotation)[0])
    assert set(NO_FLIP) == set(NO_FLIP_REASONS) == set(on_the_wire)


@given(
    st.integers(1, 2_000_000),
    st.integers(1, 2_000_000),
    st.floats(0.001, 0.9),
    st.sampled_from(["15230", "31387", "281", "15709"]),
)
def test_the_lines_add_up_to_the_profit(
    resale: int, cost: int, share: float, category_id: str
) -> None:
    found = outlook(
        resale_cents=resale, cost_cents=cost, usual_shipping=share, category_id=category_id
    )
    if found.flip is None:
        assert resale * share < 1  # so little that its shipping rounds to nothing
        return
    flip = flip_evidence(found, make_offer())
    assert sum(line["cents"] for line in flip["lines"]) == flip["profit_cents"]
    assert flip["roi"] == round(flip["profit_cents"] / cost, 4)
    assert FlipOnTheWire.model_validate(flip).profit_cents == flip["profit_cents"]


def test_a_cheaper_offer_of_the_same_thing_never_brings_less() -> None:
    profits = [shown(cost_cents=cost)["profit_cents"] for cost in (4_000, 9_950, 9_951)]
    assert profits == sorted(profits, reverse=True)
