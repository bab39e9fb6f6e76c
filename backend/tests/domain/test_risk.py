"""Risk rules: each fires on its own case and quotes it, what is refused does not count, weights add up."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.schemas.deals import RiskCode
from app.domain import condition as conditions
from app.domain import risk
from app.domain.explain import RISK_TEXTS, evidence
from app.domain.offers import NOTHING_KNOWN, Asked, Offer, Surroundings
from app.domain.risk import RiskFlag
from app.domain.risk_words import find_contact, find_payment
from app.domain.scoring import score_deal
from app.domain.valuation import Estimate, Item, estimate
from tests.domain.making import NOW, make_market, make_offer

MARKET = make_market()


def worth_of(offer: Offer) -> Estimate:
    return estimate(Item(offer.title, offer.condition, "USD"), MARKET, now=NOW)


def fired(around: Surroundings = NOTHING_KNOWN, **changes: Any) -> list[RiskFlag]:
    """The rules that fire for an offer of about two thirds of its value by a good seller."""
    offer = make_offer(**changes)
    return list(risk.assess(offer, worth_of(offer), around))


def codes(flags: Sequence[RiskFlag]) -> list[str]:
    return [flag.code for flag in flags]


def asked(*prices: int, days: float = 2.0, shipping: int | None = 0) -> tuple[Asked, ...]:
    """These prices in cents, one every so many days."""
    return tuple(
        Asked(NOW + timedelta(days=days * i), price, shipping, "USD")
        for i, price in enumerate(prices)
    )


def test_a_plain_offer_of_a_good_seller_has_no_flag() -> None:
    assert fired() == []
    assert risk.level_of([]) == "none"


@pytest.mark.parametrize(
    ("changes", "around", "code", "quote"),
    [
        ({"price_cents": 6_000}, {}, "far_below_interval", "% of the likely value"),
        (
            {"title": "Canon AE-1 Program, Zelle ok"},
            {},
            "off_platform_payment",
            "Zelle",
        ),
        (
            {},
            {"description": "Works. Text me at (503) 555-0188 first"},
            "outside_contact",
            "Text me at (503) 555-0188",
        ),
        (
            {},
            {"photo_sellers": 1, "photo_title": "canon ae1"},
            "photo_reused",
            "1 other seller, with: canon ae1",
        ),
        (
            {},
            {"text_sellers": 2, "text_places": ("Austin, TX", "Miami, FL")},
            "text_copied",
            "2 other sellers, in Austin, TX, Miami, FL",
        ),
        (
            {},
            {"asked": asked(10_000, 12_500, 9_900)},
            "fake_discount",
            "$100 on 23 Nov 12:00, then $125 on 25 Nov 12:00, then $99 on 27 Nov 12:00",
        ),
        (
            {"title": "Leica M6 body", "price_cents": 230_000, "seller_feedback_score": 2},
            {},
            "new_seller_high_value",
            "feedback 2",
        ),
        ({"buying_option": "auction"}, {}, "auction", None),
    ],
)
def test_each_rule_fires_alone_and_quotes_what_it_saw(
    changes: dict[str, Any], around: dict[str, Any], code: str, quote: str | None
) -> None:
    flags = fired(Surroundings(**around), **changes)
    assert codes(flags) == [code]
    assert (flags[0].quote or "").endswith(quote or "")
    assert code in RISK_TEXTS


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Zelle only", "Zelle"),
        ("please pay with Venmo", "Venmo"),
        ("CASHAPP accepted", "CASHAPP"),
        ("no paypal, zelle only", "zelle"),
        ("No returns, zelle accepted", "zelle"),
        ("No returns. Pay by western union", "western union"),
        ("wire transfer required", "wire transfer"),
        ("pay by Amazon gift card", "pay by Amazon gift card"),
        ("PayPal friends & family", "PayPal friends & family"),
        ("we accept bitcoin", "accept bitcoin"),
        ("not a scam, venmo me", "venmo"),
        ("\uff3aelle ok", "Zelle"),  # a full-width letter
    ],
)
def test_payment_outside_is_found_in_the_sellers_words(text: str, quote: str) -> None:
    assert find_payment(text) == quote


@pytest.mark.parametrize(
    "text",
    [
        "no zelle",
        "NO Zelle/Venmo/CashApp",
        "We do not accept western union or wire transfers",
        "We don’t take Venmo, Zelle or Cash App",
        "Zelle not accepted",
        "Requests for Zelle will be ignored",
        "zelle and venmo are scams",
        "Never pay by wire transfer",
        "$50 Amazon gift card",
        "Bitcoin miner Antminer S9",
        "cash register with drawer",
        "Canon AE-1 Program",
    ],
)
def test_what_is_refused_or_sold_is_no_payment_outside(text: str) -> None:
    assert find_payment(text) is None


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("text me at 212-555-0143", "text me at 212-555-0143"),
        ("Call or text (503) 555-0188", "Call or text (503) 555-0188"),
        ("No calls, text me at 503-555-0188", "text me at 503-555-0188"),
        ("contact 5035550188", "5035550188"),
        ("+1 503 555 0188", "+1 503 555 0188"),
        ("joe.bloggs@gmail.com", "joe.bloggs@gmail.com"),
        ("joe (at) gmail (dot) com", "joe (at) gmail (dot) com"),
        ("deal outside of eBay for less", "deal outside of eBay"),
        ("message me on telegram", "message me on telegram"),
        ("WhatsApp welcome", "WhatsApp"),
    ],
)
def test_contact_outside_is_found_in_the_sellers_words(text: str, quote: str) -> None:
    assert find_contact(text) == quote


@pytest.mark.parametrize(
    "text",
    [
        "do not text me",
        "no whatsapp",
        "No deals outside eBay",
        "will not deal outside ebay",
        "got it off eBay years ago",
        "message for details",
        "UPC 4549292198652",
        "serial 5035550188",
        "Nike 555088-105",
        "Dell 0212-555-0143-X",
        "vintage telegram 1920",
        "L@@K nice",
        "call of duty black ops",
    ],
)
def test_numbers_and_refusals_are_no_contact_outside(text: str) -> None:
    assert find_contact(text) is None


@pytest.mark.parametrize(
    ("prices", "is_fake"),
    [
        ((10_000, 12_000, 10_000), True),
        ((10_000, 12_000, 9_500), True),
        ((10_000, 12_000, 11_000), True),
        ((10_000, 11_000, 12_500, 11_500, 10_200), True),
        ((10_000, 12_000, 8_500), False),  # cheaper than ever: a discount all the same
        ((10_000, 12_000, 11_900), False),
        ((10_000, 10_500, 10_000), False),
        ((12_000, 10_000), False),
        ((12_000, 11_000, 10_000), False),
        ((10_000, 12_000), False),
        ((), False),
    ],
)
def test_a_raise_that_is_cut_again_is_no_discount(prices: tuple[int, ...], is_fake: bool) -> None:
    assert codes(fired(Surroundings(asked=asked(*prices)))) == ["fake_discount"] * is_fake


def test_a_cut_long_after_the_raise_is_a_cut() -> None:
    assert fired(Surroundings(asked=asked(10_000, 12_000, 10_000, days=40))) == []


def test_shipping_counts_in_a_raise_and_an_unknown_one_says_nothing() -> None:
    low, high = asked(10_000, shipping=0)[0], asked(10_000, shipping=2_500)[0]
    later = [replace(a, at=NOW + timedelta(days=i)) for i, a in enumerate((low, high, low))]
    assert codes(fired(Surroundings(asked=tuple(later)))) == ["fake_discount"]
    later[0] = replace(later[0], shipping_cents=None)
    assert fired(Surroundings(asked=tuple(later))) == []


def test_bids_of_an_auction_are_no_raises() -> None:
    prices = Surroundings(asked=asked(10_000, 12_000, 10_000))
    assert codes(fired(prices, buying_option="auction")) == ["auction"]


def test_a_proven_seller_may_be_cheap_but_not_absurdly() -> None:
    def reason(price: int, feedback: int | None) -> str | None:
        offer = make_offer(price_cents=price, shipping_cents=0, seller_feedback_score=feedback)
        return score_deal(offer, worth_of(offer), now=NOW).reason

    assert [reason(price, 800) for price in (8_500, 6_500, 4_500)] == [
        None,
        None,
        "far_below_interval",
    ]
    assert [reason(price, 20) for price in (8_500, 6_500)] == [None, "far_below_interval"]
    assert [reason(price, 3) for price in (9_900, 8_500)] == [None, "far_below_interval"]
    assert reason(8_500, None) == "far_below_interval"


def test_several_middling_signs_withhold_a_score_and_one_does_not() -> None:
    offer = make_offer()
    copied = Surroundings(photo_sellers=1, text_sellers=1, text_places=("Miami, FL",))
    assert score_deal(offer, worth_of(offer), now=NOW, around=copied).reason == "too_risky"
    one = Surroundings(photo_sellers=1)
    scored = score_deal(offer, worth_of(offer), now=NOW, around=one)
    assert scored.reason is None
    assert risk.level_of(scored.risks) == "elevated"


def test_a_payment_outside_withholds_a_score_alone() -> None:
    offer = make_offer(title="Canon AE-1 Program camera body zelle only")
    result = score_deal(offer, worth_of(offer), now=NOW)
    assert (result.total, result.reason) == (None, "too_risky")
    assert risk.level_of(result.risks) == "high"


def test_a_fake_discount_is_flagged_but_not_withheld() -> None:
    offer = make_offer()
    around = Surroundings(asked=asked(10_000, 12_500, 9_900))
    result = score_deal(offer, worth_of(offer), now=NOW, around=around)
    assert result.total == score_deal(offer, worth_of(offer), now=NOW).total
    assert risk.top_code(result.risks) == "fake_discount"
    assert risk.level_of(result.risks) == "low"


def test_new_things_share_the_makers_photo_and_text() -> None:
    shared = Surroundings(photo_sellers=3, text_sellers=3, text_places=("Miami, FL",))
    flags = fired(shared, condition=conditions.NEW, price_cents=13_000)
    assert codes(flags) == ["photo_reused"]
    assert risk.level_of(flags) == "low"


def test_who_was_first_is_more_probably_copied_than_a_copy() -> None:
    twins = Surroundings(photo_sellers=1, text_sellers=1, text_places=("Miami, FL",))
    assert risk.total_weight(fired(twins)) == 70
    assert risk.total_weight(fired(replace(twins, is_first=True))) == 30


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    for found in (find_payment(text), find_contact(text)):
        assert found is None or found.strip()


@given(
    st.lists(
        st.builds(
            Asked,
            st.timedeltas(timedelta(0), timedelta(days=60)).map(lambda d: NOW + d),
            st.integers(1, 10**6),
            st.one_of(st.none(), st.integers(0, 10**4)),
            st.sampled_from(("USD", "EUR")),
        ),
        max_size=8,
    )
)
def test_no_discount_is_called_fake_without_three_prices_of_our_own(history: list[Asked]) -> None:
    flags = fired(Surroundings(asked=tuple(history)))
    if len(history) < 3:
        assert flags == []
    for flag in flags:
        assert (flag.quote or "").count(" on ") == 3


def test_the_same_facts_and_clock_give_byte_identical_evidence() -> None:
    around = Surroundings(
        description="text me at (503) 555-0188",
        asked=asked(10_000, 12_500, 9_900),
        photo_sellers=2,
        photo_title="canon ae1",
        text_sellers=1,
        text_places=("Austin, TX",),
    )

    def once() -> str:
        offer = make_offer()
        worth = estimate(Item(offer.title, offer.condition, "USD"), make_market(), now=NOW)
        score = score_deal(offer, worth, now=NOW, around=around)
        return json.dumps(evidence(offer, "USD", worth, score))

    assert once() == once()
    shown = json.loads(once())
    assert shown["risk_level"] == "high"
    assert [flag["weight"] for flag in shown["risk_flags"]] == [40, 40, 30, 10]


def test_every_rule_that_weighs_has_a_name_on_the_wire() -> None:
    named = {code for code, text in RISK_TEXTS.items()} - {
        "lot",
        "accessory",
        "for_parts",
        "auction",
    }
    assert named == set(get_args(RiskCode))
