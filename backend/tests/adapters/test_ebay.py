"""The client against the simulated marketplace; with the contracts at hand, each exchange is held against them."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.adapters.ebay.errors import refuse_warnings
from app.ports import (
    Gone,
    NotGranted,
    QuotaExhausted,
    RateLimited,
    Rejected,
    SearchQuery,
    Unavailable,
)
from tests.adapters.ebay_client import QUICK, MemoryCache, ebay_at
from tests.adapters.loopback import loopback, says
from tests.ebay_sim.serving import Served, serve

CAMERAS = SearchQuery(category_id="15230")


@pytest.fixture(scope="module")
def shared() -> Iterator[Served]:
    """A market whose time is the present and stands still; nobody breaks it."""
    with serve(now=time.time()) as served:
        yield served


@pytest.fixture
def own() -> Iterator[Served]:
    """A market that a test may break."""
    with serve(now=time.time(), listings=300) as served:
        yield served


def calls(served: Served, route: str = "browse.search") -> int:
    return int(served.http.get("/sim/ledger").json()["counters"]["calls"].get(route, 0))


def test_a_category_is_read_newest_first_with_both_buying_options(shared: Served) -> None:
    page = ebay_at(shared.base).search(CAMERAS)
    assert len(page.listings) + len(page.rejected) == min(page.total, 200)
    assert {row.buying_option for row in page.listings} == {"fixed_price", "auction"}
    assert all(row.category_id == "15230" and row.currency == "USD" for row in page.listings)
    assert all(
        (row.ends_at is not None) == (row.buying_option == "auction") for row in page.listings
    )
    assert any(row.shipping_cents is None for row in page.listings)


def test_pages_together_hold_every_listing(shared: Served) -> None:
    market = ebay_at(shared.base)
    whole = market.search(CAMERAS)
    ids: set[str] = set()
    offset, more = 0, True
    while more:
        page = market.search(SearchQuery(category_id="15230", limit=50, offset=offset))
        ids |= {row.external_id for row in page.listings}
        offset, more = offset + 50, page.has_more
    assert ids == {row.external_id for row in whole.listings}


def test_listed_since_leaves_out_older_ones(shared: Served) -> None:
    since = datetime.now(UTC) - timedelta(hours=12)
    market = ebay_at(shared.base)
    found = market.search(SearchQuery(category_id="15230", listed_since=since))
    every = market.search(CAMERAS)
    assert 0 < found.total < every.total
    assert all(row.listed_at >= since - timedelta(seconds=1) for row in found.listings)


def test_words_and_category_narrow_together(shared: Served) -> None:
    page = ebay_at(shared.base).search(SearchQuery(words="canon", category_id="15230"))
    assert page.listings
    assert all("canon" in row.title.lower() for row in page.listings)


def test_one_listing_reads_as_in_the_list(shared: Served) -> None:
    market = ebay_at(shared.base)
    listed = next(r for r in market.search(CAMERAS).listings if r.buying_option == "fixed_price")
    alone = market.get(listed.external_id)
    for name in ("external_id", "title", "price_cents", "currency", "condition", "category_id"):
        assert getattr(alone, name) == getattr(listed, name)
    legacy_id = listed.external_id.split("|")[1]
    assert market.browse.get_by_legacy_id(legacy_id) == alone


def test_a_listing_that_is_over_is_gone(own: Served) -> None:
    market = ebay_at(own.base)
    listing = market.search(SearchQuery(words="canon camera lens iphone", category_id="15230"))
    some = listing.listings[0] if listing.listings else market.search(CAMERAS).listings[0]
    assert own.http.post(f"/sim/items/{some.external_id}/end", json={}).status_code == 200
    with pytest.raises(Gone):
        market.get(some.external_id)
    with pytest.raises(Gone):
        market.get("v1|999999999999|0")


def test_past_sales_are_read_newest_bound_by_ninety_days(shared: Served) -> None:
    page = ebay_at(shared.base).sold(CAMERAS)
    assert page.sales
    assert all(sale.price_cents > 0 and sale.shipping_cents is None for sale in page.sales)
    assert min(s.sold_at for s in page.sales) > datetime.now(UTC) - timedelta(days=91)
    long_ago = SearchQuery(category_id="15230", listed_since=datetime(2020, 1, 1, tzinfo=UTC))
    assert ebay_at(shared.base).sold(long_ago).total == page.total


def test_sales_that_are_not_granted_are_never_replaced_by_something_else() -> None:
    with serve(now=time.time(), listings=300, insights=False) as served:
        market = ebay_at(served.base)
        with pytest.raises(NotGranted):
            market.sold(CAMERAS)
        assert calls(served) == 0
        with pytest.raises(NotGranted, match="EBAY_MARKETPLACE_INSIGHTS_ENABLED"):
            ebay_at(served.base, ebay_marketplace_insights_enabled=False).sold(CAMERAS)


def test_identical_questions_are_answered_from_the_cache_without_a_call(own: Served) -> None:
    cache = MemoryCache()
    spent: list[str] = []
    market = ebay_at(own.base, cache=cache, spend=spent.append, marketplace_cache_ttl_s=300)
    first = market.search(CAMERAS)
    again = market.search(CAMERAS)
    assert (first.from_cache, again.from_cache) == (False, True)
    assert list(again.listings) == list(first.listings)
    assert again.total == first.total
    assert calls(own) == 1
    assert spent.count("ebay_browse") == 1
    assert b"username" not in b"".join(cache.kept.values())
    assert not market.search(SearchQuery(category_id="3323")).from_cache


def test_nothing_is_remembered_of_a_failed_call(own: Served) -> None:
    cache = MemoryCache()
    market = ebay_at(
        own.base, cache=cache, policy=QUICK, checked=False, marketplace_cache_ttl_s=300
    )
    own.script(route="browse.search", kind="truncated", times=3)
    with pytest.raises(Unavailable):
        market.search(CAMERAS)
    assert cache.kept == {}
    assert not market.search(CAMERAS).from_cache


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "timeout"},
        {"kind": "reset"},
        {"kind": "429", "retry_after": "0"},
        {"kind": "500"},
        {"kind": "503"},
        {"kind": "truncated"},
        {"kind": "html"},
        {"kind": "drip"},
        {"kind": "huge", "size_mb": 8},
        {"kind": "empty_next"},
        {"kind": "renamed_field", "field": "itemSummaries", "to": "items"},
    ],
    ids=lambda rule: rule["kind"],
)
def test_a_passing_fault_is_survived_and_a_lasting_one_is_said(
    own: Served, rule: dict[str, Any]
) -> None:
    market = ebay_at(own.base, policy=QUICK, checked=False)
    own.script(route="browse.search", times=1, **rule)
    assert market.search(CAMERAS).listings
    own.script(route="browse.search", times=3, **rule)
    with pytest.raises((Unavailable, RateLimited)):
        market.search(CAMERAS)
    assert market.search(CAMERAS).listings


def test_a_renamed_price_sets_every_row_aside_and_prices_nothing(own: Served) -> None:
    own.script(route="browse.search", kind="renamed_field", field="price", to="priceInfo")
    page = ebay_at(own.base, checked=False).search(CAMERAS)
    assert page.rejected
    assert {row.reason for row in page.rejected} <= {"no_price", "no_title"}
    assert all(row.buying_option == "auction" for row in page.listings)


def test_the_simulators_day_limit_is_said_with_its_wait(own: Served) -> None:
    market = ebay_at(own.base, policy=QUICK)
    market.search(CAMERAS)
    own.http.post("/sim/limits", json={"browse": 1})
    with pytest.raises(RateLimited):
        market.search(SearchQuery(category_id="3323"))


def test_a_spent_budget_sends_nothing(own: Served) -> None:
    def refuse(service: str) -> None:
        if service == "ebay_browse":
            raise QuotaExhausted("spent")

    with pytest.raises(QuotaExhausted):
        ebay_at(own.base, spend=refuse).search(CAMERAS)
    assert calls(own) == 0


@pytest.mark.parametrize(
    ("warning", "named"),
    [
        ({"errorId": 12012, "message": "m"}, "price"),
        ({"errorId": 12520, "message": "m"}, "conditionIds"),
        (
            {"errorId": 12002, "message": "m", "parameters": [{"name": "bidCount", "value": "x"}]},
            "bidCount",
        ),
        ({"errorId": 99999}, "it was given"),
        ("odd", "it was given"),
    ],
)
def test_a_warning_is_the_failure_of_the_filter_it_names(warning: Any, named: str) -> None:
    body = {"total": 1, "itemSummaries": [], "warnings": [warning]}
    with pytest.raises(Rejected, match=named):
        refuse_warnings(body)


def test_an_ignored_filter_fails_the_search_since_its_rows_are_unfiltered(own: Served) -> None:
    with pytest.raises(Rejected, match="category_ids"):
        ebay_at(own.base, checked=False).search(SearchQuery(words="canon", category_id="none"))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, b'{"errors": [{"errorId": 12001, "category": "REQUEST", "message": "m"}]}', Rejected),
        (
            409,
            b'{"errors": [{"errorId": 12013, "category": "BUSINESS", "message": "m"}]}',
            Rejected,
        ),
        (403, b'{"errors": [{"errorId": 1100, "category": "REQUEST"}]}', NotGranted),
        (404, b"", Gone),
        (418, b"<html>", Rejected),
        (400, b'{"errors": [{"errorId": 1, "category": "APPLICATION"}]}', Unavailable),
        (200, b'{"total": "many"}', Unavailable),
        (200, b'{"total": 5, "itemSummaries": {}}', Unavailable),
        (200, b"[" * 100_000, Unavailable),
        (200, b"null", Unavailable),
    ],
)
def test_refusals_become_the_ports_errors(status: int, body: bytes, error: type[Exception]) -> None:
    token = says(200, b'{"access_token": "t", "expires_in": 7200}')
    with loopback(token, says(status, body)) as server, pytest.raises(error):
        ebay_at(server.url, checked=False).search(CAMERAS)


def test_only_what_may_pass_is_asked_again() -> None:
    token = says(200, b'{"access_token": "t", "expires_in": 7200}')
    refusal = says(400, b'{"errors": [{"errorId": 12001, "category": "REQUEST", "message": "m"}]}')
    with loopback(token, refusal) as server, pytest.raises(Rejected):
        ebay_at(server.url, checked=False).search(CAMERAS)
    assert len(server.requests) == 2


def test_an_empty_answer_is_an_answer() -> None:
    token = says(200, b'{"access_token": "t", "expires_in": 7200}')
    empty = says(200, b'{"href": "h", "total": 0, "limit": 200, "offset": 0}')
    with loopback(token, empty) as server:
        page = ebay_at(server.url, checked=False).search(CAMERAS)
    assert (list(page.listings), page.total, page.has_more) == ([], 0, False)
    head = server.requests[1].decode().lower()
    assert "x-ebay-c-marketplace-id: ebay_us" in head
    assert "authorization: bearer t\r\n" in head
