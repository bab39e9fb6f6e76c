"""What things are worth: near what alike ones sold for, steady against junk, silent when evidence is thin."""

import json
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.domain import condition as conditions
from app.domain.comparables import Comp
from app.domain.valuation import (
    Estimate,
    Item,
    estimate,
    robust_outliers,
    weighted_quantile,
)
from tests.domain.making import MODELS, NOW, make_comp, make_market, make_sales

NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Each example builds a market: shrinking a failure would take minutes."""

CANON = Item("Canon AE-1 Program camera", conditions.USED, "USD")


def reasons(worth: Estimate) -> dict[str, str | None]:
    return {judged.comp.title: judged.reason for judged in worth.comps}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("condition", [conditions.USED, conditions.NEW])
def test_fair_value_is_what_the_model_sells_for_in_its_condition(
    model: str, condition: str
) -> None:
    worth = estimate(Item(f"{model} nice tested", condition, "USD"), make_market(), now=NOW)
    truth = MODELS[model] * (1.25 if condition == conditions.NEW else 1.0)
    assert worth.point_cents == pytest.approx(truth, rel=0.06)
    assert worth.low_cents is not None
    assert worth.high_cents is not None
    assert worth.low_cents < worth.point_cents < worth.high_cents


def test_an_unknown_condition_stays_unknown() -> None:
    market = make_market()
    used, unknown, new = (
        estimate(Item(CANON.title, condition, "USD"), market, now=NOW)
        for condition in (conditions.USED, conditions.UNKNOWN, conditions.NEW)
    )
    assert used.point_cents < unknown.point_cents < new.point_cents
    assert unknown.high_cents - unknown.low_cents > used.high_cents - used.low_cents


@settings(max_examples=10, deadline=None, phases=NO_SHRINKING)
@given(st.floats(0.2, 50))
def test_scaling_all_prices_scales_the_estimate(scale: float) -> None:
    plain = estimate(CANON, make_market(), now=NOW)
    scaled = estimate(CANON, make_market(make_sales(scale=scale)), now=NOW)
    assert scaled.point_cents == pytest.approx(plain.point_cents * scale, rel=2e-3)
    assert scaled.low_cents == pytest.approx(plain.low_cents * scale, rel=2e-3)
    assert scaled.used == plain.used


@settings(max_examples=15, deadline=None, phases=NO_SHRINKING)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["same", "lot", "part", "other"]),
            st.one_of(st.integers(1, 3_000), st.integers(60_000, 900_000)),
        ),
        min_size=10,
        max_size=10,
    )
)
def test_ten_junk_comps_hardly_move_a_fair_value(junk: list[tuple[str, int]]) -> None:
    titles = {
        "same": "Canon AE-1 Program camera",
        "lot": "Lot of 4 Canon AE-1 Program camera",
        "part": "Strap for Canon AE-1 Program camera",
        "other": "Brand thing AE-1 Program something",
    }
    added = [
        make_comp(10_000 + i, title=titles[kind], price_cents=cents, shipping_cents=0)
        for i, (kind, cents) in enumerate(junk)
    ]
    before = estimate(CANON, make_market(), now=NOW)
    after = estimate(CANON, make_market([*make_sales(), *added]), now=NOW)
    assert after.point_cents == pytest.approx(before.point_cents, rel=0.02)


def test_comps_of_another_currency_never_enter() -> None:
    foreign = [
        make_comp(5_000 + i, currency="GBP", price_cents=90_000, title=CANON.title)
        for i in range(40)
    ]
    before = estimate(CANON, make_market(), now=NOW)
    after = estimate(CANON, make_market([*make_sales(), *foreign]), now=NOW)
    assert after.reason is None
    assert all(judged.comp.currency == "USD" for judged in after.comps if judged.accepted)
    assert after.point_cents == pytest.approx(before.point_cents, rel=0.05)
    only_foreign = estimate(CANON, make_market(foreign), now=NOW)
    assert (only_foreign.point_cents, only_foreign.reason) == (None, "too_few")
    assert set(reasons(only_foreign).values()) == {"other_currency"}


def test_every_rejected_comp_says_why() -> None:
    odd = [
        make_comp(9_001, title="Lot of 2 Canon AE-1 Program", price_cents=27_000),
        make_comp(9_002, title="Case for Canon AE-1 Program", price_cents=1_500),
        make_comp(9_003, title="Canon AE-1 Program for parts", price_cents=3_000),
        make_comp(9_004, title="Canon AE-1 Program camera old", sold_at=NOW - timedelta(days=400)),
        make_comp(9_005, title="Canon AE-1 Program camera dear", price_cents=95_000),
        make_comp(9_006, title="Canon AE-1 Program camera mute", condition=conditions.FOR_PARTS),
    ]
    worth = estimate(CANON, make_market([*make_sales(per_model=12), *odd]), now=NOW)
    told = {k: v for k, v in reasons(worth).items() if k in {comp.title for comp in odd}}
    assert told == {
        "Lot of 2 Canon AE-1 Program": "lot",
        "Case for Canon AE-1 Program": "accessory",
        "Canon AE-1 Program for parts": "for_parts",
        "Canon AE-1 Program camera old": "too_old",
        "Canon AE-1 Program camera dear": "outlier",
        "Canon AE-1 Program camera mute": "for_parts",
    }
    assert sum(judged.weight for judged in worth.comps) == pytest.approx(1, abs=1e-4)
    assert all((judged.weight > 0) == judged.accepted for judged in worth.comps)


def test_another_storage_size_is_another_thing() -> None:
    phones = [
        make_comp(
            i,
            title=f"Apple iPhone 12 {size}GB unlocked",
            price_cents=cents + i * 10,
            shipping_cents=0,
        )
        for i, (size, cents) in enumerate([(64, 20_000), (256, 30_000)] * 12, start=1)
    ]
    worth = estimate(Item("iPhone 12 256 GB", conditions.USED, "USD"), make_market(phones), now=NOW)
    assert worth.point_cents == pytest.approx(30_100, rel=0.02)
    assert {j.reason for j in worth.comps if "64GB" in j.comp.title} == {"other_variant"}


@pytest.mark.parametrize(
    ("sales", "reason"),
    [
        ([], "too_few"),
        ([make_comp(i) for i in range(1, 4)], "too_few"),
        (
            [make_comp(i, price_cents=1_000 * 2**i, shipping_cents=0) for i in range(1, 9)],
            "too_spread",
        ),
        ([make_comp(i, sold_at=NOW - timedelta(days=300)) for i in range(1, 20)], "too_few"),
    ],
)
def test_thin_or_spread_evidence_gives_no_estimate(sales: list[Comp], reason: str) -> None:
    worth = estimate(CANON, make_market(sales), now=NOW)
    assert (worth.point_cents, worth.confidence, worth.reason) == (None, None, reason)
    assert worth.histogram() is None
    assert worth.probability_at_least(1) == 0


def test_newer_sales_weigh_more() -> None:
    fallen = [
        make_comp(
            i,
            price_cents=20_000 if old else 10_000,
            shipping_cents=i,
            sold_at=NOW - timedelta(days=150 if old else 5),
        )
        for i, old in enumerate([True, False] * 10, start=1)
    ]
    worth = estimate(CANON, make_market(fallen), now=NOW)
    assert worth.point_cents == pytest.approx(10_000, rel=0.1)


def test_shipping_that_sales_do_not_tell_is_counted_as_usual() -> None:
    silent = [make_comp(i, price_cents=10_000 + i, shipping_cents=None) for i in range(1, 15)]
    market = make_market(silent)
    without = estimate(CANON, market, now=NOW)
    usual = estimate(CANON, market, now=NOW, usual_shipping=0.1)
    assert usual.point_cents == pytest.approx(without.point_cents * 1.1, rel=1e-3)


def test_confidence_falls_with_thinner_older_less_alike_evidence() -> None:
    full = estimate(CANON, make_market(), now=NOW).confidence or 0
    thin = estimate(CANON, make_market(make_sales(per_model=5)), now=NOW).confidence or 0
    old = estimate(CANON, make_market(), now=NOW + timedelta(days=75)).confidence or 0
    assert thin < full
    assert old < full
    assert 0 < full <= 1


def test_the_same_input_and_clock_give_the_same_estimate() -> None:
    def once() -> str:
        worth = estimate(CANON, make_market(), now=NOW)
        return json.dumps([repr(worth), worth.histogram()])

    assert once() == once()


@given(st.lists(st.floats(1, 1e6), min_size=2, max_size=40), st.floats(0.01, 100))
def test_outliers_do_not_depend_on_the_unit(values: list[float], scale: float) -> None:
    array = np.array(values)
    assert robust_outliers(array).sum() <= len(values) / 2
    assert robust_outliers(np.zeros(5)).sum() == 0


def test_outliers_by_the_modified_z_score() -> None:
    assert robust_outliers(np.array([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2])).tolist() == [
        *([False] * 8),
        True,
    ]
    # More than half are equal, so the MAD is 0 and the mean absolute deviation stands in.
    assert robust_outliers(np.array([5.0] * 20 + [9.0]))[-1]


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.01, 10)), min_size=1, max_size=30),
)
def test_weighted_quantiles_are_ordered_and_within_the_values(
    pairs: list[tuple[float, float]],
) -> None:
    values, weights = (np.array(column) for column in zip(*pairs, strict=True))
    low, middle, high = weighted_quantile(values, weights, (0.1, 0.5, 0.9))
    assert values.min() - 1e-9 <= low <= middle <= high <= values.max() + 1e-9
