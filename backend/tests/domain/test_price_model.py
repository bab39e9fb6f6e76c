"""What titles alone say: learned on folds, the same in any order, steady, and honest about how wrong it is."""

import random
from itertools import pairwise

import numpy as np
import pytest

from app.domain.calibration import LEVELS, SMALLEST_ERROR, Calibration, calibrate, circumstances
from app.domain.features import FeatureSpace
from app.domain.network import Network
from app.domain.price_model import FOLDS, PriceModel, Trend, fit, trend
from app.domain.titles import Title, read_title

BRANDS = {"canon": 4.6, "nikon": 5.0, "leica": 7.2, "zenit": 3.4}
MODELS = {"ae1": 0.2, "fm2": 0.5, "m6": 0.9, "et": -0.4, "f3": 0.7}


def make_titles(count: int = 600, seed: int = 1) -> tuple[list[Title], np.ndarray]:
    """Titles of a brand and a model, and log prices that are the sum of both and a little noise."""
    dice = random.Random(seed)
    titles, prices = [], []
    for number in range(count):
        brand, model = dice.choice(list(BRANDS)), dice.choice(list(MODELS))
        titles.append(read_title(f"{brand} {model} camera no{number}x"))
        prices.append(BRANDS[brand] + MODELS[model] + dice.gauss(0, 0.1))
    return titles, np.array(prices)


def learn(titles: list[Title], prices: np.ndarray) -> tuple[FeatureSpace, PriceModel]:
    space = FeatureSpace.learn(titles)
    teaching = np.ones(len(titles), bool)
    model = fit(space, space.vectors(titles).all, titles, prices, teaching)
    assert model is not None
    return space, model


def test_a_brand_and_a_model_never_seen_together_are_priced_by_their_parts() -> None:
    titles, prices = make_titles()
    apart = [i for i, title in enumerate(titles) if "leica fm2" not in title.full]
    space, model = learn([titles[i] for i in apart], prices[apart])
    told = model.predict_one(space.query(read_title("leica fm2 camera")).all)
    assert told == pytest.approx(7.7, abs=0.6)  # nikon fm2: 5.5


def test_sales_are_priced_by_those_who_did_not_see_them_nor_their_twins() -> None:
    titles, prices = make_titles()
    absurd = [read_title("canon ae1 camera zzz")] * 3
    _, model = learn([*titles, *absurd], np.array([*prices, 9.0, 9.0, 9.0]))
    assert np.all(model.fitted[-3:] < 6.0)


def test_rows_in_any_order_give_the_same_model() -> None:
    titles, prices = make_titles(400)
    order = np.random.default_rng(2).permutation(len(titles))
    space, model = learn(titles, prices)
    again_space, again = learn([titles[i] for i in order], prices[order])
    asked = read_title("nikon f3 camera")
    assert model.predict_one(space.query(asked).all) == pytest.approx(
        again.predict_one(again_space.query(asked).all), abs=1e-3
    )


def test_ten_absurd_sales_hardly_move_what_a_title_says() -> None:
    titles, prices = make_titles()
    junk = [read_title(f"thing of no kind {i} camera") for i in range(10)]
    space, model = learn(titles, prices)
    junk_space, junk_model = learn([*titles, *junk], np.array([*prices, *[11.0] * 10]))
    asked = read_title("canon ae1 camera")
    before = model.predict_one(space.query(asked).all)
    after = junk_model.predict_one(junk_space.query(asked).all)
    assert after == pytest.approx(before, abs=0.05)


def test_too_few_sales_teach_no_network() -> None:
    titles, prices = make_titles(100)
    space = FeatureSpace.learn(titles)
    vectors = space.vectors(titles).all
    assert fit(space, vectors, titles, prices, np.ones(100, bool)) is None


def test_a_model_and_its_space_survive_being_written_down() -> None:
    titles, prices = make_titles(400)
    space, model = learn(titles, prices)
    again = PriceModel.from_arrays(model.to_arrays())
    space_again = FeatureSpace.from_arrays(space.to_arrays())
    asked = [read_title("zenit et camera"), read_title("something else")]
    assert len(again.networks) == len(model.networks) > FOLDS
    assert isinstance(again.networks[0], Network)
    for title in asked:
        told = again.predict_one(space_again.query(title).all)
        assert told == pytest.approx(model.predict_one(space.query(title).all), abs=2e-3)


