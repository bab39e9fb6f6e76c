"""How fast listings are stored, against the two usual ways of storing them.

    ROWS=1000000 python backend/bench/ingest.py        (or: make bench-ingest)

A table of ROWS listings is filled by the product itself, which shows whether memory stays flat.
Then come five rounds of ROWS/20 rows each, but of 20,000 at most: the slowest contender takes half a minute
for as many. 60 % are unchanged, 20 % have another price, 20 % are new. Every contender stores the
same rows in tables of its own with the same indexes, keeps a price history that grows on change
only, and records that each row was seen:

- ours: app.services.ingest.store
- on_conflict: COPY into a temporary table, INSERT … ON CONFLICT DO UPDATE over all rows
- orm_bulk: SQLAlchemy's bulk upsert in the form of its manual, insert().values([…]) with
  on_conflict_do_update, a thousand rows at a time

Within a round the contenders take turns batch by batch, in rotating order, so that whatever else the
machine does meets all of them. A round's times count only after the three sets of tables
were found equal; ratios are medians over the rounds.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from app.core.ids import new_id
from app.core.settings import Settings
from app.db.models import Listing, PriceObservation
from app.db.session import engine_from, transaction
from app.domain.twins import key_of
from app.ports import RawListing
from app.services import ingest
from app.stack import Stack
from bench.common import ROOT, emit, median_ratio, say

ROWS = int(os.environ.get("ROWS", "1000000"))
ROUNDS = 5
BATCH = 10_000
ROUND_ROWS = min(ROWS // 20, 2 * BATCH)
STRIDE = 99_991  # a prime, so that its multiples reach every row
ORM_BATCH = 1_000
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

COLUMNS = (
    "id, source, external_id, title, url, image_url, category_id, condition, price_cents,"
    " shipping_cents, currency, buying_option, bid_count, seller_feedback_percent,"
    " seller_feedback_score, country, listed_at, ends_at, city, region, postal_code, description,"
    " seller_key, photo_key, words_key"
)


def listing(number: int, version: int) -> RawListing:
    """Listing `number` as it is offered the `version`th time; the price goes with the version."""
    words = ("Canon AE-1", "Leica M6", "Fender Jazz Bass", "ThinkPad X1", "Seiko SKX007", "DeWalt")
    return RawListing(
        source="ebay",
        external_id=f"v1|{110_000_000_000 + number * 7919 % 900_000_007}{number}|0",
        title=f"{words[number % 6]} {number % 9973} tested works great, boxed, {number % 89} photos",
        url=f"https://www.ebay.com/itm/{110_000_000_000 + number}",
        image_url=f"https://i.ebayimg.com/images/g/{number}/s-l225.jpg",
        category_id=str(10_000 + number % 18),
        category_name=f"Category {number % 18}",
        condition=("new", "used", "good", "like_new")[number % 4],
        price_cents=500 + number * 31 % 90_000 + version * 100,
        shipping_cents=None if number % 11 == 0 else number % 5 * 250,
        currency="USD",
        buying_option="fixed_price",
        bid_count=None,
        seller_feedback_percent=90 + number % 100 / 10,
        seller_feedback_score=number % 5000,
        country="US",
        listed_at=EPOCH - timedelta(seconds=number % 2_000_000),
        ends_at=None,
        city=("San Jose", "Austin", "Miami")[number % 3],
        region=("CA", "TX", "FL")[number % 3],
        postal_code=f"{number % 900 + 100}**",
        description=f"{words[number % 6]} number {number}, as pictured. Ships within one business day.",
        seller_key=key_of(b"%d" % (number % 50_000)),
        photo_key=key_of(b"photo %d" % number),
        words_key=key_of(b"words %d" % number),
    )


def round_rows(number: int, rows: int) -> list[RawListing]:
    """The rows of round 1, 2, …: 60 % as they are stored, 20 % with another price, 20 % new.

    Stored ones are picked all over the table, and no listing comes in two rounds.
    """
    unchanged, changed = rows * 6 // 10, rows * 2 // 10
    start = (number - 1) * (unchanged + changed)
    stored = [(start + i) * STRIDE % ROWS for i in range(unchanged + changed)]
    new = range(ROWS + (number - 1) * changed, ROWS + number * changed)
    rows = [
        *(listing(n, 0) for n in stored[:unchanged]),
        *(listing(n, number) for n in stored[unchanged:]),
        *(listing(n, 0) for n in new),
    ]
    random.Random(number).shuffle(rows)  # so that every batch has the same mix
    return rows


def batches(rows: Sequence[RawListing], size: int) -> Iterator[Sequence[RawListing]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


# -- the contenders ---------------------------------------------------------------------------------

WIDE = """
create schema {schema};
create table {schema}.listings (like public.listings including all, seen_at timestamptz);
create table {schema}.price_history (like public.price_history including all);
alter table {schema}.price_history
    add foreign key (listing_id) references {schema}.listings (id) on delete cascade;
