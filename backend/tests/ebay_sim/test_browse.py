"""Browse over HTTP: pages, sorts, filters, refusals, ended items."""

import asyncio
from typing import Any

import httpx
import pytest

from ebay_sim.asgi import create_app
from ebay_sim.auth import SCOPE
from tests.ebay_sim.serving import SMALL, Served

SEARCH = "/buy/browse/v1/item_summary/search"
ALL_FORMATS = "buyingOptions:{AUCTION|FIXED_PRICE}"


def walk(sim: Served, **params: Any) -> list[dict[str, Any]]:
    """All rows of all pages, following `next`."""
    page = sim.search(**params)
    rows = list(page.get("itemSummaries", ()))
    while "next" in page:
        page = sim.http.get(page["next"]).json()
        rows += page.get("itemSummaries", ())
    return rows


def cents(money: dict[str, str]) -> int:
    return round(float(money["value"]) * 100)


def test_pages_hold_every_live_listing_once_but_for_repeated_rows(sim: Served) -> None:
    live = sim.get("/sim/stats").json()["live"]
    rows = [
        row
        for category in sim.get("/sim/stats").json()["categories"]
        for row in walk(sim, category_ids=category["id"], filter=ALL_FORMATS, limit=50)
    ]
    assert len({row["itemId"] for row in rows}) == live


def test_a_row_is_repeated_on_the_next_page_and_the_total_drifts(sim: Served) -> None:
    rows = walk(
        sim,
        q="(new, used, black, white, laptop, camera, phone, watch)",
        filter=ALL_FORMATS,
        limit=200,
    )
    ids = [row["itemId"] for row in rows]
    assert len(ids) > 400
    assert ids[399] == ids[400]
    assert len(set(ids)) == len(ids) - (len(ids) - 1) // 400
    totals = {
        sim.search(q="(black, white, camera)", offset=offset)["total"]
        for offset in (0, 50, 100, 150)
    }
    assert len(totals) > 1


def test_a_few_rows_hold_nothing_but_their_id(sim: Served) -> None:
    categories = [category["id"] for category in sim.get("/sim/stats").json()["categories"]]
    rows = [row for ident in categories for row in walk(sim, category_ids=ident, limit=200)]
    bare = [row for row in rows if set(row) == {"itemId"}]
    assert 0 < len(bare) < 0.01 * len(rows)


def test_newly_listed_comes_newest_first_and_honours_the_start_date(sim: Served) -> None:
    rows = sim.search(
        category_ids="9355",
        sort="newlyListed",
        filter=f"itemStartDate:[2026-11-20T09:00:00Z..],{ALL_FORMATS}",
        limit=200,
    )["itemSummaries"]
    dates = [row["itemOriginDate"] for row in rows if len(row) > 1]
    assert dates == sorted(dates, reverse=True)
    assert all(row["itemCreationDate"] >= "2026-11-20T09:00" for row in rows if len(row) > 1)
    assert len(rows) > 10


def test_auctions_are_missing_unless_asked_for(sim: Served) -> None:
    plain = walk(sim, category_ids="15230", limit=200)
    both = walk(sim, category_ids="15230", limit=200, filter=ALL_FORMATS)
    assert not any("AUCTION" in row.get("buyingOptions", ()) for row in plain)
    auctions = [row for row in both if "AUCTION" in row.get("buyingOptions", ())]
    assert auctions
    assert all(
        row["itemEndDate"] > "2026-11-20T12:00"
        and cents(row["currentBidPrice"]) >= cents(row["price"]) - 1
        for row in auctions
    )


def test_prices_filter_and_sort(sim: Served) -> None:
    rows = sim.search(
        category_ids="15230", sort="price", filter="price:[50..200],priceCurrency:USD", limit=100
    )["itemSummaries"]
    full = [row for row in rows if len(row) > 1]
    assert all(5_000 <= cents(row["price"]) <= 20_000 for row in full)
    known = [
        cents(row["price"]) + cents(row["shippingOptions"][0]["shippingCost"])
        for row in full
        if row["shippingOptions"][0]["shippingCostType"] == "FIXED"
    ]
    assert known == sorted(known)


