"""Valuing files of sales: which rows count, on which terms, and what never meets."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.db.models import Comp
from app.db.session import Session
from app.domain.titles import normalise
from app.services.evaluation import NothingToEvaluate, Rows, compare, evaluate, paid, read
from tests.domain.making import NOW, make_sales, spelled

HEADER = "title,price,currency,condition,category,sold_at,shipping"


def rows_of(*lines: str, header: str = HEADER, currency: str = "USD") -> Rows:
    text = "\n".join([header, *lines]) + "\n"
    return read(StringIO(text, newline=""), currency=currency, imported_at=NOW)


def market_rows(*, per_model: int, seed: int) -> Rows:
    return rows_of(
        *(
            f"{comp.title} {spelled(seed * 1000 + comp.id.int)},{comp.price_cents / 100:.2f},USD,{comp.condition},"
            f"Film Cameras,{comp.sold_at.date()},0"
            for comp in make_sales(per_model=per_model, seed=seed)
        )
    )


def test_unknown_columns_are_ignored_even_those_that_an_import_would_read() -> None:
    found = rows_of("Canon AE-1,99.50,sold,77,red", header="title,price,kind,external_id,colour")
    assert [(row.price_cents, row.kind, row.external_id) for row in found.rows] == [
        (9_950, "imported", "")
    ]
    assert found.bad == 0


def test_bad_rows_are_counted_and_the_first_is_told() -> None:
    found = rows_of("Canon AE-1,99,,,,,", "Leica M6,call me,,,,,", ",5,,,,,", "too,few")
    assert (len(found.rows), found.bad) == (1, 3)
    assert found.bad_example is not None
    assert found.bad_example.startswith("line 3, price")


def test_a_category_in_words_is_the_same_whatever_its_capitals() -> None:
    found = rows_of(
        "Strat,99,,,Electric Guitars,,",
        "Tele,99,,,electric guitars,,",
        "Jazz Bass,99,,,Electric Guitars/Bass,,",
        "Nothing,99,,,,,",
        "By id,99,,,33034,,",
    )
    first, second, other, none, by_id = (row.category for row in found.rows)
    assert first == second != other
    assert (none, by_id) == ("", "33034")


def test_only_one_currency_is_compared() -> None:
    comps = rows_of("Canon AE-1,100,EUR,,,,", "Canon AE-1 black,90,USD,,,,", "Canon A-1,80,,,,,")
    items = rows_of("Nikon FM2,300,GBP,,,,", "Nikon FE,200,,,,,")
    found = compare(comps, items, currency="USD", imported_at=NOW)
    assert [row.title for row in found.comps] == ["Canon AE-1 black", "Canon A-1"]
    assert [row.title for row in found.items] == ["Nikon FE"]


@pytest.mark.parametrize(
    ("comps", "items", "told"),
    [
        (["Canon AE-1,100,EUR,,,,"], ["Leica M6,9,,,,,"], "comparables have no row in USD.*1 in EUR"),
        (["Canon AE-1,100,,,,,"], ["Leica M6,,,,,,"], "items have no usable row: 1 bad.*line 2"),
        (["Canon AE-1,100,,,,,"], ["canon ae1,90,,,,,"], "no comparable is left"),
    ],
)  # fmt: skip
def test_nothing_to_compare_is_said(comps: list[str], items: list[str], told: str) -> None:
    with pytest.raises(NothingToEvaluate, match=told):
        compare(rows_of(*comps), rows_of(*items), currency="USD", imported_at=NOW)


TITLES = st.sampled_from(
    ["Canon AE-1 50 mm f/1.8", "canon ae1 50mm f1.8", "Canon A-1", "CANON  A1", "Leica M6", "Nikon F"]
)  # fmt: skip


@given(st.lists(TITLES, min_size=1), st.lists(TITLES, min_size=1))
def test_no_title_is_on_both_sides(comps: Iterable[str], items: Iterable[str]) -> None:
    known = rows_of(*(f"{title},10,,,,," for title in comps), "Rolleiflex,10,,,,,")
    asked = rows_of(*(f"{title},10,,,,," for title in items))
    found = compare(known, asked, currency="USD", imported_at=NOW)
    theirs = {normalise(row.title) for row in found.items}
    assert len(found.items) == len(asked.rows)
    assert not theirs & {normalise(row.title) for row in found.comps}
    assert len(found.comps) == sum(normalise(row.title) not in theirs for row in known.rows)


def test_shipping_counts_where_both_files_state_it() -> None:
    told = rows_of("Canon AE-1,100,,,,,9", "Canon A-1,80,,,,,")
    also = rows_of("Leica M6,1000,,,,,20", "Leica M3,900,,,,,")
    found = compare(told, also, currency="USD", imported_at=NOW)
    assert [paid(row) for row in found.comps] == [10_900, 8_000]
    assert [paid(row) for row in found.items] == [102_000, 90_000]


@pytest.mark.parametrize("silent", ["comps", "items"])
def test_shipping_counts_nowhere_when_one_file_states_none(silent: str) -> None:
    told = rows_of("Canon AE-1,100,,,,,9")
    untold = rows_of("Leica M6,1000,,,,,")
    sides = (untold, told) if silent == "comps" else (told, untold)
    found = compare(*sides, currency="USD", imported_at=NOW)
    assert {paid(row) for row in (*found.comps, *found.items)} == {10_000, 100_000}


def test_categories_count_where_both_files_name_some() -> None:
    named = rows_of("Canon AE-1,100,,,15230,,", "Canon A-1,100,,,,,")
    unnamed = rows_of("Leica M6,1000,,,,,")
    also = rows_of("Leica M3,1000,,,15230,,")
    alone = compare(named, unnamed, currency="USD", imported_at=NOW)
    assert {row.category for row in (*alone.comps, *alone.items)} == {""}
    both = compare(named, also, currency="USD", imported_at=NOW)
    assert [row.category for row in both.comps] == ["15230", ""]


def test_time_counts_back_from_the_newest_sale_of_both_files() -> None:
    comps = rows_of("Canon AE-1,100,,,,2018-10-30,", "Canon A-1,100,,,,,")
    items = rows_of("Leica M6,1000,,,,2019-01-03,")
    found = compare(comps, items, currency="USD", imported_at=NOW)
    assert found.now == datetime(2019, 1, 3, tzinfo=UTC)
    undated = rows_of("Leica M6,1000,,,,,")
    assert compare(undated, rows_of("Nikon F,9,,,,,"), currency="USD", imported_at=NOW).now == NOW


def test_old_sales_value_old_items(session: Session) -> None:
    comps, items = market_rows(per_model=30, seed=1), market_rows(per_model=3, seed=2)
    old = [
        Rows(
            tuple(
                replace(row, sold_at=row.sold_at.replace(year=2019))
                for row in side.rows
                if row.sold_at is not None
            )
        )
        for side in (comps, items)
    ]
    found = evaluate(session, *old, currency="USD", imported_at=NOW)
    assert found.answered >= 0.9 * found.n
    assert found.mdape is not None
    assert found.mdape < 0.15


def test_what_an_item_is_called_is_no_comparable_of_any_item(session: Session) -> None:
    comps = market_rows(per_model=30, seed=1)
    items = Rows(comps.rows[::6])
    found = evaluate(session, comps, items, currency="USD", imported_at=NOW)
    stored = set(session.scalars(sa.select(Comp.title)))
    assert found.n == len(items.rows)
    assert not {normalise(title) for title in stored} & {normalise(row.title) for row in items.rows}
    assert found.comps == len(stored) == len(comps.rows) - len(items.rows)


def test_lots_and_strangers_get_no_estimate_and_count_as_abstained(session: Session) -> None:
    items = rows_of(
        "Canon AE-1 Program film camera,150,,used,Film Cameras,,0",
        "Lot of 5 Canon AE-1 Program cameras,700,,used,Film Cameras,,0",
        "Canon AE-1 Program for parts not working,40,,used,Film Cameras,,0",
        "Canon AE-1 Program 35mm,150,,used,Garden Chairs,,0",
    )
    found = evaluate(
        session, market_rows(per_model=30, seed=1), items, currency="USD", imported_at=NOW
    )
    assert (found.n, found.answered, found.abstained) == (4, 1, 3)


def test_without_any_estimate_there_are_no_shares(session: Session) -> None:
    found = evaluate(
        session,
        rows_of("Canon AE-1,100,,,,,"),
        rows_of("Leica M6,1000,,,,,"),
        currency="USD",
        imported_at=NOW,
    )
    assert (found.n, found.answered, found.comps) == (1, 0, 1)
    assert (found.mdape, found.coverage_80, found.baseline_keyword_mdape) == (None, None, None)
