"""Storing what a marketplace offered: one batch, one COPY, one merge.

Rows go by COPY into a temporary table and are merged by one statement that writes new and changed
listings only. That a row was seen is noted for every row, in a narrow table whose updates stay
heap-only. A price history row is written when, and only when, what a buyer pays has changed.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.core.metrics import LISTINGS_INGESTED
from app.db.models import Category, Listing, QuarantinedRow
from app.db.session import Session
from app.ports import RawListing, RejectedRow

MAX_PAYLOAD_CHARS: Final = 20_000

_LOCK_SPACE: Final = 0x1D5
"""First key of the advisory locks that let one transaction at a time store a source's rows."""

_STAGE: Final = sa.text("""
create temporary table if not exists incoming_listings (
    id uuid, source text, external_id text, title text, url text, image_url text,
    category_id text, condition text, price_cents bigint, shipping_cents bigint, currency text,
    buying_option text, bid_count integer, seller_feedback_percent double precision,
    seller_feedback_score integer, country text, listed_at timestamptz, ends_at timestamptz,
    city text, region text, postal_code text, description text, seller_key bigint,
    photo_key bigint, words_key bigint
) on commit delete rows
""")

_BY_INDEX: Final = sa.text("""
select set_config('enable_hashjoin', :on, true), set_config('enable_mergejoin', :on, true),
    set_config('jit', :on, true)
""")
"""A batch is small against the table, but the planner cannot know: it would read the whole table.
Looking each row up by index took a seventh of the time for 10,000 rows of 200,000."""

_COPY: Final = """
copy incoming_listings (
    id, source, external_id, title, url, image_url, category_id, condition, price_cents,
    shipping_cents, currency, buying_option, bid_count, seller_feedback_percent,
    seller_feedback_score, country, listed_at, ends_at, city, region, postal_code, description,
    seller_key, photo_key, words_key
) from stdin
"""

_MERGE: Final = sa.text("""
with known as materialized (
    select i.ctid as place, l.id as listing_id,
        l.id is null
            or (l.price_cents, l.shipping_cents, l.currency)
                is distinct from (i.price_cents, i.shipping_cents, i.currency) as repriced,
        l.state <> 'live'
            or (l.title, l.url, l.image_url, l.category_id, l.condition, l.price_cents,
                l.shipping_cents, l.currency, l.buying_option, l.bid_count, l.ends_at, l.description,
                l.seller_key, l.photo_key, l.words_key)
                is distinct from (i.title, i.url, i.image_url, i.category_id, i.condition,
                    i.price_cents, i.shipping_cents, i.currency, i.buying_option, i.bid_count,
                    i.ends_at, i.description, i.seller_key, i.photo_key, i.words_key)
            as revalue,
        (l.seller_feedback_percent, l.seller_feedback_score, l.country, l.city, l.region,
            l.postal_code)
            is distinct from
            (i.seller_feedback_percent, i.seller_feedback_score, i.country, i.city, i.region,
            i.postal_code)
            as touched
    from incoming_listings i
    left join listings l on l.source = i.source and l.external_id = i.external_id
),
seen as (
    update listing_sightings s set seen_at = :now
    from (select * from known where listing_id is not null order by listing_id) k
    where s.listing_id = k.listing_id and s.seen_at <= :now
    returning k.place, k.listing_id, k.repriced, k.revalue, k.touched, old.seen_at
),
unseen as materialized (
    select k.place, k.listing_id, k.repriced, k.revalue, k.touched
    from known k
    where k.listing_id is null
        or (select count(*) from seen) < (select count(listing_id) from known)
            and not exists (select from listing_sightings s where s.listing_id = k.listing_id)
),
stored as materialized (
    select * from seen where repriced or revalue or touched
    union all
    select *, null from unseen
),
inserted as (
    insert into listings (
        id, source, external_id, title, url, image_url, category_id, condition, price_cents,
        shipping_cents, currency, buying_option, bid_count, seller_feedback_percent,
        seller_feedback_score, country, listed_at, ends_at, city, region, postal_code, description,
        seller_key, photo_key, words_key, state, needs_valuation, created_at, changed_at)
    select i.*, 'live', true, :now, :now
    from stored k join incoming_listings i on i.ctid = k.place where k.listing_id is null
    returning id
),
changed as (
    update listings l
    set title = i.title, url = i.url, image_url = i.image_url, category_id = i.category_id,
        condition = i.condition, price_cents = i.price_cents, shipping_cents = i.shipping_cents,
        currency = i.currency, buying_option = i.buying_option, bid_count = i.bid_count,
        seller_feedback_percent = i.seller_feedback_percent,
        seller_feedback_score = i.seller_feedback_score, country = i.country,
        ends_at = i.ends_at, city = i.city, region = i.region, postal_code = i.postal_code,
        description = i.description, seller_key = i.seller_key, photo_key = i.photo_key,
        words_key = i.words_key, state = 'live',
        needs_valuation = l.needs_valuation or k.revalue, changed_at = :now
    from stored k join incoming_listings i on i.ctid = k.place
    where l.id = k.listing_id and (k.revalue or k.touched)
    returning k.revalue
),
observed as (
    insert into price_history (listing_id, observed_at, price_cents, shipping_cents, currency)
    select coalesce(k.listing_id, i.id), :now, i.price_cents, i.shipping_cents, i.currency
    from stored k join incoming_listings i on i.ctid = k.place
    where k.repriced and k.seen_at is distinct from :now
),
observed_again as (
    insert into price_history (listing_id, observed_at, price_cents, shipping_cents, currency)
    select k.listing_id, :now, i.price_cents, i.shipping_cents, i.currency
    from stored k join incoming_listings i on i.ctid = k.place
    where k.repriced and k.seen_at = :now
    on conflict (listing_id, observed_at) do update
    set price_cents = excluded.price_cents, shipping_cents = excluded.shipping_cents,
        currency = excluded.currency
),
first_seen as (
    insert into listing_sightings (listing_id, seen_at)
    select coalesce(k.listing_id, i.id), :now
    from unseen k join incoming_listings i on i.ctid = k.place
)
select (select count(*) from inserted), (select count(*) from changed),
    (select count(*) from changed where revalue)
""")
"""Sightings are read and written in one go (`old.seen_at`, PostgreSQL 18), in the order of the listings' ids,
which is about the order of both tables on disk: a page is fetched, written and let go once. Rows
that were seen later than :now fall out there. `unseen` are the new listings; that a stored one has
no sighting is looked into only when the counts leave room for it."""


