"""Comparables from a CSV file: typed rows, or the reason why a row cannot be used. No I/O.

Columns in any order, named in the first line: `title` and `price` are needed; `currency`,
`condition`, `category`, `sold_at`, `shipping`, `kind`, `external_id`, `listed_at` may be there;
others are ignored. UTF-8, comma separated, quoted as RFC 4180 says. Undecodable bytes arrive as lone
surrogates (the `surrogateescape` error handler) and make an error of their row only.
"""

import csv
import hashlib
import re
import unicodedata
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from app.domain import condition as conditions
from app.domain.amounts import CURRENCIES, UnreadableAmount, agree, read_amount

__all__ = [
    "COLUMNS",
    "KINDS",
    "MAX_LINE",
    "CompRow",
    "RowError",
    "UnusableHeader",
    "category_id_of",
    "read_rows",
]

COLUMNS: Final = (
    "title",
    "price",
    "currency",
    "condition",
    "category",
    "sold_at",
    "shipping",
    "kind",
    "external_id",
    "listed_at",
)
NEEDED: Final = ("title", "price")
IMPORTED: Final = "imported"
ASKING: Final = "asking"
KINDS: Final = (IMPORTED, ASKING)
"""What an import may hold: sales, or prices that were only asked."""

MAX_LINE: Final = 20_000
MAX_RECORD_LINES: Final = 20
MAX_TITLE: Final = 300
MAX_EXTERNAL_ID: Final = 200
MAX_ECHO: Final = 100
FIRST_YEAR: Final = 1995

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CATEGORY: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class UnusableHeader(ValueError):
    """The first line does not name the columns that are needed; nothing of the file can be read."""


@dataclass(frozen=True, slots=True)
class CompRow:
    """A comparable as a file states it. `category` and `external_id` may be empty; times are UTC.

    `shipping_cents` None = not stated. `sold_at` None = not stated, or `kind` is asking.
    """

    line: int
    title: str
    price_cents: int
    currency: str
    shipping_cents: int | None
    condition: str
    category: str
    kind: str
    sold_at: datetime | None
    listed_at: datetime | None
    external_id: str


@dataclass(frozen=True, slots=True)
class RowError:
    """Why the row that starts at `line` (1 = the header) cannot be used; `value` is cut short."""

    line: int
    column: str | None
    code: str
    message: str
    value: str | None


class _Refused(Exception):
    def __init__(self, column: str | None, code: str, message: str, value: str | None) -> None:
        super().__init__(message)
        self.column, self.code, self.message, self.value = column, code, message, value


def category_id_of(text: str) -> str:
    """An id for a category that a file names in words: equal but for capitals, equal id.

    What is an id already stays, in small letters; other words keep their letters and get a hash.
    """
    name = unicodedata.normalize("NFKC", text).casefold()
    if not name or _CATEGORY.fullmatch(name):
        return name
    letters = re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:47]
    return f"{letters}-{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"


def read_rows(
    lines: Iterable[str],
    *,
    default_currency: str,
    not_after: datetime | None = None,
    columns: Collection[str] = COLUMNS,
    any_category: bool = False,
) -> Iterator[CompRow | RowError]:
    """Rows and errors in the order of the file, one for each row that is not blank.

    `lines` with their ends, as a file opened with newline="" gives them. Times later than `not_after`
    are refused where it is given. Columns other than `columns` are ignored. With `any_category` the
    category may be any words (`category_id_of`). Holds one row at a time. UnusableHeader at the first row.
    """
    source = _Records(lines)
    header = source.next_record()
    while isinstance(header, list) and not any(field.strip() for field in header):
        header = source.next_record()
    if isinstance(header, RowError):
        raise UnusableHeader(f"The header cannot be read: {header.message}")
    place = _places(header, columns)
    width = len(header or ())
    while (record := source.next_record()) is not None:
        if isinstance(record, RowError):
            yield record
        elif any(record):
            try:
                yield _row(
                    record, source.line, place, width, default_currency, not_after, any_category
                )
            except _Refused as why:
                value = None if why.value is None else _echo(why.value)
                yield RowError(source.line, why.column, why.code, why.message, value)


