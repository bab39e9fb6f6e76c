"""Everything the simulator answers on eBay's paths is what eBay's contracts say."""

from typing import Any

import httpx
import pytest

from tests.contract.openapi_contract import ContractBroken, needs_contracts, validate_exchange
from tests.ebay_sim.serving import Served

pytestmark = needs_contracts

SEARCH = "/buy/browse/v1/item_summary/search"
SALES = "/buy/marketplace_insights/v1_beta/item_sales/search"
TREE = "/commerce/taxonomy/v1/category_tree/0"


def check(answer: httpx.Response) -> bool:
    request = answer.request
    return validate_exchange(
        request.method, str(request.url), dict(request.headers), request.content or None,
        answer.status_code, dict(answer.headers), answer.content,
    )  # fmt: skip


@pytest.mark.parametrize(
    "params",
    [
        {"q": "canon ae-1", "limit": "50"},
        {
            "q": "camera",
            "limit": "200",
            "sort": "newlyListed",
            "filter": "itemStartDate:[2026-11-20T11:00:00Z..]",
        },
        {"category_ids": "15230", "limit": "200", "filter": "buyingOptions:{AUCTION|FIXED_PRICE}"},
        {"category_ids": "9355", "limit": "200", "offset": "200", "sort": "price"},
        {"q": "nothing like this exists anywhere"},
        {"q": "iphone", "filter": "price:[1..500]"},
        {
            "q": "iphone",
            "filter": "price:[1..500],priceCurrency:USD,conditionIds:{9}",
            "sort": "nonsense",
        },
        {"q": "lens", "fieldgroups": "FULL"},
        {"category_ids": "9355", "aspect_filter": "categoryId:9355,Brand:{Apple}"},
    ],
)
def test_search(sim: Served, params: dict[str, str]) -> None:
    assert check(sim.get(SEARCH, **params))


@pytest.mark.parametrize(
    ("status", "params"),
    [
        (400, {}),
        (400, {"q": "x", "limit": "201"}),
        (400, {"q": "x", "limit": "many"}),
        (400, {"q": "x", "offset": "-1"}),
        (400, {"q": "x", "offset": "7"}),
        (400, {"q": "x", "offset": "10000"}),
        (409, {"category_ids": "625"}),
    ],
)
def test_refused_searches(sim: Served, status: int, params: dict[str, str]) -> None:
    answer = sim.get(SEARCH, **params)
    assert answer.status_code == status
    assert check(answer)


@pytest.mark.parametrize("kind", ["FIXED_PRICE", "AUCTION"])
def test_items_of_both_formats(sim: Served, kind: str) -> None:
    found = sim.search(category_ids="15230", limit=20, filter=f"buyingOptions:{{{kind}}}")[
        "itemSummaries"
    ]
    for summary in found:
        assert check(sim.get(f"/buy/browse/v1/item/{summary['itemId'].replace('|', '%7C')}"))
    legacy = found[0]["itemId"].split("|")[1]
    assert check(sim.get("/buy/browse/v1/item/get_item_by_legacy_id", legacy_item_id=legacy))


@pytest.mark.parametrize(
    "path", ["/buy/browse/v1/item/v1%7C110000000000%7C0", "/buy/browse/v1/item/nonsense"]
)
def test_items_that_are_gone(sim: Served, path: str) -> None:
    answer = sim.get(path)
    assert answer.status_code in (400, 404)
    assert check(answer)


@pytest.mark.parametrize(
    "params",
    [
        {"category_ids": "15230", "limit": "200"},
        {"category_ids": "9355", "q": "iphone 13", "sort": "-price", "offset": "50"},
        {
            "category_ids": "9355",
            "filter": "lastSoldDate:[2026-11-01T00:00:00Z..],conditionIds:{3000}",
        },
        {"category_ids": "9355", "q": "zzz nothing"},
    ],
)
def test_past_sales(sim: Served, params: dict[str, str]) -> None:
    assert check(sim.get(SALES, **params))


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"q": "x"},
        {"category_ids": "15230", "sort": "x"},
        {"category_ids": "15230", "filter": "price:[1..2]"},
    ],
)
def test_refused_sales(sim: Served, params: dict[str, str]) -> None:
    answer = sim.get(SALES, **params)
    assert answer.status_code == 400
    assert check(answer)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/commerce/taxonomy/v1/get_default_category_tree_id", {"marketplace_id": "EBAY_US"}),
        (f"{TREE}/get_category_suggestions", {"q": "canon ae-1"}),
        (f"{TREE}/get_item_aspects_for_category", {"category_id": "15230"}),
        ("/developer/analytics/v1_beta/rate_limit/", {"api_context": "buy", "api_name": "browse"}),
        ("/developer/analytics/v1_beta/rate_limit/", {}),
    ],
)
def test_the_smaller_apis(sim: Served, path: str, params: dict[str, Any]) -> None:
    answer = sim.get(path, **params)
    assert answer.status_code == 200
    assert check(answer)


def test_a_phrase_without_a_category_answers_204(sim: Served) -> None:
    answer = sim.get(f"{TREE}/get_category_suggestions", q="zzzzqqq")
    assert answer.status_code == 204
    assert check(answer)


@pytest.mark.parametrize("header", ["", "Bearer nonsense"])
def test_calls_without_a_token(sim: Served, header: str) -> None:
    answer = httpx.get(
        f"{sim.base}{SEARCH}?q=x", headers={"Authorization": header} if header else {}
    )
    assert answer.status_code == 401
    assert check(answer)


def test_the_checker_sees_what_is_wrong(sim: Served) -> None:
    good = sim.get(SEARCH, q="canon", limit=1)
    request = (good.request.method, str(good.request.url), dict(good.request.headers), None)
    headers = dict(good.headers)
    with pytest.raises(ContractBroken):
        validate_exchange(*request, 200, headers, good.content.replace(b'"price"', b'"cost"'))
    with pytest.raises(ContractBroken):
        validate_exchange(*request, 200, headers, good.content.replace(b'"total"', b'"sum"'))
    with pytest.raises(ContractBroken, match="unknown query"):
        validate_exchange(
            "GET", f"{sim.base}{SEARCH}?q=x&colour=red", {}, None, 200, headers, good.content
        )
    with pytest.raises(ContractBroken):
        validate_exchange(*request, 404, headers, b'{"error": "gone"}')
