"""Filters say what was meant, and nothing that a person typed can say more."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.ebay.browse import search_parameters
from app.adapters.ebay.filters import MAX_QUERY_LENGTH, Filters, query_text
from app.ports import Rejected, SearchQuery

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        (Filters(), ""),
        (
            Filters(buying_options=("FIXED_PRICE", "AUCTION")),
            "buyingOptions:{FIXED_PRICE|AUCTION}",
        ),
        (Filters(condition_ids=("1000", "3000")), "conditionIds:{1000|3000}"),
        (Filters(started_since=NOON), "itemStartDate:[2026-11-01T12:00:00Z..]"),
        (
            Filters(started_since=NOON.astimezone(timezone(timedelta(hours=-8)))),
            "itemStartDate:[2026-11-01T12:00:00Z..]",
        ),
        (Filters(min_price_cents=1050), "price:[10.50..],priceCurrency:USD"),
        (Filters(max_price_cents=5), "price:[..0.05],priceCurrency:USD"),
        (
            Filters(min_price_cents=100, max_price_cents=200, currency="EUR"),
            "price:[1.00..2.00],priceCurrency:EUR",
        ),
        (
            Filters(sold_since=NOON, location_country="US"),
            "lastSoldDate:[2026-11-01T12:00:00Z..],itemLocationCountry:US",
        ),
    ],
)
def test_a_filter_reads_as_ebay_writes_it(filters: Filters, text: str) -> None:
    assert str(filters) == text


@pytest.mark.parametrize(
    "filters",
    [
        Filters(condition_ids=("1000},price:[0..1]",)),
        Filters(buying_options=("A|B",)),
        Filters(min_price_cents=1, currency="USD,bidCount:[1]"),
        Filters(location_country="US,x"),
        Filters(min_price_cents=-1),
        Filters(started_since=datetime(2026, 1, 1)),  # noqa: DTZ001 - the fault under test
    ],
)
def test_a_value_that_would_break_out_is_refused(filters: Filters) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any refusal will do
        str(filters)


@given(st.text(max_size=300))
def test_typed_words_never_reach_the_grammar(words: str) -> None:
    text = query_text(words)
    assert len(text) <= MAX_QUERY_LENGTH
    assert not set(text) & set("*(),\n\r\x00")
    if text:
        parameters = search_parameters(SearchQuery(words=words))
        assert parameters["filter"] == "buyingOptions:{FIXED_PRICE|AUCTION}"
        assert parameters["q"] == text


@pytest.mark.parametrize(
    "query",
    [
        SearchQuery(),
        SearchQuery(words="(*)"),
        SearchQuery(words="x", limit=0),
        SearchQuery(words="x", limit=201),
        SearchQuery(words="x", offset=100),
        SearchQuery(words="x", offset=10_000),
        SearchQuery(words="x", offset=-200),
    ],
)
def test_a_question_that_ebay_cannot_answer_is_refused_before_it_is_sent(
    query: SearchQuery,
) -> None:
    with pytest.raises(Rejected):
        search_parameters(query)