_FACTS: Final = attrgetter(
    "source",
    "external_id",
    "title",
    "url",
    "image_url",
    "category_id",
    "condition",
    "price_cents",
    "shipping_cents",
    "currency",
    "buying_option",
    "bid_count",
    "seller_feedback_percent",
    "seller_feedback_score",
    "country",
    "listed_at",
    "ends_at",
    "city",
    "region",
    "postal_code",
    "description",
    "seller_key",
    "photo_key",
    "words_key",
)
"""A listing's values in the order of the COPY's columns, behind the id."""


@dataclass(frozen=True, slots=True)
class IngestCounts:
    """What became of a batch. `to_value`: listings that now wait for a valuation because of it."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    to_value: int = 0

    def __add__(self, other: "IngestCounts") -> "IngestCounts":
        return IngestCounts(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.quarantined + other.quarantined,
            self.to_value + other.to_value,
        )


def store(
    session: Session,
    listings: Sequence[RawListing],
    rejected: Sequence[RejectedRow],
    *,
    now: datetime,
    source: str | None = None,
) -> IngestCounts:
    """Store a batch as seen at `now`; of rows with one id the last wins.

    A row that was seen later than `now` already is left alone, so batches may arrive in any order.
    Auctions that ended before `now` are not stored. Transactions that store rows of the same source
    run one after the other, up to their commits. `source` names the owner of rejected rows, the
    listings' own when not given. New and changed rows are marked needs_valuation; the caller rings.
    """
    sources = sorted({row.source for row in listings} | ({source} if source else set()))
    for name in sources:
        lock_source(session, name)
    counts = IngestCounts()
    kept = _last_of_each(listings, sources, now)
    if kept:
        counts = _merge(session, kept, now=now)
        _name_categories(session, kept, sources)
    if rejected:
        if len(sources) != 1:
            raise ValueError("rejected rows need the one source they came from")
        _quarantine(session, sources[0], rejected, now=now)
    for outcome in ("new", "changed", "unchanged"):
        for name in sources[:1]:
            LISTINGS_INGESTED.labels(name, outcome).inc(getattr(counts, outcome))
    return counts + IngestCounts(quarantined=len(rejected))


def _last_of_each(
    listings: Sequence[RawListing], sources: Sequence[str], now: datetime
) -> list[RawListing]:
    """One row per listing that is not over, in the order of their index: neighbours are looked up together."""
    kept: list[RawListing] = []
    for source in sources:
        by_id = {
            row.external_id: row
            for row in listings
            if row.source == source and (row.ends_at is None or row.ends_at > now)
        }
        kept += map(by_id.__getitem__, sorted(by_id))
    return kept


def lock_source(session: Session, source: str) -> None:
    """Wait until no other transaction stores or sweeps this source's rows; held to the commit."""
    session.execute(
        sa.text("select pg_advisory_xact_lock(:space, hashtext(:source))"),
        {"space": _LOCK_SPACE, "source": source},
    )


