"""The deals routes over HTTP: strict questions, declared answers, one deal with its evidence."""

import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote

import psycopg
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from app.api import marketplaces
from app.api.deals import _pairs
from app.api.schemas.deals import DealEvidence, DealList
from app.api.schemas.deals_query import DealsQuery
from app.api.schemas.marketplaces import CategoryList, MarketplaceList
from app.core.ids import new_id
from app.core.settings import Settings
from app.services.deals import forget_statistics
from tests.deal_rows import NOW, Row, in_order, make_row, store

BAD_QUERIES = {
    "limit": ["0", "-1", "101", "1e2", "NaN", "", "x", "9" * 400],
    "min_price_cents": ["-1", "1.5", "NaN", "inf", "1000000000001", "9" * 30, "0x10", "1" * 10_000],
    "max_price_cents": ["-1", "-inf", "1e9", "null", "99999999999999999999"],
    "min_discount": ["nan", "inf", "-inf", "1.01", "-11", "1e400", "abc"],
    "min_score": ["-1", "101", "50.5", "NaN", "1e1"],
    "min_confidence": ["-0.1", "1.1", "nan", "Infinity"],
    "min_profit_cents": ["1.5", "nan", "1000000000001", "-1000000000001", "", "x"],
    "min_roi": ["nan", "-inf", "-11", "1001", "1e400", "", "abc"],
    "free_shipping": ["maybe", "2", ""],
    "listed_since": [
        "2026-01-01",
        "2026-01-01T00:00:00",
        "yesterday",
        "NaN",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
    ],
    "sort": ["best", "", "score;drop table deals", "SCORE"],
    "condition": ["broken", "", "Good"],
    "category": ["", "a b", "'", "1;2", "x" * 65, "1\n", "é"],
    "marketplace": ["", "eBay", "a-b", "x" * 33],
    "q": ["a\x00b", "\x00", "\x07", "x" * 201, "\x85", "tab\there"],
    "cursor": ["", "abc", "=" * 58, "A" * 58, "A" * 201, "é", "\x00", "-1"],
}


@pytest.fixture
def rows(process: Settings) -> list[Row]:
    rng = random.Random(3)
    made = [make_row(rng, number, active=True) for number in range(60)]
    store(process.owner_dsn, made)
    forget_statistics()
    return made


@pytest.fixture
def kept() -> Iterator[None]:
    marketplaces.kept_marketplaces.forget()
    marketplaces.kept_categories.forget()
    yield
    marketplaces.kept_marketplaces.forget()
    marketplaces.kept_categories.forget()


def test_every_bad_value_is_a_422_that_names_it(client: TestClient) -> None:
    for name, values in BAD_QUERIES.items():
        for value in values:
            answer = client.get(f"/buyer/deals?{name}={quote(value, safe='')}")
            assert answer.status_code == 422, (name, value)
            problem = answer.json()
            assert problem["code"] in ("invalid_input", "invalid_cursor"), (name, value)
            if problem["code"] == "invalid_input" and problem["errors"][0]["type"] != "too_long":
                assert problem["errors"][0]["loc"][:2] == ["query", name]


@given(st.text(st.sampled_from("ab=&%+;2Fe9 "), max_size=40) | st.text(max_size=40))
def test_a_query_is_read_as_the_standard_library_reads_it(query: str) -> None:
    def read(reader: Callable[..., list[tuple[str, str]]], **how: Any) -> Any:
        try:
            return reader(query, **how)
        except ValueError:
            return "refused"

    assert read(_pairs) == read(parse_qsl, keep_blank_values=True, errors="strict")


def test_every_query_that_is_not_ours_is_a_422(client: TestClient) -> None:
    repeated = "&".join("q=1" for _ in range(60))
    for query in (
        "nonsense=1",
        "Q=leica",
        "limit=2&limit=3",
        "%FF%FE=1",
        "q=%FF",
        "q=%C3%28",
        repeated,
        "q=" + "a" * 10_000,
    ):
        assert client.get(f"/buyer/deals?{query}").status_code == 422, query


def test_the_answer_is_the_declared_model_and_nothing_else(
    client: TestClient, rows: list[Row]
) -> None:
    answer = client.get("/buyer/deals?limit=100")

    assert answer.headers["content-type"] == "application/json"
    listed = DealList.model_validate(answer.json())
    assert [deal.id for deal in listed.items] == in_order(rows, "score")
    assert listed.total == len(rows)
    assert set(answer.json()["items"][0]) == set(
        DealList.model_fields["items"].annotation.__args__[0].model_fields
    )  # type: ignore[union-attr]
    by_id = {row["listing_id"]: row for row in rows}
    for deal in listed.items:
        row = by_id[deal.id]
        shipping = row["shipping_cents"]
        assert deal.external_id == row["external_id"]
        assert deal.title == row["title"]
        assert deal.category == row["category_id"]
        assert deal.total_cost_cents == (
            None if shipping is None else row["price_cents"] + shipping
        )
        assert (deal.score, deal.discount, deal.confidence) == (
            row["score"],
            row["discount"],
            row["confidence"],
        )
        assert (deal.listed_at, deal.seen_at) == (row["listed_at"], NOW)
        assert (deal.score is None) == (deal.no_score_reason is not None)


