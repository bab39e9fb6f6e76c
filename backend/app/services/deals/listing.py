"""One page of the deals list, read without ORM and handed on as JSON bytes.

Chooses between the two ways of `sql` by what the database's statistics say, and recovers when they
were wrong: a collection that grows too large becomes a walk, a walk that finds too little becomes a
collection.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

from app.core.settings import get_settings
from app.db.read import ReadConnection
from app.domain.source_policy import POLICIES
from app.services.deals import bands, cursor, sql
from app.services.deals.bands import TermStatistics
from app.services.deals.cursor import Position
from app.services.deals.filters import COUNT_CAP, DealFilters, Sort

CAP: Final = 12_000
"""A collection is given up for a walk when it finds this many rows: then a walk meets one soon."""
REACH: Final = 8_000
"""Rows that a walk for words looks at before it gives way to a collection."""
STATISTICS_AGE_S: Final = 60.0
ROUNDS: Final = 5
"""Pages looked through for one that is not all hidden (seen too long ago, sweep not run yet)."""

# Costs in microseconds, measured with EXPLAIN ANALYZE at 5 million rows; only their ratios matter.
_WALKED_US: Final = 0.2
_JUDGED_US: Final = 1.2
_POSTING_US: Final = 0.06
_FETCHED_US: Final = 1.2

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class DealPage:
    """A page as it goes on the wire: `body` is the whole JSON document."""

    body: bytes
    next: str | None
    total: int


@dataclass(frozen=True, slots=True)
class _Estimate:
    """What the statistics say: rows that pass; rows that pass the filters but for the words; rows of the
    index that a walk follows; and entries of the rarest word or group, which bound an intersection.
    """

    matching: float
    filtered: float
    walkable: float
    postings: float


_statistics: tuple[float, TermStatistics] = (float("-inf"), TermStatistics(0, {}, 0))


async def _term_statistics(connection: ReadConnection) -> TermStatistics:
    global _statistics
    age, known = _statistics
    if monotonic() - age < STATISTICS_AGE_S:
        return known
    _statistics = (monotonic(), known)  # one refreshes, the others go on with what is known
    rows, words, shares = await _row(connection, sql.STATISTICS, {})
    shares = shares or []
    common = dict(zip(words or [], shares, strict=False))
    known = TermStatistics(rows, common, shares[len(common) - 1] if common else 0.0)
    _statistics = (monotonic(), known)
    return known


def forget_statistics() -> None:
    """Read the statistics anew at the next request: for tests and benches that refill the table."""
    global _statistics
    _statistics = (float("-inf"), TermStatistics(0, {}, 0))


def _estimate(
    known: TermStatistics,
    words: Sequence[str],
    groups: Sequence[Sequence[str]],
    category: str | None,
) -> _Estimate:
    shares = [known.share(group) for group in groups]
    filtered = known.rows
    for share in shares:
        filtered *= share
    word_shares = [known.share([word]) for word in words]
    matching = filtered
    for share in word_shares:
        matching *= share
    walkable = known.rows * (known.share([f"=c{category}"]) if category else 1.0)
    return _Estimate(
        matching, filtered, walkable, known.rows * min([*shares, *word_shares], default=1.0)
    )


def _cutoff(now: datetime) -> datetime:
    """The oldest sighting that may be shown; one source today, so one time for all rows."""
    age = min(policy.max_shown_age for policy in POLICIES.values())
    return now - min(age, timedelta(seconds=get_settings().ebay_listing_max_age_seconds))


async def _row(
    connection: ReadConnection, statement: str, values: dict[str, Any]
) -> tuple[Any, ...]:
    result = await connection.execute(statement, values, prepare=True)  # type: ignore[arg-type] - text built of constants in `sql`
    row = await result.fetchone()
    assert row is not None  # every statement of the list is an aggregate
    return row


async def read_page(
    connection: ReadConnection,
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
    canonical = filters.canonical()
    position = cursor.decode(after, sort=sort, filters=canonical) if after is not None else None
    reader = _Reader(connection, filters, sort, limit, now, await _term_statistics(connection))
    total: int | None = None
    for _ in range(ROUNDS):
        items, position, total = await reader.page(position, total)
        if items or position is None:
            break
    following = cursor.encode(position, sort=sort, filters=canonical) if position else None
    tail = f'],"next":{f"{chr(34)}{following}{chr(34)}" if following else "null"},"total":{total}}}'
    return DealPage(b'{"items":[' + items.encode() + tail.encode(), following, total or 0)


_Found = tuple[str, Position | None, int]


class _Reader:
    """The page statements of one request."""

    def __init__(
        self,
        connection: ReadConnection,
        filters: DealFilters,
        sort: Sort,
        limit: int,
        now: datetime,
        known: TermStatistics,
    ) -> None:
        self._connection = connection
        self._sort: Sort = sort
        self._limit = limit
        self._shape = filters.shape()
        groups = bands.groups(filters, now=now)
        useful = [group for group in groups if known.share(group) < 0.5] if known.rows else groups
        words = _WORD.findall(filters.q.lower()) if filters.q else []
        self._words = bool(words)
        self._estimate = _estimate(known, words, groups, filters.category)
        self._bands = bool(useful)
        self._values = sql.parameters(
            filters,
            limit=limit,
            bands=bands.as_tsquery(useful),
            shown_since=_cutoff(now),
            now=now,
        )

    async def page(self, after: Position | None, total: int | None) -> _Found:
        """(the rows' JSON, where the next page starts, how many there are in all)."""
        values = self._values
        if after is not None:
            values = {
                **values,
                "after_scored": after.scored,
                "after_key": after.key,
                "after_id": after.listing_id,
            }
        if self._few():
            *found, count = await self._run(sql.collect, values, after, cap=CAP, bands=self._bands)
            if count < CAP:
                return self._found(found, min(count, COUNT_CAP))
            total = COUNT_CAP
        if "q" not in self._shape:
            *found, count = await self._run(sql.walk, values, after, counted=total is None)
            return self._found(found, count if total is None else total)
        if total is None:
            total = await self._count_words(values)
        *found, _ = await self._run(sql.walk_words, values, after, reach=REACH)
        if found[1] <= self._limit:  # too few on the way: the words are rare where the order begins
            *found, _ = await self._run(sql.collect, values, after, cap=None, bands=self._bands)
        return self._found(found, total)

    def _few(self) -> bool:
        """Whether a collection is the cheaper way."""
        guess = self._estimate
        if "q" in self._shape:
            return guess.matching < CAP or not self._words
        if not self._bands:
            return False
        walked = COUNT_CAP / max(guess.matching, 1e-3) * guess.walkable * _WALKED_US
        return guess.postings * _POSTING_US + min(guess.matching, CAP) * _FETCHED_US < walked

    async def _count_words(self, values: dict[str, Any]) -> int:
        guess = self._estimate
        share = max(guess.matching, 1e-3) / max(guess.filtered, 1e-3)
        if COUNT_CAP / share * _JUDGED_US < guess.postings * _POSTING_US:
            statement = sql.count_words_by_walk(self._shape)
            (count,) = await _row(
                self._connection, statement, {**values, "reach": int(2 * COUNT_CAP / share)}
            )
            if count == COUNT_CAP:
                return COUNT_CAP
        (count,) = await _row(
            self._connection, sql.count_by_terms(self._shape, bands=self._bands), values
        )
        return int(count)

    async def _run(
        self, build: Any, values: dict[str, Any], after: Position | None, **how: Any
    ) -> list[Any]:
        options = {name: how.pop(name) for name in ("bands", "counted") if name in how}
        statement = build(self._shape, self._sort, after=after is not None, **options)
        return list(await _row(self._connection, statement, {**values, **how}))

    def _found(self, found: Sequence[Any], total: int) -> _Found:
        items, candidates, scored, key, listing_id = found
        more = candidates > self._limit
        return items or "", Position(scored, key, listing_id) if more else None, total
