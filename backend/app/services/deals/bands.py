"""Filters as words of the inverted index, and how many rows a word has.

The database function `deal_terms` adds to a title's words one word per band that the row's columns
fall into, at several widths; here a range becomes the few widest bands that cover it. Bands are
coarser than filters: they narrow, and the filter itself is still judged on what is found. So do the
cells, coarser bands still, whose expressions stand in `db.models.deals`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.domain.condition import CONDITIONS
from app.services.deals.filters import DealFilters

_PER_E_FOLD: Final = 11.541560327111707  # 8 bands per doubling of the price
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
_PRICE_END: Final = 511  # far above the largest bigint
_PROFIT_PER_E_FOLD: Final = 2.8853900817779268  # 2 bands per doubling of the profit
_PROFIT_END: Final = 127
_PROFIT_BANDS: Final = 64  # doublings, above the largest bigint
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


def groups(filters: DealFilters, *, now: datetime) -> dict[str, list[str]]:
    """One group of alternatives per filter, by kind; a row that passes has a word of every group."""
    found: dict[str, list[str]] = {}
    for kind, mark, value in (
        ("marketplace", "m", filters.marketplace),
        ("category", "c", filters.category),
        ("condition", "o", filters.condition),
    ):
        if value is not None:
            found[kind] = [f"={mark}{value}"]
    if filters.free_shipping:
        found["shipping"] = ["=f"]
    if filters.min_price_cents is not None or filters.max_price_cents is not None:
        low = _price_band((filters.min_price_cents or 1) - 1)
        high = (
            _PRICE_END
            if filters.max_price_cents is None
            else _price_band(filters.max_price_cents + 1)
        )
        found["price"] = cover("p", (0, 2, 4), low, high)
    if filters.min_score is not None:
        found["score"] = cover("s", (0, 2), max(filters.min_score, 0) // 5, 20)
    if filters.min_discount is not None and filters.min_discount > -1:
        lowest = math.floor(min(filters.min_discount, 1) * 20 - _EDGE)
        found["discount"] = cover("d", (0, 2), lowest, 20)
    if filters.min_confidence is not None:
        found["confidence"] = cover("k", (0,), math.floor(filters.min_confidence * 10 - _EDGE), 10)
    if filters.min_profit_cents is not None and filters.min_profit_cents > 0:  # losses have no band
        lowest = math.floor(math.log(max(filters.min_profit_cents - 1, 1)) * _PROFIT_PER_E_FOLD)
        found["profit"] = cover("g", (0, 2), lowest, _PROFIT_END)
    if filters.min_roi is not None and filters.min_roi > -1:
        lowest = math.floor(min(filters.min_roi, 4) * 20 - _EDGE)
        found["roi"] = cover("r", (0, 2, 4), lowest, 80)
    if filters.listed_since is not None:
        first = (filters.listed_since - _EPOCH).days
        last = max((now - _EPOCH).days, first) + _DAYS_AHEAD
        found["listed"] = cover("l", (0, 3, 6), max(first, -60_000), last)
    return found


_CELLS: Final = {"score": 11, "price": 15, "discount": 7, "confidence": 5}
"""How many bands of each kind rows commonly fall into; in the order of the index of cells."""
_CONDITIONS: Final = len(CONDITIONS)


def cells(filters: DealFilters) -> dict[str, list[int]]:
    """By kind, the bands of the cells that can hold what passes, for the ranges that are asked for."""
    found: dict[str, list[int]] = {}
    if filters.min_score is not None:
        found["score"] = list(range(max(filters.min_score, 0) // 10, 11))
    if filters.min_price_cents is not None or filters.max_price_cents is not None:
        low = math.floor(math.log2(max(filters.min_price_cents or 1, 1)) - _EDGE)
        high = 63
        if filters.max_price_cents is not None:
            high = math.floor(math.log2(max(filters.max_price_cents, 1)) + _EDGE)
        found["price"] = list(range(max(low, 0), high + 1))
    if filters.min_discount is not None:
        found["discount"] = list(
            range(math.floor(min(max(filters.min_discount, -1), 1) * 5 - _EDGE), 6)
        )
    if filters.min_confidence is not None:
        found["confidence"] = list(range(math.floor(filters.min_confidence * 5 - _EDGE), 6))
    return found


def leaps(filters: DealFilters, asked: Mapping[str, Sequence[int]]) -> int:
    """How many times a scan of the cells has to look for the next one, at most."""
    counts = [1 if filters.condition is not None else _CONDITIONS]
    counts += [min(len(asked.get(kind, range(most))), most) for kind, most in _CELLS.items()]
    last = max((n for n, kind in enumerate(_CELLS, 1) if kind in asked), default=0)
    return math.prod(counts[: len(counts) if filters.listed_since is not None else last])


def profit_bands(filters: DealFilters) -> list[int]:
    """The bands of the profit that can hold what passes; none where no profit is asked for.

    A return above nothing is a profit of a cent at least.
    """
    least = max(filters.min_profit_cents or 0, 1 if (filters.min_roi or 0) > 0 else 0)
    if least < 1:
        return []
    return list(range(math.floor(math.log2(least + 0.5) - _EDGE), _PROFIT_BANDS))


def as_tsquery(group: Iterable[str]) -> str:
    """The text of a tsquery that wants a word of the group."""
    return " | ".join(map(_quoted, group))


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
