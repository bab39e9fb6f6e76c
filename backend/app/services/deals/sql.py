"""The statements of the deals list. Text is made of the constants here; every value is bound.

Two ways lead to a page. A *walk* follows the wide index in the order asked for, judges filters on
its columns, and stops when the page is full: right when many rows pass. A *collection* lets an
index find all that passes and sorts it: right when few do.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from app.db.models.deals import CELLS, PROFIT_BAND, SAMPLED, SORT_COLUMNS
from app.services.deals.filters import Sort

Shape = frozenset[str]
"""Which filters are asked for: all that the text of a statement depends on."""

_PLACE: Final = re.compile(r"%\((\w+)\)s|%%")


@lru_cache(maxsize=8192)
def positional(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with $1, $2 … for its named values, and their names in that order."""
    names: list[str] = []

    def place(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "%"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _PLACE.sub(place, statement).encode(), tuple(names)


_KEY_TYPES: Final = {
    "score": "smallint",
    "newest": "timestamptz",
    "discount": "double precision",
    "price": "bigint",
    "profit": "bigint",
    "roi": "double precision",
}
_CONDITIONS: Final = {
    "category": ("category_id", "= %(category)s"),
    "marketplace": ("source", "= %(marketplace)s"),
    "condition": ("condition", "= %(condition)s"),
    "min_price_cents": ("cheapness", "<= -(%(min_price_cents)s::bigint)"),
    "max_price_cents": ("cheapness", ">= -(%(max_price_cents)s::bigint)"),
    "min_discount": ("discount_rank", ">= %(min_discount)s::double precision"),
    "min_score": ("rank", ">= %(min_score)s::smallint"),
    "min_confidence": ("confidence", ">= %(min_confidence)s::double precision"),
    "min_profit_cents": ("profit_rank", ">= %(min_profit_cents)s::bigint"),
    "min_roi": ("roi_rank", ">= %(min_roi)s::double precision"),
    "free_shipping": ("shipping_cents", "= 0"),
    "listed_since": ("listed_at", ">= %(listed_since)s::timestamptz"),
}
_COLUMNS: Final = tuple(dict.fromkeys(column for column, _ in _CONDITIONS.values()))
_INDEXED: Final = "d.terms @@ plainto_tsquery('simple', %(indexed)s)"
_JUDGED: Final = "ts_match_vq({0}.terms, plainto_tsquery('simple', %(q)s))"
"""The same as `@@`, written as the function, which no index answers."""

_TIME: Final = "to_char({0} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') as {1}"
_CARD: Final = f"""
    d.listing_id as id, d.source as marketplace, d.external_id, d.title, d.url, d.image_url,
    d.category_id as category, coalesce(c.name, d.category_id) as category_name, d.condition,
    d.price_cents, d.shipping_cents, d.price_cents + d.shipping_cents as total_cost_cents,
    d.currency, d.fair_value_cents, d.interval_low_cents, d.interval_high_cents,
    d.discount, d.profit_cents, d.roi, d.score, d.no_score_reason, d.risk_code,
    d.confidence, d.evidence_count, d.evidence_age_days,
    d.distribution, d.formula_version, d.buying_option, d.bid_count, d.bid_limit_cents,
    d.bid_limit_cents + d.shipping_cents as bid_limit_total_cents, {_TIME.format("d.ends_at", "ends_at")},
    {_TIME.format("d.listed_at", "listed_at")}, {_TIME.format("s.seen_at", "seen_at")}, d.simulated"""


def conditions(shape: Shape, columns: Collection[str] | None = None, table: str = "d") -> list[str]:
    """The filters but for the words; only those on `columns` when given."""
    found = []
    for name, (column, comparison) in _CONDITIONS.items():
        if name in shape and (columns is None or column in columns):
            found.append(f"{table}.{column} {comparison}")
    return found


def _order(sort: Sort, table: str = "d") -> str:
    return f"{table}.scored desc, {table}.{SORT_COLUMNS[sort]} desc, {table}.listing_id desc"


def _keyset(sort: Sort, after: bool) -> list[str]:
    if not after:
        return []
    key = f"%(after_key)s::{_KEY_TYPES[sort]}"
    if sort == "newest":
        key = "(timestamptz '1970-01-01 00:00:00+00' + %(after_key)s::bigint * interval '1 microsecond')"
    return [
        f"(d.scored, d.{SORT_COLUMNS[sort]}, d.listing_id) < (%(after_scored)s::boolean, {key}, %(after_id)s::uuid)"
    ]


class Index(NamedTuple):
    """What the inverted index is asked for: `words`, and this many groups of bands.

    The filters and all words are judged in any case. Every group is a condition of its own: the index
    then leaps from list to list, where for one condition of all it would look at each row of any.
    """

    words: bool
    groups: int

    def conditions(self) -> list[str]:
        """The conditions that only the inverted index answers."""
        groups = (f"d.terms @@ %(bands{n})s::text::tsquery" for n in range(self.groups))
        return [_INDEXED] * self.words + list(groups)


NOTHING: Final = Index(words=False, groups=0)

Source = Literal["terms", "cells", "order"]
"""By which index what passes is found: the inverted one, that of the cells, or that of an order whose
key a filter bounds."""

_CELL_OF: Final = {
    "min_score": "score",
    "min_price_cents": "price",
    "max_price_cents": "price",
    "min_discount": "discount",
    "min_confidence": "confidence",
}


def _cells(shape: Shape) -> list[str]:
    """The cells that can hold what passes, each kind as a list of its bands."""
    kinds = dict.fromkeys(kind for name, kind in _CELL_OF.items() if name in shape)
    return [f"{CELLS[kind]} = any(%({kind}_cells)s::int[])" for kind in kinds]


def _everything(shape: Shape, source: Source | None, index: Index = NOTHING) -> list[str]:
    judged = [_JUDGED.format("d")] if "q" in shape else []
    found = ["d.active", *conditions(shape)]
    if source == "terms":
        found += index.conditions()
    if source == "cells":
        found += _cells(shape)
    return found + judged


def _count(where: Collection[str], most: str = "%(count_cap)s") -> str:
    return f"""select count(*) from (select 1 from deals d
      where {" and ".join(where)} limit {most}::bigint) t"""


def _shown(sort: Sort, page: str, total: str) -> str:
    """The page's rows as JSON, without those last seen too long ago; `page` has one row too many if it can."""
    key = f"d.{SORT_COLUMNS[sort]}"
    if sort == "newest":
        key = f"(extract(epoch from {key}) * 1000000)::bigint"
    return f"""
with page as materialized ({page}),
cards as (
  select d.scored, {key} as sort_key, d.listing_id, p.place,
    case when s.seen_at >= %(shown_since)s and (d.ends_at is null or d.ends_at > %(now)s) then
      (select row_to_json(card) from (select {_CARD}) as card)::text end as card
  from page p
  join deals d on d.listing_id = p.listing_id
  left join listing_sightings s on s.listing_id = p.listing_id
  left join categories c on c.source = d.source and c.id = d.category_id
)
select (select string_agg(card, ',' order by place) from cards where place <= %(limit)s),
  (select count(*) from page), last.scored, last.sort_key, last.listing_id, {total}
from (select 1) one left join cards last on last.place = %(limit)s"""


def _behind(sort: Sort) -> list[str]:
    return [name for name in _COLUMNS if name not in ("category_id", SORT_COLUMNS[sort])]


def _front(shape: Shape, sort: Sort, after: bool) -> str:
    """The conditions that bound where a walk starts and ends; it judges the others as it goes."""
    bounding = conditions(shape, ("category_id", SORT_COLUMNS[sort]))
    return " and ".join(["d.active", *bounding, *_keyset(sort, after)])


def _beside(shape: Shape, counted: Source | None) -> str:
    if counted is None:
        return "null::bigint"
    return f"({count(shape, source=counted, index=NOTHING)})"


@lru_cache(maxsize=4096)
def walk(shape: Shape, sort: Sort, *, after: bool, counted: Source | None) -> str:
    """The page by following the order's index over at most `%(reach)s` entries, all judged in the index.

    Beside it the total, counted as `counted` says. Filters are judged above the bound, so that a wrong guess
    costs no more than `reach`.
    """
    columns = dict.fromkeys(("scored", SORT_COLUMNS[sort], *_COLUMNS))
    rest = conditions(shape, _behind(sort), "w")
    order = _order(sort, "w")
    page = f"""select w.listing_id, row_number() over (order by {order}) as place from (
      select d.listing_id, {", ".join(f"d.{column}" for column in columns)} from deals d
      where {_front(shape, sort, after)} order by {_order(sort)} limit %(reach)s) w
      {"where " + " and ".join(rest) if rest else ""} order by {order} limit %(limit)s + 1"""
    return _shown(sort, page, _beside(shape, counted))


@lru_cache(maxsize=4096)
def walk_words(shape: Shape, sort: Sort, *, after: bool) -> str:
    """The page by following the order's index over at most `%(reach)s` rows that pass the filters.

    The index judges the filters, the row itself the words.
    """
    order = _order(sort, "w")
    where = " and ".join([_front(shape, sort, after), *conditions(shape, _behind(sort))])
    page = f"""select w.listing_id, row_number() over (order by {order}) as place from (
      select d.listing_id, d.scored, d.{SORT_COLUMNS[sort]}, d.terms from deals d
      where {where} order by {_order(sort)} limit %(reach)s) w
      where {_JUDGED.format("w")} order by {order} limit %(limit)s + 1"""
    return _shown(sort, page, "null::bigint")


@lru_cache(maxsize=4096)
def walk_on(shape: Shape, sort: Sort, *, after: bool, counted: Source | None) -> str:
    """The page by following the order's index as far as it takes; its total beside it as `counted` says."""
    where = " and ".join([_front(shape, sort, after), *conditions(shape, _behind(sort))])
    judged = f"and {_JUDGED.format('d')}" if "q" in shape else ""
    page = f"""select d.listing_id, row_number() over (order by {_order(sort)}) as place from deals d
      where {where} {judged} order by {_order(sort)} limit %(limit)s + 1"""
    return _shown(sort, page, _beside(shape, counted))


@lru_cache(maxsize=4096)
def walk_bands(shape: Shape, *, after: bool, counted: Source | None) -> str:
    """The page in the order of prices by following it within each of `%(profit_bands)s`, then merged."""
    where = ["d.active", f"{PROFIT_BAND} >= 0", f"{PROFIT_BAND} = b", *conditions(shape)]
    page = f"""select w.listing_id, row_number() over (order by {_order("price", "w")}) as place
      from unnest(%(profit_bands)s::int[]) b cross join lateral (
        select d.listing_id, d.scored, d.cheapness from deals d
        where {" and ".join([*where, *_keyset("price", after)])}
        order by {_order("price")} limit %(limit)s + 1) w
      order by {_order("price", "w")} limit %(limit)s + 1"""
    return _shown("price", page, _beside(shape, counted))


@lru_cache(maxsize=4096)
def is_longer(shape: Shape, sort: Sort, *, after: bool) -> str:
    """Whether there was more to walk over behind `%(reach)s`."""
    filters = conditions(shape, _behind(sort)) if "q" in shape else []
    return f"""select exists (select 1 from deals d
      where {" and ".join([_front(shape, sort, after), *filters])}
      order by {_order(sort)} offset %(reach)s)"""


@lru_cache(maxsize=4096)
def collect(shape: Shape, sort: Sort, *, after: bool, source: Source, index: Index) -> str:
    """The page by finding everything; the last column is how many were found, `%(cap)s` at most."""
    found = f"""select d.listing_id, d.scored, d.{SORT_COLUMNS[sort]} from deals d
      where {" and ".join(_everything(shape, source, index))} limit %(cap)s"""
    page = f"""select d.listing_id, row_number() over (order by {_order(sort)}) as place from found d
      {"where " + " and ".join(_keyset(sort, after)) if after else ""}
      order by {_order(sort)} limit %(limit)s + 1"""
    statement = _shown(sort, page, "(select count(*) from found)")
    return statement.replace("with page", f"with found as materialized ({found}), page", 1)


@lru_cache(maxsize=4096)
def count(shape: Shape, *, source: Source, index: Index) -> str:
    """How many rows pass filters and words, counted to `%(count_cap)s`."""
    return _count(_everything(shape, source, index))


@lru_cache(maxsize=4096)
def count_sampled(shape: Shape, *, index: Index) -> str:
    """How many rows of the sample pass filters and words, counted to `%(proof)s`."""
    source: Source = "terms" if "q" in shape else "order"
    return _count([SAMPLED, *_everything(shape, source, index)], "%(proof)s")


@lru_cache(maxsize=4096)
def count_in_front(shape: Shape) -> str:
    """How many rows of the table's first `%(pages)s` pages pass, counted to the cap: a lower bound."""
    first = "d.ctid < format('(%%s,0)', %(pages)s::bigint)::tid"
    return _count([first, *_everything(shape, None)])


STATISTICS: Final = """
select greatest(c.reltuples, 0)::float8, greatest(c.relpages, 1)::float8, s.most_common_elems::text::text[], s.most_common_elem_freqs::float8[]
from pg_class c left join pg_stats s on s.schemaname = 'public' and s.tablename = 'deals' and s.attname = 'terms'
where c.oid = 'deals'::regclass"""
