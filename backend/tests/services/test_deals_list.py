"""The deals list against the contract written naively, over many filters, orders and pages."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.core.settings import Settings
from app.db.read import ReadConnection, Value, connect
from app.db.read import Row as Answer
from app.domain.condition import CONDITIONS
from app.errors import InvalidCursor
from app.services.deals import (
    COUNT_CAP,
    DealFilters,
    DealPage,
    Sort,
    forget_statistics,
    read_page,
    ways,
)
from app.services.deals import listing as listing_module
from app.services.deals.ways import choose
from tests.deal_rows import CATEGORIES, NOW, WORDS, Row, in_order, make_row, passes, store

SORTS: tuple[Sort, ...] = ("score", "newest", "discount", "price", "profit", "roi")

filters_asked = st.builds(
    DealFilters,
    q=st.none()
    | st.lists(st.sampled_from([*WORDS, "absent"]), min_size=1, max_size=3).map(" ".join),
    category=st.none() | st.sampled_from(CATEGORIES),
    marketplace=st.sampled_from([None, None, "ebay", "elsewhere"]),
    condition=st.none() | st.sampled_from(CONDITIONS),
    min_price_cents=st.none() | st.sampled_from([0, 100, 1000, 1001, 5000]),
    max_price_cents=st.none() | st.sampled_from([99, 999, 1000, 5000, 12_000, 10**12]),
    min_discount=st.none() | st.sampled_from([-2.0, -1.0, -0.3, 0.0, 0.05, 0.1, 0.2, 0.51, 1.0]),
    min_score=st.none() | st.sampled_from([0, 1, 40, 48, 96, 100]),
    min_confidence=st.none() | st.sampled_from([0.0, 0.1, 0.3, 0.31, 0.7, 1.0]),
    min_profit_cents=st.none() | st.sampled_from([-700, -1, 0, 1, 100, 101, 2500, 10**9, 10**12]),
    min_roi=st.none() | st.sampled_from([-2.0, -0.3, 0.0, 0.05, 0.1, 0.11, 0.2, 0.5, 40.0, 1000.0]),
    free_shipping=st.booleans(),
    listed_since=st.none() | st.integers(0, 70).map(lambda hours: NOW - timedelta(hours=hours)),
)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    rng = random.Random(11)
    return [make_row(rng, number) for number in range(1500)]


@pytest.fixture(scope="module")
def filled(
    stack_env: dict[str, str], template_database: str, worker_name: str, rows: list[Row]
) -> Iterator[str]:
    """The DSN of a database that holds `rows`."""
    name = f"deals_{worker_name}"
    base = stack_env["DATABASE_MIGRATION_URL"].replace("postgresql+psycopg://", "postgresql://")
    dsn = base.rpartition("/")[0] + "/" + name
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)".encode())
        connection.execute(f"create database {name} template {template_database}".encode())
    store(dsn, rows)
    yield dsn
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())


@asynccontextmanager
async def reading(dsn: str) -> AsyncIterator[ReadConnection]:
    forget_statistics()
    connection = await connect(dsn, "-c enable_seqscan=off")
    try:
        yield connection
    finally:
        await connection.close()


def ids(page: DealPage) -> list[UUID]:
    return [UUID(item["id"]) for item in json.loads(page.body)["items"]]


async def whole_list(
    connection: ReadConnection, filters: DealFilters, sort: Sort, limit: int
) -> tuple[list[UUID], set[int]]:
    found: list[UUID] = []
    totals = set()
    after = None
    while True:
        page = await read_page(connection, filters, sort=sort, after=after, limit=limit, now=NOW)
        found += ids(page)
        totals.add(page.total)
        if page.next is None:
            return found, totals
        after = page.next


def force(patch: pytest.MonkeyPatch, **wrong: Any) -> None:
    """Make the reader take another way than the statistics advise."""
    patch.setattr(ways, "choose", lambda *given, **named: replace(choose(*given, **named), **wrong))


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    filters=filters_asked,
    sort=st.sampled_from(SORTS),
    limit=st.sampled_from([24, 100]),
    way=st.sampled_from(["as it chooses", "walk", "certify", "terms", "cells", "order"]),
)
def test_pages_joined_are_the_naive_list_in_order_without_doubles_or_holes(
    filled: str, rows: list[Row], filters: DealFilters, sort: Sort, limit: int, way: str
) -> None:
    expected = in_order((row for row in rows if passes(row, filters)), sort)

    async def read() -> tuple[list[UUID], set[int]]:
        async with reading(filled) as connection:
            return await whole_list(connection, filters, sort, limit)

    with pytest.MonkeyPatch.context() as patch:
        if way in ("walk", "certify"):
            force(patch, collect=False, certify=way == "certify")
        elif way != "as it chooses":
            force(patch, collect=True, certify=False, collect_by=way)
        found, totals = asyncio.run(read())

    assert found == expected
    assert totals == {min(len(expected), COUNT_CAP)}


@pytest.mark.parametrize(
    "filters",
    [
        DealFilters(min_profit_cents=1),
        DealFilters(min_profit_cents=100, free_shipping=True),
        DealFilters(min_roi=0.05),
        DealFilters(min_roi=0.1, min_profit_cents=-700, category="15230"),
        DealFilters(min_profit_cents=2500, min_roi=0.5, max_price_cents=5000),
        DealFilters(min_profit_cents=10**12),
    ],
    ids=str,
)
def test_bands_of_the_profit_are_merged_into_the_order_of_prices(
    filled: str, rows: list[Row], filters: DealFilters, monkeypatch: pytest.MonkeyPatch
) -> None:
    force(monkeypatch, collect=False, certify=False)

    async def read() -> tuple[list[UUID], set[int]]:
        async with reading(filled) as connection:
            return await whole_list(connection, filters, "price", 7)

    found, totals = asyncio.run(read())
    expected = in_order((row for row in rows if passes(row, filters)), "price")
    assert found == expected
    assert totals == {len(expected)}


@hypothesis_settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(filters=filters_asked, cap=st.sampled_from([5, 12, 25]))
def test_a_total_that_the_sample_shows_is_the_naive_count(
    filled: str, rows: list[Row], filters: DealFilters, cap: int
) -> None:
    passing = sum(passes(row, filters) for row in rows)

    async def read() -> int:
        async with reading(filled) as connection:
            page = await read_page(connection, filters, sort="score", after=None, limit=24, now=NOW)
            return page.total

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing_module, "COUNT_CAP", cap)
        force(patch, collect=False, certify=True)
        assert asyncio.run(read()) == min(passing, cap)


def test_the_sample_alone_gives_the_total_of_a_long_list(
    filled: str, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_module, "COUNT_CAP", 25)
    force(monkeypatch, collect=False, certify=True)
    asked: list[bytes] = []

    class Listening:
        def __init__(self, connection: ReadConnection) -> None:
            self._connection = connection

        async def row(self, statement: bytes, values: Sequence[Value]) -> Answer:
            asked.append(statement)
            return await self._connection.row(statement, values)

    async def read() -> DealPage:
        async with reading(filled) as connection:
            listening = Listening(connection)
            return await read_page(
                listening, DealFilters(), sort="score", after=None, limit=24, now=NOW
            )

    page = asyncio.run(read())
    assert page.total == 25
    assert ids(page) == in_order((row for row in rows if passes(row, DealFilters())), "score")[:24]
    statements = [text for text in asked if b"pg_stats" not in text]
    assert len(statements) == 2  # the sample's count and the page, no other count
    assert b"uuid_hash" in statements[0]


@pytest.mark.parametrize("cap", [1, 30, 100])
@pytest.mark.parametrize("reach", [1, 50])
@pytest.mark.parametrize("collect", [True, False])
def test_wrong_guesses_cost_time_but_no_rows(
    filled: str,
    rows: list[Row],
    monkeypatch: pytest.MonkeyPatch,
    cap: int,
    reach: int,
    collect: bool,
) -> None:
    """A collection that overflows and a walk that ends early both recover."""
    monkeypatch.setattr(listing_module, "CAP", cap)
    force(monkeypatch, reach=reach, collect=collect)

    async def read(filters: DealFilters, sort: Sort) -> list[UUID]:
        async with reading(filled) as connection:
            return (await whole_list(connection, filters, sort, 24))[0]

    for filters in (
        DealFilters(q="leica"),
        DealFilters(q="case m6", min_score=40),
        DealFilters(condition="good"),
    ):
        for sort in SORTS:
            expected = in_order((row for row in rows if passes(row, filters)), sort)
            assert asyncio.run(read(filters, sort)) == expected


@pytest.mark.parametrize("sort", SORTS)
def test_what_has_no_score_comes_last_in_every_order(filled: str, sort: Sort) -> None:
    async def read() -> list[Any]:
        scores = []
        async with reading(filled) as connection:
            after = None
            while True:
                page = await read_page(
                    connection, DealFilters(), sort=sort, after=after, limit=100, now=NOW
                )
                scores += [item["score"] for item in json.loads(page.body)["items"]]
                if page.next is None:
                    return scores
                after = page.next

    scores = asyncio.run(read())
    first_without = scores.index(None)
    assert all(score is None for score in scores[first_without:])
    assert 0 < first_without < len(scores)


def test_rows_that_change_their_score_between_pages_break_nothing(process: Settings) -> None:
    rng = random.Random(5)
    rows = [make_row(rng, number, active=True) for number in range(300)]
    store(process.owner_dsn, rows)

    async def read() -> list[UUID]:
        found: list[UUID] = []
        async with reading(process.database_dsn) as connection:
            after = None
            while True:
                page = await read_page(
                    connection, DealFilters(), sort="score", after=after, limit=24, now=NOW
                )
                found += ids(page)
                if page.next is None:
                    return found
                after = page.next
                await connection.row(
                    b"with moved as (update deals set score = (random() * 100)::smallint"
                    b" where random() < 0.3 returning 1) select count(*) from moved",
                    [],
                )

    found = asyncio.run(read())
    assert set(found) <= {row["listing_id"] for row in rows}
    assert len(found) >= 100


def test_a_listing_seen_too_long_ago_or_over_is_not_shown_even_before_the_sweep(
    process: Settings,
) -> None:
    rng = random.Random(6)
    old = NOW - timedelta(hours=7)
    rows = [
        make_row(rng, n, active=True, score=50, seen_at=old if n % 2 else NOW) for n in range(60)
    ]
    rows += [
        make_row(rng, 100 + n, active=True, ends_at=NOW - timedelta(minutes=1)) for n in range(5)
    ]
    store(process.owner_dsn, rows)

    async def read() -> list[UUID]:
        async with reading(process.database_dsn) as connection:
            return (await whole_list(connection, DealFilters(), "score", 24))[0]

    shown = [row for row in rows if row["seen_at"] == NOW and row["ends_at"] is None]
    assert asyncio.run(read()) == in_order(shown, "score")


def test_a_page_whose_rows_are_all_hidden_gives_way_to_the_next_that_has_some(
    process: Settings,
) -> None:
    rng = random.Random(7)
    old = NOW - timedelta(hours=7)
    rows = [make_row(rng, n, active=True, score=90, seen_at=old) for n in range(50)]
    rows += [make_row(rng, 100 + n, active=True, score=10) for n in range(5)]
    store(process.owner_dsn, rows)

    async def read() -> DealPage:
        async with reading(process.database_dsn) as connection:
            return await read_page(
                connection, DealFilters(), sort="score", after=None, limit=24, now=NOW
            )

    assert ids(asyncio.run(read()))  # the third page, where the first visible ones are


def test_a_cursor_is_good_for_its_own_list_only(filled: str) -> None:
    filters = DealFilters(min_score=10)

    async def read(after: str | None, **other: Any) -> DealPage:
        asked: dict[str, Any] = {"filters": filters, "sort": "score", **other}
        async with reading(filled) as connection:
            return await read_page(
                connection, asked["filters"], sort=asked["sort"], after=after, limit=24, now=NOW
            )

    cursor = asyncio.run(read(None)).next
    assert cursor is not None
    asyncio.run(read(cursor))
    with pytest.raises(InvalidCursor):
        asyncio.run(read(cursor, sort="price"))
    with pytest.raises(InvalidCursor):
        asyncio.run(read(cursor, filters=DealFilters(min_score=11)))


def test_every_single_change_to_a_cursor_is_noticed(filled: str) -> None:
    from app.services.deals import cursor as cursors

    filters = DealFilters().canonical()
    made = cursors.encode(
        cursors.Position(True, 88, UUID(int=2**127 + 5)), sort="score", filters=filters
    )
    assert cursors.decode(made, sort="score", filters=filters).key == 88
    alphabet = "ABCXYZabcxyz0189-_=+/é \n"
    changed = {made[:n] + sign + made[n + 1 :] for n in range(len(made)) for sign in alphabet}
    changed |= {made[:-1], made + "A", made + "=", "", made * 2}
    for text in changed - {made}:
        with pytest.raises(InvalidCursor):
            cursors.decode(text, sort="score", filters=filters)
