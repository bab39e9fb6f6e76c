"""The deal score: adds up, falls with cost, rests on the distribution, and is withheld with a reason."""

import json
import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import condition as conditions
from app.domain.explain import COMP_REASONS, PART_LABELS, evidence
from app.domain.scoring import MIN_CONFIDENCE, Offer, Score, recent_sales, score_deal
from app.domain.valuation import (
    ASKING_CONFIDENCE_CAP,
    Estimate,
    Item,
    estimate,
    fitted,
    no_estimate,
    weighted_quantile,
)
from tests.domain.making import NOW, make_comp, make_market, make_offer, make_sales

MARKET = make_market()


def worth_of(offer: Offer) -> Estimate:
    return estimate(Item(offer.title, offer.condition, "USD"), MARKET, now=NOW)


def score(**changes: Any) -> Score:
    offer = make_offer(**changes)
    return score_deal(offer, worth_of(offer), now=NOW)


offers = st.fixed_dictionaries(
    {
        "condition": st.sampled_from(conditions.CONDITIONS),
        "shipping_cents": st.one_of(st.none(), st.integers(0, 5_000)),
        "seller_feedback_percent": st.one_of(st.none(), st.floats(0, 100)),
        "seller_feedback_score": st.one_of(st.none(), st.integers(-5, 100_000)),
        "listed_at": st.integers(-1, 400).map(lambda days: NOW - timedelta(days=days)),
    }
)


@settings(max_examples=80, deadline=None)
@given(offers, st.integers(1, 40_000))
def test_parts_add_up_to_the_score_exactly(fields: dict[str, Any], price: int) -> None:
    result = score(price_cents=price, **fields)
    if result.total is None:
        assert result.reason is not None
        assert result.parts == ()
    else:
        assert sum(float(part.points) for part in result.parts) == result.total
        assert 0 <= result.total <= 100
        assert all(0 <= part.points <= part.max_points for part in result.parts)


@settings(max_examples=80, deadline=None)
@given(offers, st.integers(1, 40_000), st.integers(1, 40_000))
def test_cheaper_is_never_a_worse_deal(fields: dict[str, Any], one: int, other: int) -> None:
    cheap, dear = (score(price_cents=price, **fields) for price in sorted((one, other)))
    if cheap.total is not None and dear.total is not None:
        assert cheap.total >= dear.total
        for less, more in zip(dear.parts, cheap.parts, strict=True):
            assert more.points >= less.points, more.name
    if cheap.total is None and dear.total is not None:
        assert cheap.reason == "far_below_interval"


def test_shipping_counts_like_price() -> None:
    assert score(price_cents=9_000, shipping_cents=1_950) == score(
        price_cents=10_000, shipping_cents=950
    )


def test_a_real_deal_scores_high_and_a_dear_one_low() -> None:
    assert (score(price_cents=9_000).total or 0) >= 70
    assert (score(price_cents=14_500).total or 0) <= 30
    assert (score(price_cents=22_000).total or 0) <= 3


def test_a_good_seller_does_not_make_a_dear_thing_a_deal() -> None:
    assert score(price_cents=25_000, seller_feedback_score=90_000).total == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": "Lot of 3 Canon AE-1 Program"}, "lot"),
        ({"title": "Case for Canon AE-1 Program"}, "accessory"),
        ({"title": "Canon AE-1 Program for parts"}, "for_parts"),
        ({"condition": conditions.FOR_PARTS}, "for_parts"),
        ({"title": "Hasselblad 500CM medium format"}, "no_estimate"),
        ({"shipping_cents": None}, "shipping_unknown"),
        ({"price_cents": 4_000}, "far_below_interval"),
        ({"price_cents": 7_500, "seller_feedback_score": 1}, "far_below_interval"),
        ({"title": "Canon AE-1 Program camera, cash app only"}, "too_risky"),
    ],
)
def test_a_score_is_withheld_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    result = score(**changes)
    assert (result.total, result.reason) == (None, reason)


def test_the_same_low_price_is_believed_of_a_proven_seller() -> None:
    assert score(price_cents=7_500).total is not None