"""
FILL_WIDE = """
insert into {schema}.listings select l.*, s.seen_at
from public.listings l join public.listing_sightings s on s.listing_id = l.id;
insert into {schema}.price_history select * from public.price_history;
"""

KEYS = ("source", "external_id", "listed_at")
FACTS = (
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
    "city",
    "region",
    "postal_code",
    "description",
    "seller_key",
    "photo_key",
    "words_key",
)

ON_CONFLICT_HISTORY = """
insert into on_conflict.price_history (listing_id, observed_at, price_cents, shipping_cents, currency)
select coalesce(l.id, i.id), :now, i.price_cents, i.shipping_cents, i.currency
from incoming i left join old l using (source, external_id)
where l.id is null or (l.price_cents, l.shipping_cents) is distinct from (i.price_cents, i.shipping_cents)
"""
ON_CONFLICT = f"""
insert into on_conflict.listings ({COLUMNS}, state, needs_valuation, created_at, changed_at, seen_at)
select {COLUMNS}, 'live', true, :now, :now, :now from incoming
on conflict (source, external_id) do update set
    {", ".join(f"{name} = excluded.{name}" for name in FACTS)}, state = 'live', seen_at = :now
"""


def store_ours(factory: sessionmaker[Session], rows: Sequence[RawListing], now: datetime) -> None:
    for batch in batches(rows, BATCH):
        with transaction(factory) as session:
            ingest.store(session, batch, (), now=now)


def store_on_conflict(
    factory: sessionmaker[Session], rows: Sequence[RawListing], now: datetime
) -> None:
    for batch in batches(rows, BATCH):
        with transaction(factory) as session:
            session.execute(
                sa.text(
                    "create temporary table if not exists incoming on commit delete rows as"
                    f" select {COLUMNS} from public.listings where false"
                )
            )
            driver: Any = session.connection().connection.driver_connection
            with (
                driver.cursor() as cursor,
                cursor.copy(f"copy incoming ({COLUMNS}) from stdin") as copy,
            ):
                for values in ingest.copied_values(batch):
                    copy.write_row(values)
            session.execute(
                sa.text(
                    "create temporary table old on commit drop as select l.id, l.source,"
                    " l.external_id, l.price_cents, l.shipping_cents from incoming i"
                    " join on_conflict.listings l using (source, external_id)"
                )
            )
            session.execute(sa.text(ON_CONFLICT), {"now": now})
            session.execute(sa.text(ON_CONFLICT_HISTORY), {"now": now})


class OrmTables:
    """The wide tables as SQLAlchemy sees them."""

    def __init__(self) -> None:
        metadata = sa.MetaData(schema="orm_bulk")
        self.listings = Listing.__table__.to_metadata(metadata, schema="orm_bulk")
        self.listings.append_column(sa.Column("seen_at", sa.DateTime(timezone=True)))
        self.history = PriceObservation.__table__.to_metadata(metadata, schema="orm_bulk")

    def store(
        self, factory: sessionmaker[Session], rows: Sequence[RawListing], now: datetime
    ) -> None:
        for batch in batches(rows, ORM_BATCH):
            with transaction(factory) as session:
                self._store(session, batch, now)

    def _store(self, session: Session, batch: Sequence[RawListing], now: datetime) -> None:
        table = self.listings
        old = {
            row.external_id: row
            for row in session.execute(
                sa.select(
                    table.c.id, table.c.external_id, table.c.price_cents, table.c.shipping_cents
                ).where(
                    table.c.source == "ebay",
                    table.c.external_id.in_([row.external_id for row in batch]),
                )
            )
        }
        values = []
        for row in batch:
            known = old.get(row.external_id)
            value = {name: getattr(row, name) for name in (*KEYS, *FACTS)}
            value |= {
                "id": known.id if known else new_id(),
                "state": "live",
                "needs_valuation": True,
                "created_at": now,
                "changed_at": now,
                "seen_at": now,
            }
            values.append(value)
        statement = insert(table).values(values)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["source", "external_id"],
                set_={name: statement.excluded[name] for name in (*FACTS, "state", "seen_at")},
            )
        )
        history = [
            {
                "listing_id": value["id"],
                "observed_at": now,
                "price_cents": value["price_cents"],
                "shipping_cents": value["shipping_cents"],
                "currency": value["currency"],
            }
            for value in values
            if (known := old.get(value["external_id"])) is None
            or (known.price_cents, known.shipping_cents)
            != (value["price_cents"], value["shipping_cents"])
        ]
        if history:
            session.execute(insert(self.history), history)


# -- equality ---------------------------------------------------------------------------------------

SUMS = """
select count(*), sum(hashtextextended(concat_ws('|', l.external_id, {facts}, {seen}), 7)::numeric)
from {schema}.listings l {join}
"""
HISTORY_SUMS = """
select count(*), sum(hashtextextended(concat_ws('|', l.external_id, h.observed_at, h.price_cents,
    h.shipping_cents, h.currency), 7)::numeric)
