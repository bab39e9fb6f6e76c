"""The statements of the deals list. Text is made of the constants here; every value is bound.

Two ways lead to a page. A *walk* follows the wide index in the order asked for, judges filters
inside the index, and stops when the page is full: right when many rows pass. A *collection* lets
the inverted index intersect words and filter bands and sorts what it finds: right when few do.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from app.db.models.deals import SORT_COLUMNS
from app.services.deals.filters import COUNT_CAP, DealFilters, Sort

Shape = frozenset[str]
"""Which filters are asked for: all that the text of a statement depends on."""

_KEY_TYPES: Final = {
    "score": "smallint",
    "newest": "timestamptz",
    "discount": "double precision",
    "price": "bigint",
}
_CONDITIONS: Final = {
    "category": "d.category_id = %(category)s",
    "marketplace": "d.source = %(marketplace)s",
    "condition": "d.condition = %(condition)s",
    "min_price_cents": "d.cheapness <= -(%(min_price_cents)s::bigint)",
    "max_price_cents": "d.cheapness >= -(%(max_price_cents)s::bigint)",
    "min_discount": "d.discount_rank >= %(min_discount)s::double precision",
    "min_score": "d.rank >= %(min_score)s::smallint",
    "min_confidence": "d.confidence >= %(min_confidence)s::double precision",
    "listed_since": "d.listed_at >= %(listed_since)s::timestamptz",
}
_INDEXED: Final = "d.terms @@ (plainto_tsquery('simple', %(q)s) && %(bands)s::tsquery)"
_INDEXED_WORDS: Final = "d.terms @@ plainto_tsquery('simple', %(q)s)"
_INDEXED_BANDS: Final = "d.terms @@ %(bands)s::tsquery"
_JUDGED: Final = "ts_match_vq(d.terms, plainto_tsquery('simple', %(q)s))"
"""The same as `@@`, written as the function, which no index answers: for walks."""

_TIME: Final = "to_char({0} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') as {1}"
_CARD: Final = f"""
    d.listing_id as id, d.source as marketplace, d.external_id, d.title, d.url, d.image_url,
    d.category_id as category, coalesce(c.name, d.category_id) as category_name, d.condition,
    d.price_cents, d.shipping_cents, d.price_cents + d.shipping_cents as total_cost_cents,
    d.currency, d.fair_value_cents, d.interval_low_cents, d.interval_high_cents,
    d.discount, d.score, d.no_score_reason, d.confidence, d.evidence_count, d.evidence_age_days,
    d.distribution, d.formula_version, d.buying_option, {_TIME.format("d.ends_at", "ends_at")},
    {_TIME.format("d.listed_at", "listed_at")}, {_TIME.format("s.seen_at", "seen_at")}, d.simulated"""


def parameters(
    filters: DealFilters, *, limit: int, bands: str, shown_since: datetime, now: datetime
) -> dict[str, Any]:
    """Everything the statements bind, by name, but for the page's start and what a way adds."""
    values: dict[str, Any] = {
        "q": filters.q,
        "bands": bands,
        "limit": limit,
        "shown_since": shown_since,
        "now": now,
    }
    for name in _CONDITIONS:
        value = getattr(filters, name)
        if value is not None:
            values[name] = value
    return values


def conditions(shape: Shape) -> list[str]:
    """The filters but for the words, so that a wide index judges them."""
    found = ["d.active"]
    found += [text for name, text in _CONDITIONS.items() if name in shape]
    if "free_shipping" in shape:
        found.append("d.shipping_cents = 0")
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


def _indexed(shape: Shape, bands: bool) -> str:
    if "q" not in shape:
        return _INDEXED_BANDS
    return _INDEXED if bands else _INDEXED_WORDS


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


@lru_cache(maxsize=4096)
def walk(shape: Shape, sort: Sort, *, after: bool, counted: bool) -> str:
    """The page by following the order's index; its total beside it when `counted`."""
    where = " and ".join(conditions(shape) + _keyset(sort, after))
    page = f"""select listing_id, row_number() over () as place from (
      select d.listing_id from deals d where {where}
      order by {_order(sort)} limit %(limit)s + 1) w"""
    total = f"({count_by_walk(shape)})" if counted else "null::bigint"
    return _shown(sort, page, total)


@lru_cache(maxsize=4096)
def walk_words(shape: Shape, sort: Sort, *, after: bool) -> str:
    """The page by following the order's index through at most `%(reach)s` rows that pass the filters."""
    where = " and ".join(conditions(shape) + _keyset(sort, after))
    page = f"""select listing_id, row_number() over () as place from (
      select d.listing_id from (
        select d.listing_id, d.terms from deals d where {where}
        order by {_order(sort)} limit %(reach)s) d
      where {_JUDGED} limit %(limit)s + 1) w"""
    return _shown(sort, page, "null::bigint")


@lru_cache(maxsize=4096)
def collect(shape: Shape, sort: Sort, *, after: bool, bands: bool) -> str:
    """The page by the inverted index; the last column is how many were found, `%(cap)s` at most."""
    key = SORT_COLUMNS[sort]
    found = f"""select d.listing_id, d.scored, d.{key} from deals d
      where {" and ".join([*conditions(shape), _indexed(shape, bands)])} limit %(cap)s"""
    page = f"""select d.listing_id, row_number() over (order by {_order(sort)}) as place from found d
      {"where " + " and ".join(_keyset(sort, after)) if after else ""}
      order by {_order(sort)} limit %(limit)s + 1"""
    statement = _shown(sort, page, "(select count(*) from found)")
    return statement.replace("with page", f"with found as materialized ({found}), page", 1)


@lru_cache(maxsize=4096)
def count_by_walk(shape: Shape) -> str:
    """How many rows pass the filters, counted to the cap."""
    return f"""select count(*) from (
      select 1 from deals d where {" and ".join(conditions(shape))} limit {COUNT_CAP}) t"""


@lru_cache(maxsize=4096)
def count_words_by_walk(shape: Shape) -> str:
    """How many rows pass, looked for among `%(reach)s` rows that pass the filters: a lower bound under the cap."""
    return f"""select count(*) from (
      select 1 from (select d.terms from deals d where {" and ".join(conditions(shape))} limit %(reach)s) d
      where {_JUDGED} limit {COUNT_CAP}) t"""


@lru_cache(maxsize=4096)
def count_by_terms(shape: Shape, *, bands: bool) -> str:
    """How many rows pass, by the inverted index, counted to the cap."""
    return f"""select count(*) from (
      select 1 from deals d where {" and ".join([*conditions(shape), _indexed(shape, bands)])}
      limit {COUNT_CAP}) t"""


STATISTICS: Final = """
select greatest(c.reltuples, 0)::float8, s.most_common_elems::text::text[], s.most_common_elem_freqs::float8[]
from pg_class c left join pg_stats s on s.schemaname = 'public' and s.tablename = 'deals' and s.attname = 'terms'
where c.oid = 'deals'::regclass"""
