"""Which rows of a shelf answer a search: words, categories, filters, order. Rows in, rows out; no HTTP, no JSON."""

import re

import numpy as np

from ebay_sim.filters import Filters, Range
from ebay_sim.world import catalog
from ebay_sim.world.economy import Bools, Shipping
from ebay_sim.world.randomness import Floats, Ints, hash_words
from ebay_sim.world.search_index import SearchIndex, words_of_query
from ebay_sim.world.world import Shelf, World

GTIN_ORIGIN = 190_000_000_000
_GROUP = re.compile(r"\(([^)]*)\)")
# Returns are accepted by these sellers: a stable half of them.
RETURNS_MODULUS = 2


def find_rows(index: SearchIndex, q: str) -> Ints | None:
    """Rows for Browse keywords: a space is AND, `(a, b)` is OR. None when the query has no word at all."""
    alternatives: list[list[str]] = [[]]
    for group in _GROUP.findall(q):
        options = [words_of_query(option) for option in group.split(",")]
        alternatives = [[*words, *option] for words in alternatives for option in options if option]
    plain = words_of_query(_GROUP.sub(" ", q))
    alternatives = [[*words, *plain] for words in alternatives]
    return index.find_any(alternatives) if any(alternatives) else None


def rank_rows(index: SearchIndex, q: str) -> tuple[Ints, Ints]:
    """Rows for Insights keywords, where a space is OR and a comma is AND; and how many words each of them holds."""
    required = [words_of_query(part) for part in q.split(",")]
    rows: Ints | None = None
    for words in required:
        if not words:
            continue
        found = index.find_any([[word] for word in words])
        rows = found if rows is None else rows[np.isin(rows, found, assume_unique=True)]
    if rows is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    hits = np.zeros(len(rows), dtype=np.int64)
    for word in {word for words in required for word in words}:
        hits += np.isin(rows, index.find(word), assume_unique=True)
    return rows, hits


def category_mask(ids: list[str]) -> Bools | None:
    """Which category indexes lie under these ids; None when one of them is unknown."""
    mask = np.zeros(len(catalog.CATEGORIES), dtype=bool)
    for wanted in ids:
        inside = np.array(
            [any(wanted == ident for ident, _ in category.path) for category in catalog.CATEGORIES]
        )
        if not inside.any():
            return None
        mask |= inside
    return mask


def _within(values: Floats | Ints, wanted: Range) -> Bools:
    keep = np.ones(len(values), dtype=bool)
    if wanted.low is not None:
        keep &= values >= wanted.low
    if wanted.high is not None:
        keep &= values <= wanted.high
    return keep


def _condition_keep(filters: Filters) -> Bools:
    """Category × condition index -> wanted?"""
    keep = np.zeros((len(catalog.CATEGORIES), catalog.MAX_CONDITIONS + 1), dtype=bool)
    for category in catalog.CATEGORIES:
        for index in (*range(len(category.conditions)), catalog.FOR_PARTS_INDEX):
            keep[category.index, index] = catalog.condition_of(category, index).id in (
                filters.condition_ids or ()
            )
    return keep


