"""Measuring estimates: what each number means, and what a search by words would have said."""

import pytest

from app.domain.accuracy import Judged, accuracy, keyword_medians, keywords, median_error


def make_judged(**changes: float) -> Judged:
    told = {
        "paid_cents": 10_000,
        "point_cents": 11_000,
        "low_cents": 9_000,
        "high_cents": 13_000,
        "best_similarity": 0.7,
    }
    return Judged(**{**told, **changes})  # type: ignore[arg-type]


def test_every_share_is_a_fraction_of_what_was_paid() -> None:
    told = accuracy(
        [
            make_judged(),
            make_judged(point_cents=15_000, low_cents=12_000, high_cents=18_000),
            make_judged(point_cents=7_500, low_cents=7_000, high_cents=10_000, best_similarity=0.5),
        ]
    )
    assert told.mdape == pytest.approx(0.25)
    assert told.within_25 == pytest.approx(2 / 3)
    assert told.coverage_80 == pytest.approx(2 / 3)
    assert told.median_width_pct == pytest.approx(0.4)
    assert told.mdape_confident == pytest.approx(0.3)


def test_no_estimate_gives_no_number() -> None:
    told = accuracy([])
    assert (told.mdape, told.within_25, told.coverage_80) == (None, None, None)
    assert accuracy([make_judged(best_similarity=0.1)]).mdape_confident is None
    assert median_error([], []) is None


def test_the_error_counts_from_the_price_paid() -> None:
    assert median_error([150.0, 100.0, 40.0], [100, 100, 100]) == pytest.approx(0.5)


def test_keywords_are_distinct_words_of_three_letters_that_somebody_would_search_by() -> None:
    assert keywords("The Fender Jazz-Bass, with a case & NEW FENDER tag; é2") == {
        "fender",
        "jazz",
        "bass",
        "case",
        "tag",
    }


def test_a_guess_by_words_is_the_median_of_those_that_share_most() -> None:
    known = [
        *[(f"canon ae1 program number{i}", 100 + i) for i in range(6)],
        *[(f"canon lens number{i}", 10) for i in range(9)],
    ]
    titles, prices = zip(*known, strict=True)
    assert keyword_medians(["Canon AE1 Program"], titles, prices) == [102.5]


def test_a_guess_by_words_goes_on_to_fewer_shared_words_until_there_are_five() -> None:
    known = [
        ("canon ae1 program", 900),
        *[(f"canon ae1 number{i}", 100 + i) for i in range(3)],
        *[(f"canon number{i}", 10) for i in range(4)],
        *[(f"nikon number{i}", 5) for i in range(20)],
    ]
    titles, prices = zip(*known, strict=True)
    # one shares three words, three share two, four share one: all eight of them
    assert keyword_medians(["Canon AE1 program"], titles, prices) == [55.0]


def test_where_no_word_is_shared_all_count() -> None:
    assert keyword_medians(["leica"], ["canon one", "canon two"], [100, 300]) == [200.0]
