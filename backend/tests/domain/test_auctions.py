"""Auctions: a bid is no price until shortly before the end; what a buyer can decide is where to stop."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.auctions import bid_limit, is_open, state_of_bidding
from app.domain.explain import evidence, running_auction
from app.domain.offers import Offer, Surroundings
from app.domain.scoring import MARGIN, Score, score_deal
from app.domain.valuation import Estimate, Item, estimate
from tests.domain.making import NOW, make_market, make_offer

MARKET = make_market()
WORTH = estimate(Item("Canon AE-1 Program camera body", "used", "USD"), MARKET, now=NOW)
POINT = WORTH.point_cents or 0


def make_auction(**changes: Any) -> Offer:
    """An auction of a used Canon AE-1 Program that runs for six more days."""
    running = {"buying_option": "auction", "ends_at": NOW + timedelta(days=6)}
    return make_offer(**{**running, **changes})


def score(offer: Offer, worth: Estimate = WORTH, around: Surroundings | None = None) -> Score:
    return score_deal(offer, worth, now=NOW, around=around or Surroundings())


def verdict(offer: Offer) -> str:
    sentence: str = evidence(offer, "USD", WORTH, score(offer))["verdict"]
    return sentence


@pytest.mark.parametrize("price", [99, 500, 4_000, 9_000, 30_000])
def test_whatever_the_bid_a_running_auction_is_no_deal_yet(price: int) -> None:
    result = score(make_auction(price_cents=price))
    assert (result.total, result.reason) == (None, "running_auction")
    assert (result.discount, result.probability, result.parts) == (None, None, ())
    assert [flag.code for flag in result.risks] == ["auction"]


@pytest.mark.parametrize(
    ("left", "price", "open_"),
    [
        (timedelta(days=6), 9_000, True),
        (timedelta(hours=1, seconds=1), 9_000, True),
        (timedelta(hours=1), 9_000, False),
        (timedelta(minutes=2), 9_000, False),
        (timedelta(minutes=2), 5_000, True),
        (None, 9_000, True),
    ],
    ids=["days", "over an hour", "an hour", "minutes", "minutes, but a bid of a third", "no end"],
)
def test_a_bid_counts_in_the_last_hour_and_only_when_it_is_serious(
    left: timedelta | None, price: int, open_: bool
) -> None:
    auction = make_auction(price_cents=price, ends_at=None if left is None else NOW + left)
    assert is_open(auction, POINT, now=NOW) is open_
    assert (score(auction).total is None) is open_


def test_in_the_last_hour_the_bid_scores_like_the_same_price() -> None:
    auction = score(make_auction(price_cents=9_000, ends_at=NOW + timedelta(minutes=30)))
    fixed = score(make_offer(price_cents=9_000))
    assert (auction.total, auction.parts, auction.discount) == (
        fixed.total,
        fixed.parts,
        fixed.discount,
    )


def test_a_fixed_price_that_ends_with_an_auction_is_a_price() -> None:
    offer = make_offer(price_cents=9_000, ends_at=NOW + timedelta(days=6))
    assert not is_open(offer, POINT, now=NOW)
    assert score(offer).total is not None
    assert score(offer).bid_limit_cents is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 8_000), st.integers(100, 500_000))
def test_the_limit_is_the_highest_bid_that_keeps_the_margin(shipping: int, worth: int) -> None:
    limit = bid_limit(make_auction(shipping_cents=shipping), worth, margin=MARGIN)
    assert limit is not None
    if limit > 0:
        assert (limit + shipping) * (1 + MARGIN) <= worth + 1e-6
    assert (limit + 1 + shipping) * (1 + MARGIN) > worth


@pytest.mark.parametrize(
    "changes",
    [
        {"shipping_cents": None},
        {"title": "Lot of 3 Canon AE-1 Program"},
        {"title": "Canon AE-1 Program camera, cash app only"},
        {"buying_option": "fixed_price"},
    ],
    ids=["unknown shipping", "a lot", "a fraud", "no auction"],
)
def test_there_is_no_limit_where_there_would_be_no_score_at_any_price(
    changes: dict[str, Any],
) -> None:
    result = score(make_auction(**changes))
    assert result.bid_limit_cents is None
    assert result.reason != "running_auction"


def test_the_verdict_says_where_to_stop_and_what_that_is_in_all() -> None:
    limit = int(POINT / 1.25)
    low = verdict(make_auction(price_cents=4_000))
    assert "the current bid is $49.50 with shipping and can rise." in low
    assert f"Worth bidding up to ${(limit - 950) / 100:.2f}, ${limit / 100:g} with shipping." in low
    assert "Past what it is worth bidding: $" in verdict(make_auction(price_cents=20_000))
    late = verdict(make_auction(price_cents=9_000, ends_at=NOW + timedelta(minutes=9)))
    assert "the current bid is $99.50 with shipping; " in late
    assert "% under. Worth bidding up to" in late


@pytest.mark.parametrize(
    ("left", "bids", "words"),
    [
        (timedelta(days=6, hours=23), 2, "6 days left, 2 bids"),
        (timedelta(hours=24), 1, "1 day left, 1 bid"),
        (timedelta(hours=23, minutes=59), 0, "23 hours left, no bids"),
        (timedelta(minutes=59), None, "59 minutes left"),
        (timedelta(seconds=30), 9, "less than a minute left, 9 bids"),
        (None, 3, "3 bids"),
        (None, None, ""),
    ],
)
def test_what_is_left_is_told_in_words(
    left: timedelta | None, bids: int | None, words: str
) -> None:
    ends_at = None if left is None else NOW + left
    assert state_of_bidding(ends_at, bids, now=NOW) == words
    said = running_auction(ends_at, bids, now=NOW)
    assert said.startswith(f"Bids can still rise: {words}. " if words else "Bids can still rise. ")