def keep_rows(world: World, shelf: Shelf, rows: Ints, filters: Filters, *, sold: bool) -> Ints:
    """The rows that pass every filter that was understood."""
    columns = shelf.rows
    keep = np.ones(len(rows), dtype=bool)
    auction = columns.auction[rows]
    wanted = filters.buying_options
    option = auction & ("AUCTION" in wanted) | ~auction & ("FIXED_PRICE" in wanted)
    keep &= option | columns.best_offer[rows] & ("BEST_OFFER" in wanted)
    if filters.condition_ids is not None:
        keep &= _condition_keep(filters)[
            columns.category[rows], columns.condition[rows]
        ] & ~unstated(columns.bits[rows])
    if filters.country is not None and filters.country != "US":
        keep[:] = False
    if filters.price is not None:
        prices = columns.sold_cents[rows] if sold else prices_of(world, shelf, rows)
        keep &= _within(prices, filters.price)
    if filters.started is not None:
        keep &= _within(columns.listed[rows], filters.started)
    if filters.sold is not None:
        keep &= _within(columns.ends[rows], filters.sold)
    if filters.ends is not None:
        keep &= auction & _within(columns.ends[rows], filters.ends)
    if filters.bids is not None:
        keep &= auction & _within(bid_counts(world, shelf, rows), filters.bids)
    if filters.free_delivery:
        keep &= columns.shipping[rows] == Shipping.FREE
    if filters.returns_accepted:
        keep &= columns.seller[rows] % RETURNS_MODULUS == 0
    if filters.without_categories:
        unwanted = category_mask(sorted(filters.without_categories))
        if unwanted is not None:
            keep &= ~unwanted[columns.category[rows]]
    if filters.sellers is not None or filters.without_sellers:
        name = world.economy.sellers.get
        names = np.array(
            [name(int(seller)).username for seller in columns.seller[rows]], dtype=object
        )
        if filters.sellers is not None:
            keep &= np.isin(names, list(filters.sellers))
        keep &= ~np.isin(names, list(filters.without_sellers))
    return rows[keep]


def unstated(bits: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]) -> Bools:
    """A few sellers state no condition."""
    return np.asarray((bits >> np.uint64(50)) % np.uint64(67) == 0, dtype=bool)


def prices_of(world: World, shelf: Shelf, rows: Ints) -> Floats:
    """Prices on display of these rows of a shelf."""
    return world.prices(shelf.rows.take(rows))


def bid_counts(world: World, shelf: Shelf, rows: Ints) -> Ints:
    """Bids so far; 0 for fixed prices."""
    columns = shelf.rows.take(rows)
    age = np.clip((world.now - columns.listed) / (columns.ends - columns.listed), 0.0, 1.0)
    return np.where(columns.auction, np.floor(age * world.economy.bid_steps(columns)), 0).astype(
        np.int64
    )


def gtin_variant(gtin: str) -> int | None:
    """The variant behind an invented GTIN; None when it is not one of ours."""
    if not (gtin.isdigit() and len(gtin) == 12):
        return None
    variant, rest = divmod(int(gtin) - GTIN_ORIGIN, 13)
    return variant if rest == 0 and 0 <= variant < len(catalog.VARIANTS) else None


def variant_gtin(variant: int) -> str:
    """The invented GTIN of a variant."""
    return f"{GTIN_ORIGIN + variant * 13:012d}"


def order_rows(world: World, shelf: Shelf, rows: Ints, sort: str | None) -> Ints:
    """Best Match without a sort: a fixed order that means nothing to a client."""
    columns = shelf.rows
    keys: Floats | Ints
    if sort in ("price", "-price"):
        keys = prices_of(world, shelf, rows) + columns.shipping_cents[rows]
        keys = -keys if sort == "-price" else keys
    elif sort == "newlyListed":
        keys = -columns.origin[rows]
    elif sort == "endingSoonest":
        keys = np.where(columns.auction[rows], columns.ends[rows], np.inf)
    else:
        keys = (columns.bits[rows] >> np.uint64(13)).astype(np.int64)
    return rows[np.argsort(keys, kind="stable")]


def result_length(rows: int) -> int:
    """How many places the result has: every 400th repeats the one before it, across a page boundary, as when rows shift under a reader."""
    return rows + (rows - 1) // 399 if rows else 0


def page_positions(rows: int, offset: int, limit: int) -> Ints:
    """Positions in the sorted rows that one page shows."""
    places = np.arange(
        offset, max(offset, min(offset + limit, result_length(rows))), dtype=np.int64
    )
    return places - places // 400


def shown_total(total: int, offset: int, key: str) -> int:
    """EBay's total is an estimate: it drifts by up to 1 % from page to page."""
    if offset == 0 or total < 300:
        return total
    drift = hash_words(0, key, offset) % 2001 / 1000 - 1
    return max(1, round(total * (1 + drift / 100)))
