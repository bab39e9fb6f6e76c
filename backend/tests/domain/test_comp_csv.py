"""Reading comparables from CSV: what is written plainly is read, everything else is refused by name."""

from collections.abc import Iterable
from datetime import UTC, datetime
from io import StringIO
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import condition
from app.domain.comp_csv import MAX_LINE, CompRow, RowError, UnusableHeader, read_rows


def read(text: str | Iterable[str], **options: object) -> list[CompRow | RowError]:
    lines = StringIO(text, newline="") if isinstance(text, str) else text
    return list(read_rows(lines, **{"default_currency": "USD", **options}))  # type: ignore[arg-type]


def one(columns: str, values: str) -> CompRow | RowError:
    (row,) = read(f"{columns}\n{values}\n")
    return row


def row_of(columns: str, values: str) -> CompRow:
    row = one(columns, values)
    assert isinstance(row, CompRow), row
    return row


def refusal(columns: str, values: str) -> tuple[str | None, str]:
    error = one(columns, values)
    assert isinstance(error, RowError), error
    assert error.message
    return error.column, error.code


def test_a_row_has_all_that_the_file_states() -> None:
    text = (
        "\ufeffListed At,External-ID,kind,shipping,SOLD_AT,category,condition,currency,price,title,colour\r\n"
        '2026-10-01,A-1,imported,"$1,009.50",2026-10-04T20:00:00-07:00,15230,Used - Like New,USD,'
        '"$1,234.50","Leica M6 ""TTL"", black",black\r\n'
    )
    (row,) = read(text)
    assert row == CompRow(
        line=2,
        title='Leica M6 "TTL", black',
        price_cents=123_450,
        currency="USD",
        shipping_cents=100_950,
        condition="like_new",
        category="15230",
        kind="imported",
        sold_at=datetime(2026, 10, 5, 3, tzinfo=UTC),
        listed_at=datetime(2026, 10, 1, tzinfo=UTC),
        external_id="A-1",
    )


def test_a_title_and_a_price_are_enough_and_nothing_is_made_up() -> None:
    row = row_of("price,title", "15,  Canon   AE-1 ")
    assert (row.title, row.price_cents, row.currency) == ("Canon AE-1", 1500, "USD")
    assert (row.shipping_cents, row.sold_at, row.listed_at) == (None, None, None)
    assert (row.condition, row.category, row.kind, row.external_id) == (
        "unknown",
        "",
        "imported",
        "",
    )


@pytest.mark.parametrize(
    ("text", "cents", "currency"),
    [
        ("12", 1200, "USD"),
        ("12.5", 1250, "USD"),
        ("$12.50", 1250, "USD"),
        ('"$1,234.50"', 123_450, "USD"),
        ('"1,234,567"', 123_456_700, "USD"),
        ("US$ 9.99", 999, "USD"),
        ("USD 9.99", 999, "USD"),
        ("9.99 EUR", 999, "EUR"),
        ("€9.99", 999, "EUR"),
        ("9.99 £", 999, "GBP"),
        ("C$9.99", 999, "CAD"),
    ],
)
def test_prices_that_can_mean_one_thing_only(text: str, cents: int, currency: str) -> None:
    row = row_of("title,price", f"x,{text}")
    assert (row.price_cents, row.currency) == (cents, currency)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('"1.234,50"', "decimal_comma"),
        ('"12,5"', "decimal_comma"),
        ('"€12,50"', "decimal_comma"),
        ('"12,50 €"', "decimal_comma"),
        ('"1,2345"', "decimal_comma"),
        ("1.234", "decimals"),
        ("12.3456", "decimals"),
        ("-5", "negative"),
        ("$-5", "negative"),
        ("(5.00)", "negative"),
        ("0", "not_positive"),
        ("0.00", "not_positive"),
        ("", "missing"),
        ("twelve", "not_an_amount"),
        ("12-15", "not_an_amount"),
        ("1e3", "not_an_amount"),
        ("NaN", "not_an_amount"),
        ("1 234.50", "not_an_amount"),
        ("\u0661\u0662", "not_an_amount"),
        ('"1,234,50"', "not_an_amount"),
        ("99999999999", "too_large"),
        ("9" * 40, "too_large"),
        ("$5 EUR", "currency"),
        ("XYZ 5", "currency"),
        ("Z$5", "currency"),
    ],
)
def test_prices_that_are_refused_say_why(text: str, code: str) -> None:
    assert refusal("title,price", f"x,{text}") == ("price", code)


def test_a_sign_must_agree_with_the_currency_that_is_stated() -> None:
    assert row_of("title,price,currency", "x,$5,cad").currency == "CAD"
    assert refusal("title,price,currency", "x,€5,USD") == ("price", "currency")
    assert refusal("title,price,currency", "x,5,euro") == ("currency", "currency")
    (row,) = read("title,price\nx,$5\n", default_currency="EUR")
    assert isinstance(row, RowError)
    assert row.code == "currency"


def test_shipping_may_be_free_or_untold_but_not_in_another_currency() -> None:
    assert row_of("title,price,shipping", "x,5,0").shipping_cents == 0
    assert row_of("title,price,shipping", "x,5,Free").shipping_cents == 0
    assert row_of("title,price,shipping", "x,5,").shipping_cents is None
    assert refusal("title,price,shipping", "x,5,€3") == ("shipping", "currency")
    assert refusal("title,price,shipping", 'x,5,"3,5"') == ("shipping", "decimal_comma")