def test_titles_of_every_kind_come_out_as_json(client: TestClient, process: Settings) -> None:
    title = 'Zeiß "Planar" \\ 50mm \u2028 日本 🎞 <b>&amp;</b> \'; drop table deals; --'
    store(process.owner_dsn, [make_row(random.Random(1), 1, active=True, title=title)])

    assert client.get("/buyer/deals").json()["items"][0]["title"] == title
    assert client.get("/buyer/deals", params={"q": "日本 planar"}).json()["total"] == 1
    assert client.get("/buyer/deals", params={"q": "'; drop table deals; --"}).json()["total"] == 1


def test_no_words_break_the_search(client: TestClient, rows: list[Row]) -> None:
    odd = [
        "'",
        "\\",
        "((",
        '"',
        "%",
        "%s %(q)s",
        "=c15230",
        "a:*",
        "!!!",
        "a & b",
        "<m6 leica>",
        "\u00a0",
    ]
    for q in [*odd, "a" * 200]:
        for more in ({}, {"min_score": "1"}):
            assert client.get("/buyer/deals", params={"q": q, **more}).status_code == 200, q


def test_bands_are_not_words(client: TestClient, rows: list[Row]) -> None:
    for q in ("=mebay", "mebay", "=f", "=u"):
        assert client.get("/buyer/deals", params={"q": q}).json()["total"] == 0


def test_pages_follow_their_cursor(client: TestClient, rows: list[Row]) -> None:
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = client.get("/buyer/deals", params={"sort": "newest", "limit": 7, **after}).json()
        found += [deal["id"] for deal in page["items"]]
        assert page["total"] == len(rows)
        if page["next"] is None:
            break
        after = {"cursor": page["next"]}
    assert found == [str(id) for id in in_order(rows, "newest")]


