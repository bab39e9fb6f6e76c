"""Which price is suggested: the goals' order, what is left, and that nothing is invented."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import pricing
from app.domain.comparables import Comp
from app.domain.price_ratios import sale_ratios
from app.domain.pricing import GOALS, Line, Net, curve, suggest
from app.domain.selling_speed import Leaving, SellingSpeed, turnover, unknown_speed
from app.domain.valuation import Estimate, Item, estimate, no_estimate
from tests.domain.making import NOW, make_market, make_sales

AE1 = Item("Canon AE-1 Program camera body", "used", "USD")


def worth(sales: list[Comp] | None = None) -> Estimate:
    return estimate(AE1, make_market(sales), now=NOW)


def less_fees(price_cents: int) -> Net:
    fees = round(price_cents * 0.136) + 40
    lines = (Line("Buyer pays", price_cents, ""), Line("Fee", -fees, ""))
    return Net(price_cents - fees, fees, lines)


def speed(rate: float = 0.1, slope: float = 6.0, withdrawal: float = 0.01) -> SellingSpeed:
    """Rate per day at fair value, falling by `slope` per unit of log ratio."""
    at = np.linspace(-1.0, 1.0, 41)
    return SellingSpeed(
        "turnover",
        100_000,
        100,
        sale=Leaving(1.0, at, rate * np.exp(-slope * at)),
        withdrawal=Leaving(1.0, at, np.full(41, withdrawal)),
    )


def price(goal: pricing.Goal, of: Estimate, how_fast: SellingSpeed) -> int:
    found = suggest(goal, of, how_fast, less_fees, currency="USD")
    assert found is not None
    return found.outcome.price_cents


@given(st.floats(0.001, 5.0), st.floats(0.0, 15.0), st.floats(0.0, 1.0))
def test_fast_is_never_dearer_than_balanced_nor_that_than_max(
    rate: float, slope: float, withdrawal: float
) -> None:
    of, how_fast = worth(), speed(rate, slope, withdrawal)
    prices = [price(goal, of, how_fast) for goal in GOALS]
    assert prices == sorted(prices)
    assert of.high_cents
    assert max(prices) <= of.high_cents + 50


def test_without_a_known_speed_the_goals_are_quartiles_and_say_so() -> None:
    of = worth()
    prices = [price(goal, of, unknown_speed()) for goal in GOALS]
    assert prices == sorted(prices)
    for asked, below in zip(prices, (0.25, 0.5, 0.75), strict=True):
        assert 1.0 - of.probability_at_least(asked) == pytest.approx(below, abs=0.03)
    found = suggest("balanced", of, unknown_speed(), less_fees, currency="USD")
    assert found is not None
    assert "not known" in found.reason
    assert (found.outcome.sold_by, found.outcome.median_days) == (None, None)


def test_no_price_on_trial_beats_the_balanced_one() -> None:
    of, how_fast = worth(), speed()
    best = suggest("balanced", of, how_fast, less_fees, currency="USD")
    assert best is not None
    assert best.outcome.sold_by
    reached = best.outcome.net_cents * best.outcome.sold_by[1]
    for point in curve(of, how_fast, less_fees):
        assert point.sold_by
        assert of.high_cents
        if point.price_cents <= of.high_cents:
            assert point.net_cents * point.sold_by[1] <= reached * 1.005


def test_fast_is_the_highest_price_with_an_even_chance_within_a_week() -> None:
    of, how_fast = worth(), speed(rate=0.12, slope=2.0)
    found = suggest("fast", of, how_fast, less_fees, currency="USD")
    assert found is not None
    assert found.outcome.sold_by
    assert found.outcome.sold_by[0] >= 0.49
    dearer = [p for p in curve(of, how_fast, less_fees) if p.sold_by and p.sold_by[0] >= 0.52]
    assert max(p.price_cents for p in dearer) <= found.outcome.price_cents


def test_when_nothing_sells_in_a_week_the_best_chance_is_named() -> None:
    found = suggest("fast", worth(), speed(rate=0.001), less_fees, currency="USD")
    assert found is not None
    assert "No price in reach" in found.reason


@pytest.mark.parametrize("scale", [0.5, 3.0, 10.0])
@pytest.mark.parametrize("how_fast", [unknown_speed(), speed()], ids=["unknown", "known"])
def test_scaling_every_price_scales_the_suggestion(scale: float, how_fast: SellingSpeed) -> None:
    small, large = worth(), worth(make_sales(scale=scale))
    for goal in GOALS:
        ratio = price(goal, large, how_fast) / price(goal, small, how_fast)
        assert ratio == pytest.approx(scale, rel=0.03)  # prices are rounded, the order fee is not


def test_the_lines_add_up_and_a_loss_is_said_aloud() -> None:
    found = suggest("balanced", worth(), speed(), less_fees, currency="USD", cost_cents=900_000)
    assert found is not None
    *parts, total = found.lines
    assert sum(line.amount_cents for line in parts) == total.amount_cents
    assert total.label == "Loss"
    assert total.amount_cents == found.outcome.net_cents - 900_000
    assert "less than it cost you" in found.reason
    plain = suggest("balanced", worth(), speed(), less_fees, currency="USD")
    assert plain is not None
    assert sum(line.amount_cents for line in plain.lines) == plain.outcome.net_cents


def test_the_curve_falls_in_chance_and_spans_the_interval() -> None:
    of = worth()
    points = curve(of, speed(), less_fees)
    assert 20 <= len(points) <= 40
    assert of.low_cents
    assert of.high_cents
    assert points[0].price_cents < of.low_cents
    assert points[-1].price_cents > of.high_cents
    for cheap, dear in pairwise(points):
        assert cheap.price_cents < dear.price_cents
        assert cheap.sold_by
        assert dear.sold_by
        assert all(a >= b for a, b in zip(cheap.sold_by, dear.sold_by, strict=True))
        assert list(cheap.sold_by) == sorted(cheap.sold_by)


def test_without_an_estimate_there_is_no_price() -> None:
    nothing = no_estimate("too_few")
    assert suggest("fast", nothing, speed(), less_fees, currency="USD") is None
    assert curve(nothing, speed(), less_fees) == []


def test_past_sales_lie_around_what_they_were_worth_without_themselves() -> None:
    found = sale_ratios(make_market())
    assert len(found.log_ratio) > 80
    assert 20.0 < found.days <= 30.0
    assert abs(float(np.median(found.log_ratio))) < 0.03
    assert 0.04 < float(np.std(found.log_ratio)) < 0.2


def test_a_sale_does_not_vouch_for_itself() -> None:
    sales = make_sales(per_model=8)
    newest = max(range(len(sales)), key=lambda i: sales[i].sold_at)
    sales[newest] = replace(sales[newest], price_cents=sales[newest].price_cents * 2)
    found = sale_ratios(make_market(sales))
    assert max(found.log_ratio) > 0.5


DAYS, A_DAY = 90, 250
WINDOW = 30.0


def watched(seed: int, share: float) -> SellingSpeed:
    """What stock and flow tell of a market of which a `share` of the sales is on record."""
    dice = np.random.default_rng(seed)
    born = np.sort(dice.uniform(0.0, DAYS, DAYS * A_DAY))
    ratio = dice.normal(0.05, 0.18, len(born))
    sale = dice.exponential(1.0 / (0.06 * np.exp(-5.0 * ratio)))
    withdrawal = dice.exponential(1.0 / 0.03, len(born))
    gone = born + np.minimum(sale, withdrawal)
    is_sold = (sale < withdrawal) & (gone <= DAYS) & (gone > DAYS - WINDOW)
    on_record = is_sold & (dice.random(len(born)) < share)
    live = gone > DAYS
    return turnover(
        ratio[on_record], sales_days=WINDOW, stock=ratio[live], stock_age_days=DAYS - born[live]
    )


@pytest.mark.parametrize("share", [1 / 25, 1 / 72])
def test_a_few_recorded_sales_more_or_less_leave_the_price_where_it_is(share: float) -> None:
    of = worth()
    assert of.low_cents
    assert of.high_cents
    speeds = [found for seed in range(40) if (found := watched(seed, share)).basis == "turnover"]
    assert len(speeds) >= 20
    middle = float(np.median([price("balanced", of, found) for found in speeds]))
    for found in speeds:
        fast, balanced, highest = (price(goal, of, found) for goal in GOALS)
        assert fast <= balanced <= highest
        assert balanced == pytest.approx(middle, rel=0.08)
        assert of.low_cents <= balanced <= of.high_cents
        assert found.weight < 0.5


def test_little_known_of_speed_is_said_and_the_price_leans_on_value() -> None:
    of = worth()
    little = replace(speed(rate=0.5, slope=2.0), sold=200, recorded_share=1 / 40)
    much = replace(little, sold=20_000, recorded_share=1.0)
    alone, leaning, led = (
        suggest("balanced", of, how_fast, less_fees, currency="USD")
        for how_fast in (unknown_speed(), little, much)
    )
    assert alone
    assert leaning
    assert led
    assert alone.outcome.price_cents < leaning.outcome.price_cents < led.outcome.price_cents
    assert "leans 89 % on the middle of what it may be worth" in leaning.reason
    assert "leans" not in led.reason
    assert leaning.outcome.sold_by  # the chances are still shown


def test_with_much_on_record_the_price_follows_the_sales() -> None:
    """The market of `watched`, all of it on record, against the very rates that made it."""
    of = worth()
    at = np.linspace(-1.0, 1.0, 41)
    truth = SellingSpeed(
        "turnover",
        1_000_000,
        100,
        sale=Leaving(1.0, at, 0.06 * np.exp(-5.0 * at)),
        withdrawal=Leaving(1.0, at, np.full(41, 0.03)),
    )
    for goal in GOALS:
        found = float(np.median([price(goal, of, watched(seed, 1.0)) for seed in range(7)]))
        assert found == pytest.approx(price(goal, of, truth), rel=0.1), goal


def test_the_pace_of_other_categories_is_not_taken_for_this_ones() -> None:
    lent = replace(speed(), basis="spells", sold=0, borrowed=5_000)
    assert lent.weight == pytest.approx(1 / 3)
    assert replace(lent, sold=300).weight > 0.85
