"""Which way leads to a page at the least cost, by the database's own statistics of words and bands.

Statistics treat words and filters as independent, which they are not; so every choice made here is
only a guess, and the reader of the list recovers from a wrong one.

There are three ways to find all that passes: the inverted index for words; the index of the cells,
where filters are narrow together; the index of an order, where one filter bounds its key.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.db.models.deals import SAMPLE_SHARE
from app.services.deals import bands, sampling
from app.services.deals.bands import TermStatistics
from app.services.deals.filters import COUNT_CAP, DealFilters
from app.services.deals.sql import Index, Source

# Costs in microseconds as measured at 5 million rows; only their ratios matter.
_SKIPPED_US: Final = 0.1  # an entry of a wide index, judged by the index scan itself
_ENTRY_US: Final = 0.8  # the same, judged above a bound
_LEAP_US: Final = 1.5  # from one cell to the next
_SORT_US: Final = 1.0  # a row found, put in order with the others
_LOOKUP_US: Final = 5.0  # a row found by a wide index, its words judged
_FETCH_US: Final = 4.0  # a row found by the inverted index
_BITMAP_US: Final = 0.4  # a row in the intersection, before it is fetched
_POSTING_US: Final = 0.1  # a row of the shortest list in an intersection, or met in another list
_BAND_US: Final = 0.15  # a row met in one of several lists, for each of them
_ROW_US: Final = 1.0  # a row read in the table's own order, judged
_ASKING_US: Final = 400.0  # one statement more

_BOUNDING: Final = ("price", "discount", "score", "listed", "profit", "roi")
"""The kinds of filters that bound the key of an order."""

_PER_PAGE: Final = (
    70  # entries of an index of the cells; a scan leaps no more often than it has pages
)

_SURE: Final = 1.7
"""How many times the cap must be expected for the sample to be asked: it proves that much as a rule."""

_HEDGED: Final = 5.0
"""A collection that costs this many times what the sample does waits for it: it may be far larger than guessed."""

EXPECTED_CAP: Final = 12_000
"""More rows than this are not collected: a walk meets some of them soon."""

MOST_BOUNDED: Final = 3_000
"""Entries that a walk may be expected to look at for it to be bounded."""

_CHUNK: Final = re.compile(r"\S+")
_WORD: Final = re.compile(r"\w+")
_MARKUP: Final = re.compile(r"[<>&]")  # the parser may see tags and entities that reach over blanks


@dataclass(frozen=True, slots=True)
class Way:
    """How to read a page: by collection or by walk, and how to count.

    `matching` rows are expected to pass. A collection finds them `collect_by` an index for `collect_us`;
    the inverted one is asked for `indexed` words and `bands` as `index` says, that of the cells for
    `cells`. A walk by price goes through `profit_bands` one by one, where a profit is asked for. `reach` bounds the walk when it is `bounded`; a step of it costs `step_us`. Looked at from
    above, an entry costs more, so a walk that is expected to be long goes on without a bound.
    Where the way is to `certify`, the sample is asked first: when it shows that the total is past its
    cap there is a walk, else all are collected. Beside a walk without that, the total is counted
    `count_by` an index, after `count_pages` of the table's first pages when that is not 0.
    """

    collect: bool
    collect_by: Source
    collect_us: float
    index: Index
    indexed: str
    bands: tuple[str, ...]
    cells: Mapping[str, Sequence[int]]
    profit_bands: Sequence[int]
    matching: float
    reach: int
    step_us: float
    bounded: bool
    certify: bool
    count_by: Source
    count_pages: int


@dataclass(frozen=True, slots=True)
class _Term:
    share: float
    chunk: str
    group: Sequence[str]
    lists: int = 1


def choose(filters: DealFilters, known: TermStatistics, *, limit: int, now: datetime) -> Way:
    """The cheapest way to a page of `limit` rows."""
    groups = bands.groups(filters, now=now)
    words = [_Term(_chunk_share(chunk, known), chunk, ()) for chunk in _chunks(filters.q)]
    shares = {kind: known.share(group) for kind, group in groups.items()}
    of_filters = [
        _Term(shares[kind], "", group, sum(word in known.frequency for word in group))
        for kind, group in groups.items()
    ]
    if not known.rows:  # never analysed, so young or small: the words are the best there is
        picked, intersection_us, candidates = words, 0.0, 0.0
    else:
        picked, intersection_us, candidates = _pick(words + of_filters, known.rows)
    passing_share = math.prod(term.share for term in of_filters)
    share = passing_share * math.prod(term.share for term in words)
    matching = max(known.rows * share, 0.1)
    passing = known.rows * passing_share  # that pass the filters, whatever their words
    judging_us = passing * _LOOKUP_US if words else 0.0
    in_category = shares.get("category", 1.0)

    cells = bands.cells(filters)
    finding = {
        source: us + judging_us for source, us in _by_filters(filters, cells, shares, known).items()
    }
    some = min(COUNT_CAP / matching, 1.0)
    counting = {source: us * some for source, us in finding.items()}
    if words and picked:
        intersected_us = intersection_us + candidates * _BITMAP_US
        finding["terms"] = intersected_us + candidates * _FETCH_US
        counting["terms"] = intersected_us + candidates * _FETCH_US * some
    collect_by = min(finding, key=finding.__getitem__) if known.rows else "terms"
    count_by = min(counting, key=counting.__getitem__) if known.rows else "terms"
    if not words and not known.rows:
        collect_by = count_by = "order"
    count_us = counting.get(count_by, 0.0)

    rows_to_count = COUNT_CAP / max(share, 1e-9)
    in_front_us = rows_to_count * _ROW_US if words else math.inf
    count_pages = 0
    if in_front_us < count_us:
        per_page = max(known.rows / known.pages, 1.0) if known.rows else 1.0
        count_us, count_pages = in_front_us, int(2 * rows_to_count / per_page)
    enough = sampling.proof(COUNT_CAP)
    if words:
        sample_us = (intersection_us + candidates * _BITMAP_US) / SAMPLE_SHARE
        sample_us += enough * _FETCH_US * candidates / matching
    else:
        sample_us = min(enough / max(share, 1e-9), known.rows / SAMPLE_SHARE) * _SKIPPED_US
    sample_us += _ASKING_US
    certify = matching > _SURE * COUNT_CAP and sample_us < count_us
    if certify:
        count_us, count_pages = sample_us, 0

    walkable = known.rows * in_category
    to_judge = passing if words else None
    walk = _walk((limit + 1) / matching, walkable, to_judge)
    collect_us = finding.get(collect_by, 0.0) + matching * _SORT_US
    collect = matching < EXPECTED_CAP and collect_us < walk.us + count_us
    if not known.rows:
        collect, certify = bool(words), False
    elif collect and _HEDGED * sample_us < collect_us:
        certain = max(matching, _SURE * COUNT_CAP)
        instead = _walk((limit + 1) / certain, walkable, to_judge)
        if instead.us < collect_us + (certain - matching) * (_FETCH_US + _SORT_US):
            walk, collect, certify, count_pages = instead, False, True, 0
    chunks = [term.chunk for term in picked if term.chunk]
    wanted = [term.group for term in picked if term.group]
    return Way(
        collect=collect,
        collect_by=collect_by,
        collect_us=collect_us,
        index=Index(words=bool(chunks), groups=len(wanted)),
        indexed=" ".join(chunks),
        bands=tuple(map(bands.as_tsquery, wanted)),
        cells=cells,
        profit_bands=bands.profit_bands(filters),
        matching=matching,
        reach=walk.reach,
        step_us=walk.step_us,
        bounded=walk.bounded,
        certify=certify,
        count_by=count_by,
        count_pages=count_pages,
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    us: float
    reach: int
    step_us: float
    bounded: bool


def _walk(part: float, walkable: float, to_judge: float | None) -> _Walk:
    """A walk over this part of the `walkable` entries; their rows are looked at when there are rows `to_judge`."""
    entries = min(part * walkable, walkable)
    if to_judge is None:
        bounded = entries < MOST_BOUNDED
        reach = _within(entries * 4, 1_000, 4 * MOST_BOUNDED)
        us = entries * (_ENTRY_US if bounded else _SKIPPED_US)
        return _Walk(us, reach, _SKIPPED_US, bounded)
    judged = max(part * to_judge, 1.0)
    us = entries * _SKIPPED_US + judged * _LOOKUP_US
    return _Walk(us, _within(judged * 4, 500, 20_000), us / judged, True)


def _by_filters(
    filters: DealFilters,
    cells: Mapping[str, Sequence[int]],
    shares: Mapping[str, float],
    known: TermStatistics,
) -> dict[Source, float]:
    """What it costs to find all that passes the filters, by each index that can."""
    bounding = min((shares[kind] for kind in _BOUNDING if kind in shares), default=1.0)
    entries = known.rows * bounding * shares.get("category", 1.0)
    found: dict[Source, float] = {"order": entries * _SKIPPED_US}
    if cells or "condition" in shares or "listed" in shares:
        entries = known.rows * _cells_share(cells, shares, known)
        leaps = min(bands.leaps(filters, cells), known.rows / _PER_PAGE)
        found["cells"] = leaps * _LEAP_US + entries * _SKIPPED_US
    return found


def _cells_share(
    cells: Mapping[str, Sequence[int]], shares: Mapping[str, float], known: TermStatistics
) -> float:
    """The share of entries in the cells that can hold what passes."""
    share = shares.get("condition", 1.0) * shares.get("listed", 1.0)
    if "score" in cells:
        share *= known.share([f"=s0.{n}" for n in range(2 * cells["score"][0], 21)])
    if "price" in cells:
        share *= known.share([f"=p1.{n}" for n in _halves(cells["price"])])
    if "discount" in cells:
        share *= known.share([f"=d1.{n}" for n in range(cells["discount"][0], 6)])
    if "confidence" in cells:
        share *= known.share([f"=k0.{n}" for n in range(2 * cells["confidence"][0], 11)])
    return share


def _halves(bands_of_two: Sequence[int]) -> Iterator[int]:
    for band in bands_of_two:
        yield from (2 * band, 2 * band + 1)


def _within(value: float, least: int, most: int) -> int:
    return int(min(max(value, least), most))


def _pick(terms: Sequence[_Term], rows: float) -> tuple[list[_Term], float, float]:
    """(what to ask the inverted index for, what intersecting it costs, how many rows it then gives)."""
    ordered = sorted(terms, key=lambda term: term.share)
    if not ordered or ordered[0].share > 0.5:
        return [], 0.0, rows
    picked = ordered[:1]
    candidates = rows * ordered[0].share
    cost = candidates * _POSTING_US
    for term in ordered[1:]:
        more = candidates * (_POSTING_US if term.lists < 2 else _BAND_US * term.lists)
        if candidates * (1 - term.share) * (_BITMAP_US + _FETCH_US) > more:
            picked.append(term)
            cost += more
            candidates *= term.share
    return picked, cost, candidates


def _chunks(q: str | None) -> list[str]:
    if q is None:
        return []
    return [q] if _MARKUP.search(q) else list(dict.fromkeys(_CHUNK.findall(q)))


def _chunk_share(chunk: str, known: TermStatistics) -> float:
    return min((known.share([word]) for word in _WORD.findall(chunk.lower())), default=known.rarest)
