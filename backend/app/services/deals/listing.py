"""One page of the deals list, read without ORM and handed on as JSON bytes.

Chooses between the two ways of `sql` by what the database's statistics say, and recovers when they
were wrong: a collection that grows too large becomes a walk, a walk that finds too little becomes a
collection.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, perf_counter
from typing import Any, Final

from app.core.metrics import DB_QUERY_DURATION
from app.core.settings import get_settings
from app.db.read import Reader, Row
from app.domain.source_policy import POLICIES
from app.services.deals import cursor, sampling, sql, ways
from app.services.deals.bands import TermStatistics
from app.services.deals.cursor import Position
from app.services.deals.filters import COUNT_CAP, DealFilters, Sort
from app.services.deals.ways import Way

CAP: Final = 24_000
"""A collection is given up for a walk when it finds this many rows: then a walk meets one soon."""
STATISTICS_AGE_S: Final = 60.0
ROUNDS: Final = 5
"""Pages looked through for one that is not all hidden (seen too long ago, sweep not run yet)."""


@dataclass(frozen=True, slots=True)
class DealPage:
    """A page as it goes on the wire: `body` is the whole JSON document."""

    body: bytes
    next: str | None
    total: int


_took: Final = DB_QUERY_DURATION.labels("deals_list")
_NOTHING_KNOWN: Final = TermStatistics(0, 1, {}, 0)
_statistics: tuple[float, TermStatistics] = (float("-inf"), _NOTHING_KNOWN)


async def _term_statistics(connection: Reader) -> TermStatistics:
    global _statistics
    age, known = _statistics
    if monotonic() - age < STATISTICS_AGE_S:
        return known
    _statistics = (monotonic(), known)  # one refreshes, the others go on with what is known
    rows, pages, words, shares = await _row(connection, sql.STATISTICS, {})
    shares = shares or []  # one per word, then their least and their greatest
    common = dict(zip(words or [], shares, strict=False))
    known = TermStatistics(rows, pages, common, shares[len(common)] if common else 0.0)
    _statistics = (monotonic(), known)
    return known


def forget_statistics() -> None:
    """Read the statistics anew at the next request: for tests and benches that refill the table."""
    global _statistics
    _statistics = (float("-inf"), _NOTHING_KNOWN)


def _cutoff(now: datetime) -> datetime:
    """The oldest sighting that may be shown; one source today, so one time for all rows."""
    age = min(policy.max_shown_age for policy in POLICIES.values())
    return now - min(age, timedelta(seconds=get_settings().ebay_listing_max_age_seconds))


async def _row(connection: Reader, statement: str, values: Mapping[str, Any]) -> Row:
    text, names = sql.positional(statement)
    began = perf_counter()
    row = await connection.row(text, [values[name] for name in names])
    _took.observe(perf_counter() - began)
    return row


async def read_page(
    connection: Reader,
    filters: DealFilters,
    *,
    sort: Sort,
    after: str | None,
    limit: int,
    now: datetime,
) -> DealPage:
    """One page in the order of `sort`, after the cursor `after`. Raises InvalidCursor.

    Rows not seen within their source's age are left out even before the sweep has marked them, so a
    page may be shorter than `limit` and still have a `next`.
    """
    known = await _term_statistics(connection)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    shape, canonical = filters.shape(), filters.canonical()
    way = ways.choose(filters, known, limit=limit, now=today)
    position = cursor.decode(after, sort=sort, filters=canonical) if after is not None else None
    reader = _Reader(connection, filters, shape, way, sort=sort, limit=limit, now=now)
    total: int | None = None
    for _ in range(ROUNDS):
        items, position, total = await reader.page(position, total)
        if items or position is None:
            break
    following = cursor.encode(position, sort=sort, filters=canonical) if position else None
    tail = f'],"next":{f"{chr(34)}{following}{chr(34)}" if following else "null"},"total":{total}}}'
    return DealPage(b"".join((b'{"items":[', items, tail.encode())), following, total or 0)


_Found = tuple[bytes, Position | None, int]


class _Reader:
    """The page statements of one request."""

    def __init__(
        self,
        connection: Reader,
        filters: DealFilters,
        shape: sql.Shape,
        way: Way,
        *,
        sort: Sort,
        limit: int,
        now: datetime,
    ) -> None:
        self._connection = connection
        self._sort: Sort = sort
        self._limit = limit
        self._shape = shape
        self._way = way
        self._values: dict[str, Any] = {
            **{name: getattr(filters, name) for name in shape},
            "indexed": way.indexed,
            **{f"bands{n}": group for n, group in enumerate(way.bands)},
            "reach": way.reach,
            **{f"{kind}_cells": asked for kind, asked in way.cells.items()},
            "profit_bands": way.profit_bands,
            "pages": way.count_pages,
            "count_cap": COUNT_CAP,
            "proof": sampling.proof(COUNT_CAP),
            "limit": limit,
            "shown_since": _cutoff(now),
            "now": now,
        }

    async def page(self, after: Position | None, total: int | None) -> _Found:
        """(the rows' JSON, where the next page starts, how many there are in all)."""
        if after is not None:
            start = {
                "after_scored": after.scored,
                "after_key": after.key,
                "after_id": after.listing_id,
            }
            self._values |= start
        self._after = after is not None
        way, shape, sort, further = self._way, self._shape, self._sort, self._after
        collect = way.collect
        if total is None and not collect and way.certify:
            if await self._is_certain():
                total = COUNT_CAP
            else:  # hardly more than the cap, if as many: no more are looked at by finding them all
                collect = True
        if collect:
            *found, count = await self._collect(CAP)
            if count < CAP:
                return self._found(found, min(count, COUNT_CAP))
            total = COUNT_CAP
        if total is None and "q" in shape:
            total = await self._count()
        counted = way.count_by if total is None else None
        if self._sort == "price" and way.profit_bands and "q" not in shape:
            statement = sql.walk_bands(shape, after=further, counted=counted)
            *found, count = await self._row(statement)
            return self._found(found, count if total is None else total)
        if "q" in shape:
            *found, _ = await self._row(sql.walk_words(shape, sort, after=further))
        elif way.bounded:
            *found, count = await self._row(sql.walk(shape, sort, after=further, counted=counted))
            total = count if total is None else total
        else:
            *found, count = await self._row(
                sql.walk_on(shape, sort, after=further, counted=counted)
            )
            return self._found(found, count if total is None else total)
        assert total is not None
        if found[1] <= self._limit and await self._goes_on(found[1], total):
            # The guess was wrong: rows that pass are few, or far behind the order's beginning.
            further_us = way.reach * way.step_us * self._limit / (found[1] + 0.5)
            if total < COUNT_CAP or way.collect_us < further_us:
                *found, _ = await self._collect(None)
            else:
                *found, _ = await self._row(sql.walk_on(shape, sort, after=further, counted=None))
        return self._found(found, total)

    async def _is_certain(self) -> bool:
        """Whether the sample shows that there are more rows than are counted."""
        statement = sql.count_sampled(self._shape, index=self._way.index)
        (sampled,) = await self._row(statement)
        return bool(sampled >= self._values["proof"])

    async def _goes_on(self, found: int, total: int) -> bool:
        """Whether a bounded walk that met `found` rows on its page would have met more without its bound."""
        if not self._after:
            return total > found
        statement = sql.is_longer(self._shape, self._sort, after=self._after)
        (longer,) = await self._row(statement)
        return bool(longer)

    async def _collect(self, cap: int | None) -> Sequence[Any]:
        self._values["cap"] = cap
        return await self._row(
            sql.collect(
                self._shape,
                self._sort,
                after=self._after,
                source=self._way.collect_by,
                index=self._way.index,
            )
        )

    async def _count(self) -> int:
        if self._way.count_pages:
            (count,) = await self._row(sql.count_in_front(self._shape))
            if count == COUNT_CAP:
                return COUNT_CAP
        statement = sql.count(self._shape, source=self._way.count_by, index=self._way.index)
        (count,) = await self._row(statement)
        return int(count)

    async def _row(self, statement: str) -> Sequence[Any]:
        return await _row(self._connection, statement, self._values)

    def _found(self, found: Sequence[Any], total: int) -> _Found:
        items, candidates, scored, key, listing_id = found
        more = candidates > self._limit
        return items or b"", Position(scored, key, listing_id) if more else None, total