def test_thin_evidence_gives_a_value_but_no_score() -> None:
    offer = make_offer()
    thin = replace(worth_of(offer), confidence=MIN_CONFIDENCE - 0.01)
    result = score_deal(offer, thin, now=NOW)
    assert (result.total, result.reason) == (None, "low_confidence")
    assert result.discount is not None
    shown = evidence(offer, "USD", thin, result)
    assert shown["estimate"]["point_cents"] == thin.point_cents
    assert shown["no_score_explanation"].startswith("The evidence is too thin")


def test_what_sells_often_scores_more_and_says_how_often() -> None:
    def liquidity(days: float) -> tuple[float, str]:
        comps = [make_comp(i, sold_at=NOW - timedelta(days=days)) for i in range(1, 12)]
        offer = make_offer()
        worth = estimate(Item(offer.title, offer.condition, "USD"), make_market(comps), now=NOW)
        result = score_deal(offer, worth, now=NOW)
        shown = evidence(offer, "USD", worth, result)["score_parts"]
        return next((p["points"], p["detail"]) for p in shown if p["name"] == "liquidity")

    points, detail = liquidity(10)
    assert points > 5
    assert detail == "11 similar sales in the last 30 days"
    assert liquidity(40) == (0, "no similar sales in the last 30 days")


def test_asking_prices_are_no_sales() -> None:
    comps = [make_comp(i, kind="asking") for i in range(1, 12)]
    offer = make_offer()
    worth = estimate(Item(offer.title, offer.condition, "USD"), make_market(comps), now=NOW)
    assert recent_sales(worth, NOW) == 0


def test_unknown_shipping_leaves_the_discount_unknown() -> None:
    assert score(shipping_cents=None).discount is None


def published_point(parts: dict[str, Any]) -> int:
    """The point as anybody can work it out from what is published: rounded once, at the end."""
    title = parts["title_cents"] or 1
    of_comps = parts["comps_cents"] ** parts["comps_weight"]
    return round(of_comps * title ** parts["title_weight"] * parts["correction"])


@pytest.mark.parametrize("market", ["with what titles say", "without"])
def test_the_point_can_be_worked_out_from_the_evidence_to_the_cent(market: str) -> None:
    is_large = market == "with what titles say"
    sales = fitted(make_sales(per_model=90 if is_large else 20), currency="USD")
    titles = sorted({comp.title for comp in sales.comps})[:40]
    for title in titles:
        for condition in (conditions.USED, conditions.NEW, conditions.UNKNOWN):
            offer = make_offer(title=title, condition=condition)
            worth = estimate(Item(title, condition, "USD"), sales, now=NOW)
            shown = evidence(offer, "USD", worth, score_deal(offer, worth, now=NOW))
            told = json.loads(json.dumps(shown))["estimate"]
            parts = told["parts"]
            assert published_point(parts) == told["point_cents"] == parts["point_cents"]
            assert (parts["title_cents"] is not None) == is_large
            assert parts["comps_weight"] + parts["title_weight"] == 1
            assert parts["title_weight"] == (0.4 if is_large else 0)
            assert parts["blend_cents"] + parts["correction_cents"] == told["point_cents"]
            used = [comp for comp in shown["comps"] if comp["accepted"]]
            middle = weighted_quantile(
                np.log([comp["adjusted_cents"] for comp in used]),
                np.array([comp["weight"] for comp in used]),
                (0.5,),
            )
            assert math.exp(middle[0]) == pytest.approx(parts["comps_cents"], rel=1e-3)


def test_without_a_value_there_are_no_parts() -> None:
    offer = make_offer()
    worth = no_estimate("too_few")
    shown = evidence(offer, "USD", worth, score_deal(offer, worth, now=NOW))
    assert shown["estimate"]["parts"] is None


def test_evidence_has_the_shape_that_pages_read() -> None:
    offer = make_offer()
    worth = worth_of(offer)
    shown = evidence(offer, "USD", worth, score_deal(offer, worth, now=NOW))
    assert set(shown) == {
        "verdict",
        "no_score_explanation",
        "score_parts",
        "estimate",
        "distribution",
        "comps",
        "risk_flags",
        "risk_level",
    }
    assert set(shown["estimate"]) == {
        *("point_cents", "low_cents", "high_cents", "effective_n", "used", "rejected"),
        *("best_similarity", "median_age_days", "reason", "explanation", "kinds", "model_version"),
        "parts",
    }
    assert [part["name"] for part in shown["score_parts"]] == list(PART_LABELS)
    assert set(shown["score_parts"][0]) == {"name", "label", "points", "max_points", "detail"}
    assert len(shown["distribution"]["bins"]) == 12
    assert sum(shown["distribution"]["bins"]) == pytest.approx(1000, abs=12)
    assert all(comp["accepted"] == (comp["reason"] is None) for comp in shown["comps"])
    assert {comp["reason"] for comp in shown["comps"]} <= {None, *COMP_REASONS}
    assert sum(comp["accepted"] for comp in shown["comps"]) == shown["estimate"]["used"]


