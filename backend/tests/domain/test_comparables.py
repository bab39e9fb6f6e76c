"""A market: finds what resembles a title, learns what words and conditions are worth."""

import random

import numpy as np
import pytest

from app.domain import comparables
from app.domain import condition as conditions
from app.domain.comparables import (
    CONDITION_PRIOR,
    MAX_UNFIT,
    W_GRAMS,
    W_STRONG,
    W_WORDS,
    Comp,
    Market,
    Matches,
)
from app.domain.titles import read_title
from tests.domain.making import make_comp, make_market, make_sales


def found(market: Market, title: str, limit: int = 20) -> list[str]:
    matches = market.search(read_title(title), limit=limit)
    return [market.comps[row].title for row in matches.rows]


@pytest.mark.parametrize(
    ("query", "model"),
    [
        ("nikon FM-2 body works", "Nikon FM2"),
        ("Leica M 6 m6 black", "Leica M6"),
        ("Yashcia T4 film camera tested", "Yashica T4"),
        ("great Olymus OM1 camera", "Olympus OM-1"),
    ],
)
def test_the_same_model_is_found_first_also_when_misspelt(query: str, model: str) -> None:
    titles = found(make_market(), query)
    assert all(model in title for title in titles), titles


def test_praise_does_not_count_as_likeness() -> None:
    market = make_market()
    plain = market.search(read_title("Canon A-1"), limit=20)
    praised = market.search(
        read_title("Canon A-1 great nice tested works great fast ship"), limit=20
    )
    assert plain.rows.tolist() == praised.rows.tolist()


def test_a_market_is_the_same_whatever_the_order_of_its_comps() -> None:
    sales = make_sales()
    shuffled = list(sales)
    random.Random(3).shuffle(shuffled)
    one, other = make_market(sales), make_market(shuffled)
    title = read_title("Pentax K1000 camera")
    assert one.search(title, limit=30).to_bytes() == other.search(title, limit=30).to_bytes()
    assert one.condition_offset == other.condition_offset


def by_hand(market: Market, text: str) -> list[tuple[int, float]]:
    """What a search ranks, told row by row: (row, score), best first."""
    title = read_title(text)
    query, learned = market.query(title), market.learned
    known = sum(word in learned.space.known_words for word in title.words) / len(title.words)
    alike = np.zeros(len(market))
    for matrix, terms, weight in (
        (learned.words, query.words, W_WORDS * known**0.5),
        (learned.grams, query.grams, W_GRAMS),
    ):
        asked = np.zeros(matrix.shape[1])
        asked[terms.columns] = terms.values
        alike += weight * (matrix.toarray() @ asked)
    scored = []
    for row, comp in enumerate(market.comps):
        strong, other = title.strong, read_title(comp.title).strong
        agreed = len(strong & other) / len(strong | other) if strong or other else None
        score = (
            alike[row] / (W_WORDS + W_GRAMS) if agreed is None else alike[row] + W_STRONG * agreed
        )
        scored.append((row, round(score, 6)))
    ranked = sorted(scored, key=lambda pair: (-pair[1], pair[0]))
    dropped = set([row for row, _ in ranked if not market.plain[row]][MAX_UNFIT:])
    return [pair for pair in ranked if pair[0] not in dropped]


@pytest.mark.parametrize("first_look", [15, comparables.FIRST_LOOK])
def test_a_search_gives_the_most_similar_of_all_rows_whatever_its_limit(
    first_look: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparables, "FIRST_LOOK", first_look)
    dice = random.Random(2)
    sales = make_sales(per_model=40)
    extra = ("50mm", "24mm", "1985", "1977", "mk2", "gen3", "2lenses", "for parts", "strap only")
    odd = [
        make_comp(5_000 + i, title=f"{dice.choice(sales).title} {' '.join(dice.sample(extra, 2))}")
        for i in range(100)
    ]
    market = make_market([*sales, *odd])
    assert (~market.plain).sum() > 2 * MAX_UNFIT
    assert (
        market.learned.word_weight is None
    )  # a small market weighs words, which is not told by hand
    for title in (
        "Canon AE-1 Program 35mm",
        "nikon fm2 black body",
        "leather strap for m6",
        "black film camera",
        "Yashica",
        "35mm 1985 50mm 24mm",
    ):
        told = by_hand(market, title)
        for limit in (1, 5, 20, 60, 1_000):
            found = market.search(read_title(title), limit=limit)
            assert found.rows.tolist() == [row for row, _ in told[:limit]], (title, limit)
            assert np.allclose(found.similarity, [score for _, score in told[:limit]], atol=1e-5)


def test_matches_survive_the_cache() -> None:
    matches = make_market().search(read_title("Pentax K1000"), limit=30)
    again = Matches.from_bytes(matches.to_bytes())
    assert np.array_equal(matches.rows, again.rows)
    assert np.array_equal(matches.similarity, again.similarity)


def test_condition_ratios_are_learned_from_the_market_and_shrunk_to_the_prior() -> None:
    truth, prior = np.log(1.25), CONDITION_PRIOR[conditions.NEW]
    learned = make_market(make_sales(per_model=60)).condition_offset[conditions.NEW]
    assert abs(learned - truth) < 0.02
    one_sale = [*make_sales(per_model=0), make_comp(condition=conditions.NEW)]
    assert make_market(one_sale).condition_offset[conditions.NEW] == prior
    dear = [make_comp(i, price_cents=15_000 + i) for i in range(1, 20)]
    dear += [make_comp(99, price_cents=20_000, condition=conditions.NEW)]
    assert prior < make_market(dear).condition_offset[conditions.NEW] < np.log(20 / 15)


@pytest.mark.parametrize("sales", [[], [make_comp()], [make_comp(1), make_comp(2, title="???")]])
def test_a_market_of_next_to_nothing_can_be_asked(sales: list[Comp]) -> None:
    market = Market(sales, currency="USD")
    assert len(market.search(read_title("Canon AE-1"), limit=5).rows) <= len(sales)
    assert market.search(read_title(""), limit=5).rows.tolist() == []
