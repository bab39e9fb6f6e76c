"""Filters as words of the inverted index, and how many rows a word has.

The database function `deal_terms` adds to a title's words one word per band that the row's columns
fall into, at several widths; here a range becomes the few widest bands that cover it. Bands are
coarser than filters: they narrow, and the filter itself is still judged on what is found.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.services.deals.filters import DealFilters

_PER_E_FOLD: Final = 11.541560327111707  # 8 bands per doubling of the price
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
_PRICE_END: Final = 511  # far above the largest bigint
_DAYS_AHEAD: Final = 400
_EDGE: Final = 1e-6  # keeps a bound that lies on a band's edge on the safe side of rounding


def cover(name: str, shifts: Sequence[int], low: int, high: int) -> list[str]:
    """The fewest bands over low..high, both included; level n joins 2 ** shifts[n] of the narrowest."""
    bands = []
    while low <= high:
        level = next(
            n
            for n in range(len(shifts) - 1, -1, -1)
            if (low % (1 << shifts[n]) == 0 and low + (1 << shifts[n]) - 1 <= high) or n == 0
        )
        bands.append(f"={name}{level}.{low >> shifts[level]}")
        low += 1 << shifts[level]
    return bands


def _price_band(cents: int) -> int:
    return math.floor(math.log(max(cents, 1)) * _PER_E_FOLD)


def groups(filters: DealFilters, *, now: datetime) -> list[list[str]]:
    """One group of alternatives per filter; a row that passes has a word of every group."""
    found: list[list[str]] = []
    for mark, value in (
        ("m", filters.marketplace),
        ("c", filters.category),
        ("o", filters.condition),
    ):
        if value is not None:
            found.append([f"={mark}{value}"])
    if filters.free_shipping:
        found.append(["=f"])
    if filters.min_price_cents is not None or filters.max_price_cents is not None:
        low = _price_band((filters.min_price_cents or 1) - 1)
        high = (
            _PRICE_END
            if filters.max_price_cents is None
            else _price_band(filters.max_price_cents + 1)
        )
        found.append(cover("p", (0, 2, 4), low, high))
    if filters.min_score is not None:
        found.append(cover("s", (0, 2), max(filters.min_score, 0) // 5, 20))
    if filters.min_discount is not None and filters.min_discount > -1:
        found.append(cover("d", (0, 2), math.floor(min(filters.min_discount, 1) * 20 - _EDGE), 20))
    if filters.min_confidence is not None:
        found.append(cover("k", (0,), math.floor(filters.min_confidence * 10 - _EDGE), 10))
    if filters.listed_since is not None:
        first = (filters.listed_since - _EPOCH).days
        last = max((now - _EPOCH).days, first) + _DAYS_AHEAD
        found.append(cover("l", (0, 3, 6), max(first, -60_000), last))
    return found


def as_tsquery(every: Iterable[Sequence[str]]) -> str:
    """The text of a tsquery that wants a word of every group."""
    return " & ".join("(" + " | ".join(map(_quoted, group)) + ")" for group in every)


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


@dataclass(frozen=True, slots=True, eq=False)
class TermStatistics:
    """How common words are, as the database's own statistics have it.

    `frequency` lists the most common ones as a share of all `rows`; others are rarer than `rarest`.
    """

    rows: float
    pages: float
    frequency: Mapping[str, float]
    rarest: float

    def share(self, alternatives: Iterable[str]) -> float:
        """The share of rows with any of these words, at most 1."""
        return min(sum(self.frequency.get(word, self.rarest) for word in alternatives), 1.0)