@pytest.mark.parametrize(
    ("changes", "ending"),
    [
        ({"price_cents": 9_000, "shipping_cents": 950}, "costs $99.50 with shipping; 34 % under."),
        ({"price_cents": 20_000, "shipping_cents": 0}, "$200 with free shipping; 33 % over."),
        ({"shipping_cents": None}, "costs $100, shipping unknown."),
        ({"price_cents": 3_000}, "Too cheap to be believed without a check."),
    ],
)
def test_the_verdict_is_one_plain_sentence(changes: dict[str, Any], ending: str) -> None:
    sales = [make_comp(i, price_cents=14_990 + i, shipping_cents=0) for i in range(1, 20)]
    offer = make_offer(**changes)
    worth = estimate(Item(offer.title, offer.condition, "USD"), make_market(sales), now=NOW)
    verdict = evidence(offer, "USD", worth, score_deal(offer, worth, now=NOW))["verdict"]
    assert verdict.startswith("Likely $150; ")
    assert verdict.endswith(ending)


@pytest.mark.parametrize("reason", ["too_few", "too_spread", "not_permitted", "lot"])
def test_no_estimate_is_explained_in_words(reason: str) -> None:
    offer = make_offer()
    worth = no_estimate(reason)
    shown = evidence(offer, "USD", worth, score_deal(offer, worth, now=NOW))
    assert shown["verdict"] == "No estimate; costs $109.50 with shipping."
    assert shown["estimate"]["explanation"] == shown["no_score_explanation"]
    assert shown["estimate"]["reason"] == reason


def test_what_is_not_permitted_is_a_reason_of_its_own() -> None:
    offer, worth = make_offer(), no_estimate("not_permitted")
    assert score_deal(offer, worth, now=NOW).reason == "not_permitted"


def test_an_estimate_from_asking_prices_says_so_and_is_trusted_little() -> None:
    offer = make_offer()
    sold = [make_comp(i, price_cents=14_990 + i, shipping_cents=0) for i in range(1, 40)]
    asked = [replace(comp, kind="asking", dated=False) for comp in sold]
    item = Item(offer.title, offer.condition, "USD")
    from_sales = estimate(item, make_market(sold), now=NOW)
    from_asking = estimate(item, make_market(asked), now=NOW)
    assert (from_sales.confidence or 0) > ASKING_CONFIDENCE_CAP
    assert from_asking.confidence == ASKING_CONFIDENCE_CAP
    assert from_asking.point_cents == from_sales.point_cents
    score = score_deal(offer, from_asking, now=NOW)
    shown = evidence(offer, "USD", from_asking, score, kinds={"asking": 39})
    assert "asking prices" in shown["estimate"]["explanation"]
    assert "not sales" in shown["estimate"]["explanation"]
    assert shown["estimate"]["kinds"] == {"asking": 39}
    assert {(comp["kind"], comp["sold_at"]) for comp in shown["comps"]} == {("asking", None)}
    assert (score.total or 0) < (score_deal(offer, from_sales, now=NOW).total or 0)


def test_risk_flags_quote_the_words_that_fired() -> None:
    offer = make_offer(title="Canon AE-1 Program not working")
    shown = evidence(
        offer, "USD", no_estimate("for_parts"), score_deal(offer, no_estimate("for_parts"), now=NOW)
    )
    assert [(flag["code"], flag["quote"]) for flag in shown["risk_flags"]] == [
        ("for_parts", "not working")
    ]


def test_the_same_input_and_clock_give_byte_identical_evidence() -> None:
    def once() -> str:
        offer = make_offer()
        market = make_market(list(reversed(make_sales())))
        worth = estimate(Item(offer.title, offer.condition, "USD"), market, now=NOW)
        return json.dumps(evidence(offer, "USD", worth, score_deal(offer, worth, now=NOW)))

    assert once() == once()
