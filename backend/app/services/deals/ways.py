"""Which way leads to a page at the least cost, by the database's own statistics of words and bands.

Statistics treat words and filters as independent, which they are not; so every choice made here is
only a guess, and the reader of the list recovers from a wrong one.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.services.deals import bands
from app.services.deals.bands import TermStatistics
from app.services.deals.filters import COUNT_CAP, DealFilters
from app.services.deals.sql import Index

# Costs in microseconds as measured at 5 million rows; only their ratios matter.
_SKIPPED_US: Final = 0.2  # an entry of a wide index, judged by the index scan itself
_ENTRY_US: Final = 0.8  # the same, judged above a bound
_LOOKUP_US: Final = 2.0  # a row found by a wide index, its words judged
_FETCH_US: Final = 1.2  # a row found by the inverted index
_BITMAP_US: Final = 0.4  # a row in the intersection, before it is fetched
_POSTING_US: Final = 0.1  # a row of the shortest list in an intersection, met in another list
_BAND_US: Final = 0.35  # the same, met in one of several lists
_ROW_US: Final = 1.0  # a row read in the table's own order, judged

EXPECTED_CAP: Final = 12_000
"""More rows than this are not collected: a walk meets some of them soon."""

MOST_BOUNDED: Final = 3_000
"""Entries that a walk may be expected to look at for it to be bounded."""

_CHUNK: Final = re.compile(r"\S+")
_WORD: Final = re.compile(r"\w+")
_MARKUP: Final = re.compile(r"[<>&]")  # the parser may see tags and entities that reach over blanks


@dataclass(frozen=True, slots=True)
class Way:
    """How to read a page: by collection or by walk, with what the inverted index is asked for.

    `matching` rows are expected to pass. `reach` bounds the walk when it is `bounded`: looked at from
    above, an entry costs more, so a walk that is expected to be long goes on without a bound.
    `count_pages` is how much of the table to count in when that is cheapest, else 0; then
    `count_by_terms` says whether to count by the inverted index or by a wide one.
    """

    collect: bool
    index: Index
    indexed: str
    bands: str
    matching: float
    reach: int
    bounded: bool
    count_by_terms: bool
    count_pages: int


@dataclass(frozen=True, slots=True)
class _Term:
    share: float
    chunk: str
    group: Sequence[str]


def choose(filters: DealFilters, known: TermStatistics, *, limit: int, now: datetime) -> Way:
    """The cheapest way to a page of `limit` rows."""
    groups = bands.groups(filters, now=now)
    words = [_Term(_chunk_share(chunk, known), chunk, ()) for chunk in _chunks(filters.q)]
    terms = words + [_Term(known.share(group), "", group) for group in groups]
    share = 1.0
    for term in terms:
        share *= term.share
    if not known.rows:  # never analysed, so young or small: the words are the best there is
        picked, intersection_us, candidates = words, 0.0, 0.0
    else:
        picked, intersection_us, candidates = _pick(terms, known.rows)
    matching = max(known.rows * share, 0.1)
    walkable = known.rows * (known.share([f"=c{filters.category}"]) if filters.category else 1.0)
    passing = share_of_filters = 1.0
    for term in terms:
        if not term.chunk:
            share_of_filters *= term.share
    entries = min((limit + 1) / matching * walkable, walkable)
    passing = (limit + 1) / matching * known.rows * share_of_filters
    rows_to_count = COUNT_CAP / max(share, 1e-9)
    collect_us = intersection_us + candidates * (_BITMAP_US + _FETCH_US)
    if words:
        reach = _within(passing * 4, 500, 20_000)
        by_terms_us = intersection_us + candidates * _BITMAP_US
        by_terms_us += min(COUNT_CAP / matching, 1.0) * candidates * _FETCH_US
        in_front_us = rows_to_count * _ROW_US
        by_terms = True
        walk_us = entries * _SKIPPED_US + passing * _LOOKUP_US + min(by_terms_us, in_front_us)
    else:
        reach = _within(entries * 4, 1_000, 4 * MOST_BOUNDED)
        by_terms_us = intersection_us + candidates * _BITMAP_US + COUNT_CAP * _FETCH_US
        in_front_us = math.inf
        by_index_us = rows_to_count * _leading_share(filters, known, now) * _SKIPPED_US
        by_index_us = min(by_index_us, walkable * _SKIPPED_US)
        by_terms = bool(picked) and by_terms_us < by_index_us
        walk_us = entries * (_ENTRY_US if entries < MOST_BOUNDED else _SKIPPED_US)
        walk_us += min(by_index_us, by_terms_us)
    chunks = [term.chunk for term in picked if term.chunk]
    wanted = [term.group for term in picked if term.group]
    per_page = max(known.rows / known.pages, 1.0) if known.rows else 1.0
    return Way(
        collect=bool(picked)
        and matching < EXPECTED_CAP
        and (not known.rows or collect_us < walk_us),
        index=_index(chunks, wanted),
        indexed=" ".join(chunks),
        bands=bands.as_tsquery(wanted),
        matching=matching,
        reach=reach,
        bounded=bool(words) or entries < MOST_BOUNDED,
        count_by_terms=by_terms,
        count_pages=int(2 * rows_to_count / per_page) if words and in_front_us < by_terms_us else 0,
    )


def _leading_share(filters: DealFilters, known: TermStatistics, now: datetime) -> float:
    """The share of entries in the shortest stretch of a wide index that holds all that passes."""
    by_column = {
        "price": DealFilters(
            min_price_cents=filters.min_price_cents, max_price_cents=filters.max_price_cents
        ),
        "discount": DealFilters(min_discount=filters.min_discount),
        "score": DealFilters(min_score=filters.min_score),
        "listed": DealFilters(listed_since=filters.listed_since),
    }
    shares = [1.0]
    for asked in by_column.values():
        shares += [known.share(group) for group in bands.groups(asked, now=now)]
    return min(shares) * (known.share([f"=c{filters.category}"]) if filters.category else 1.0)


def _within(value: float, least: int, most: int) -> int:
    return int(min(max(value, least), most))


def _pick(terms: Sequence[_Term], rows: float) -> tuple[list[_Term], float, float]:
    """(what to ask the inverted index for, what intersecting it costs, how many rows it then gives)."""
    ordered = sorted(terms, key=lambda term: term.share)
    if not ordered or ordered[0].share > 0.5:
        return [], 0.0, rows
    picked = ordered[:1]
    shortest = candidates = rows * ordered[0].share
    cost = shortest * _POSTING_US
    for term in ordered[1:]:
        more = shortest * (_POSTING_US if len(term.group) < 2 else _BAND_US)
        if candidates * (1 - term.share) * (_BITMAP_US + _FETCH_US) > more:
            picked.append(term)
            cost += more
            candidates *= term.share
    return picked, cost, candidates


def _index(chunks: Sequence[str], groups: Sequence[Sequence[str]]) -> Index:
    if chunks:
        return "both" if groups else "words"
    return "bands" if groups else "none"


def _chunks(q: str | None) -> list[str]:
    if q is None:
        return []
    return [q] if _MARKUP.search(q) else list(dict.fromkeys(_CHUNK.findall(q)))


def _chunk_share(chunk: str, known: TermStatistics) -> float:
    return min((known.share([word]) for word in _WORD.findall(chunk.lower())), default=known.rarest)