@pytest.mark.parametrize(
    ("words", "known"),
    [
        ("Used", "used"),
        ("Pre-owned", "used"),
        ("Very Good - Refurbished", "refurbished"),
        ("Certified - Refurbished", "refurbished"),
        ("Mint", "like_new"),
        ("Near Mint", "like_new"),
        ("Used – Like New", "like_new"),
        ("Brand New", "new"),
        ("New with tags", "new"),
        ("Unused", "new"),
        ("New without box", "open_box"),
        ("New (Other)", "open_box"),
        ("Open box", "open_box"),
        ("open_box", "open_box"),
        ("Excellent", "excellent"),
        ("Used - Exc", "excellent"),
        ("Very Good", "very_good"),
        ("4000", "very_good"),
        ("Used - Good", "good"),
        ("Acceptable", "acceptable"),
        ("For parts or not working", "for_parts"),
        ("For parts or not workingAn item that does not function", "for_parts"),
        ("UsedAn item that has been used", "used"),
        ("Very Good - RefurbishedThe item shows", "refurbished"),
        ("not yet used", "unknown"),
        ("for_parts", "for_parts"),
        ("3000", "used"),
        ("1000", "new"),
        ("", "unknown"),
        ("A+", "unknown"),
        ("not mint", "unknown"),
        ("not for parts", "unknown"),
        ("not broken", "unknown"),
        ("renewable", "unknown"),
        ("Newcastle", "unknown"),
    ],
)
def test_condition_words(words: str, known: str) -> None:
    assert row_of("title,price,condition", f"x,5,{words}").condition == known


def test_every_condition_of_ours_reads_as_itself() -> None:
    assert [condition.from_words(c) for c in condition.CONDITIONS] == list(condition.CONDITIONS)


def test_dates_are_iso_and_possible() -> None:
    columns = "title,price,sold_at"
    assert row_of(columns, "x,5,2026-10-04").sold_at == datetime(2026, 10, 4, tzinfo=UTC)
    assert row_of(columns, "x,5,2026-10-04 10:30").sold_at == datetime(
        2026, 10, 4, 10, 30, tzinfo=UTC
    )
    for text in ("10/04/2026", "2026-13-01", "2026-02-30", "yesterday", "20261004"):
        assert refusal(columns, f"x,5,{text}") == ("sold_at", "date")
    assert refusal(columns, "x,5,0026-10-04") == ("sold_at", "date_range")
    (row,) = read(f"{columns}\nx,5,2026-10-04\n", not_after=datetime(2026, 10, 3, tzinfo=UTC))
    assert isinstance(row, RowError)
    assert row.code == "date_range"


def test_an_asking_price_is_marked_and_was_not_sold() -> None:
    assert row_of("title,price,kind", "x,5,Asking").kind == "asking"
    assert refusal("title,price,kind", "x,5,sold") == ("kind", "kind")
    assert refusal("title,price,kind,sold_at", "x,5,asking,2026-01-01") == (
        "sold_at",
        "asking_sold",
    )


@pytest.mark.parametrize(
    ("columns", "values", "expected"),
    [
        ("title,price", ",5", ("title", "missing")),
        ("title,price", f"{'x' * 301},5", ("title", "too_long")),
        ("title,price", "a\x00b,5", ("title", "control_character")),
        ("title,price", "caf\udce9,5", ("title", "encoding")),
        ("title,price", "x,$1,234.50", (None, "columns")),
        ("title,price,sold_at", "x,5", (None, "columns")),
        ("title,price,category", "x,5,Film Cameras", ("category", "category")),
        ("title,price,external_id", f"x,5,{'1' * 201}", ("external_id", "too_long")),
        ("title,price", f"{'x' * (MAX_LINE + 1)},5", (None, "too_long")),
        ("title,price", '"x" y,5', (None, "quotes")),
    ],
)
def test_rows_that_are_refused_say_where(
    columns: str, values: str, expected: tuple[str | None, str]
) -> None:
    assert refusal(columns, values) == expected


def test_bad_rows_cost_themselves_only_and_blank_ones_nothing() -> None:
    text = 'title,price\na,1\n\n,,\n"b,2\nc,3\nd,4\ne\x00,5\n"f\ng",6\nh,7'
    rows = read(text)
    found = [(row.line, row.title if isinstance(row, CompRow) else row.code) for row in rows]
    assert found == [
        (2, "a"),
        (5, "quotes"),
        (6, "c"),
        (7, "d"),
        (8, "control_character"),
        (9, "f g"),
        (11, "h"),
    ]


def test_quotes_that_open_on_every_line_are_read_in_reasonable_time() -> None:
    started = process_time()
    rows = read("title,price\n" + 'a","\n' * 20_000)
    assert len(rows) == 20_000
    assert {row.code for row in rows if isinstance(row, RowError)} == {"quotes"}
    assert process_time() - started < 10


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("name,price\nx,1\n", "lacks: title"),
        ("title;price\nx;1\n", "separated by commas"),
        ("title,price,Title\nx,1,y\n", "twice: title"),
        ('"title,price\nx,1\n', "cannot be read"),
        ("Canon AE-1,150\nLeica,900\n", "lacks: title, price"),
    ],
)
def test_a_file_without_a_usable_header_is_refused_whole(text: str, says: str) -> None:
    with pytest.raises(UnusableHeader, match=says):
        read(text)


@given(st.lists(st.text(max_size=40), max_size=8))
def test_whatever_a_file_holds_each_line_gives_a_row_an_error_or_nothing(
    lines: list[str],
) -> None:
    rows = read(["title,price\n", *(f"{line}\n" for line in lines)])
    assert len(rows) <= sum(line.count("\n") + 1 for line in lines)
    numbers = [row.line for row in rows]
    assert numbers == sorted(numbers)
    for row in rows:
        if isinstance(row, CompRow):
            assert row.title.strip()
            assert row.price_cents > 0
        else:
            (row.value or "").encode()