def test_a_list_that_has_not_changed_is_a_304(client: TestClient, rows: list[Row]) -> None:
    first = client.get("/buyer/deals")
    again = client.get("/buyer/deals", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_listings_answers_the_same_and_says_that_it_is_deprecated(
    client: TestClient, rows: list[Row]
) -> None:
    old, new = client.get("/listings?limit=5"), client.get("/buyer/deals?limit=5")

    assert old.json() == new.json()
    assert old.headers["deprecation"].startswith("@")
    assert int(old.headers["deprecation"][1:]) > 1_700_000_000
    assert old.headers["link"] == '</buyer/deals>; rel="successor-version"'
    assert "deprecation" not in new.headers


def test_openapi_declares_just_the_parameters_that_are_read(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]

    for path in ("/buyer/deals", "/listings"):
        declared = {parameter["name"]: parameter for parameter in paths[path]["get"]["parameters"]}
        assert set(declared) == set(DealsQuery.model_fields)
        assert declared["limit"]["schema"]["maximum"] == 100
        assert declared["sort"]["schema"]["enum"] == [
            "score",
            "newest",
            "discount",
            "price",
            "profit",
            "roi",
        ]
    schema = paths["/buyer/deals"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    assert schema == {"$ref": "#/components/schemas/DealList"}
    assert paths["/listings"]["get"]["deprecated"] is True


EVIDENCE: dict[str, Any] = {
    "verdict": "Likely $146; costs $99.49 with shipping; 32 % under.",
    "no_score_explanation": None,
    "score_parts": [{"name": "discount", "label": "Under fair value", "points": 60.0, "max_points": 60.0, "detail": "32 %"}],
    "estimate": {
        "point_cents": 14600, "low_cents": 12100, "high_cents": 17900, "effective_n": 9.5, "used": 1, "rejected": 0,
        "best_similarity": 0.9, "median_age_days": 12, "reason": None, "explanation": "From 1 sale.",
    },
    "comps": [
        {
            "id": str(new_id()), "kind": "sold", "title": "Leica", "price_cents": 14000, "shipping_cents": None,
            "total_cents": 14000, "currency": "USD", "condition": "good", "sold_at": "2026-11-01T00:00:00Z",
            "similarity": 0.9, "weight": 1.0, "accepted": True, "reason": None, "reason_text": None,
        }
    ],
    "risk_level": "elevated",
    "risk_flags": [{"code": "outside_contact", "text": "Leads outside.", "quote": "text me", "weight": 40}],
    "flip": {
        "profit_cents": 1669, "roi": 0.1677, "reason": None, "explanation": "$16.69 profit.",
        "lines": [
            {"name": "resale", "label": "Sells again for", "detail": "its fair value", "cents": 14600},
            {"name": "cost", "label": "Costs now", "detail": "price with shipping", "cents": -12931},
        ],
        "schedule": {
            "name": "eBay.com", "version": "2025-02-14", "rates": "Most categories", "source": "eBay's page",
            "address": "https://www.ebay.com/help", "valid_from": "2025-02-14", "read_on": "2026-09-23",
            "first_hand": False,
        },
        "not_counted": ["Sales tax."],
    },
}  # fmt: skip


def test_one_deal_shows_its_evidence_and_its_prices(
    client: TestClient, process: Settings, rows: list[Row]
) -> None:
    row = rows[0]
    with psycopg.connect(process.database_dsn) as connection:
        connection.execute(
            "insert into valuations values (%s, 'v1', %s, now())",
            [row["listing_id"], Jsonb(EVIDENCE)],
        )
        for days, cents in ((2, 20_000), (1, row["price_cents"])):
            connection.execute(
                "insert into price_history values (%s, %s - make_interval(days => %s), %s, null, 'USD')",
                [row["listing_id"], NOW, days, cents],
            )
    answer = client.get(f"/buyer/deals/{row['listing_id']}")

    assert answer.status_code == 200
    deal = DealEvidence.model_validate(answer.json())
    assert deal.verdict == EVIDENCE["verdict"]
    assert deal.risk_level == "elevated"
    assert [(flag.quote, flag.weight) for flag in deal.risk_flags] == [("text me", 40)]
    assert [price.price_cents for price in deal.price_history] == [20_000, row["price_cents"]]
    assert (deal.seller.feedback_score, deal.location) == (1200, "US")
    assert deal.comps[0].accepted
    assert answer.json()["flip"] == EVIDENCE["flip"]
    assert deal.method.comps_refreshed_at is not None
    assert "6 hours" in deal.method.source_policy
    in_list = next(
        item
        for item in client.get("/buyer/deals?limit=100").json()["items"]
        if item["id"] == str(row["listing_id"])
    )
    shown = answer.json()
    for name in set(in_list) - {"listed_at", "seen_at"}:
        assert shown[name] == in_list[name], name


def test_a_deal_valued_before_flips_were_told_has_none(
    client: TestClient, process: Settings, rows: list[Row]
) -> None:
    before = {name: part for name, part in EVIDENCE.items() if name != "flip"}
    with psycopg.connect(process.database_dsn) as connection:
        connection.execute(
            "insert into valuations values (%s, 'v1', %s, now())",
            [rows[1]["listing_id"], Jsonb(before)],
        )
    answer = client.get(f"/buyer/deals/{rows[1]['listing_id']}")
    assert (answer.status_code, answer.json()["flip"]) == (200, None)


def test_an_unknown_deal_is_a_404_and_an_id_that_is_none_a_422(client: TestClient) -> None:
    answer = client.get(f"/buyer/deals/{new_id()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    for bad in ("1", "x" * 300, "%00", "0192f1c2-a7b0-7c3e-9d1e"):
        assert client.get(f"/buyer/deals/{bad}").status_code == 422


def test_marketplaces_and_categories_count_what_is_shown(
    client: TestClient, rows: list[Row], kept: None
) -> None:
    markets = MarketplaceList.model_validate(client.get("/marketplaces").json())
    assert [(market.id, market.state, market.live_listings) for market in markets.items] == [
        ("ebay", "healthy", len(rows))
    ]
    assert markets.items[0].max_age_seconds == 21_600
    categories = CategoryList.model_validate(client.get("/categories").json())
    assert sum(category.deals for category in categories.items) == len(rows)
    assert {category.name for category in categories.items if category.id == "15230"} == {
        "Film Cameras"
    }


def test_a_database_that_is_away_is_a_503(client: TestClient, process: Settings) -> None:
    assert client.get("/buyer/deals").status_code == 200
    name = process.owner_dsn.rpartition("/")[2]
    base = process.owner_dsn.rpartition("/")[0] + "/postgres"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"alter database {name} allow_connections false".encode())
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
        )
        answers = [client.get("/buyer/deals").status_code for _ in range(3)]
        connection.execute(f"alter database {name} allow_connections true".encode())
    assert set(answers) <= {200, 503}
    assert 503 in answers