def _merge(session: Session, rows: Iterable[RawListing], *, now: datetime) -> IngestCounts:
    session.flush()
    connection = session.connection()
    connection.execute(_STAGE)
    connection.execute(sa.text("truncate incoming_listings"))
    driver: Any = connection.connection.driver_connection
    total = 0
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for values in copied_values(rows):
            copy.write_row(values)
            total += 1
    connection.execute(_BY_INDEX, {"on": "off"})
    new, changed, revalued = connection.execute(_MERGE, {"now": now}).one()
    connection.execute(_BY_INDEX, {"on": "on"})
    for held in session:
        if isinstance(held, Listing):
            session.expire(held)
    return IngestCounts(
        new=new, changed=changed, unchanged=total - new - changed, to_value=new + revalued
    )


def copied_values(rows: Iterable[RawListing]) -> Iterator[tuple[Any, ...]]:
    """Each row as the columns of the COPY, under a new id: one random start, then counted up (RFC 9562 6.2)."""
    first = new_id().int
    for number, row in enumerate(rows):
        yield (f"{first + number:032x}", *_FACTS(row))


def _name_categories(session: Session, rows: Sequence[RawListing], sources: Sequence[str]) -> None:
    names: list[dict[str, str]] = []
    for source in sources:
        told = {
            row.category_id: row.category_name
            for row in rows
            if row.source == source and row.category_name
        }
        names += [{"source": source, "id": key, "name": told[key]} for key in sorted(told)]
    if not names:
        return
    statement = insert(Category).values(names)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "id"],
            set_={"name": statement.excluded.name},
            where=Category.name.is_distinct_from(statement.excluded.name),
        )
    )


def _quarantine(
    session: Session, source: str, rejected: Sequence[RejectedRow], *, now: datetime
) -> None:
    """Keep each distinct unreadable row once, with how often it came."""
    seen: dict[str, dict[str, Any]] = {}
    for row in rejected:
        payload = _payload(row)
        fingerprint = _fingerprint(source, row, payload)
        entry = seen.get(fingerprint)
        if entry is not None:
            entry["times_seen"] += 1
            continue
        seen[fingerprint] = {
            "id": new_id(),
            "source": source,
            "fingerprint": fingerprint,
            "external_id": row.external_id,
            "reason": row.reason,
            "payload": payload,
            "times_seen": 1,
            "first_seen_at": now,
            "last_seen_at": now,
        }
    statement = insert(QuarantinedRow).values([seen[key] for key in sorted(seen)])
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "fingerprint"],
            set_={
                "times_seen": QuarantinedRow.times_seen + statement.excluded.times_seen,
                "last_seen_at": sa.func.greatest(
                    QuarantinedRow.last_seen_at, statement.excluded.last_seen_at
                ),
                "payload": statement.excluded.payload,
            },
        )
    )


def _payload(row: RejectedRow) -> dict[str, Any]:
    """The row as jsonb can hold it: no NUL, no NaN, bounded."""
    text = json.dumps(row.payload, default=str, sort_keys=True, allow_nan=True)
    if len(text) > MAX_PAYLOAD_CHARS:
        return {"truncated": text[:MAX_PAYLOAD_CHARS].replace("\\u0000", "").replace("\x00", "")}
    kept = json.loads(text.replace("\\u0000", ""), parse_constant=str)
    return kept if isinstance(kept, dict) else {"row": kept}


def _fingerprint(source: str, row: RejectedRow, payload: dict[str, Any]) -> str:
    """The same for the same fault of the same item, so that a bad row is kept once."""
    told = row.external_id or json.dumps(payload, sort_keys=True)
    return hashlib.sha256(f"{source}\n{row.reason}\n{told}".encode()).hexdigest()
