"""Selling speed from watched listings: textbook curves, recovered hazards, order, and silence where little is known."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.spells import (
    MIN_SOLD,
    SpellModel,
    Spells,
    columns,
    fit_hazard,
    fit_spells,
    kaplan_meier,
)

SALE_RATE, SALE_SLOPE, WITHDRAWAL_RATE, SHAPE = 0.08, -4.0, 0.02, 1.3


def watched(
    seed: int,
    count: int = 6_000,
    *,
    category: str = "15230",
    faster: float = 1.0,
    recorded: float = 1.0,
    looks_days: float = 90.0,
) -> Spells:
    """Listings of a market with known hazards, watched for 90 days, most from some age on."""
    rng = np.random.default_rng(seed)
    ratio = rng.normal(0.05, 0.18, count)
    sale = (rng.exponential(size=count) / (faster * SALE_RATE * np.exp(SALE_SLOPE * ratio))) ** (
        1 / SHAPE
    )
    withdrawal = (rng.exponential(size=count) / WITHDRAWAL_RATE) ** (1 / SHAPE)
    listed = rng.uniform(-60.0, looks_days, count)
    entry = np.maximum(rng.exponential(1.0, count), -listed)
    gone = np.minimum(sale, withdrawal)
    last = looks_days - listed
    kept = gone > entry
    is_known = gone < last
    on_record = (sale < withdrawal) & is_known & (rng.uniform(size=count) < recorded)
    return Spells(
        np.array([category] * count),
        ratio,
        entry,
        np.minimum(gone, last),
        on_record,
        is_known & ~on_record,
    ).take(kept & (last > entry))


def sold_within(days: float, ratio: float, *, faster: float = 1.0, seed: int = 99) -> float:
    """The truth, by drawing many."""
    rng = np.random.default_rng(seed)
    rate = faster * SALE_RATE * np.exp(SALE_SLOPE * ratio)
    sale = (rng.exponential(size=40_000) / rate) ** (1 / SHAPE)
    withdrawal = (rng.exponential(size=40_000) / WITHDRAWAL_RATE) ** (1 / SHAPE)
    return float(((sale < withdrawal) & (sale < days)).mean())


def chance(model: SpellModel, ratio: float, horizon: int, category: str = "15230") -> float:
    course = model.speed(category).course(np.array([ratio]))
    assert course is not None
    return float(course.sold_by[0, horizon])


def test_the_curve_of_kaplan_and_meier_by_hand() -> None:
    ages = np.array([1.0, 2.0, 2.0, 3.0, 4.0])
    ended = np.array([1.0, 1.0, 0.0, 1.0, 0.0])
    times, share = kaplan_meier(np.zeros(5), ages, ended, least_at_risk=1)
    assert times.tolist() == [1.0, 2.0, 3.0]
    assert share == pytest.approx([4 / 5, 4 / 5 * 3 / 4, 4 / 5 * 3 / 4 * 1 / 2])


def test_a_late_entry_is_not_at_risk_before_it() -> None:
    entry, ages = np.array([0.0, 1.5, 1.5]), np.array([1.0, 2.0, 3.0])
    times, share = kaplan_meier(entry, ages, np.ones(3), least_at_risk=1)
    assert times.tolist() == [1.0, 2.0, 3.0]
    assert share == pytest.approx([0.0, 0.0, 0.0])


def test_the_curve_begins_and_ends_where_enough_are_at_risk() -> None:
    entry, ages = np.array([0.0, 1.5, 1.5, 1.5]), np.array([1.0, 2.0, 3.0, 4.0])
    times, share = kaplan_meier(entry, ages, np.ones(4), least_at_risk=2)
    assert times.tolist() == [2.0, 3.0]
    assert share == pytest.approx([2 / 3, 1 / 3])
    nobody, _ = kaplan_meier(entry, ages, np.ones(4), least_at_risk=5)
    assert len(nobody) == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_known_hazards_are_recovered_from_truncated_and_censored_spells(seed: int) -> None:
    spells = watched(seed)
    sale = fit_hazard(
        spells.log_ratio, spells.entry, spells.exit, spells.sold.astype(float), slope_sign=-1
    )
    assert sale.shape == pytest.approx(SHAPE, rel=0.08)
    assert sale.slope == pytest.approx(SALE_SLOPE, rel=0.1)
    assert np.exp(sale.level) == pytest.approx(SALE_RATE, rel=0.15)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_chances_are_those_of_the_market(seed: int) -> None:
    model = fit_spells(watched(seed, 20_000))
    assert model is not None
    assert model.recorded_share == 1.0
    for ratio in (-0.2, 0.0, 0.2):
        for horizon, days in enumerate((7.0, 14.0, 30.0)):
            truth = sold_within(days, ratio)
            assert chance(model, ratio, horizon) == pytest.approx(truth, abs=0.03), (ratio, days)


def test_a_record_of_one_sale_in_twenty_is_made_up_for_on_average() -> None:
    models = [fit_spells(watched(seed, 30_000, recorded=0.05)) for seed in range(1, 7)]
    shares = [model.recorded_share for model in models if model is not None]
    assert len(shares) == 6
    assert np.mean(shares) == pytest.approx(0.05, rel=0.15)
    for ratio in (-0.2, 0.0, 0.2):
        for horizon, days in enumerate((7.0, 14.0, 30.0)):
            truth = sold_within(days, ratio)
            told = [chance(model, ratio, horizon) for model in models if model is not None]
            assert np.mean(told) == pytest.approx(truth, abs=0.08), (ratio, days)
            assert np.abs(np.array(told) - truth).max() < 0.25  # as uncertain as the share itself


def test_where_dear_things_went_faster_the_price_is_held_to_say_nothing() -> None:
    spells = watched(4)
    model = fit_spells(replace(spells, log_ratio=-spells.log_ratio))
    assert model is not None
    assert model.sale.slope == 0.0
    assert model.withdrawal.slope >= 0.0


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.floats(0.02, 1.0), st.floats(-1.0, 1.0))
def test_dearer_never_sells_faster_and_later_never_less(
    seed: int, recorded: float, tilt: float
) -> None:
    spells = watched(seed, 1_000, recorded=recorded)
    model = fit_spells(replace(spells, log_ratio=spells.log_ratio * tilt))
    if model is None:
        assert spells.sold.sum() < 1.5 * MIN_SOLD
        return
    course = model.speed("15230").course(np.linspace(-0.9, 0.9, 50))
    assert course is not None
    assert (np.diff(course.sold_by, axis=0) <= 1e-9).all()
    assert (np.diff(course.sold_by, axis=1) >= 0.0).all()
    medians = [float("inf") if m is None else m for m in course.median_days]
    assert all(a <= b * (1 + 1e-9) for a, b in pairwise(medians))


def test_a_category_with_few_sales_leans_on_all_and_one_with_many_on_itself() -> None:
    usual = watched(1, 6_000)
    many = watched(2, 4_000, category="many", faster=3.0)
    few = watched(3, 12, category="few", faster=3.0)
    together = Spells(
        *(
            np.concatenate([getattr(part, name) for part in (usual, many, few)])
            for name in ("category", "log_ratio", "entry", "exit", "sold", "withdrawn")
        )
    )
    model = fit_spells(together)
    assert model is not None
    assert model.scales["many"][0] / model.scales["15230"][0] == pytest.approx(3.0, rel=0.15)
    assert model.scales["15230"][0] < model.scales["few"][0] < model.scales["many"][0]
    assert not model.has_own("few")
    assert model.has_own("many")
    unknown = model.speed("never seen")
    assert (unknown.sold, unknown.borrowed) == (0, model.sold)


def test_the_model_is_close_to_the_curve_and_says_how_close() -> None:
    model = fit_spells(watched(5, 8_000))
    assert model is not None
    assert model.misfit is not None
    assert model.misfit < 0.08


def test_too_few_sales_teach_nothing() -> None:
    assert fit_spells(watched(1, 150)) is None
    unsold = watched(1)
    assert fit_spells(replace(unsold, sold=np.zeros(len(unsold), bool))) is None
    assert fit_spells(columns([])) is None


def test_a_model_survives_the_cache() -> None:
    model = fit_spells(watched(6))
    assert model is not None
    kept = SpellModel.from_json(orjson.loads(orjson.dumps(model)))
    assert kept == model