class _Records:
    """csv's records with the line they start at. A quote that never closes costs one line, not the file.

    csv itself would swallow all that follows an unclosed quote; here the lines after the first are
    given back and read again.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._read = 0
        self._begin()
        self.line = 0

    def _begin(self) -> None:
        self._reader = csv.reader(self._feed(), strict=True, skipinitialspace=True)

    def _feed(self) -> Iterator[str]:
        while True:
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                return
            if self._read == 0:
                line = line.removeprefix("\ufeff")
            self._read += 1
            self._taken.append(line)
            if len(line) > MAX_LINE or len(self._taken) > MAX_RECORD_LINES:
                raise csv.Error("the record is too long")
            yield line

    def next_record(self) -> list[str] | RowError | None:
        """The next record, the reason why there is none at this place, or None at the end."""
        self._taken.clear()
        self.line = self._read + 1
        try:
            return next(self._reader, None)
        except csv.Error as error:
            return self._refuse(str(error))

    def _refuse(self, fault: str) -> RowError:
        first, *others = self._taken
        self._again.extendleft(reversed(others))
        self._read -= len(others)
        self._begin()
        if len(first) > MAX_LINE:
            code, text = "too_long", f"The line is longer than {MAX_LINE:,} characters."
        elif "new-line" in fault:
            code, text = "line_break", "A carriage return stands within the line."
        else:
            code = "quotes"
            text = 'A quote is not closed, or not doubled ("") within a quoted value.'
        return RowError(self.line, None, code, text, _echo(first))


def _places(header: list[str] | None, columns: Collection[str]) -> dict[str, int]:
    """Where each of these columns stands."""
    if header is None:
        raise UnusableHeader("The file is empty: its first line must name the columns.")
    names = [re.sub(r"[\s-]+", "_", name.strip().casefold()) for name in header]
    twice = sorted({name for name in names if name in columns and names.count(name) > 1})
    if twice:
        raise UnusableHeader(f"The header names a column twice: {', '.join(twice)}.")
    missing = [name for name in NEEDED if name not in names]
    if missing:
        hint = " Columns are separated by commas." if len(names) == 1 else ""
        raise UnusableHeader(f"The header lacks: {', '.join(missing)}.{hint}")
    return {name: names.index(name) for name in COLUMNS if name in names and name in columns}


def _row(
    record: list[str],
    line: int,
    place: dict[str, int],
    width: int,
    default_currency: str,
    not_after: datetime | None,
    any_category: bool,
) -> CompRow:
    if len(record) != width:
        more = " A price with a comma must be quoted." if len(record) > width else ""
        raise _Refused(
            None,
            "columns",
            f"The row has {len(record)} values, the header names {width} columns.{more}",
            ",".join(record),
        )
    value = {name: record[index].strip() for name, index in place.items()}
    for name, text in value.items():
        if not text.isascii():
            _check_encoding(name, text)
        if not text.isprintable() and _CONTROL.search(text):
            raise _Refused(name, "control_character", "The value has control characters.", text)
    take = value.get
    title = _title(value["title"])
    price_cents, currency = _price(value["price"], _stated(take("currency", "")), default_currency)
    kind = _kind(take("kind", ""))
    sold_at = _time("sold_at", take("sold_at", ""), not_after)
    if kind == ASKING and sold_at is not None:
        raise _Refused(
            "sold_at", "asking_sold", "What was sold is no asking price.", value["sold_at"]
        )
    external_id = take("external_id", "")
    if len(external_id) > MAX_EXTERNAL_ID:
        raise _Refused(
            "external_id", "too_long", f"At most {MAX_EXTERNAL_ID} characters.", external_id
        )
    category = take("category", "")
    if any_category:
        category = category_id_of(category)
    elif category and not _CATEGORY.fullmatch(category):
        raise _Refused(
            "category", "category", "This is not the id of a category, such as 15230.", category
        )
    return CompRow(
        line=line,
        title=title,
        price_cents=price_cents,
        currency=currency,
        shipping_cents=_shipping(take("shipping", ""), currency),
        condition=conditions.from_words(take("condition", "")),
        category=category,
        kind=kind,
        sold_at=sold_at,
        listed_at=_time("listed_at", take("listed_at", ""), not_after),
        external_id=external_id,
    )


def _check_encoding(name: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _Refused(name, "encoding", "The value is not UTF-8.", text) from None


def _title(text: str) -> str:
    title = text if text.isprintable() and "  " not in text else " ".join(text.split())
    if not title:
        raise _Refused("title", "missing", "The title is missing.", None)
    if len(title) > MAX_TITLE:
        raise _Refused("title", "too_long", f"At most {MAX_TITLE} characters.", title)
    return title


def _price(text: str, stated: str | None, default_currency: str) -> tuple[int, str]:
    if not text:
        raise _Refused("price", "missing", "The price is missing.", None)
    try:
        amount = read_amount(text)
        currency = agree(amount, stated, default=default_currency)
    except UnreadableAmount as why:
        raise _Refused("price", why.code, str(why), text) from why
    if amount.cents == 0:
        raise _Refused("price", "not_positive", "A price of nothing is no price.", text)
    return amount.cents, currency


def _shipping(text: str, currency: str) -> int | None:
    if not text:
        return None
    if text.casefold() == "free":
        return 0
    try:
        amount = read_amount(text)
        agree(amount, currency, default=currency)
    except UnreadableAmount as why:
        raise _Refused("shipping", why.code, str(why), text) from why
    return amount.cents


def _stated(text: str) -> str | None:
    if not text:
        return None
    code = text.upper()
    if code not in CURRENCIES:
        raise _Refused("currency", "currency", "This is not a currency such as USD.", text)
    return code


def _kind(text: str) -> str:
    if not text:
        return IMPORTED
    kind = text.casefold()
    if kind not in KINDS:
        raise _Refused("kind", "kind", f"The kind is one of {', '.join(KINDS)}.", text)
    return kind


def _time(column: str, text: str, not_after: datetime | None) -> datetime | None:
    if not text:
        return None
    time = _iso(text)
    if time is None:
        raise _Refused(column, "date", "This is not a date such as 2026-11-24.", text)
    if time.year < FIRST_YEAR or (not_after is not None and time > not_after):
        raise _Refused(column, "date_range", "The date cannot be right.", text)
    return time


@lru_cache(maxsize=8192)
def _iso(text: str) -> datetime | None:
    """An ISO date or time in UTC; one without a zone is taken for UTC. None when it is neither."""
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        time = datetime.fromisoformat(text)
        return (time.replace(tzinfo=UTC) if time.tzinfo is None else time).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _echo(text: str) -> str:
    start = text[:MAX_ECHO]
    return start if start.isprintable() else start.encode("ascii", "backslashreplace").decode()