from {schema}.price_history h join {schema}.listings l on l.id = h.listing_id
"""


def contents(session: Session, schema: str) -> tuple[Any, ...]:
    """What a contender's tables say, as counts and sums of hashes."""
    ours = schema == "public"
    listings = SUMS.format(
        schema=schema,
        facts=", ".join(f"coalesce(l.{name}::text, '-')" for name in FACTS),
        seen="s.seen_at" if ours else "l.seen_at",
        join="join public.listing_sightings s on s.listing_id = l.id" if ours else "",
    )
    session.execute(sa.text("set local statement_timeout = 0"))
    return (
        *session.execute(sa.text(listings)).one(),
        *session.execute(sa.text(HISTORY_SUMS.format(schema=schema))).one(),
    )


# -- the run ----------------------------------------------------------------------------------------


def report(
    metric: str, value: float, unit: str, goal: float | None = None, *, at_most: bool = False
) -> None:
    """Print one result of this bench."""
    emit("ingest", metric, value, unit, goal=goal, at_most=at_most, rounds=ROUNDS)


def peak_rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(factory: sessionmaker[Session]) -> float:
    """Store the first ROWS listings; gives by how many MB memory grew after the first 10,000."""
    began = perf_counter()
    after_first: float | None = None
    for start in range(0, ROWS, BATCH):
        rows = [listing(n, 0) for n in range(start, min(start + BATCH, ROWS))]
        store_ours(factory, rows, EPOCH)
        if after_first is None:
            after_first = peak_rss_mb()
        elif start // BATCH % 10 == 0:
            say(f"filled {start + len(rows):,} rows, {perf_counter() - began:.0f} s")
    took = perf_counter() - began
    say(f"filled {ROWS:,} rows in {took:.0f} s")
    report("fill_rows_per_s", ROWS / took, "rows/s")
    return peak_rss_mb() - (after_first or 0.0)


def execute(engine: sa.Engine, *statements: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("set statement_timeout = 0"))
        for statement in statements:
            connection.execute(sa.text(statement))
        connection.execute(sa.text("reset statement_timeout"))


def run(engine: sa.Engine) -> None:
    factory = sessionmaker(engine, expire_on_commit=False)
    growth = fill(factory)
    report("rss_growth_mb", growth, "MB", 16, at_most=True)
    for schema in ("on_conflict", "orm_bulk"):
        say(f"copying the tables for {schema}")
        for statement in (WIDE + FILL_WIDE).format(schema=schema).split(";"):
            if statement.strip():
                execute(engine, statement)
    execute(engine, "vacuum analyze")
    contenders: dict[
        str, Callable[[sessionmaker[Session], Sequence[RawListing], datetime], None]
    ] = {
        "public": store_ours,
        "on_conflict": store_on_conflict,
        "orm_bulk": OrmTables().store,
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(1, ROUNDS + 1):
        rows = round_rows(number, ROUND_ROWS)
        now = EPOCH + timedelta(minutes=5 * number)
        execute(engine, "checkpoint")
        took = dict.fromkeys(names, 0.0)
        for turn, batch in enumerate(batches(rows, BATCH)):
            first = (number + turn) % len(names)
            for name in names[first:] + names[:first]:
                began = perf_counter()
                contenders[name](factory, batch, now)
                took[name] += perf_counter() - began
        for name in names:
            times[name].append(took[name])
        with transaction(factory) as session:
            found = {name: contents(session, name) for name in contenders}
        if len(set(found.values())) != 1:
            sys.exit(f"round {number}: the contenders stored different things: {found}")
        told = ", ".join(f"{name} {seconds[-1]:.2f} s" for name, seconds in times.items())
        say(f"round {number}: equal results; {told}")
    for name, label in (
        ("public", "ours"),
        ("on_conflict", "on_conflict"),
        ("orm_bulk", "orm_bulk"),
    ):
        rate = ROUND_ROWS / median(times[name])
        report(f"{label}_rows_per_s", rate, "rows/s")
    for name, goal in (("on_conflict", 1.2), ("orm_bulk", 4.0)):
        ratios = [theirs / ours for theirs, ours in zip(times[name], times["public"], strict=True)]
        say(f"over {name}: " + ", ".join(f"{ratio:.2f}" for ratio in ratios))
        report(f"over_{name}", median_ratio(times[name], times["public"]), "ratio", goal)


def migrate(database_url: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), "upgrade", "head"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "backend"), "DATABASE_URL": database_url},
        cwd=ROOT,
        check=True,
        stdout=sys.stderr,
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="deal-scout-bench-") as directory:
        Path(directory).chmod(0o711)  # the database server may run as another user
        stack = Stack(Path(directory) / "data", {"postgres"}, {})
        with stack:
            url = stack.env["DATABASE_MIGRATION_URL"]  # the rivals make tables of their own
            migrate(url)
            engine = engine_from(Settings(database_url=url, demo_mode=True), pool_size=2)
            try:
                run(engine)
            finally:
                engine.dispose()
        stack.destroy()


if __name__ == "__main__":
    main()
