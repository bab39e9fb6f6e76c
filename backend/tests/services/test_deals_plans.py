"""How the list's statements are executed on a table large enough for the planner to care."""

import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import psycopg
import pytest

from app.db.read import ReadConnection, Row, Value, connect
from app.services.deals import DealFilters, Sort, forget_statistics, read_page, ways
from tests.deal_rows import NOW, WORDS, make_row, store

ROWS = 50_000


@pytest.fixture(scope="module")
def large(stack_env: dict[str, str], template_database: str, worker_name: str) -> Iterator[str]:
    """The DSN of a database with 50,000 deals, some with a word that few have."""
    name = f"plans_{worker_name}"
    base = stack_env["DATABASE_MIGRATION_URL"].replace("postgresql+psycopg://", "postgresql://")
    dsn = base.rpartition("/")[0] + "/" + name
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)".encode())
        connection.execute(f"create database {name} template {template_database}".encode())
    rng = random.Random(9)
    rows = []
    for number in range(ROWS):
        title = f"{rng.choice(WORDS)} {rng.choice(WORDS)} serial{number // 20}"
        rows.append(make_row(rng, number, title=title, price_cents=rng.randint(100, 500_000)))
    store(dsn, rows)
    yield dsn
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())


class Explaining:
    """A connection that notes the plan of every statement it passes on."""

    def __init__(self, connection: ReadConnection) -> None:
        self._connection = connection
        self.plans: list[str] = []

    async def row(self, statement: bytes, values: Sequence[Value]) -> Row:
        if b"pg_stats" not in statement:
            (plan,) = await self._connection.row(b"explain (format json) " + statement, values)
            self.plans.append(json.dumps(json.loads(plan)))
        return await self._connection.row(statement, values)


def plans(dsn: str, filters: DealFilters, sort: Sort) -> str:
    async def read() -> str:
        forget_statistics()
        connection = await connect(dsn)
        explaining = Explaining(connection)
        await read_page(explaining, filters, sort=sort, after=None, limit=24, now=NOW)
        await connection.close()
        return "\n".join(explaining.plans)

    return asyncio.run(read())


@pytest.mark.parametrize("sort", ["score", "newest", "discount", "price", "profit", "roi"])
def test_every_order_is_read_from_its_own_index_without_sorting_the_table(
    large: str, sort: Sort
) -> None:
    for category in (None, "15230"):
        found = plans(large, DealFilters(category=category), sort)
        index = f"ix_deals_category_{sort}" if category else f"ix_deals_{sort}"
        assert f'"Index Name": "{index}"' in found
        assert "Seq Scan" not in found.replace('"Seq Scan on one"', "")


def test_a_rare_word_is_found_in_the_inverted_index(large: str) -> None:
    found = plans(large, DealFilters(q="serial77"), "score")
    assert '"Index Name": "ix_deals_terms"' in found
    assert "Seq Scan" not in found


def test_a_common_word_is_met_on_the_way_through_the_order(large: str) -> None:
    found = plans(large, DealFilters(q="leica"), "newest")
    assert '"Index Name": "ix_deals_newest"' in found
    assert "Seq Scan" not in found


def test_narrow_filters_leap_through_the_cells_and_read_no_row_but_the_shown(large: str) -> None:
    filters = DealFilters(
        condition="good", min_price_cents=10_000, max_price_cents=200_000, min_score=90
    )
    found = plans(large, filters, "newest")
    assert '"Index Name": "ix_deals_cells"' in found
    assert '"Node Type": "Index Only Scan"' in found
    assert "Seq Scan" not in found.replace('"Seq Scan on one"', "")
    assert '"Index Name": "ix_deals_terms"' not in found


@pytest.mark.parametrize("sort", ["profit", "roi", "newest"])
def test_a_least_profit_is_judged_inside_an_index(large: str, sort: Sort) -> None:
    for filters in (
        DealFilters(min_profit_cents=5_000),
        DealFilters(min_roi=1.0, category="15230"),
    ):
        found = plans(large, filters, sort)
        assert '"Node Type": "Index Only Scan"' in found
        assert "Seq Scan" not in found.replace('"Seq Scan on one"', "")


@pytest.mark.parametrize(
    "filters",
    [
        DealFilters(min_profit_cents=2_000),
        DealFilters(min_roi=0.1),
        DealFilters(min_profit_cents=99, min_roi=0.1, free_shipping=True),
    ],
    ids=["profit", "return", "both, and shipping"],
)
def test_a_least_profit_by_price_is_followed_within_bands_of_the_profit(
    large: str, filters: DealFilters
) -> None:
    found = plans(large, filters, "price")
    assert '"Index Name": "ix_deals_profit_by_price"' in found
    assert '"Node Type": "Index Only Scan"' in found
    assert "Seq Scan" not in found.replace('"Seq Scan on one"', "")
    assert '"Index Name": "ix_deals_price"' not in found


def test_losses_are_no_band_so_a_least_profit_of_nothing_follows_the_price(large: str) -> None:
    found = plans(large, DealFilters(min_profit_cents=0), "price")
    assert '"Index Name": "ix_deals_profit_by_price"' not in found


def test_filters_in_a_category_are_judged_inside_an_index(large: str) -> None:
    filters = DealFilters(category="15230", max_price_cents=20_000, min_score=80)
    found = plans(large, filters, "newest")
    assert '"Node Type": "Index Only Scan"' in found
    assert "Seq Scan" not in found.replace('"Seq Scan on one"', "")


def test_one_bounded_range_is_read_from_the_order_it_bounds(large: str) -> None:
    filters = DealFilters(min_price_cents=10_000, max_price_cents=10_400, condition="good")
    assert "Seq Scan" not in plans(large, filters, "score")


def test_the_sample_is_read_from_its_own_indexes(
    large: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of this size is not worth it, so it is told to."""
    choose = ways.choose
    told = {"collect": False, "certify": True}
    monkeypatch.setattr(
        ways, "choose", lambda *given, **named: replace(choose(*given, **named), **told)
    )
    words = plans(large, DealFilters(q="leica canon", free_shipping=True), "score")
    assert '"Index Name": "ix_deals_sample_terms"' in words
    filters = plans(large, DealFilters(min_confidence=0.5, free_shipping=True), "score")
    assert '"Index Name": "ix_deals_sample"' in filters


def test_words_and_bands_are_conditions_of_their_own_that_the_index_leaps_between(
    large: str,
) -> None:
    found = plans(large, DealFilters(q="leica m6", condition="good", min_score=95), "score")
    assert found.count("terms @@") >= 2