def test_calculated_shipping_shows_its_cost_only_to_a_known_place(sim: Served) -> None:
    def calculated(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        options = [row["shippingOptions"][0] for row in rows if len(row) > 1]
        return [option for option in options if option["shippingCostType"] == "CALCULATED"]

    params = {"category_ids": "15230", "limit": "200"}
    blind = calculated(sim.search(**params)["itemSummaries"])
    context = {"X-EBAY-C-ENDUSERCTX": "contextualLocation=country%3DUS%2Czip%3D19406"}
    placed = calculated(
        sim.http.get(SEARCH, params=params, headers=context).json()["itemSummaries"]
    )
    assert blind
    assert not any("shippingCost" in option for option in blind)
    assert all("shippingCost" in option for option in placed)


def test_a_wrong_filter_warns_and_leaves_the_rows_unfiltered(sim: Served) -> None:
    good, wrong = sim.search(q="canon"), sim.search(q="canon", filter="price:[1..5]")
    assert wrong["total"] == good["total"]
    assert [warning["errorId"] for warning in wrong["warnings"]] == [12012]
    assert [
        warning["errorId"] for warning in sim.search(q="canon", sort="cheapest")["warnings"]
    ] == [12008]
    assert [
        warning["errorId"] for warning in sim.search(q="canon", category_ids="424242")["warnings"]
    ] == [12009]


@pytest.mark.parametrize(
    ("params", "status", "error"),
    [
        ({}, 400, 12001),
        ({"q": "x", "gtin": "1"}, 400, 12001),
        ({"q": "x", "limit": "0"}, 400, 12006),
        ({"q": "x", "limit": "201"}, 400, 12006),
        ({"q": "x", "limit": "a"}, 400, 12007),
        ({"q": "x", "offset": "-50"}, 400, 12004),
        ({"q": "x", "offset": "a"}, 400, 12005),
        ({"q": "x", "offset": "60"}, 400, 12515),
        ({"q": "x", "offset": "10000"}, 400, 12029),
        ({"category_ids": "625"}, 409, 12013),
        (
            {"q": "x", "filter": "itemLocationCountry:US,itemLocationRegion:NORTH_AMERICA"},
            400,
            12517,
        ),
        (
            {"q": "x", "filter": "sellers:{" + "|".join(f"s{n}" for n in range(251)) + "}"},
            400,
            12032,
        ),
    ],
)
def test_what_is_refused(sim: Served, params: dict[str, str], status: int, error: int) -> None:
    answer = sim.get(SEARCH, **params)
    assert (answer.status_code, answer.json()["errors"][0]["errorId"]) == (status, error)


def test_an_item_is_found_until_it_ends(sim: Served) -> None:
    planted = sim.http.post(
        "/sim/list",
        json={
            "model": "Leica M6",
            "price_cents": 90_000,
            "title": "Leica M6 planted for this test",
        },
    ).json()
    path = f"/buy/browse/v1/item/{planted['id'].replace('|', '%7C')}"
    assert sim.search(q="leica planted")["itemSummaries"][0]["itemId"] == planted["id"]
    assert sim.get(path).json()["title"] == "Leica M6 planted for this test"
    assert sim.truth(planted["id"])[planted["id"]]["kind"] == "deal"
    assert (
        sim.http.post(
            f"/sim/items/{planted['id']}/price", json={"price_cents": 300_000}
        ).status_code
        == 200
    )
    assert cents(sim.get(path).json()["price"]) == 300_000
    assert sim.truth(planted["id"])[planted["id"]]["kind"] == "normal"
    assert sim.http.post(f"/sim/items/{planted['id']}/sell").status_code == 200
    assert sim.get(path).status_code == 404
    assert (
        sim.get(
            "/buy/browse/v1/item/get_item_by_legacy_id", legacy_item_id=planted["legacy_id"]
        ).json()["errors"][0]["errorId"]
        == 11003
    )
    assert "itemSummaries" not in sim.search(q="leica planted")
    sale = sim.sales(category_ids="15230", q="leica,planted")["itemSales"][0]
    assert (sale["itemId"], cents(sale["lastSoldPrice"])) == (planted["id"], 300_000)


def test_a_market_listing_can_be_ended_by_hand(sim: Served) -> None:
    victim = sim.search(category_ids="15230", limit=1)["itemSummaries"][0]["itemId"]
    assert sim.http.post(f"/sim/items/{victim}/end").status_code == 200
    assert sim.get(f"/buy/browse/v1/item/{victim.replace('|', '%7C')}").status_code == 404
    assert victim not in {row["itemId"] for row in walk(sim, category_ids="15230", limit=200)}


def test_past_sales_are_of_90_days_latest_first_and_filter_by_date(sim: Served) -> None:
    rows = sim.sales(category_ids="15230", limit=200)["itemSales"]
    dates = [row["lastSoldDate"] for row in rows]
    assert dates == sorted(dates, reverse=True)
    assert min(dates) > "2026-08-22T12:00"
    assert max(dates) <= "2026-11-20T12:00:00.000Z"
    late = sim.sales(
        category_ids="15230", filter="lastSoldDate:[2026-11-15T00:00:00Z..2026-11-18T00:00:00Z]"
    )["itemSales"]
    assert all("2026-11-15" <= row["lastSoldDate"] <= "2026-11-18T00:00:00.000Z" for row in late)


def test_two_servers_answer_to_the_byte_alike() -> None:
    async def answers() -> list[bytes]:
        transport = httpx.ASGITransport(app=create_app(SMALL))
        async with httpx.AsyncClient(transport=transport, base_url="http://sim") as client:
            form = {"grant_type": "client_credentials", "scope": SCOPE}
            token = (
                await client.post(
                    "/identity/v1/oauth2/token", data=form, auth=("demo-app", "demo-secret")
                )
            ).json()
            client.headers["Authorization"] = f"Bearer {token['access_token']}"
            paths = (
                f"{SEARCH}?q=camera&limit=200",
                f"{SEARCH}?category_ids=9355&sort=price",
                "/sim/stats",
            )
            return [(await client.get(path)).content for path in paths]

    assert asyncio.run(answers()) == asyncio.run(answers())


def test_the_taxonomy_guesses_the_leaf(sim: Served) -> None:
    tree = "/commerce/taxonomy/v1/category_tree/0"
    first = sim.get(f"{tree}/get_category_suggestions", q="canon ae-1").json()[
        "categorySuggestions"
    ][0]
    assert first["category"] == {"categoryId": "15230", "categoryName": "Film Cameras"}
    names = [
        aspect["localizedAspectName"]
        for aspect in sim.get(f"{tree}/get_item_aspects_for_category", category_id="9355").json()[
            "aspects"
        ]
    ]
    assert {"Brand", "Model", "Storage", "Carrier", "Color"} <= set(names)
    assert (
        sim.get(f"{tree}/get_item_aspects_for_category", category_id="15032").json()["errors"][0][
            "errorId"
        ]
        == 62009
    )


def test_pictures_and_pages(sim: Served) -> None:
    summary = next(row for row in sim.search(category_ids="33034")["itemSummaries"] if len(row) > 1)
    picture = httpx.get(summary["image"]["imageUrl"])
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.text.startswith("<svg")
    assert picture.text == httpx.get(summary["image"]["imageUrl"]).text
    page = httpx.get(summary["itemWebUrl"])
    assert page.status_code == 200
    assert "Simulated marketplace" in page.text