def test_a_trend_is_found_where_there_is_a_model() -> None:
    rng = np.random.default_rng(3)
    days = rng.uniform(0, 90, 2_000)
    target = 5.0 + 0.002 * days + rng.normal(0, 0.2, 2_000)
    model = PriceModel((), np.full(2_000, 5.0))
    everyone = np.ones(2_000, bool)
    found = trend(target, model, days * 86_400.0, everyone)
    assert found.per_day == pytest.approx(0.002, abs=0.0003)
    few = np.arange(2_000) < 12
    assert abs(trend(target, model, days * 86_400.0, few).per_day) < 0.0015  # shrunk to none
    assert trend(target, None, days * 86_400.0, everyone) == Trend()
    assert found.between(0.0, 3_000 * 86_400.0) == pytest.approx(0.2)


def errors_of(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Cases whose errors grow with the spread of the comparables."""
    rng = np.random.default_rng(seed)
    spread = rng.uniform(0.05, 0.6, count)
    cases = np.array([circumstances(0.7, s, 8.0, 0.1) for s in spread])
    return cases, rng.standard_t(4, count) * spread


def test_eight_in_ten_values_lie_in_the_interval_and_it_is_wide_where_errors_are() -> None:
    cases, errors = errors_of(1_500, 1)
    calibration = calibrate(cases, errors, np.ones(len(errors)))
    fresh, truth = errors_of(3_000, 2)
    scales = np.array([calibration.scale(case) for case in fresh])
    inside = (truth >= scales * calibration.quantile(0.1, 1.0)) & (
        truth <= scales * calibration.quantile(0.9, 1.0)
    )
    assert 0.77 < inside.mean() < 0.83
    wide = fresh[:, 2] > np.median(fresh[:, 2])
    assert abs(inside[wide].mean() - inside[~wide].mean()) < 0.08
    assert scales[wide].mean() > 1.5 * scales[~wide].mean()


def test_three_in_four_errors_stay_under_the_size_foretold_for_easy_items_and_hard_ones() -> None:
    cases, errors = errors_of(1_500, 1)
    calibration = calibrate(cases, errors, np.ones(len(errors)))
    fresh, truth = errors_of(3_000, 2)
    under = np.abs(truth) + SMALLEST_ERROR <= np.array([calibration.scale(case) for case in fresh])
    hard = fresh[:, 2] > np.median(fresh[:, 2])
    assert under[hard].mean() == pytest.approx(0.75, abs=0.04)
    assert under[~hard].mean() == pytest.approx(0.75, abs=0.04)


def test_the_chance_of_being_worth_more_falls_with_the_price_asked() -> None:
    cases, errors = errors_of(300, 4)
    for calibration in (Calibration.default(), calibrate(cases, errors, np.ones(300))):
        chances = [calibration.at_least(x, 0.3) for x in np.linspace(-6, 6, 200)]
        assert all(0.0 <= b <= a <= 1.0 for a, b in pairwise(chances))
        assert calibration.at_least(calibration.quantile(0.3, 0.3), 0.3) == pytest.approx(0.7)


def test_one_title_asked_alone_is_one_of_many() -> None:
    titles, prices = make_titles(400)
    space, model = learn(titles, prices)
    asked = [read_title("canon m6 1987 128gb gen3"), read_title("never seen words"), titles[7]]
    many = space.vectors(asked)
    for row, title in enumerate(asked):
        one = space.query(title)
        for whole, alone in ((many.words, one.words), (many.grams, one.grams), (many.all, one.all)):
            dense = np.zeros(whole.shape[1])
            dense[alone.columns] = alone.values
            assert dense == pytest.approx(whole[[row]].toarray()[0], abs=1e-6)
        together = np.mean([network.predict(many.all)[row] for network in model.networks])
        assert model.predict_one(one.all) == pytest.approx(together, abs=1e-5)


def test_few_errors_give_the_default() -> None:
    cases, errors = errors_of(20, 5)
    found = calibrate(cases, errors, np.ones(20))
    assert found.errors == 0
    assert found.quantile(0.5, 1.0) == pytest.approx(0.0, abs=1e-6)
    assert len(found.quantiles) == len(LEVELS)


def test_a_calibration_survives_being_written_down() -> None:
    cases, errors = errors_of(200, 6)
    found = calibrate(cases, errors, np.ones(200))
    again = Calibration.from_arrays(found.to_arrays())
    assert again.errors == found.errors == 200
    assert again.at_least(0.1, 0.2) == found.at_least(0.1, 0.2)
