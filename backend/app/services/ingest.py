"""Storing what a marketplace offered, one batch at a time: look, then merge what differs.

First each row's id and digest go by COPY into a temporary table: every known row is noted as seen,
in a narrow table whose updates stay heap-only, and rows that are new or not as stored are named.
Only those are sent in full and merged by one statement. A price history row is written when, and
only when, what a buyer pays has changed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, sha256
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.core.metrics import LISTINGS_INGESTED
from app.db.models import Category, Listing, QuarantinedRow
from app.db.session import Session
from app.ports import RawListing, RejectedRow
from app.services import ingest_sql

MAX_PAYLOAD_CHARS: Final = 20_000

_LOCK_SPACE: Final = 0x1D5
"""First key of the advisory locks that let one transaction at a time store a source's rows."""

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
)
"""A listing's values in the order of the COPY's columns, behind the id."""

_DIGESTED: Final = attrgetter(
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
    "ends_at",
)
"""What an offer may change about itself; `listed_at` is the first one's."""


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


def _merge(session: Session, rows: Sequence[RawListing], *, now: datetime) -> IngestCounts:
    session.flush()
    connection = session.connection()
    for statement in ingest_sql.STAGE:
        connection.execute(statement)
    driver: Any = connection.connection.driver_connection
    digests = list(map(digest, rows))
    with driver.cursor() as cursor, cursor.copy(ingest_sql.COPY_SEEN) as copy:
        for number, row in enumerate(rows):
            copy.write_row((number, row.source, row.external_id, digests[number]))
    connection.execute(ingest_sql.BY_INDEX, {"on": "off"})
    differing = connection.execute(ingest_sql.SEE, {"now": now}).all()
    new = changed = revalued = 0
    if differing:
        first_id = new_id().int  # one random start, then counted up (RFC 9562 section 6.2)
        with driver.cursor() as cursor, cursor.copy(ingest_sql.COPY_LISTINGS) as copy:
            for number, listing_id, seen_now in differing:
                is_new = listing_id is None
                key = UUID(int=first_id + number) if is_new else listing_id
                copy.write_row((key, is_new, seen_now, digests[number], *_FACTS(rows[number])))
        new, changed, revalued = connection.execute(ingest_sql.MERGE, {"now": now}).one()
    connection.execute(ingest_sql.BY_INDEX, {"on": "on"})
    for held in session:
        if isinstance(held, Listing):
            session.expire(held)
    return IngestCounts(
        new=new, changed=changed, unchanged=len(rows) - new - changed, to_value=new + revalued
    )


def digest(row: RawListing) -> int:
    """64 bits that change when anything changes that an offer may change about itself.

    Equal digests spare an unchanged row, three in five, from being sent and compared in full.
    """
    told = orjson.dumps(_DIGESTED(row))
    return int.from_bytes(blake2b(told, digest_size=8).digest(), "big", signed=True)


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
    return sha256(f"{source}\n{row.reason}\n{told}".encode()).hexdigest()
