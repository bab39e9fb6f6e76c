"""The store of comparable sales: filling it from marketplaces, and forgetting what may no longer be kept.

`services/markets` lends it out as markets that listings are valued in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.metrics import COMPS_STORED
from app.db.models import Comp, Job, Listing, ScanPlanEntry, Source
from app.db.session import Session
from app.domain.source_policy import licence_of, policy_of
from app.ports import SearchQuery, SoldItem
from app.services import jobs

OVERLAP = timedelta(days=2)
PAGE = 200
MAX_SALES = 10_000

_STAGE = sa.text("""
create temporary table if not exists incoming_comps (
    id uuid, source text, external_id text, kind text, title text, price_cents bigint,
    shipping_cents bigint, currency text, condition text, category_id text, sold_at timestamptz,
    licence text, expires_at timestamptz
) on commit delete rows
""")

_COPY = """
copy incoming_comps (
    id, source, external_id, kind, title, price_cents, shipping_cents, currency, condition,
    category_id, sold_at, licence, expires_at
) from stdin
"""

_MERGE = sa.text("""
insert into comps as c (
    id, source, external_id, kind, title, price_cents, shipping_cents, currency, condition,
    category_id, sold_at, observed_at, changed_at, licence, expires_at)
select id, source, external_id, kind, title, price_cents, shipping_cents, currency, condition,
    category_id, sold_at, :now, :now, licence, expires_at
from incoming_comps order by source, external_id
on conflict (source, external_id) do update
set title = excluded.title, price_cents = excluded.price_cents,
    shipping_cents = excluded.shipping_cents, currency = excluded.currency,
    condition = excluded.condition, category_id = excluded.category_id,
    sold_at = excluded.sold_at, changed_at = excluded.changed_at,
    licence = excluded.licence, expires_at = excluded.expires_at
where (c.title, c.price_cents, c.shipping_cents, c.currency, c.condition, c.category_id, c.sold_at)
    is distinct from (excluded.title, excluded.price_cents, excluded.shipping_cents,
        excluded.currency, excluded.condition, excluded.category_id, excluded.sold_at)
returning category_id
""")


@dataclass(frozen=True, slots=True)
class Ask:
    """One question for past sales."""

    words: str
    category_id: str
    since: datetime | None

    def page(self, offset: int) -> SearchQuery:
        """The question's page at `offset`."""
        return SearchQuery(
            words=self.words,
            category_id=self.category_id,
            listed_since=self.since,
            offset=offset,
            limit=PAGE,
        )


def refresh_plan(session: Session, source: str) -> list[Ask]:
    """What to ask a source for: each category of the scan plan since its newest known sale, less an overlap.

    Entries of words without a category are asked as words. Categories with listings waiting come first.
    """
    newest = dict(
        session.execute(
            sa.select(Comp.category_id, sa.func.max(Comp.sold_at))
            .where(Comp.source == source, Comp.kind == "sold")
            .group_by(Comp.category_id)
        ).all()
    )
    entries = session.execute(
        sa.select(ScanPlanEntry.query, ScanPlanEntry.category_id, ScanPlanEntry.priority)
        .where(ScanPlanEntry.source == source, ScanPlanEntry.enabled)
        .order_by(ScanPlanEntry.priority, ScanPlanEntry.category_id, ScanPlanEntry.query)
    )
    asks: dict[tuple[str, str], Ask] = {}
    for words, category_id, _ in entries:
        key = ("", category_id) if category_id else (words, "")
        since = newest.get(category_id)
        asks.setdefault(key, Ask(*key, None if since is None else since - OVERLAP))
    return sorted(asks.values(), key=lambda ask: ask.since is not None)


def store_sales(session: Session, sales: Sequence[SoldItem], *, now: datetime) -> set[str]:
    """Store sales once each, by (source, id); gives the categories in which anything is new or changed.

    Sales older than the source's policy lets us keep are left out.
    """
    rows = {(sale.source, sale.external_id): sale for sale in sales}
    kept = [s for s in rows.values() if s.sold_at + policy_of(s.source).comps_max_age > now]
    if not kept:
        return set()
    session.flush()
    connection = session.connection()
    connection.execute(_STAGE)
    connection.execute(sa.text("truncate incoming_comps"))
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for sale in kept:
            copy.write_row(_row(sale))
    changed = [row.category_id for row in connection.execute(_MERGE, {"now": now})]
    COMPS_STORED.labels(kept[0].source).inc(len(changed))
    return set(changed)


def _row(sale: SoldItem) -> tuple[Any, ...]:
    licence = licence_of(sale.source, "sold")
    return (
        new_id(),
        sale.source,
        sale.external_id,
        "sold",
        sale.title,
        sale.price_cents,
        sale.shipping_cents,
        sale.currency,
        sale.condition,
        sale.category_id,
        sale.sold_at,
        licence.id,
        None if licence.keep_for is None else sale.sold_at + licence.keep_for,
    )


def forget_expired(session: Session, *, now: datetime) -> set[str]:
    """Delete what may no longer be kept; gives the categories that lost something."""
    gone = session.scalars(
        sa.delete(Comp).where(Comp.expires_at <= now).returning(Comp.category_id)
    )
    return set(gone)


def forget_source(session: Session, source: str) -> set[str]:
    """Delete everything from a source whose content may not be used; gives the categories."""
    gone = session.scalars(sa.delete(Comp).where(Comp.source == source).returning(Comp.category_id))
    return set(gone)


def revalue(session: Session, *, now: datetime, categories: Iterable[str] | None = None) -> int:
    """Have all live listings (of some categories) valued again, and ring for it. Gives how many."""
    statement = sa.update(Listing).where(
        Listing.state == "live", Listing.needs_valuation.is_(False)
    )
    if categories is not None:
        statement = statement.where(Listing.category_id.in_(sorted(categories)))
    result = session.execute(
        statement.values(needs_valuation=True)
        .returning(sa.literal(1))
        .execution_options(synchronize_session=False)
    )
    count = len(result.all())
    if count:
        jobs.enqueue(session, "value", {}, now=now)
    return count


def note_refreshed(session: Session, source: str, *, now: datetime) -> None:
    """Remember when the source's sales were last read to the end."""
    session.execute(sa.update(Source).where(Source.id == source).values(comps_refreshed_at=now))


def request_refresh(session: Session, *, now: datetime) -> Job:
    """Queue a refresh of all comparables, after which every live listing is valued again."""
    return jobs.enqueue(session, "refresh_comps", {"revalue": "all"}, now=now)
