"""Selling speed from stock and flow: recovered where it is known, ordered always, silent where evidence is thin."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.selling_speed import (
    HORIZONS,
    MIN_SALES,
    MIN_STOCK,
    Leaving,
    SellingSpeed,
    falling,
    rising,
    turnover,
)

ratios = st.lists(st.floats(-2, 2), min_size=1, max_size=300)


def constant(rate: float, shape: float = 1.0) -> Leaving:
    return Leaving(shape, np.array([-1.0, 1.0]), np.array([rate, rate]))


def steady_market(
    rng: np.random.Generator, *, per_day: float = 40.0, days: float = 30.0, recorded: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sales of `days` before now and the stock with its ages, where cheap things sell three times as fast as dear ones."""
    count = int(per_day * 400)
    born = rng.uniform(-400.0, 0.0, count)
    ratio = rng.normal(0.0, 0.15, count)
    until_sold = rng.exponential(1.0 / (0.1 * np.exp(-3.0 * ratio)))
    until_withdrawn = rng.exponential(1.0 / 0.02, count)
    gone = born + np.minimum(until_sold, until_withdrawn)
    is_sale = (until_sold < until_withdrawn) & (gone > -days) & (gone <= 0.0)
    on_record = is_sale & (rng.uniform(size=count) < recorded)
    live = gone > 0.0
    return ratio[on_record], ratio[live], -born[live]


def truth(ratio: float, days: float) -> float:
    sale = 0.1 * math.exp(-3.0 * ratio)
    return sale / (sale + 0.02) * -math.expm1(-(sale + 0.02) * days)


def test_one_way_out_at_a_steady_rate_is_the_exponential() -> None:
    speed = SellingSpeed("turnover", 1, 1, sale=constant(0.1))
    course = speed.course(np.array([0.0]))
    assert course is not None
    assert course.sold_by[0] == pytest.approx([-math.expm1(-0.1 * days) for days in HORIZONS])
    assert course.median_days[0] == pytest.approx(math.log(2) / 0.1, rel=0.01)


def test_what_may_be_withdrawn_first_is_sold_less_often() -> None:
    speed = SellingSpeed("spells", 1, 1, sale=constant(0.1), withdrawal=constant(0.3))
    course = speed.course(np.array([0.0]))
    assert course is not None
    assert course.sold_by[0][3] == pytest.approx(0.25, abs=1e-6)
    assert course.median_days == (None,)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_steady_market_is_read_from_its_flow_and_its_stock(seed: int) -> None:
    sales, stock, ages = steady_market(np.random.default_rng(seed), per_day=150.0)
    speed = turnover(sales, sales_days=30.0, stock=stock, stock_age_days=ages)
    course = speed.course(np.array([-0.2, 0.0, 0.2]))
    assert course is not None
    assert speed.basis == "turnover"
    assert speed.recorded_share == 1.0
    for row, ratio in enumerate((-0.2, 0.0, 0.2)):
        for column, days in enumerate(HORIZONS):
            assert course.sold_by[row, column] == pytest.approx(truth(ratio, days), abs=0.12)


def test_a_record_that_holds_one_sale_in_ten_is_noticed_and_made_up_for() -> None:
    told, shares = [], []
    for seed in range(1, 7):
        sales, stock, ages = steady_market(np.random.default_rng(seed), per_day=300.0, recorded=0.1)
        speed = turnover(sales, sales_days=30.0, stock=stock, stock_age_days=ages)
        course = speed.course(np.array([0.0]))
        assert course is not None
        told.append(course.sold_by[0][1])
        shares.append(speed.recorded_share)
    assert np.mean(shares) == pytest.approx(0.1, abs=0.02)
    assert np.mean(told) == pytest.approx(truth(0.0, 14.0), abs=0.08)


@given(ratios, ratios, st.floats(0.5, 60), st.integers(0, 10_000))
def test_dearer_never_sells_faster_and_later_never_less(
    sales: list[float], stock: list[float], days: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    sold = np.concatenate([np.array(sales), rng.normal(0, 0.2, 60)])
    held = np.concatenate([np.array(stock), rng.normal(0.1, 0.2, 60)])
    ages = rng.exponential(20.0, len(held))
    speed = turnover(sold, sales_days=days, stock=held, stock_age_days=ages)
    course = speed.course(np.linspace(-1.0, 1.0, 60))
    assert course is not None
    assert (np.diff(course.sold_by, axis=0) <= 1e-12).all()
    assert (np.diff(course.sold_by, axis=1) >= 0.0).all()
    assert ((course.sold_by >= 0.0) & (course.sold_by <= 1.0)).all()
    medians = [math.inf if m is None else m for m in course.median_days]
    assert all(a <= b + 1e-9 for a, b in pairwise(medians))


@pytest.mark.parametrize(
    ("sales", "stock"), [(MIN_SALES - 1, 500), (500, MIN_STOCK - 1), (0, 0), (500, 0)]
)
def test_too_little_evidence_gives_no_speed(sales: int, stock: int) -> None:
    speed = turnover(
        np.zeros(sales), sales_days=30.0, stock=np.zeros(stock), stock_age_days=np.ones(stock)
    )
    assert (speed.basis, speed.course(np.array([0.0]))) == ("none", None)
    assert (speed.sold, speed.censored) == (sales, stock)


def test_prices_out_of_all_proportion_are_no_evidence() -> None:
    odd = np.full(500, 1.5)
    speed = turnover(odd, sales_days=30.0, stock=odd, stock_age_days=np.ones(500))
    assert speed.basis == "none"


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0.01, 1e3)), min_size=1, max_size=30))
def test_pooling_keeps_the_order_and_the_weighted_mean(pairs: list[tuple[float, float]]) -> None:
    values, weights = (np.array(column) for column in zip(*pairs, strict=True))
    up, down = rising(values, weights), falling(values, weights)
    assert (np.diff(up) >= 0).all()
    assert (np.diff(down) <= 0).all()
    scale = float(np.abs(values) @ weights) + 1.0
    assert abs(float((up - values) @ weights)) < 1e-9 * scale
    assert rising(up, weights) == pytest.approx(up)
